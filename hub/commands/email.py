"""``punte email``: what the inbox would make of a mail."""

import asyncio
import errno
import os
import re
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer

from channels.email.addresses import Mailbox
from channels.email.mail import Mail, read_mail
from infra.isolation import Workers


DEADLINE = 30.0  # seconds a mail may take
BATCH = 200  # files between two lots of output
HEAD = 64 * 1024  # bytes of the header of a mail that could not be read
BLANK_LINE = re.compile(rb"\r?\n\r?\n")
FIELDS_OF_CONTENT = re.compile(rb"^content-", re.IGNORECASE | re.MULTILINE)

app = typer.Typer(no_args_is_help=True, help="E-mail without a mailbox.")


@app.callback()
def email() -> None:
    """E-mail without a mailbox."""


@app.command()
def parse(
    paths: Annotated[list[Path], typer.Argument(metavar="FILE...")],
    *,
    json: Annotated[bool, typer.Option("--json", help="One JSON line per file.")] = False,
) -> None:
    """Print what the inbox would store of each mail; never fails on a mail."""
    asyncio.run(_parse(paths, "json" if json else "text"))


async def _parse(paths: Sequence[Path], form: str) -> None:
    """Read the files in killable processes and print them in order as they are done."""
    pool = Workers("hub.commands.email:read_file", count=os.cpu_count() or 1, deadline=DEADLINE)
    try:
        for start in range(0, len(paths), BATCH):
            items = [
                f"{form} {path}".encode("utf-8", "surrogateescape")
                for path in paths[start : start + BATCH]
            ]
            for item, result in zip(items, await pool.run(items), strict=True):
                line = result if isinstance(result, bytes) else read_head(item, result.code)
                sys.stdout.buffer.write(line)
            sys.stdout.buffer.flush()
    finally:
        await pool.close()


def read_file(item: bytes) -> bytes:
    """Return what is printed of one file; runs in a worker.

    Args:
        item: ``json`` or ``text``, a blank, and the path.
    """
    form, _, name = item.partition(b" ")
    path = Path(os.fsdecode(name))
    try:
        mail = read_mail(path.read_bytes())
    except OSError as error:
        mail = Mail(warnings=(f"file.{errno.errorcode.get(error.errno or 0, 'EIO').lower()}",))
    return _printed(form, path, mail)


def read_head(item: bytes, code: str) -> bytes:
    """Return what can be said of a file that no worker could read: its header."""
    form, _, name = item.partition(b" ")
    path = Path(os.fsdecode(name))
    if not path.is_file():  # a pipe that nobody writes to
        return _printed(form, path, Mail(warnings=(code,)))
    with path.open("rb") as file:
        head = BLANK_LINE.split(file.read(HEAD), 1)[0]
    mail = read_mail(FIELDS_OF_CONTENT.sub(b"X-", head + b"\n\n"))
    return _printed(form, path, msgspec.structs.replace(mail, warnings=(*mail.warnings, code)))


def _printed(form: bytes, path: Path, mail: Mail) -> bytes:
    if form == b"json":
        return msgspec.json.encode(described(mail)) + b"\n"
    sender = mail.sender.address if mail.sender else "?"
    return f"{path}: {sender}: {mail.subject or ''}\n{mail.reply_text}\n\n".encode(
        "utf-8", "replace"
    )


def described(mail: Mail) -> dict[str, Any]:
    """Return a mail as ``--json`` prints it: every key there, unknown is null, no list is null."""
    first = mail.bounces[0] if mail.bounces else None
    return {
        "from": _person(mail.sender) if mail.sender else {"address": None, "name": None},
        "to": [_person(one) for one in mail.to],
        "cc": [_person(one) for one in mail.cc],
        "reply_to": [_person(one) for one in mail.reply_to],
        "subject": mail.subject,
        "date": mail.date.isoformat() if mail.date else None,
        "message_id": mail.message_id,
        "in_reply_to": mail.in_reply_to,
        "references": list(mail.references),
        "text": mail.text,
        "html": mail.html,
        "reply_text": mail.reply_text,
        "attachments": [
            {
                "filename": one.filename,
                "mime": one.mime,
                "size": one.size,
                "sha256": one.sha256,
                "content_id": f"<{one.content_id}>" if one.content_id else None,
                "disposition": one.disposition,
            }
            for one in mail.attachments
        ],
        "auto_reply": mail.automatic == "auto_reply",
        "bounce": None
        if first is None
        else {
            "recipient": first.recipient,
            "status": first.status,
            "permanent": first.permanent,
            "original_message_id": first.original_message_id,
        },
        "warnings": list(mail.warnings),
    }


def _person(one: Mailbox) -> dict[str, str | None]:
    return {"address": one.address, "name": one.name or None}
