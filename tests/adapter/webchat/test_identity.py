"""Who a visitor is: claims stay claims, proofs are proofs, forgeries are nothing."""

import time
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from channels.webchat.codes import new_link
from tests.servers.visitor import Visitor


SECRET = "a-secret-of-the-site-that-is-long-enough"
KEYS = [{"kid": "k1", "alg": "HS256"}]


def signed(
    key: str,
    *,
    sub: str = "42",
    secret: Any = SECRET,
    alg: str = "HS256",
    kid: str = "k1",
    life: int = 300,
    **more: Any,
) -> str:
    claims = {"sub": sub, "aud": key, "exp": int(time.time()) + life} | more
    claims = {name: value for name, value in claims.items() if value is not None}
    return jwt.encode(claims, secret, algorithm=alg, headers={"kid": kid})


async def site(office, **more: Any) -> str:
    return await office.widget(secrets={"jwt_secret": SECRET}, keys=KEYS, **more)


async def test_a_signed_token_verifies_and_shows_former_talks(office):
    key = await site(office)
    async with office.visitor(key) as phone:
        await phone.say("identify", jwt=signed(key, email="Ana@Client.test", name="Ana Rusu"))
        await phone.wait(lambda f: f["t"] == "session")
        assert phone.me["level"] == "verified"
        assert (await phone.write("de pe telefon"))["t"] == "ack"
    async with office.visitor(key) as laptop:
        assert (await laptop.write("înainte de a intra"))["t"] == "ack"
        old = laptop.token
        await laptop.say("identify", jwt=signed(key))
        session = await laptop.wait(lambda f: f["t"] == "session" and f.get("reset"))
        assert session["token"] != old
    async with office.visitor(key, token=session["token"]) as again:
        await again.entry(lambda e: e.get("text") == "înainte de a intra")
        assert [again.log[n]["text"] for n in sorted(again.log)] == [
            "de pe telefon",
            "înainte de a intra",
        ]
    rows = await office.until(
        "SELECT DISTINCT c.card_id FROM card_identity AS c JOIN identity AS i"
        " ON i.id = c.identity_id WHERE i.kind = 'web_visitor' AND c.until IS NULL"
    )
    assert rows
    thief = office.visitor(key, token=old)
    with pytest.raises(ConnectionError):
        await thief.open()
    assert thief.code == 4401


async def test_the_old_token_dies_when_the_new_one_is_used(office):
    key = await site(office)
    async with office.visitor(key) as ana:
        await ana.write("Bună")
        old = ana.token
        await ana.say("identify", jwt=signed(key))
        await ana.wait(lambda f: f["t"] == "session" and "token" in f)
    async with office.visitor(key, token=ana.token):
        pass
    dead = office.visitor(key, token=old)
    with pytest.raises(ConnectionError):
        await dead.open()
    assert dead.code == 4401


@pytest.mark.parametrize(
    "forged",
    [
        lambda key: signed(key, secret="another-secret-that-is-long-enough"),
        lambda key: signed("another-widget"),
        lambda key: signed(key, life=-60),
        lambda key: signed(key, life=3600),
        lambda key: signed(key, kid="k2"),
        lambda key: signed(key, sub=""),
        lambda key: signed(key, exp=None),
        lambda key: signed(key, aud=[key, "other"]),
        lambda key: jwt.encode(
            {"sub": "42", "aud": key, "exp": int(time.time()) + 300},
            None,
            algorithm="none",
            headers={"kid": "k1"},
        ),
        lambda key: signed(key, alg="HS512", secret=SECRET * 2),
        lambda _key: "no.token.at-all",
    ],
    ids=[
        "secret",
        "aud",
        "expired",
        "long",
        "kid",
        "sub",
        "no-exp",
        "auds",
        "none",
        "alg",
        "junk",
    ],
)
async def test_a_forged_token_proves_nothing(office, forged):
    key = await site(office)
    async with office.visitor(key) as eve:
        await eve.say("identify", jwt=forged(key))
        answer = await eve.wait(lambda f: f["t"] in {"nack", "session"})
        assert (answer["t"], answer.get("field")) == ("nack", "jwt")
    assert not await office.sql("SELECT 1 FROM webchat_visitor")


async def test_a_public_key_cannot_be_used_as_a_secret(office):
    private = Ed25519PrivateKey.generate()
    pem = private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    keys = [{"kid": "k1", "alg": "EdDSA", "public_key": pem.decode()}]
    key = await office.widget(keys=keys)
    async with office.visitor(key) as ana:
        await ana.say("identify", jwt=signed(key, secret=private, alg="EdDSA"))
        await ana.wait(lambda f: f["t"] == "session")
    forged = signed(key, secret="x" * 32)
    async with office.visitor(key) as eve:
        await eve.say("identify", jwt=forged)
        assert (await eve.wait(lambda f: f["t"] == "nack"))["field"] == "jwt"


async def test_a_token_with_a_name_works_in_one_browser(office):
    key = await site(office)
    token = signed(key, jti="once")
    async with office.visitor(key) as ana:
        await ana.say("identify", jwt=token)
        await ana.wait(lambda f: f["t"] == "session")
    async with office.visitor(key) as eve:
        await eve.say("identify", jwt=token)
        assert (await eve.wait(lambda f: f["t"] in {"nack", "session"}))["t"] == "nack"


async def test_another_name_at_the_same_browser_sees_nothing_of_the_first(office):
    key = await site(office)
    async with office.visitor(key) as shared:
        await shared.say("identify", jwt=signed(key, sub="ana"))
        await shared.wait(lambda f: f["t"] == "session")
        await shared.write("secretul Anei")
        ana = shared.token
        await shared.say("identify", jwt=signed(key, sub="ion"))
        await shared.wait(lambda f: f["t"] == "session" and f.get("reset"))
        ion = shared.token
    async with office.visitor(key, token=ion) as second:
        assert (await second.write("eu sunt Ion"))["seq"] == 1
    dead = office.visitor(key, token=ana)
    with pytest.raises(ConnectionError):
        await dead.open()


async def test_what_a_visitor_claims_merges_with_nobody(office):
    key = await office.widget(prechat={"on": True, "fields": [EMAIL]})
    async with office.visitor(key) as first:
        nack = await first.write("fără formular")
        assert nack["code"] == "form_first"
        await first.ask("form", form="prechat", values={"email": "ana@client.test"})
        await first.write("istoricul meu")
    async with office.visitor(key) as second:
        await second.ask("form", form="prechat", values={"email": "ana@client.test"})
        assert second.me.get("level", "claimed") == "claimed"
        assert (await second.write("eu sunt Ana"))["seq"] == 2
        assert all("istoricul" not in str(entry) for entry in second.log.values())
    rows = await office.until(
        "SELECT count(DISTINCT card_id) AS n FROM conversation HAVING count(*) > 1"
    )
    assert rows[0]["n"] == 2
    await office.until("SELECT 1 FROM claim WHERE value = 'ana@client.test'")


EMAIL = {"key": "email", "label": {"en": "E-mail"}, "type": "email", "required": True}


async def test_only_identified_visitors_are_served_where_that_is_asked(office):
    key = await site(office, identified_only=True)
    async with office.visitor(key) as nobody:
        assert (await nobody.write("Bună"))["code"] == "identify_first"
        await nobody.say("identify", jwt=signed(key))
        await nobody.wait(lambda f: f["t"] == "session")
        assert (await nobody.write("Bună"))["t"] == "ack"


async def test_logout_ends_the_session(office):
    key = await office.widget()
    async with office.visitor(key) as ana:
        await ana.write("Bună")
        await ana.say("logout")
        assert await ana.closed() == 4401
    dead = office.visitor(key, token=ana.token)
    with pytest.raises(ConnectionError):
        await dead.open()


async def test_a_form_says_which_answer_is_wrong(office):
    key = await office.widget()
    async with office.visitor(key) as ana:
        nack = await ana.ask("callback", values={"phone": "12", "topic": "masă"})
        assert (nack["code"], nack["field"]) == ("invalid", "phone")
        ack = await ana.ask("callback", values={"phone": "0722 123 456", "topic": "masă"})
        assert ack["t"] == "ack"
        note = await ana.entry(lambda e: e["t"] == "note")
        assert note["values"]["phone"] == "+40722123456"
    await office.until("SELECT 1 FROM form_submission WHERE form = 'callback'")


async def claimed(office, key: str, visitor: Visitor, email: str) -> str:
    """Let a visitor say an address is theirs; return the secret of a mail to it."""
    await visitor.ask("form", form="prechat", values={"email": email})
    await visitor.write("Bună")
    rows = await office.sql("SELECT id FROM webchat_visitor ORDER BY created_at DESC LIMIT 1")
    async with office.hub.db.transaction() as tx:
        return await new_link(tx, rows[0]["id"], email)


async def opens(visitor: Visitor, secret: str) -> dict[str, object]:
    await visitor.say("link", secret=secret)
    return await visitor.wait(lambda f: f["t"] == "session" or f.get("field") == "link")


async def test_who_named_anothers_address_is_out_once_its_owner_opens_the_link(office):
    """Or they would go on as the proven owner, and read what is answered to them."""
    key = await office.widget(prechat={"on": True, "fields": [EMAIL]})
    async with office.visitor(key) as eve:
        secret = await claimed(office, key, eve, "ana@client.test")
        async with office.visitor(key) as ana:
            assert (await opens(ana, secret))["t"] == "session"
            assert ana.me["level"] == "verified"
            assert (await ana.write("eu sunt Ana"))["t"] == "ack"
        assert await eve.closed() == 1012
    thief = office.visitor(key, token=eve.token)
    with pytest.raises(ConnectionError):
        await thief.open()
    assert thief.code == 4401
    async with office.visitor(key, token=ana.token) as phone:
        assert (await opens(phone, secret))["t"] == "session"


async def test_a_link_to_an_address_that_was_only_claimed_opens_no_proven_chat(office):
    key = await site(office, prechat={"on": True, "fields": [EMAIL]})
    async with office.visitor(key) as ana:
        secret = await claimed(office, key, ana, "typo@client.test")
        await ana.say("identify", jwt=signed(key, email="ana@client.test"))
        await ana.wait(lambda f: f["t"] == "session" and f["me"]["level"] == "verified")
    async with office.visitor(key) as somebody:
        assert (await opens(somebody, secret))["t"] == "nack"
    async with office.visitor(key) as ion:
        secret = await claimed(office, key, ion, "typo2@client.test")
        await ion.say("identify", jwt=signed(key, sub="43"))
        await ion.wait(lambda f: f["t"] == "session" and f["me"]["level"] == "verified")
    async with office.visitor(key) as somebody:
        assert (await opens(somebody, secret))["t"] == "nack"
