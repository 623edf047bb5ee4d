"""Keyed codes in what we send: whoever returns one holds a copy of a mail of that thread.

A Message-ID of ours is ``<h.THREAD.MESSAGE.MAC@domain>`` and an address for answers is
``user+c.THREAD.MAC@domain``. Ids are base 36 and codes base 32, in lower case, for mail servers
fold case. A code is bound to its account, so it proves nothing in another mailbox.
"""

import hmac
import re
from base64 import b32encode
from hashlib import sha256
from uuid import UUID


DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
WIDTH = 25  # digits of a UUID in base 36
MESSAGE_MAC = 16  # characters, 80 bits
REPLY_MAC = 12  # characters, 60 bits: a local part has at most 64 octets
ID = rf"[{DIGITS}]{{{WIDTH}}}"
MESSAGE_ID = re.compile(
    rf"<?h\.(?P<thread>{ID})\.(?P<message>{ID})\.(?P<mac>[a-z2-7]{{{MESSAGE_MAC}}})@",
    re.IGNORECASE,
)
REPLY_TAG = re.compile(rf"\+c\.(?P<thread>{ID})\.(?P<mac>[a-z2-7]{{{REPLY_MAC}}})@", re.IGNORECASE)


class Codes:
    """Signs with the first key and believes every key, so that keys can be replaced.

    Args:
        keys: At least one, each of 32 random bytes.
    """

    def __init__(self, *keys: bytes) -> None:
        if not keys:
            raise ValueError("codes need a key")
        self._keys = keys

    def message_code(self, account: UUID, thread: UUID, message: UUID) -> str:
        """Return what stands before the ``@`` in the Message-ID of a mail of ours."""
        ids = f"{_base36(thread)}.{_base36(message)}"
        return f"h.{ids}.{_mac(self._keys[0], 'h', account, ids)[:MESSAGE_MAC]}"

    def reply_code(self, account: UUID, thread: UUID) -> str:
        """Return what stands after ``user+`` in the address answers to a thread should go to."""
        code = _mac(self._keys[0], "c", account, _base36(thread))[:REPLY_MAC]
        return f"c.{_base36(thread)}.{code}"

    def thread_of_message_id(self, account: UUID, message_id: str) -> UUID | None:
        """Return the thread of a Message-ID of ours; None when it is not, or was tampered with."""
        match = MESSAGE_ID.match(message_id.strip())
        if match is None:
            return None
        ids = f"{match['thread']}.{match['message']}".lower()
        return self._proven(match, "h", account, ids, MESSAGE_MAC)

    def thread_of_address(self, account: UUID, address: str) -> UUID | None:
        """Return the thread of an address that carries a ``reply_code``."""
        match = REPLY_TAG.search(address)
        if match is None:
            return None
        return self._proven(match, "c", account, match["thread"].lower(), REPLY_MAC)

    def thread_of(self, account: UUID, token: str) -> UUID | None:
        """Return the thread proven by an address or a Message-ID; None when it proves nothing."""
        return self.thread_of_message_id(account, token) or self.thread_of_address(account, token)

    def _proven(
        self, match: re.Match[str], purpose: str, account: UUID, text: str, length: int
    ) -> UUID | None:
        given = match["mac"].lower().encode()
        macs = [_mac(key, purpose, account, text)[:length].encode() for key in self._keys]
        if not any([hmac.compare_digest(given, mac) for mac in macs]):  # noqa: C419 - in constant time
            return None
        value = int(match["thread"], 36)
        return UUID(int=value) if value < 1 << 128 else None


def _mac(key: bytes, purpose: str, account: UUID, text: str) -> str:
    digest = hmac.digest(key, f"{purpose}|{account}|{text}".encode(), sha256)
    return b32encode(digest).decode().lower()


def _base36(identifier: UUID) -> str:
    value, digits = identifier.int, ""
    for _ in range(WIDTH):
        value, digit = divmod(value, 36)
        digits = DIGITS[digit] + digits
    return digits
