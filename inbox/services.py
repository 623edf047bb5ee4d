"""What the hub gives every adapter; light, for it is imported by the processes that read mail."""

import msgspec


class Services(msgspec.Struct, frozen=True):
    """What every adapter is opened with.

    Attributes:
        reply_keys: Keys of the codes in Message-IDs and reply addresses; the first one signs.
        sandbox: Refuse to send anything that would leave this machine.
    """

    reply_keys: tuple[bytes, ...]
    sandbox: bool = False
