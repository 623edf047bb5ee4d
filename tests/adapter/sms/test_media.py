"""Pictures of messages: from the provider and nowhere else; the account signs in only there."""

import msgspec
import pytest

from channels.sms.gateway.media import fetch
from channels.sms.gateway.presets import shipped
from inbox.contract import Fault, SendFailed
from tests.servers.sms_gateway import sms_provider


VALUES = {"account_sid": "AC0", "auth_token": "t0ken-of-twilio"}


def rule_of(provider, **changes):
    own = {"hosts": [f"127.0.0.1:{provider.port}"], "follow": []}
    return msgspec.structs.replace(shipped("twilio").media, **own | changes)


async def read(rule, url, limit=1_000):
    stream, mime = await fetch(rule, VALUES, url, limit, allow_private=True)
    return b"".join([piece async for piece in stream]), mime


async def refusal(rule, url, limit=1_000):
    with pytest.raises(SendFailed) as failed:
        await read(rule, url, limit)
    assert "t0ken" not in str(failed.value)
    return failed.value.error


async def test_a_picture_is_fetched_signed_in():
    async with sms_provider() as provider:
        provider.pages["/ME1"] = (200, b"\xff\xd8picture", {"Content-Type": "image/jpeg"})
        assert await read(rule_of(provider), f"{provider.url}/ME1") == (
            b"\xff\xd8picture",
            "image/jpeg",
        )
        assert provider.asked[0][3]["Authorization"].startswith("Basic ")


async def test_another_host_is_not_asked():
    async with sms_provider() as provider:
        error = await refusal(shipped("twilio").media, f"{provider.url}/ME1")
        assert (error.fault, error.code) == (Fault.CONTENT, "media.refused")
        assert provider.asked == []


async def test_a_store_it_is_passed_on_to_learns_no_secret():
    async with sms_provider() as provider:
        provider.pages["/ME1"] = (
            307,
            b"",
            {"Location": f"http://localhost:{provider.port}/store"},
        )
        error = await refusal(rule_of(provider), f"{provider.url}/ME1")
        assert error.code == "media.refused"
        error = await refusal(rule_of(provider, follow=["localhost"]), f"{provider.url}/ME1")
        assert "TLS" in error.text
        assert [path for _, path, _, _ in provider.asked] == ["/ME1", "/ME1"]


async def test_passing_on_ends():
    async with sms_provider() as provider:
        provider.pages["/ME1"] = (302, b"", {"Location": "/ME1"})
        assert "on and on" in (await refusal(rule_of(provider), f"{provider.url}/ME1")).text


async def test_a_file_that_is_too_long_is_left_there():
    async with sms_provider() as provider:
        provider.pages["/ME1"] = (200, b"x" * 2_000, {})
        assert (await refusal(rule_of(provider), f"{provider.url}/ME1")).code == "media.too_big"


async def test_a_file_that_is_gone_is_not_asked_for_again():
    async with sms_provider() as provider:
        provider.pages["/ME1"] = (404, b"", {})
        assert (await refusal(rule_of(provider), f"{provider.url}/ME1")).fault is Fault.CONTENT
        provider.pages["/ME1"] = (503, b"", {})
        assert (await refusal(rule_of(provider), f"{provider.url}/ME1")).fault is Fault.TRANSIENT
