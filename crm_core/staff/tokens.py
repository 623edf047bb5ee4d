"""Secrets handed out once: sessions, links, API keys. Only their hashes are kept."""

import hashlib
import secrets


SIZE = 32  # bytes of randomness: 256 bits


def new_token(prefix: str = "") -> str:
    """Return a token nobody can guess, safe in URLs and cookies."""
    return prefix + secrets.token_urlsafe(SIZE)


def token_hash(token: str) -> bytes:
    """Return what a token is stored and looked up as.

    The token is random and long, so a fast hash is enough, and the look-up by hash tells a
    guesser nothing by its timing.
    """
    return hashlib.sha256(token.encode()).digest()
