"""Servers of others that tests run against: of the operating system, and of npm."""

import os
import shutil
from pathlib import Path
from typing import NoReturn

import pytest

from agents_ui.build import NoNode, find_node


NODE_FOLDER = Path(__file__).parent.parent / "peers"


def require(program: str, packages: str) -> str:
    """Return the path of a program.

    Without it the test is skipped with the line that installs it, or fails where peers are a
    must (``PEERS=required``), so that a build machine cannot pass by skipping.
    """
    path = shutil.which(program, path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin")
    if path is None:
        _missing(f"{program} is missing: apt-get install -y --no-install-recommends {packages}")
    return path


def node_module(name: str) -> Path:
    """Return the folder of an npm package of ``tests/peers``, as ``require`` does a program."""
    folder = NODE_FOLDER / "node_modules" / name
    if not (folder / "package.json").is_file():
        _missing(f"the npm package {name} is missing: make dev, or npm ci in tests/peers")
    return folder


def node() -> str:
    """Return the Node that runs the packages of ``tests/peers``.

    It is the real binary: killing it ends the server, which the wheel's script would leave.
    """
    try:
        return str(find_node().binary)
    except NoNode as error:
        _missing(str(error))


def _missing(remedy: str) -> NoReturn:
    if os.environ.get("PEERS") == "required":
        pytest.fail(remedy)
    pytest.skip(remedy)
