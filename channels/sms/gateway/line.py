"""One account's line to its provider: preset, settings and secrets, and calls over them."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlsplit

import msgspec

from channels.sms.account import SmsAccount, read_account
from channels.sms.gateway.calls import HIDDEN, Answered, Prepared, make, prepare
from channels.sms.gateway.grammar import Call, Preset
from channels.sms.gsm import count
from inbox.contract import Fault, RunContext, SendError, SendFailed


LOOPBACK = {"127.0.0.1", "::1", "localhost"}
COMMON = frozenset(SmsAccount.__struct_fields__)

SEALED = SendError(
    fault=Fault.CONTENT, code="sandbox.sealed", text="this hub sends nothing to the outside"
)


class Line:
    """Calls the provider of one account.

    Args:
        ctx: What runs the account.
        preset: What the provider's interface looks like.
        secrets: Names of the account's secrets.
        sandbox: Call nobody outside this machine.
    """

    def __init__(
        self, ctx: RunContext, preset: Preset, secrets: tuple[str, ...], *, sandbox: bool
    ) -> None:
        self.preset = preset
        self.account = account_of(ctx.config)
        self.secrets = {name: ctx.secret(name) for name in secrets}
        self._config = ctx.config
        self._hook = ctx.hook_url
        self._sandbox = sandbox

    def own_values(self, *, hidden: bool = False) -> dict[str, str]:
        """Return what the account itself fills in: settings, secrets, where it is called.

        Args:
            hidden: Put dots in the place of secrets: the request is for people's eyes.
        """
        secrets = {
            name: HIDDEN if hidden and secret else secret for name, secret in self.secrets.items()
        }
        own = {name: value for name, value in self._config.items() if isinstance(value, str)}
        extra = self._config.get("values", {})
        base = str(self._config.get("base_url", "")) or self.preset.base
        callback = f"{self._hook}/dlr" if self._hook and self.preset.dlr is not None else ""
        secret = secrets.get("hook_secret", "")
        if callback and secret:
            callback += f"?k={secret if hidden else quote(secret, safe='')}"
        asks = "&" if "?" in callback else "?"
        return {
            **own,
            **(extra if isinstance(extra, Mapping) else {}),
            **secrets,
            "base": base.rstrip("/"),
            "callback": callback,
            "callback_q": f"{callback}{asks}" if callback else "",
        }

    def message_values(
        self, *, sender: str, to: str, text: str, ref: str, hidden: bool = False
    ) -> dict[str, str]:
        """Return what a message fills in, beside what the account does."""
        counted = count(text)
        return {
            **self.own_values(hidden=hidden),
            "from": sender or self.account.address,
            "to": to,
            "text": text,
            "ref": ref,
            "parts": str(counted.parts),
            "encoding": counted.encoding,
            "coding": "0" if counted.encoding == "gsm7" else "2",
        }

    def prepared(self, call: Call, values: Mapping[str, str]) -> Prepared:
        """Return the request of a call; nothing is sent."""
        return prepare(call, values)

    async def make(self, call: Call, values: Mapping[str, str]) -> Answered:
        """Make a call.

        Raises:
            SendFailed: The provider said no, or nobody knows what it says.
        """
        request = self.prepared(call, values)
        if self._sandbox and urlsplit(request.url).hostname not in LOOPBACK:
            raise SendFailed(SEALED)
        return await make(
            call, request, secrets=self.secrets, allow_private=self.account.allow_private
        )


def account_of(config: Mapping[str, Any]) -> SmsAccount:
    """Return the common settings of an account.

    Raises:
        SendFailed: They are not valid.
    """
    try:
        return read_account({name: value for name, value in config.items() if name in COMMON})
    except msgspec.ValidationError as error:
        raise invalid_settings(error) from error


def invalid_settings(error: Exception) -> SendFailed:
    """Return the failure of an account whose settings are no good."""
    return SendFailed(SendError(fault=Fault.AUTH, code="settings.invalid", text=str(error)))
