import re
from pathlib import Path

import pytest

from hub.cli import COMMANDS
from tools import settings_page


ROOT = Path(__file__).resolve().parents[3]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
LINK = re.compile(r"\]\((?!https?:|#|mailto:)([^)#\s]+)")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_leads_to_a_file(page):
    for target in LINK.findall(page.read_text("utf-8")):
        assert (page.parent / target).exists(), target


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_command_that_is_told_of_exists(page):
    told = re.findall(r"`punte ([a-z]+)", page.read_text("utf-8"))
    assert set(told) <= set(COMMANDS)


def test_the_table_of_settings_is_fresh():
    assert settings_page.main(["--check"]) == 0


def test_the_licence_is_whole():
    text = (ROOT / "LICENSE").read_text("utf-8")
    assert text.lstrip().startswith("GNU AFFERO GENERAL PUBLIC LICENSE")
    assert "END OF TERMS AND CONDITIONS" in text
    assert "Remote Network Interaction" in text


def test_decisions_say_what_was_chosen_and_what_it_costs():
    for page in (ROOT / "docs" / "decisions").glob("*.md"):
        text = page.read_text("utf-8")
        assert "## Decision" in text, page.name
        assert "## Price" in text, page.name
