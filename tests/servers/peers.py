"""Servers of the operating system that tests run against."""

import os
import shutil

import pytest


def require(program: str, packages: str) -> str:
    """Return the path of a program.

    Without it the test is skipped with the line that installs it, or fails where peers are a
    must (``PEERS=required``), so that a build machine cannot pass by skipping.
    """
    path = shutil.which(program, path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin")
    if path is not None:
        return path
    remedy = f"{program} is missing: apt-get install -y --no-install-recommends {packages}"
    if os.environ.get("PEERS") == "required":
        pytest.fail(remedy)
    pytest.skip(remedy)
