import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from infra.settings import names
from tests.servers.peers import require


ROOT = Path(__file__).resolve().parents[3]
NODES = ("hub-1", "hub-2")


def compose() -> list[str]:
    """Return the command of a Compose: Docker's plugin, or Debian's docker-compose."""
    docker = shutil.which("docker")
    plugin = [docker, "compose", "version"]
    if docker and subprocess.run(plugin, check=False, capture_output=True).returncode == 0:
        return [docker, "compose"]
    return [require("docker-compose", "docker-compose")]


@pytest.fixture(scope="module")
def composed() -> dict:
    """``compose.yaml`` as Compose itself reads it."""
    text = subprocess.check_output(
        [*compose(), "-f", "compose.yaml", "config"], cwd=ROOT, text=True
    )
    return yaml.safe_load(text)


def test_two_nodes_come_from_one_image(composed):
    first, second = (composed["services"][node] for node in NODES)
    assert first["image"] == second["image"]
    assert first["environment"] == second["environment"]


def test_every_variable_of_the_nodes_is_a_setting(composed):
    assert set(composed["services"]["hub-1"]["environment"]) <= set(names())


def test_every_service_is_watched(composed):
    built = (ROOT / "Dockerfile").read_text()
    assert "HEALTHCHECK" in built
    for name, service in composed["services"].items():
        assert name in NODES or "healthcheck" in service, name


def test_nodes_and_database_reap_their_children(composed):
    assert all(composed["services"][name]["init"] for name in (*NODES, "postgres"))


def test_no_secret_is_written_down(composed):
    assert set(composed["secrets"]) == {"database_password", "punte_secret_key"}
    for service in composed["services"].values():
        for name, value in (service.get("environment") or {}).items():
            assert "PASSWORD" not in name or name.endswith("_FILE"), (name, value)
    assert "punte_secret_key".upper() in names()


def test_what_must_last_is_in_a_volume(composed):
    kept = {"hub-1": "/data", "hub-2": "/data", "postgres": "/var/lib/postgresql"}
    for name, folder in kept.items():
        assert folder in str(composed["services"][name]["volumes"])


def test_every_image_is_pinned(composed):
    images = [service["image"] for service in composed["services"].values()]
    images += re.findall(r"^FROM (\S+:\S+)", (ROOT / "Dockerfile").read_text(), re.MULTILINE)
    for image in images:
        assert re.search(r":\d+\.\d+", image), image


def test_caddy_accepts_its_file():
    caddy = require("caddy", "caddy")
    subprocess.run(
        [caddy, "validate", "--config", ROOT / "Caddyfile", "--adapter", "caddyfile"],
        check=True,
        capture_output=True,
    )
