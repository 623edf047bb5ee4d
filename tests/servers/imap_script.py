"""An IMAP server that says what a test has written down."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

import msgspec


GREETING = b"* OK ready\r\n"
CAPABILITY = b"* CAPABILITY IMAP4rev1 IDLE STARTTLS\r\n{tag} OK done\r\n"
CUT = b"cut"
"""As an answer: close the connection."""


class ImapScript(msgspec.Struct):
    """The answers, by command in upper case; ``{tag}`` stands for the tag.

    Without an answer the server is silent.

    Attributes:
        drip: Seconds between two bytes of every answer.
        said: Every line it was sent.
    """

    port: int
    greeting: bytes = GREETING
    answers: Mapping[str, bytes] = {}
    drip: float = 0.0
    said: list[bytes] = msgspec.field(default_factory=list)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await self._say(writer, self.greeting)
            while line := await reader.readline():
                self.said.append(line)
                tag, _, rest = line.strip().partition(b" ")
                answer = self._answer(rest.decode() or tag.decode())
                if answer == CUT:
                    return
                await self._say(writer, answer.replace(b"{tag}", tag))
        except ConnectionError:
            pass
        finally:
            writer.close()

    def _answer(self, said: str) -> bytes:
        """Return the answer written down for most of a command's words."""
        words = said.upper().split(" ")
        answers = {"CAPABILITY": CAPABILITY, **self.answers}
        beginnings = (" ".join(words[:count]) for count in range(len(words), 0, -1))
        return next((answers[one] for one in beginnings if one in answers), b"")

    async def _say(self, writer: asyncio.StreamWriter, text: bytes) -> None:
        if not self.drip:
            writer.write(text)
            return
        for byte in text:
            writer.write(bytes([byte]))
            await asyncio.sleep(self.drip)


@asynccontextmanager
async def imap_script(
    answers: Mapping[str, bytes] | None = None, *, greeting: bytes = GREETING, drip: float = 0.0
) -> AsyncIterator[ImapScript]:
    """Run a scripted IMAP server."""
    script = ImapScript(0, greeting=greeting, answers=answers or {}, drip=drip)
    server = await asyncio.start_server(script.serve, "127.0.0.1", 0)
    script.port = server.sockets[0].getsockname()[1]
    async with server:
        yield script
        server.close()
