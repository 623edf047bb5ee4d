"""Addresses as SMTP and message headers want them."""

import idna


def ascii_domain(address: str) -> str:
    """Return an address with its domain in ASCII (RFC 5890); the local part stays as it is."""
    user, at, domain = address.rpartition("@")
    if not at or domain.isascii():
        return address
    try:
        return f"{user}@{idna.encode(domain, uts46=True).decode()}"
    except idna.IDNAError:
        return address
