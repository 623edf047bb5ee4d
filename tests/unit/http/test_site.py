"""Whose word about who they are is believed."""

import pytest
from aiohttp.test_utils import make_mocked_request
from multidict import CIMultiDict

from infra.http.site import Site, origin_of


def asked(remote, **headers):
    """A request from ``remote`` with these headers."""
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    request = make_mocked_request("GET", "/", headers=CIMultiDict({"Host": "hub.lan", **names}))
    return request.clone(remote=remote)


FORWARDED = {
    "X_Forwarded_For": "6.6.6.6, 203.0.113.9, 10.0.0.2",
    "X_Forwarded_Proto": "https",
    "X_Forwarded_Host": "hub.test",
}


def test_a_trusted_proxy_names_the_client_that_is_next_to_it():
    peer = Site(trusted_proxies=["10.0.0.0/8"]).peer(asked("10.0.0.1", **FORWARDED))
    assert (peer.ip, peer.origin, peer.via_proxy) == ("203.0.113.9", "https://hub.test", True)


@pytest.mark.parametrize("remote", ["192.0.2.1", "::1", "", "not an address"])
def test_nobody_else_does(remote):
    peer = Site(trusted_proxies=["10.0.0.0/8"]).peer(asked(remote, **FORWARDED))
    assert (peer.ip, peer.origin, peer.via_proxy) == (remote, "http://hub.lan", False)


def test_a_proxy_that_says_nothing_is_the_client():
    peer = Site(trusted_proxies=["10.0.0.1"]).peer(asked("10.0.0.1"))
    assert (peer.ip, peer.origin) == ("10.0.0.1", "http://hub.lan")


def test_with_a_public_address_only_its_pages_are_ours():
    site = Site("https://hub.test/")
    peer = site.peer(asked("192.0.2.1"))
    assert site.is_secure(peer)
    assert site.url(peer) == "https://hub.test"
    assert site.is_own("https://hub.test", peer)
    for foreign in ("http://hub.lan", "http://hub.test", "https://hub.test.evil", "null", None):
        assert not site.is_own(foreign, peer)


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        ("https://hub.test:443/x", "https://hub.test"),
        ("http://hub.test:8080", "http://hub.test:8080"),
        ("http://HUB.test", "http://hub.test"),
        ("http://[::1]:80/", "http://[::1]"),
    ],
)
def test_an_origin_leaves_out_what_is_default(url, origin):
    assert origin_of(url) == origin
