"""The company of the demo data: three branches, nine people, their teams, tags and mailboxes."""

from collections.abc import Mapping
from uuid import UUID

import msgspec

from crm_core.staff.branches import make_branch
from crm_core.staff.passwords import hash_password
from crm_core.staff.roles import seed_roles
from crm_core.staff.sign_in import login_form
from crm_core.staff.tables import AgentRoleRow, AgentRow, TeamMemberRow, TeamRow
from crm_core.staff.visibility import Viewer, load_viewer
from crm_core.tags import make_tag
from hub.demo.adapter import WELL
from hub.operator import OPERATOR
from inbox.tables import AccountRow
from infra.db import Database, Transaction


DOMAIN = "style-mobila.example"
BRANCHES = {"CH": "Chișinău", "BL": "Bălți", "CA": "Cahul"}
TEAMS = {"sales": ("CH", "Vânzări"), "service": ("CH", "Service"), "office": ("BL", "Birouri")}


class Person(msgspec.Struct, frozen=True):
    """Somebody who works in the company."""

    login: str
    name: str
    branch: str
    roles: tuple[str, ...]
    teams: tuple[str, ...]
    locale: str = "ro"


PEOPLE = (
    Person("ana", "Ana Lupu", "CH", ("owner", "head"), ("sales", "service", "office")),
    Person("cristina", "Cristina Dabija", "CH", ("manager",), ("sales",)),
    Person("serghei", "Serghei Volkov", "CH", ("manager",), ("sales", "service"), "ru"),
    Person("mihai", "Mihai Ursu", "CH", ("manager",), ("service",)),
    Person("tatiana", "Tatiana Rotari", "CH", ("manager",), ("sales",), "ru"),
    Person("victor", "Victor Chiriac", "BL", ("manager",), ("office",)),
    Person("olga", "Olga Munteanu", "BL", ("manager",), ("office", "service"), "ru"),
    Person("nicu", "Nicu Panfil", "CH", ("newcomer",), ("sales",)),
    Person("irina", "Irina Sandu", "CA", ("data_operator",), ()),
)

TAGS = {
    "ofertă": "blue",
    "reclamație": "red",
    "livrare": "grape",
    "garanție": "teal",
    "măsurători": "lime",
    "contabilitate": "gray",
    "VIP": "yellow",
}

CHATS = {
    "telegram": ("Style Mobilă Bot", "@style_mobila_bot"),
    "sms": ("SMS Style Mobilă", "+37322000000"),
    "webchat": ("style-mobila.example", "demo-widget"),
}
MAILBOXES = {"sales": "vanzari", "service": "service", "office": "birouri"}


class Mailbox(msgspec.Struct, frozen=True):
    """A mailbox of the company, and who answers it."""

    id: UUID
    team: str
    address: str
    name: str
    agents: tuple[str, ...]


class Company(msgspec.Struct, frozen=True):
    """The company as it stands in the database."""

    viewers: Mapping[str, Viewer]
    names: Mapping[str, str]
    branches: Mapping[str, UUID]
    teams: Mapping[str, UUID]
    tags: Mapping[str, UUID]
    mailboxes: Mapping[str, Mailbox]
    chats: Mapping[str, UUID]


async def found(db: Database, *, password: str) -> Company:
    """Make the company; everybody signs in with ``password``."""
    hashed = await hash_password(password)
    async with db.transaction() as tx:
        await tx.act(None, "demo")
        branches = {
            code: await make_branch(
                tx,
                name=name,
                code=code,
                timezone="Europe/Chisinau",
                phone_region="MD",
                viewer=OPERATOR,
            )
            for code, name in BRANCHES.items()
        }
        teams = await _teams(tx, branches)
        agents = await _people(tx, branches, teams, hashed)
        tags = {
            name: await make_tag(tx, name=name, color=color, viewer=OPERATOR)
            for name, color in TAGS.items()
        }
        mailboxes = await _mailboxes(tx, branches, teams)
        chats = await _chats(tx, branches, teams)
        await tx.session.flush()
        viewers = {login: await load_viewer(tx, agent) for login, agent in agents.items()}
    names = {person.login: person.name for person in PEOPLE}
    return Company(viewers, names, branches, teams, tags, mailboxes, chats)


async def _teams(tx: Transaction, branches: Mapping[str, UUID]) -> dict[str, UUID]:
    rows = {
        key: TeamRow(branch_id=branches[code], name=name) for key, (code, name) in TEAMS.items()
    }
    tx.session.add_all(rows.values())
    await tx.session.flush()
    return {key: row.id for key, row in rows.items()}


async def _people(
    tx: Transaction, branches: Mapping[str, UUID], teams: Mapping[str, UUID], password: str
) -> dict[str, UUID]:
    roles = await seed_roles(tx)
    agents: dict[str, UUID] = {}
    for person in PEOPLE:
        login = f"{person.login}@{DOMAIN}"
        row = AgentRow(
            login=login,
            login_key=login_form(login),
            name=person.name,
            branch_id=branches[person.branch],
            manager_id=agents.get("ana"),
            status="active",
            locale=person.locale,
            timezone="Europe/Chisinau",
            signature=f"{person.name}\nStyle Mobilă",
            password=password,
        )
        tx.session.add(row)
        await tx.session.flush()
        agents[person.login] = row.id
        tx.session.add_all(AgentRoleRow(agent_id=row.id, role_id=roles[r]) for r in person.roles)
        tx.session.add_all(
            TeamMemberRow(agent_id=row.id, team_id=teams[team], is_lead=person.login == "ana")
            for team in person.teams
        )
    await tx.session.flush()
    return agents


async def _mailboxes(
    tx: Transaction, branches: Mapping[str, UUID], teams: Mapping[str, UUID]
) -> dict[str, Mailbox]:
    made: dict[str, Mailbox] = {}
    for team, local in MAILBOXES.items():
        code, name = TEAMS[team]
        address = f"{local}@{DOMAIN}"
        row = AccountRow(
            kind="email",
            provider="email.demo",
            name=name,
            address=address,
            config=_config(address, f"Style Mobilă {name}"),
            branch_id=branches[code],
            team_id=teams[team],
            health=msgspec.to_builtins(WELL),
        )
        tx.session.add(row)
        agents = tuple(p.login for p in PEOPLE if team in p.teams and p.roles == ("manager",))
        made[team] = Mailbox(row.id, team, address, f"Style Mobilă {name}", agents)
    await tx.session.flush()
    return made


async def _chats(
    tx: Transaction, branches: Mapping[str, UUID], teams: Mapping[str, UUID]
) -> dict[str, UUID]:
    rows = {
        kind: AccountRow(
            kind=kind,
            provider=f"{kind}.demo",
            name=name,
            address=address,
            config={},
            branch_id=branches[TEAMS["sales"][0]],
            team_id=teams["sales"],
            health=msgspec.to_builtins(WELL),
        )
        for kind, (name, address) in CHATS.items()
    }
    tx.session.add_all(rows.values())
    await tx.session.flush()
    return {kind: row.id for kind, row in rows.items()}


def _config(address: str, name: str) -> dict[str, object]:
    """Return settings that are valid and lead nowhere (RFC 2606)."""
    server = {"host": "mail.invalid", "port": 993, "security": "tls"}
    return {"address": address, "name": name, "imap": server, "smtp": {**server, "port": 465}}
