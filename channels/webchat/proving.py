"""Who a visitor is, proven: by the site's signed token, a one-time code, a link in a mail."""

from typing import cast
from uuid import UUID

import msgspec
import structlog

from channels.webchat import codes, site_tokens, visitors
from channels.webchat.acts import name_of
from channels.webchat.answers import FromHub, Nack, OtpState
from channels.webchat.guest import Guest
from channels.webchat.limits import ADDRESS_CODES, CODES, GUESSES
from channels.webchat.normalize import Act, How, raw_of
from channels.webchat.protocol import Attrs, Identify, Link, Otp, OtpCode
from channels.webchat.rooms import MOVED
from channels.webchat.visitors import Proof, Visitor
from channels.webchat.words import word
from crm_core.addresses import InvalidAddress, canonical
from inbox import journal
from inbox.contract import AddressKind
from infra.clock import now
from infra.db import Writes


log = structlog.get_logger()


async def do(talk: Guest, frame: Identify | Attrs | Otp | OtpCode | Link) -> list[FromHub]:
    """Do what a frame about identity says."""
    if isinstance(frame, OtpCode | Link | Identify) and talk.services.budgets.take(
        f"guess/{talk.hashed.hex()}", GUESSES
    ):
        return [
            OtpState(state="too_fast") if isinstance(frame, OtpCode) else Nack(code="too_fast")
        ]
    match frame:
        case Identify(jwt=jwt):
            return await identify(talk, jwt)
        case Attrs():
            return await _attributes(talk, frame)
        case Otp():
            return [await _send_code(talk, frame)]
        case OtpCode(code=code):
            return await _try_code(talk, code)
        case Link(secret=secret):
            return await _open_link(talk, secret)


async def identify(talk: Guest, jwt: str) -> list[FromHub]:
    """Believe the site's server, when it is the site's server."""
    try:
        said = site_tokens.read(jwt, talk.widget.settings, talk.widget.ctx.secret)
    except site_tokens.Refused as refused:
        log.info("webchat.token_refused", account=str(talk.widget.id), why=str(refused)[:200])
        return [Nack(code="invalid", field="jwt")]
    visitor = talk.visitor
    if visitor is not None and visitor.external_id == said.proof.external_id and not said.jti:
        return []  # said again on every page of the site
    before, token = talk.hashed, visitors.new_token()
    after = visitors.hash_of(token)
    async with talk.services.db.lane(via="channel") as tx:
        visitor = await _begin(tx, talk)
        if said.jti and not await codes.one_browser_only(
            tx, talk.widget.id, said.jti, visitor_id=visitor.id, before=before, after=after
        ):
            log.info("webchat.token_replayed", account=str(talk.widget.id))
            return [Nack(code="invalid", field="jwt")]
        if visitor.external_id == said.proof.external_id:
            after, token = before, ""  # who they were anyway: the session stays as it is
        known, reset = await visitors.prove(tx, visitor, before, after, said.proof)
        await _journal(tx, talk, known, said.proof, after.hex())
    if reset:
        await talk.services.rooms.announce(visitor.id, end=MOVED)
    return [talk.become(known, token or None, after, reset=reset)]


async def _attributes(talk: Guest, frame: Attrs) -> list[FromHub]:
    """Keep what the page says of the visitor, if there is one: claims that prove nothing."""
    if talk.visitor is None:
        return []
    async with talk.services.db.lane(via="channel") as tx:
        await tx.execute(
            "UPDATE webchat_visitor SET attributes = attributes || $2::jsonb"
            " WHERE id = $1 AND pg_column_size(attributes) < 20000",
            talk.visitor.id,
            msgspec.json.encode(
                {
                    f"claimed_{key}".replace("\0", ""): value[:500].replace("\0", "")
                    for key, value in frame.values.items()
                }
            ).decode(),
        )
    return []


async def _send_code(talk: Guest, frame: Otp) -> OtpState:
    settings = talk.widget.settings
    account = settings.mail_account if frame.kind == "email" else settings.sms_account
    if not account:
        return OtpState(state="unavailable")
    try:
        value = canonical(frame.kind, frame.value, region=settings.phone_region or "RO").value
    except InvalidAddress:
        return OtpState(state="wrong")
    budgets = talk.services.budgets
    if budgets.take(f"codes/{talk.hashed.hex()}", CODES) or budgets.take(
        f"codes/{value}", ADDRESS_CODES
    ):
        return OtpState(state="too_fast")
    async with talk.services.db.lane(via="channel") as tx:
        talk.visitor = await _begin(tx, talk)
        code = await codes.new_code(tx, talk.services.key, talk.visitor.id, frame.kind, value)
    name = settings.name
    sent = await talk.services.post(
        UUID(account),
        value,
        subject=word("code_subject", talk.lang).format(name=name),
        text=word("code_text", talk.lang).format(name=name, code=code),
    )
    return OtpState(state="sent" if sent else "unavailable", left=codes.TRIES)


async def _try_code(talk: Guest, code: str) -> list[FromHub]:
    if talk.visitor is None:
        return [OtpState(state="expired")]
    async with talk.services.db.lane(via="channel") as tx:
        tried = await codes.try_code(tx, talk.services.key, talk.visitor.id, code)
        if tried.state != "proven":
            return [OtpState(state=tried.state, left=tried.left)]
        proof = Proof(
            how="one_time_code",
            email=tried.value if tried.kind == "email" else "",
            phone=tried.value if tried.kind == "phone" else "",
        )
        frames = await _proven(tx, talk, proof)
    return [OtpState(state="proven"), *frames]


async def _open_link(talk: Guest, secret: str) -> list[FromHub]:
    """Go on as the visitor a mail was written to: whoever has the mail has the address.

    Whoever only claimed the address is out: they would go on as its owner, and read along. An
    address that was claimed opens nothing once the visitor is proven to be somebody.
    """
    async with talk.services.db.lane(via="channel") as tx:
        opened = await codes.open_link(tx, talk.widget.id, secret)
        if opened is None:
            return [Nack(code="invalid", field="link")]
        target = await visitors.load(tx, opened.visitor_id)
        is_proven = target.level == "verified"
        if target.blocked or opened.email != (target.proven_email if is_proven else target.email):
            return [Nack(code="invalid", field="link")]
        if talk.visitor is not None and talk.visitor.id == target.id:
            return await _proven(tx, talk, Proof(how="mail_link", email=opened.email))
        token = visitors.new_token()
        after = visitors.hash_of(token)
        proof = Proof(how="mail_link", email=opened.email)
        if not is_proven:
            await visitors.end_all(tx, target.id)
        known = await visitors.admit(tx, target, after, proof, replaces=talk.hashed)
        await _journal(tx, talk, known, proof, after.hex())
    if not is_proven:
        await talk.services.rooms.announce(target.id, end=MOVED)
    return [talk.become(known, token, after, reset=True)]


async def _proven(tx: Writes, talk: Guest, proof: Proof) -> list[FromHub]:
    visitor = await _begin(tx, talk)
    token = visitors.new_token()
    after = visitors.hash_of(token)
    known, reset = await visitors.prove(tx, visitor, talk.hashed, after, proof)
    await _journal(tx, talk, known, proof, after.hex())
    return [talk.become(known, token, after, reset=reset)]


async def _begin(tx: Writes, talk: Guest) -> Visitor:
    return await visitors.begin(tx, talk.widget.id, talk.hashed, lang=talk.lang, site=talk.site)


async def _journal(tx: Writes, talk: Guest, visitor: Visitor, proof: Proof, unique: str) -> None:
    """Tell the inbox what was proven."""
    proven: list[tuple[AddressKind, str]] = []
    if proof.external_id:
        proven.append(("external_id", proof.external_id))
    if proof.email:
        proven.append(("email", proof.email))
    if proof.phone:
        proven.append(("phone", proof.phone))
    act = Act(
        kind="proof",
        visitor=visitor.id,
        key=f"{visitor.id}/proof/{unique}",
        at=now(),
        name=name_of(visitor) if visitor.name else "",
        verified=True,
        how=cast("How", proof.how),
        proven=tuple(proven),
        attributes=proof.attributes,
    )
    await journal.take(tx, talk.services.blobs, talk.widget.id, [raw_of(act)])
