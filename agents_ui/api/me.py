"""The agent who asks: profile, password, second factor."""

from typing import Annotated, Any

import msgspec
from msgspec import UNSET, Meta, UnsetType

from agents_ui.api.shapes import Line, Locale, Password, given
from agents_ui.call import Call
from crm_core.staff.agents import MyPatch, change_me
from crm_core.staff.reading import read_me
from crm_core.staff.second_factor import begin_totp, confirm_totp, disable_totp
from crm_core.staff.sign_in import change_password, confirm_password
from crm_core.views import Me, View
from infra.errors import Conflict, Forbidden, Invalid
from infra.http.routes import Input, route


class MeChange(Input):
    """What to change of the own profile."""

    name: Line | UnsetType = UNSET
    locale: Locale | UnsetType = UNSET
    timezone: Annotated[str, Meta(max_length=60)] | UnsetType | None = UNSET
    signature: Annotated[str, Meta(max_length=10_000)] | UnsetType = UNSET
    preferences: dict[str, Any] | UnsetType = UNSET


class PasswordChange(Input):
    """A new password; every other session ends."""

    current: Password
    new: Password


class Enrolment(View):
    """What an authenticator app needs.

    Attributes:
        svg: The QR code of ``uri``.
    """

    secret: str
    uri: str
    svg: str


class Code(Input):
    """A code of the authenticator app."""

    code: Annotated[str, Meta(max_length=40)]


class RecoveryCodes(View):
    """Codes that each replace the authenticator once; shown this one time."""

    recovery_codes: list[str]


class PasswordAgain(Input):
    """The password, typed again before something dangerous."""

    password: Password


@route("GET", "/api/me")
async def show(call: Call) -> Me:
    """Show who asks and what they may do."""
    async with call.read() as raw:
        return await read_me(raw, call.viewer)


@route("PATCH", "/api/me", raises=(Invalid,))
async def change(call: Call, body: MeChange) -> Me:
    """Change the own profile; `preferences` are merged key by key, null removes one."""
    call.require_session()
    patch = msgspec.convert(given(body), MyPatch)
    async with call.transaction() as tx:
        await change_me(tx, call.agent_id, patch=patch)
    async with call.read() as raw:
        return await read_me(raw, call.viewer)


@route("POST", "/api/me/password", raises=(Forbidden, Invalid))
async def password(call: Call, body: PasswordChange) -> None:
    """Change the own password; every other session ends."""
    call.require_session()
    await change_password(
        call.db, call.agent_id, current=body.current, new=body.new, session_id=call.auth_id
    )


@route("POST", "/api/me/totp", raises=(Conflict,))
async def enrol(call: Call) -> Enrolment:
    """Begin with a second factor; it counts once a code proved that the app has it."""
    call.require_session()
    async with call.transaction() as tx:
        begun = await begin_totp(tx, call.agent_id, vault=call.services.vault)
    return Enrolment(secret=begun.secret, uri=begun.uri, svg=begun.svg)


@route("PUT", "/api/me/totp", raises=(Invalid,))
async def confirm(call: Call, body: Code) -> RecoveryCodes:
    """Prove that the authenticator app works, and turn the second factor on."""
    call.require_session()
    async with call.transaction() as tx:
        codes = await confirm_totp(tx, call.agent_id, code=body.code, vault=call.services.vault)
    return RecoveryCodes(recovery_codes=list(codes))


@route("DELETE", "/api/me/totp", raises=(Forbidden,))
async def remove(call: Call, body: PasswordAgain) -> None:
    """Turn the second factor off."""
    call.require_session()
    await confirm_password(call.db, call.agent_id, password=body.password)
    async with call.transaction() as tx:
        await disable_totp(tx, call.agent_id)
