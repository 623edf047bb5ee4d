"""One-time codes by SMS."""

from crm_core.linking import known_identity
from hub.operator import OPERATOR
from inbox.connecting import NewAccount, create_account
from tests.servers.sms_gateway import sms_provider


PHONE = "+40722123456"


async def test_no_code_goes_to_a_number_that_wants_no_texts(office):
    async with sms_provider() as provider:
        provider.answer = (202, "0: Accepted for delivery", {})
        config = {
            "address": "+40213334455",
            "region": "RO",
            "user": "hub",
            "base_url": provider.url,
            "allow_private": True,
        }
        async with office.hub.db.transaction() as tx:
            account = await create_account(
                tx,
                office.hub.adapters,
                office.hub.vault,
                NewAccount(
                    provider="sms.kannel",
                    name="Mobila",
                    config=config,
                    secrets={"password": "p4ss", "hook_secret": "h00k"},
                    branch_id=await tx.fetchval("SELECT id FROM branch LIMIT 1"),
                ),
                viewer=OPERATOR,
            )
        key = await office.widget(sms_account=str(account))

        async def asks() -> str:
            async with office.visitor(key) as ana:
                await ana.say("otp", kind="phone", value=PHONE)
                return str((await ana.wait(lambda f: f["t"] == "otp"))["state"])

        assert await asks() == "sent"
        assert len(provider.taken) == 1
        async with office.hub.db.transaction() as tx:
            (await known_identity(tx, kind="phone", value=PHONE)).status = "opted_out"
        assert await asks() == "unavailable"
        assert len(provider.taken) == 1
