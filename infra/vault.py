"""Secrets at rest: sealed with AES-256-GCM under a key that is not in the database."""

import base64
import hashlib
import os
import secrets
from pathlib import Path
from typing import Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from infra.errors import HubError


KEY_SIZE = 32  # bytes, AES-256
NONCE_SIZE = 12  # bytes, NIST SP 800-38D section 8.2.1
KEY_FILE = "secret.key"  # in the data folder: one key a line, newest first


class Sealed(HubError):
    """A sealed secret cannot be opened: another key, another place, or damage."""

    code = "vault.sealed"
    title = "A stored secret cannot be opened"


class KeyWrong(HubError):
    """The secret key is missing, too short or not base64."""

    code = "vault.key_wrong"
    title = "The secret key cannot be used"


class Vault:
    """Seals short texts so that each can be opened only at the place it was sealed for.

    Args:
        keys: 32 bytes each, newest first. The first one seals; all of them open, so a new key
            is put in front and the old ones stay until everything is sealed anew.
    """

    def __init__(self, *keys: bytes) -> None:
        if not keys:
            raise KeyWrong("a vault needs at least one key")
        for key in keys:
            if len(key) != KEY_SIZE:
                raise KeyWrong(f"a key has {KEY_SIZE} bytes, this one {len(key)}")
        self._keys = {_key_id(key): key for key in keys}
        self._current = _key_id(keys[0])

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read keys in base64 separated by commas or white space, newest first.

        Raises:
            KeyWrong: There is none, or one is not 32 bytes in base64.
        """
        return cls(*(_decode(part) for part in text.replace(",", " ").split()))

    @classmethod
    def of(cls, secret: str | None, folder: Path) -> Self:
        """Return the vault of ``secret``, or of the key file in ``folder``, made when missing."""
        return cls.parse(secret or key_file(folder).read_text("ascii"))

    def seal(self, text: str, *, place: str) -> str:
        """Return ``text`` encrypted; only ``open`` with the same ``place`` gives it back."""
        nonce = secrets.token_bytes(NONCE_SIZE)
        box = AESGCM(self._keys[self._current]).encrypt(nonce, text.encode(), place.encode())
        return f"{self._current}:{base64.b64encode(nonce + box).decode()}"

    def open(self, sealed: str, *, place: str) -> str:
        """Return the text that was sealed for ``place``.

        Raises:
            Sealed: The key is not among ours, the place is another, or a bit has changed.
        """
        key_id, _, body = sealed.partition(":")
        key = self._keys.get(key_id)
        if key is None:
            raise Sealed(f"the secret of {place} is sealed with key {key_id!r}, which is not here")
        try:
            raw = base64.b64decode(body, validate=True)
            nonce, box = raw[:NONCE_SIZE], raw[NONCE_SIZE:]
            return AESGCM(key).decrypt(nonce, box, place.encode()).decode()
        except (InvalidTag, ValueError) as error:
            raise Sealed(f"the secret of {place} is damaged or from another place") from error

    def stale(self, sealed: str) -> bool:
        """Say whether ``sealed`` is under an older key and should be sealed anew."""
        return sealed.partition(":")[0] != self._current

    def derive(self, purpose: str) -> bytes:
        """Return 32 bytes for ``purpose`` alone, from the newest key (RFC 5869)."""
        return self.derive_each(purpose)[0]

    def derive_each(self, purpose: str) -> tuple[bytes, ...]:
        """Return 32 bytes for ``purpose`` from every key, newest first.

        The first one signs and all of them verify, so that a new key in front does not break
        what was signed before, such as the reply addresses of mails already sent.
        """
        info = f"punte/{purpose}".encode()
        return tuple(
            HKDF(SHA256(), KEY_SIZE, salt=None, info=info).derive(key)
            for key in self._keys.values()
        )


def new_key() -> str:
    """Return a fresh key in the text form of the key file."""
    return base64.b64encode(secrets.token_bytes(KEY_SIZE)).decode()


def key_file(folder: Path) -> Path:
    """Return the path of the key file in ``folder``, with a fresh key when there was none.

    Two processes may ask at once: the file appears whole or not at all, and the first wins.
    """
    path = folder / KEY_FILE
    if path.exists():
        return path
    folder.mkdir(parents=True, exist_ok=True)
    draft = folder / f".{KEY_FILE}.{secrets.token_hex(4)}"
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(new_key() + "\n")
        file.flush()
        os.fsync(file.fileno())
    try:
        path.hardlink_to(draft)
    except FileExistsError:
        pass  # another process was first; its key counts
    finally:
        draft.unlink()
    return path


def _key_id(key: bytes) -> str:
    return hashlib.sha256(b"punte key id" + key).hexdigest()[:8]


def _decode(text: str) -> bytes:
    try:
        key = base64.b64decode(text, validate=True)
    except ValueError as error:
        raise KeyWrong("a key is not base64; make one with `punte settings --new-key`") from error
    return key
