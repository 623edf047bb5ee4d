import pytest

from tools import lints
from tools.lints import Source, check, frozen, tags_of, tracked


def rules_broken(path: str, text: str) -> set[str]:
    return {problem.rule for problem in check([Source(path, text)])}


@pytest.mark.parametrize(
    ("path", "text", "rule"),
    [
        ("inbox/reply.py", "\n" * 401, "length"),
        ("inbox/reply.py", "async def f(s): await s.commit()", "commit"),
        ("inbox/reply.py", "x = datetime.now(UTC)", "clock"),
        ("crm_core/cards.py", "x = uuid4()", "clock"),
        ("agents_ui/api/cards.py", "from crm_core.tables import CardRow", "tables"),
        ("agents_ui/live/gateway.py", "import sqlalchemy.orm", "tables"),
        ("tests/unit/test_x.py", "from unittest" + ".mock import Mock", "mocks"),
        ("tests/unit/test_x.py", "import unittest" + ".mock", "mocks"),
        ("tests/unit/test_x.py", "def test_it(mocker): pass", "mocks"),
        ("docs/install.md", "pip install -i https://py" + "pi.org/simple punte", "places"),
        ("package-lock.json", '"resolved": "https://registry.npm' + 'js.org/x.tgz"', "places"),
        ("docs/install.md", "cd /ro" + "ot/punte && make run", "places"),
        ("inbox/reply.py", "# TO" + "DO: later", "unfinished"),
        ("inbox/lists.py", "async def page(tx) -> list[ConversationItem]: ...", "viewers"),
    ],
)
def test_a_broken_rule_is_reported(path, text, rule):
    assert rule in rules_broken(path, text)


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("infra/db.py", "async def f(s): await s.commit()"),
        ("infra/clock.py", "x = datetime.now(UTC)"),
        ("inbox/contract.py", "\n" * 900),
        ("hub/migrations/versions/0001_first.py", "\n" * 900),
        ("crm_core/tables.py", "from infra.tables import Base"),
        ("inbox/lists.py", "async def page(tx, viewer) -> list[ConversationItem]: ..."),
        ("inbox/lists.py", "async def _page(tx) -> list[ConversationItem]: ..."),
        ("docs/install.md", "Clone it into /srv/punte and run `make run`."),
        ("inbox/broken.py", "def ("),
    ],
)
def test_what_is_allowed_is_not_reported(path, text):
    assert rules_broken(path, text) == set()


def test_an_excuse_needs_the_rule_and_a_reason():
    line = "x = uuid4()  # lint-skip: clock"
    assert rules_broken("inbox/x.py", line) == {"clock"}
    assert rules_broken("inbox/x.py", f"{line} - the provider asks for version 4") == set()


def test_stored_names_are_found():
    text = """
class Sent(Event, tag="message.sent"): ...
class Deliver(jobs.Job, frozen=True, tag="message.deliver"): ...
class Frame(View, tag="hello"): ...
"""
    assert set(tags_of(Source("inbox/x.py", text))) == {
        "event message.sent",
        "job message.deliver",
    }


def test_stored_names_are_added_to_the_list_and_never_removed():
    problems = [str(p) for p in frozen({"job b", "job c"}, ["job a", "job b"])]
    assert len(problems) == 2
    assert "'job c' is new" in problems[0]
    assert "tags.txt:1" in problems[1]


def test_this_very_repository_is_looked_at():
    paths = {source.path for source in tracked()}
    assert {"infra/db.py", "pyproject.toml", "tools/lints.py", "Makefile"} <= paths
    assert lints.ROOT.joinpath(lints.TAGS).exists()
