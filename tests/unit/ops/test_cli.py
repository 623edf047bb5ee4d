import os
import subprocess
import sys
from pathlib import Path

import pytest

from hub.cli import COMMANDS
from hub.commands.settings import shown
from hub.links import link_url
from infra.settings import Settings


ROOT = Path(__file__).resolve().parents[3]


def punte(*words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("PUNTE_")}
    return subprocess.run(
        [sys.executable, "-m", "hub", *words],
        check=False,
        cwd=ROOT,
        env=clean | environment,
        capture_output=True,
        text=True,
    )


def test_help_names_every_command():
    said = punte("--help").stdout
    assert all(name in said for name in COMMANDS)


def test_a_misspelt_setting_is_one_sentence_and_an_exit_code():
    done = punte("settings", PUNTE_PROT="1")
    assert done.returncode == 1
    assert "did you mean PUNTE_PORT?" in done.stderr
    assert "Traceback" not in done.stderr


def test_settings_are_shown_without_their_secrets():
    done = punte("settings", PUNTE_SECRET_KEY="hidden", DATABASE_URL="postgresql://a:b@h/d")
    assert "hidden" not in done.stdout
    assert "a:b" not in done.stdout
    assert "PUNTE_SECRET_KEY=…" in done.stdout


@pytest.mark.parametrize(
    ("value", "text"), [(None, ""), (True, "true"), (("a", "b"), "a,b"), (8080, "8080")]
)
def test_values_are_shown_as_they_are_written(value, text):
    assert shown(value) == text


def test_the_token_of_a_link_is_sent_to_nobody():
    url = link_url(Settings(public_url="https://hub.example.com"), "setup", "T")
    assert url == "https://hub.example.com/setup#token=T"


def test_parsing_a_number_waits_for_no_web_server():
    probe = "import sys; from hub.cli import app; app(['phone', 'parse', '069123456', '--json'],"
    probe += " standalone_mode=False); print(sorted({'aiohttp', 'sqlalchemy'} & set(sys.modules)))"
    said = subprocess.check_output([sys.executable, "-c", probe], cwd=ROOT, text=True)
    assert '"e164":"+37369123456"' in said.replace(" ", "")
    assert said.splitlines()[-1] == "[]"
