"""Who called: the signatures of providers, checked in constant time.

Whatever is checked, the call came to an address with an unguessable key of the account; the
account is found by it, never by what the payload says. Sources: Twilio's "Webhooks security",
Vonage's "Signed webhooks" and "Signing messages", Plivo's "Signature validation" and SDK
(``signature_v3``), SMS.ru's "Callback".
"""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable, Iterator, Mapping
from urllib.parse import parse_qsl, unquote_plus, urlsplit, urlunsplit

import jwt

from channels.sms.gateway.grammar import Verify
from inbox.contract import Forged, Request, RunContext
from infra.clock import now


MOST_FIELDS = 2_000
LATE = 300.0  # seconds a signed time may lie back
EARLY = 60.0  # seconds a signed time may lie ahead: clocks differ
Pairs = list[tuple[str, str]]
DEFAULT_PORTS = {"https": 443, "http": 80}


def verify(rule: Verify, ctx: RunContext, call: Request) -> None:
    """Make sure that the provider made ``call``.

    Raises:
        Forged: It did not, or nobody can tell; the message says why, without secrets.
    """
    if rule.type == "any":
        _any_of(rule, ctx, call)
        return
    CHECKS[rule.type](rule, ctx, call)


def _any_of(rule: Verify, ctx: RunContext, call: Request) -> None:
    """Apply the ways this account has secrets for; ``none`` only when it has none at all."""
    ready = [one for one in rule.of if one.type != "none" and ctx.secret(one.key)]
    if not ready:
        if any(one.type == "none" for one in rule.of):
            return
        raise Forged("the account has no secret to check calls with: enter one in its settings")
    reasons = []
    for one in ready:
        try:
            verify(one, ctx, call)
        except Forged as error:
            reasons.append(str(error))
        else:
            return
    raise Forged("; ".join(reasons))


def _none(rule: Verify, ctx: RunContext, call: Request) -> None:
    """The key in the address is the secret."""


def _secret(rule: Verify, ctx: RunContext, call: Request) -> None:
    """The provider repeats a secret; an account that set none relies on its address."""
    secret = ctx.secret(rule.key)
    if not secret:
        return
    given = call.headers.get(rule.header.lower(), "") if rule.header else ""
    given = given.removeprefix(rule.prefix) or dict(query_of(call)).get(rule.param, "")
    given = given or dict(form_of(call)).get(rule.param, "")
    _same(given, secret, "the secret in the address")


def _basic(rule: Verify, ctx: RunContext, call: Request) -> None:
    user = ctx.secret(rule.user) or str(ctx.config.get(rule.user, ""))
    token = base64.b64encode(f"{user}:{_key_of(rule, ctx)}".encode()).decode()
    scheme, _, given = call.headers.get("authorization", "").partition(" ")
    _same(given.strip() if scheme.lower() == "basic" else "", token, "the user and password")


def _hmac(rule: Verify, ctx: RunContext, call: Request) -> None:
    made = hmac.new(_key_of(rule, ctx).encode(), call.body, rule.alg)
    text = made.hexdigest() if rule.digest == "hex" else _base64(made.digest())
    given = call.headers.get(rule.header.lower(), "").removeprefix(rule.prefix)
    _same(given.lower() if rule.digest == "hex" else given, text, "the signature of the body")


def _twilio(rule: Verify, ctx: RunContext, call: Request) -> None:
    """Check HMAC-SHA1 of the address and the sorted form, or of the body's hash in the address."""
    given = call.headers.get("x-twilio-signature", "")
    content = call.headers.get("content-type", "").partition(";")[0].strip().lower()
    signed: Pairs = []
    hashes = [value for name, value in query_of(call) if name == "bodySHA256"]
    if hashes and content != "application/x-www-form-urlencoded":
        _same(hashlib.sha256(call.body).hexdigest(), hashes[0].lower(), "the hash of the body")
    elif content in {"", "application/x-www-form-urlencoded"}:
        signed = form_of(call)
    else:
        raise Forged("the body is not signed")
    tail = "".join(name + value for name, value in sorted(set(signed)))
    key = _key_of(rule, ctx).encode()
    made = [
        _base64(hmac.new(key, (address + tail).encode(), hashlib.sha1).digest())
        for address in _with_and_without_port(call.url)
    ]
    _one_of(given, made, "X-Twilio-Signature")


def _with_and_without_port(url: str) -> Iterator[str]:
    """Yield the address as it is, and with the port of its scheme put in or left out."""
    yield url
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    if parts.port is None:
        netloc = f"{host}:{DEFAULT_PORTS.get(parts.scheme, 443)}"
    else:
        netloc = host.rpartition(":")[0]
    yield urlunsplit(parts._replace(netloc=netloc))


def _plivo(rule: Verify, ctx: RunContext, call: Request) -> None:
    """Check version 3, which covers the parameters, else version 2, which Plivo sends for SMS."""
    key = _key_of(rule, ctx).encode()
    for version, signed in (("v3", _plivo_v3(call)), ("v2", _without_query(call.url))):
        nonce = call.headers.get(f"x-plivo-signature-{version}-nonce", "")
        given = ",".join(
            call.headers.get(name, "")
            for name in (f"x-plivo-signature-{version}", f"x-plivo-signature-ma-{version}")
        )
        if not nonce or not given.strip(","):
            continue
        text = f"{signed}.{nonce}" if version == "v3" else f"{signed}{nonce}"
        made = _base64(hmac.new(key, text.encode(), hashlib.sha256).digest())
        _one_of_given(given.split(","), made, f"X-Plivo-Signature-{version.upper()}")
        return
    raise Forged("there is no Plivo signature")


def _plivo_v3(call: Request) -> str:
    """Return what version 3 signs: the address, its sorted query, the sorted form of a POST."""
    query = "&".join(f"{name}={value}" for name, value in sorted(query_of(call)))
    bare = _without_query(call.url)
    if call.method == "GET":
        return f"{bare}?{query}" if query else bare
    tail = "".join(name + value for name, value in sorted(form_of(call)))
    if not tail:
        return f"{bare}?{query}" if query else bare
    return f"{bare}?{query}.{tail}" if query else f"{bare}?{tail}"


def _without_query(url: str) -> str:
    return url.partition("?")[0]


def _vonage(rule: Verify, ctx: RunContext, call: Request) -> None:
    """Check the JWT of a call; a call of the older SMS API carries ``sig`` instead."""
    scheme, _, token = call.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer" and token:
        _vonage_jwt(rule, ctx, call, token.strip())
        return
    _vonage_sig(rule, ctx, call)


def _vonage_jwt(rule: Verify, ctx: RunContext, call: Request, token: str) -> None:
    try:
        claims = jwt.decode(
            token,
            _key_of(rule, ctx),
            algorithms=["HS256"],
            leeway=EARLY,
            options={"require": ["iat", "jti"], "verify_aud": False},
        )
    except jwt.InvalidTokenError as error:
        raise Forged(f"the JWT is not good: {type(error).__name__}") from error
    if now().timestamp() - float(claims["iat"]) > LATE:
        raise Forged("the JWT is old")
    stated = claims.get("payload_hash")
    if not call.body or not isinstance(stated, str):
        raise Forged("the JWT does not cover what is said")
    _same(hashlib.sha256(call.body).hexdigest(), stated.lower(), "the hash of the body")


def _vonage_sig(rule: Verify, ctx: RunContext, call: Request) -> None:
    """Check the signature over the sorted parameters, of whichever algorithm it is.

    The algorithm is chosen in Vonage's dashboard; the length of the signature tells which.
    """
    values = dict(query_of(call)) | (_json_fields(call) or dict(form_of(call)))
    given = values.pop("sig", "").lower()
    moment = values.get("timestamp", "")
    if not given or not moment.isdecimal():
        raise Forged("there is neither a JWT nor a signature")
    if not -EARLY < now().timestamp() - int(moment) < LATE:
        raise Forged("the signature is old")
    key = _key_of(rule, ctx)
    text = "".join(
        f"&{name}={values[name].replace('&', '_').replace('=', '_')}" for name in sorted(values)
    )
    made = [hashlib.md5(f"{text}{key}".encode(), usedforsecurity=False).hexdigest()]
    made += [
        hmac.new(key.encode(), text.encode(), algorithm).hexdigest()
        for algorithm in ("md5", "sha1", "sha256", "sha512")
    ]
    _one_of(given, made, "sig")


def _json_fields(call: Request) -> dict[str, str]:
    if not call.body.lstrip().startswith(b"{"):
        return {}
    try:
        document = json.loads(call.body)
    except (ValueError, RecursionError) as error:
        raise Forged("the body cannot be read") from error
    return {name: str(value) for name, value in document.items() if not isinstance(value, dict)}


def _smsru(rule: Verify, ctx: RunContext, call: Request) -> None:
    """Check SHA-256 of the account's key and all entries."""
    form = form_of(call)
    entries = "".join(value for name, value in form if name.startswith("data["))
    made = hashlib.sha256(f"{_key_of(rule, ctx)}{entries}".encode()).hexdigest()
    _same(dict(form).get("hash", "").lower(), made, "hash")


CHECKS: Mapping[str, Callable[[Verify, RunContext, Request], None]] = {
    "none": _none,
    "secret": _secret,
    "basic": _basic,
    "hmac": _hmac,
    "twilio": _twilio,
    "vonage": _vonage,
    "plivo": _plivo,
    "smsru": _smsru,
}


def query_of(call: Request) -> Pairs:
    """Return the parameters of the address, in order, repeated ones as often as they are there."""
    return parse_qsl(urlsplit(call.url).query, keep_blank_values=True)


def form_of(call: Request) -> Pairs:
    """Return the fields of a form in the body; none of a body of another kind."""
    content = call.headers.get("content-type", "").partition(";")[0].strip().lower()
    if content not in {"", "application/x-www-form-urlencoded"}:
        return []
    if call.body.count(b"&") > MOST_FIELDS:
        raise Forged(f"no provider sends more than {MOST_FIELDS} fields")
    pairs = (field.partition("=") for field in call.body.decode("utf-8", "replace").split("&"))
    return [(unquote_plus(name), unquote_plus(value)) for name, _, value in pairs if name]


def _key_of(rule: Verify, ctx: RunContext) -> str:
    key = ctx.secret(rule.key)
    if not key:
        raise Forged(
            f"the account has no {rule.key} to check calls with: enter it in its settings"
        )
    return key


def _same(given: str, wanted: str, what: str) -> None:
    _one_of(given, [wanted], what)


def _one_of_given(given: list[str], wanted: str, what: str) -> None:
    found = [hmac.compare_digest(one.strip().encode(), wanted.encode()) for one in given]
    if not any(found):
        raise Forged(f"{what} is wrong")


def _one_of(given: str, wanted: list[str], what: str) -> None:
    found = [hmac.compare_digest(given.encode(), one.encode()) for one in wanted]
    if not any(found):
        raise Forged(f"{what} is {'wrong' if given else 'missing'}")


def _base64(digest: bytes) -> str:
    return base64.b64encode(digest).decode()
