"""SMPP beside the npm centre, for the conformance suite."""

import json
import urllib.request
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

from channels.sms.smpp.adapter import SmppAdapter
from channels.sms.smpp.coding import header_of
from channels.sms.smpp.pdu import Message, Party, write_message
from channels.sms.smpp.session import Pace
from inbox.contract import Adapter, Address, Fault, Raw
from tests.servers.context import MemoryContext
from tests.servers.smsc import Smsc, smsc


PASSWORD = "pw"
HASTE = Pace(answer=1.0, pauses=False)
SCRIPTS: Mapping[Fault, dict[str, object]] = {
    Fault.TRANSIENT: {"submit": "refuse", "status": 0x64},
    Fault.THROTTLED: {"submit": "refuse", "status": 0x58},
    Fault.UNKNOWN: {"submit": "take_and_drop"},
    Fault.CONTENT: {"submit": "refuse", "status": 0x01},
    Fault.RECIPIENT: {"submit": "refuse", "status": 0x0B},
    Fault.AUTH: {"bind": 0x0E},
    Fault.BUG: {"submit": "nack", "status": 0x02},
}


def packet(key: str, text: bytes, **fields: Any) -> Raw:
    """Return a deliver_sm as the journal has it."""
    ana, us = Party(1, 1, "40721000001"), Party(1, 1, "40721999999")
    message = Message(source=ana, destination=us, text=text, **fields)
    return Raw(key=key, body=write_message(message), kind="deliver_sm", headers={"packet": key})


class SmppLine:
    """A bind beside the centre."""

    def __init__(self, centre: Smsc) -> None:
        self.centre = centre
        self.adapter = SmppAdapter(pace=HASTE)
        self.ctx = MemoryContext(
            {
                "host": "127.0.0.1",
                "port": centre.port,
                "address": "+40721999999",
                "system_id": "punte",
                "allow_private": True,
            },
            password=PASSWORD,
        )

    @property
    def handed(self) -> int:
        return len(self._order("/state", {})["taken"])

    def break_for(self, fault: Fault) -> None:
        self._order("/behave", SCRIPTS[fault])

    def mend(self) -> None:
        self._order("/behave", {})

    def _order(self, path: str, body: object) -> dict[str, Any]:
        with urllib.request.urlopen(
            self.centre.control + path, json.dumps(body).encode(), timeout=5
        ) as answer:
            said: dict[str, Any] = json.load(answer)
            return said


class SmsSmpp:
    """SMS over SMPP 3.4."""

    name = "sms.smpp"
    peer = Address("phone", "+40721000001")
    thread = "+40721000001"
    payloads: Mapping[str, Raw] = {
        "message": packet("1", b"Buna ziua"),
        "unicode": packet("2", "Bună țară".encode("utf-16-be"), data_coding=8),
        "part": packet("3", header_of(7, 1, 2) + b"prima ", esm_class=0x40),
        "binary": packet("4", b"\0\1\2", data_coding=4),
        "receipt": packet("5", b"id:7 sub:001 stat:DELIVRD err:000", esm_class=4),
        "failure": packet("6", b"id:8 stat:UNDELIV err:0A1", esm_class=4),
    }
    strange = (
        Raw(key="7", body=b"", kind="deliver_sm"),
        Raw(key="8", body=b"\xff" * 40, kind="deliver_sm"),
        Raw(key="9", body=b"\0\1", kind="data_sm"),
        packet("10", b"id", esm_class=4),
    )
    faults = tuple(SCRIPTS)

    def open(self) -> Adapter:
        return SmppAdapter()

    @asynccontextmanager
    async def line(self) -> AsyncIterator[SmppLine]:
        async with smsc() as centre:
            line = SmppLine(centre)
            try:
                yield line
            finally:
                await line.adapter.close()
