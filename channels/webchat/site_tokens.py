"""What the site's server says of a visitor, signed: JSON Web Tokens (RFC 7519).

The algorithm is the key's, never the token's own word for it (RFC 8725 section 3.1); ``aud`` is
the widget's key, so a token for one widget is worth nothing at another; ``exp`` is at most ten
minutes away, so a stolen one is worth little; one with ``jti`` works for one browser only.
"""

from collections.abc import Callable
from typing import Any

import jwt
import msgspec

from channels.webchat.account import SiteKey, WidgetAccount
from channels.webchat.visitors import Proof
from crm_core.addresses import InvalidAddress, canonical
from infra.clock import now


LONGEST_LIFE = 600  # seconds
LEEWAY = 30  # seconds that clocks may differ
LONGEST_SUB = 200
SHORTEST_SECRET = 16  # bytes


class Refused(Exception):
    """The token proves nothing; the text is for the log, never for the visitor."""


class Said(msgspec.Struct, frozen=True):
    """What a token proves, and its own name when it has one."""

    proof: Proof
    jti: str


def read(token: str, account: WidgetAccount, secret_of: Callable[[str], str]) -> Said:
    """Return what a token proves.

    Raises:
        Refused: It proves nothing.
    """
    try:
        header = jwt.get_unverified_header(token)
        key = _key(account, header)
        claims = jwt.decode(
            token,
            _material(key, secret_of),
            algorithms=[key.alg],
            audience=account.address,
            leeway=LEEWAY,
            options={"require": ["exp", "sub", "aud"], "strict_aud": True},
        )
    except (jwt.PyJWTError, ValueError, TypeError) as error:
        raise Refused(repr(error)) from error
    if claims["exp"] - now().timestamp() > LONGEST_LIFE + LEEWAY:
        raise Refused("it lives longer than ten minutes")
    return _said(claims, account)


def _key(account: WidgetAccount, header: dict[str, Any]) -> SiteKey:
    kid = header.get("kid")
    for key in account.keys:
        if key.kid == kid or (kid is None and len(account.keys) == 1):
            return key
    raise Refused(f"no key {str(kid)[:60]!r}")


def _material(key: SiteKey, secret_of: Callable[[str], str]) -> str:
    if key.alg == "EdDSA":
        return key.public_key
    secret = secret_of(key.secret)
    if len(secret.encode()) < SHORTEST_SECRET:
        raise Refused("the account has no secret for this key, or one that is too short")
    return secret


def _said(claims: dict[str, Any], account: WidgetAccount) -> Said:
    subject = claims["sub"]
    if not isinstance(subject, str) or not subject.strip() or len(subject) > LONGEST_SUB:
        raise Refused("sub is no name")
    return Said(
        Proof(
            how="site_token",
            external_id=_text(subject),
            email=_address("email", claims.get("email"), account),
            phone=_address("phone", claims.get("phone"), account),
            name=_text(claims.get("name"))[:100],
            attributes=_attributes(claims.get("attributes")),
        ),
        jti=_text(claims.get("jti"))[:200],
    )


def _address(kind: Any, value: Any, account: WidgetAccount) -> str:
    text = _text(value)
    if not text:
        return ""
    try:
        return canonical(kind, text, region=account.phone_region or "RO").value
    except InvalidAddress:
        return ""  # the rest of the token is as good as before


def _attributes(value: Any) -> dict[str, str]:
    if not isinstance(value, dict):
        return {}
    return {
        str(name)[:60].replace("\0", ""): str(said)[:500].replace("\0", "")
        for name, said in list(value.items())[:40]
        if isinstance(said, str | int | float | bool)
    }


def _text(value: Any) -> str:
    return value.strip().replace("\0", "") if isinstance(value, str) else ""
