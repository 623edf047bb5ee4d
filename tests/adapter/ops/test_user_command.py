import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from hub.pgtools import connect


ROOT = Path(__file__).resolve().parents[3]
LINK = re.compile(r"^http://127\.0\.0\.1:8080/link#token=[\w-]{20,}$", re.MULTILINE)


@pytest.fixture
def punte(url: str):
    """Run a command against the database of this test."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("PUNTE_")}

    def run(*words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "hub", *words],
            check=False,
            cwd=ROOT,
            env=clean | {"DATABASE_URL": url},
            capture_output=True,
            text=True,
        )

    return run


async def test_an_agent_is_added_and_let_in_again(punte, url):
    added = punte("user", "add", "ion@example.com", "--name", "Ion", "--role", "owner")
    assert added.returncode == 0, added.stderr
    assert LINK.search(added.stdout)
    connection = await connect(url)
    name = await connection.fetchval("SELECT name FROM agent WHERE login = 'ion@example.com'")
    await connection.close()
    assert name == "Ion"
    again = punte("user", "link", "ION@example.com")
    assert LINK.search(again.stdout)
    assert again.stdout != added.stdout


def test_a_taken_login_is_one_sentence(punte):
    punte("user", "add", "ion@example.com")
    done = punte("user", "add", "Ion@Example.com")
    assert done.returncode == 1
    assert "login is taken" in done.stderr
    assert "Traceback" not in done.stderr


def test_an_unknown_login_is_one_sentence(punte):
    done = punte("user", "link", "nobody@example.com")
    assert done.returncode == 1
    assert "nobody signs in as" in done.stderr
