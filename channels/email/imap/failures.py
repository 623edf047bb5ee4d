"""How an IMAP connection fails."""


class ImapError(Exception):
    """Base of what can go wrong; but for ``Refused`` the connection is of no more use."""


class ConnectionLost(ImapError):
    """The connection is gone."""


class Bye(ConnectionLost):
    """The server said goodbye, with its reason."""


class OutOfStep(ConnectionLost):
    """The server sent something that cannot be followed any further."""


class Injected(OutOfStep):
    """Somebody put plain text behind the answer to STARTTLS (CVE-2011-0411)."""

    def __init__(self) -> None:
        super().__init__("plain text after STARTTLS")


class Refused(ImapError):
    """The server answered NO or BAD; the connection still works.

    Attributes:
        code: Response code in upper case without brackets, such as ``OVERQUOTA``, or "".
    """

    def __init__(self, command: str, text: str) -> None:
        super().__init__(f"{command}: {text}")
        self.text = text
        self.code = ""
        if text.startswith("["):
            self.code = text[1:].partition("]")[0].partition(" ")[0].upper()


class SignInFailed(Refused):
    """User, password or token are not accepted."""


class NotOffered(ImapError):
    """The server lacks what the account asks for, such as STARTTLS."""
