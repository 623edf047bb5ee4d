"""Calls of providers, as they make them."""

import hashlib
import hmac
import json
from base64 import b64encode
from urllib.parse import urlencode

import jwt

from channels.sms.gateway.adapter import gateway_of
from inbox.contract import Request
from infra.clock import now
from tests.servers.context import MemoryContext


HOOK = "https://hub.test/hook/key-of-the-account"
SENDER = "+40213334455"
SETTINGS = {
    "twilio": {"account_sid": f"AC{'0' * 32}"},
    "vonage": {"api_key": "abcd1234"},
    "plivo": {"auth_id": "MAXXXXXXXXXXXXXXXXXX"},
    "infobip": {"base_url": "https://abc.api.infobip.com", "hook_user": "hub"},
    "smslink": {"connection_id": "CONN"},
    "smsru": {},
    "smsc": {"login": "shop"},
    "kannel": {"base_url": "https://kannel.test", "user": "hub"},
}
SECRETS = {
    "twilio": {"auth_token": "t0ken-of-twilio"},
    "vonage": {
        "api_secret": "s3cret-of-vonage",
        "signature_secret": "s1gnature-of-vonage-32-bytes-long",
    },
    "plivo": {"auth_token": "t0ken-of-plivo"},
    "infobip": {"api_key": "k3y-of-infobip", "hook_password": "h00k-of-infobip"},
    "smslink": {"password": "p4ss-of-smslink", "hook_secret": "h00k-of-smslink"},
    "smsru": {"api_id": "1D-OF-SMSRU"},
    "smsc": {"password": "p4ss-of-smsc", "hook_secret": "h00k-of-smsc"},
    "kannel": {"password": "p4ss-of-kannel", "hook_secret": "h00k-of-kannel"},
}


def account(name, url="", **more):
    """Return an adapter and an account of it; ``url`` is a stand-in."""
    adapter = gateway_of(name)()
    settings = {"address": SENDER, "region": "RO", **SETTINGS[name], **more}
    if url:
        settings |= {"base_url": url, "allow_private": True}
    return adapter, MemoryContext(adapter.validated(settings), **SECRETS[name])


def form_call(path, fields, *, method="POST", query="", **headers):
    """Return a call with a form."""
    address = f"{HOOK}{path}{'?' + query if query else ''}"
    names = {"content-type": "application/x-www-form-urlencoded", **named(headers)}
    return Request(
        method=method,
        path=path,
        url=address,
        headers=names,
        query={},
        body=urlencode(fields).encode(),
        peer="203.0.113.5",
    )


def query_call(path, fields, **headers):
    """Return a call with everything in its address."""
    return Request(
        method="GET",
        path=path,
        url=f"{HOOK}{path}?{urlencode(fields)}",
        headers=named(headers),
        query={},
        body=b"",
        peer="203.0.113.5",
    )


def json_call(path, document, *, query="", **headers):
    """Return a call with JSON."""
    return Request(
        method="POST",
        path=path,
        url=f"{HOOK}{path}{'?' + query if query else ''}",
        headers={"content-type": "application/json", **named(headers)},
        query={},
        body=json.dumps(document).encode(),
        peer="203.0.113.5",
    )


def named(headers):
    return {name.replace("_", "-"): value for name, value in headers.items()}


# ---------------------------------------------------------------- signed as each provider does


def basic(user, password):
    return f"Basic {b64encode(f'{user}:{password}'.encode()).decode()}"


def vonage_token(body, *, secret=None, age=0, **claims):
    at = int(now().timestamp()) - age
    values = {
        "iat": at,
        "jti": "aaaaaaaa-bbbb",
        "iss": "Vonage",
        "payload_hash": hashlib.sha256(body).hexdigest(),
        "api_key": "abcd1234",
        **claims,
    }
    values = {name: value for name, value in values.items() if value is not None}
    return jwt.encode(values, secret or SECRETS["vonage"]["signature_secret"], algorithm="HS256")


def plivo_v2(url, nonce="05429567804466091622", token=None):
    key = (token or SECRETS["plivo"]["auth_token"]).encode()
    made = hmac.new(key, f"{url}{nonce}".encode(), hashlib.sha256).digest()
    return {
        "x_plivo_signature_v2": b64encode(made).decode(),
        "x_plivo_signature_v2_nonce": nonce,
    }


def plivo_v3(url, fields, nonce="12345", token=None):
    """Sign as Plivo's own library does: the address, ``?``, and the sorted fields of a POST."""
    key = (token or SECRETS["plivo"]["auth_token"]).encode()
    text = f"{url}?{''.join(name + fields[name] for name in sorted(fields))}.{nonce}"
    made = hmac.new(key, text.encode(), hashlib.sha256).digest()
    return {
        "x_plivo_signature_v3": b64encode(made).decode(),
        "x_plivo_signature_v3_nonce": nonce,
    }


def smsru_form(*entries, api_id=None):
    data = {f"data[{n}]": entry for n, entry in enumerate(entries)}
    key = api_id or SECRETS["smsru"]["api_id"]
    return {**data, "hash": hashlib.sha256(f"{key}{''.join(entries)}".encode()).hexdigest()}
