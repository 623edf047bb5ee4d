"""Prism, which nobody here wrote, answers for a provider and checks what it is asked."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from tests.servers.peers import node, node_module
from tests.servers.ports import free_port, listening


OPENAPI = Path(__file__).parent / "sms" / "openapi"


@asynccontextmanager
async def prism(name: str) -> AsyncIterator[str]:
    """Serve one of ``tests/servers/sms/openapi``; yield its address.

    A request that breaks the description gets 422, one without credentials 401, and ``Prefer:
    code=429`` the example of that answer.
    """
    program = node_module("@stoplight/prism-cli") / "dist" / "index.js"
    port = free_port()
    process = await asyncio.create_subprocess_exec(
        node(),
        str(program),
        "mock",
        *("--host", "127.0.0.1", "--port", str(port), "--errors"),
        str(OPENAPI / f"{name}.yaml"),
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        await listening(port, within=40.0)
        yield f"http://127.0.0.1:{port}"
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()
