"""From a fresh clone to something that runs: the virtual environment, Node and the UI.

Only the standard library, for it runs before anything is installed. Everything is skipped
when it is up to date, judged by the hash of what it was made from.
"""

import argparse
import hashlib
import os
import re
import shutil
import subprocess
import sys
import venv
from collections.abc import Sequence
from pathlib import Path


ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
OLDEST_PYTHON = (3, 11)
OLDEST_NODE = (22, 12)  # what Vite 8 needs
LOCKS = {"run": "requirements.lock", "dev": "requirements-dev.lock"}
NODE_LOCK = "requirements-node.lock"
PEERS = "tests/peers"  # servers and clients of others that the tests speak to

COMMAND = """\
#!/bin/sh
PYTHONPATH='{root}' exec '{root}/.venv/bin/python' -m hub "$@"
"""


class CannotSetUp(Exception):
    """Something is missing that only a person can provide; the message says how."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Bring the clone to a state in which the hub runs; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--dev", action="store_true", help="also what tests and linters need")
    parser.add_argument("--no-ui", action="store_true", help="do not build the browser app")
    chosen = parser.parse_args(arguments)
    try:
        check_python(sys.version_info[:2])
        make_environment()
        install([LOCKS["dev" if chosen.dev else "run"]], stamp="python")
        write_command()
        if chosen.dev:
            install_peers()
        if not chosen.no_ui and (chosen.dev or not ui_is_built()):
            build_ui(have_node())
    except CannotSetUp as problem:
        print(f"punte: {problem}", file=sys.stderr)
        return 1
    except subprocess.CalledProcessError as failed:
        print(f"punte: `{words(failed.cmd)}` failed; its output is above", file=sys.stderr)
        return 1
    return 0


def check_python(version: tuple[int, int]) -> None:
    """Make sure that this Python is recent and complete enough.

    Raises:
        CannotSetUp: It is not.
    """
    if version < OLDEST_PYTHON:
        have, need = (".".join(map(str, each)) for each in (version, OLDEST_PYTHON))
        raise CannotSetUp(f"Python {need} or newer is needed, this is {have}; try make PYTHON=...")
    if os.name != "posix":
        raise CannotSetUp("the hub runs on Linux and macOS; on Windows use WSL")


def make_environment() -> None:
    """Make ``.venv`` unless it is there and works.

    Raises:
        CannotSetUp: This Python was installed without what environments need.
    """
    if python().exists() and (VENV / "bin" / "pip").exists():
        return
    try:
        import ensurepip  # noqa: F401, PLC0415 - Debian packs it apart from Python
    except ImportError as error:
        raise CannotSetUp(
            "Python's venv module is not complete; on Debian and Ubuntu: "
            "apt-get install python3-venv"
        ) from error
    print("punte: making .venv")
    shutil.rmtree(VENV, ignore_errors=True)
    venv.create(VENV, with_pip=True)


def install(locks: Sequence[str], *, stamp: str) -> None:
    """Install exactly what ``locks`` pin, each package checked against its hash."""
    files = [ROOT / lock for lock in locks]
    wanted = fingerprint(files, extra=sys.version)
    if is_fresh(stamp, wanted):
        return
    print(f"punte: installing {', '.join(locks)}")
    pip = [python(), "-m", "pip", "--disable-pip-version-check", "install", "--quiet"]
    run([*pip, "--require-hashes", "--no-deps", *(f"-r{file}" for file in files)])
    mark_fresh(stamp, wanted)


def write_command() -> None:
    """Put the ``punte`` command into the environment, running the code of this clone."""
    command = VENV / "bin" / "punte"
    text = COMMAND.format(root=ROOT)
    if not command.exists() or command.read_text() != text:
        command.write_text(text)
        command.chmod(0o755)


def have_node() -> Path:
    """Return the folder of a Node that can build the UI, installing one when there is none."""
    for folder in (VENV / "bin", *map(Path, os.get_exec_path())):
        if (folder / "npm").exists() and node_version(folder / "node") >= OLDEST_NODE:
            return folder
    install([NODE_LOCK], stamp="node")
    return VENV / "bin"


def node_version(node: Path) -> tuple[int, int]:
    """Return major and minor version of the program ``node``; (0, 0) when it does not run."""
    try:
        said = subprocess.run(
            [node, "--version"], capture_output=True, text=True, check=True, timeout=20
        ).stdout
    except (OSError, subprocess.SubprocessError):
        return (0, 0)
    found = re.match(r"v(\d+)\.(\d+)", said)
    return (int(found[1]), int(found[2])) if found else (0, 0)


def ui_is_built() -> bool:
    """Say whether the browser app was built from the sources as they are now."""
    pages = ("agents_ui/static/index.html", "channels/webchat/static/loader.js")
    is_there = all((ROOT / page).exists() for page in pages)
    return is_there and is_fresh("ui", fingerprint(ui_sources()))


def build_ui(node: Path) -> None:
    """Build the browser app unless its sources are those of the last build."""
    if ui_is_built():
        return
    print("punte: building the browser app")
    path = os.pathsep.join([str(node), str(VENV / "bin"), os.environ.get("PATH", "")])
    run([python(), "-m", "agents_ui.build"], env={**os.environ, "PATH": path})
    mark_fresh("ui", fingerprint(ui_sources()))


def install_peers() -> None:
    """Install the Node packages that tests speak to, unless the lock is that of the last time."""
    folder = ROOT / PEERS
    wanted = fingerprint([folder / "package-lock.json"])
    if (folder / "node_modules").exists() and is_fresh("peers", wanted):
        return
    print(f"punte: installing the packages of {PEERS}")
    node = have_node()
    path = os.pathsep.join([str(node), os.environ.get("PATH", "")])
    npm = [node / "npm", "--prefix", folder, "ci", "--no-progress"]
    run(npm, env={**os.environ, "PATH": path})
    mark_fresh("peers", wanted)


def ui_sources() -> list[Path]:
    """Return the files that the agents' app and the widget of website chat are built from."""
    return [*sources(ROOT / "agents_ui" / "web"), *sources(ROOT / "channels/webchat/widget")]


def sources(web: Path) -> list[Path]:
    """Return the files that the browser app is built from."""
    skipped = {"node_modules", "dist", "test-results"}
    return sorted(
        file
        for file in web.rglob("*")
        if file.is_file() and not skipped.intersection(file.relative_to(web).parts)
    )


def fingerprint(files: Sequence[Path], *, extra: str = "") -> str:
    """Return a hash of names and contents of ``files``."""
    seen = hashlib.sha256(extra.encode())
    for file in files:
        seen.update(f"\0{file.relative_to(ROOT) if ROOT in file.parents else file}\0".encode())
        seen.update(file.read_bytes())
    return seen.hexdigest()


def is_fresh(stamp: str, wanted: str) -> bool:
    """Say whether the part called ``stamp`` was last made from ``wanted``."""
    file = VENV / f".{stamp}.sha256"
    return file.exists() and file.read_text() == wanted


def mark_fresh(stamp: str, wanted: str) -> None:
    """Remember that the part called ``stamp`` was made from ``wanted``."""
    (VENV / f".{stamp}.sha256").write_text(wanted)


def python() -> Path:
    """Return the environment's Python."""
    return VENV / "bin" / "python"


def run(command: Sequence[str | Path], env: dict[str, str] | None = None) -> None:
    """Run ``command`` in the clone; its output goes where ours goes."""
    subprocess.run(command, check=True, cwd=ROOT, env=env)


def words(command: object) -> str:
    """Return ``command`` as one would type it."""
    return " ".join(map(str, command)) if isinstance(command, list) else str(command)


if __name__ == "__main__":
    sys.exit(main())
