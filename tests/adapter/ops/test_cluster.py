import shutil
import tempfile
import urllib.request
from pathlib import Path

import psutil
import pytest

from infra.postgres_files import reachable
from tests.servers.peers import require
from tools.cluster import cluster


@pytest.mark.slow
@pytest.mark.timeout(180)
def test_two_nodes_serve_one_hub_and_leave_nothing_running():
    require("redis-server", "redis-server")
    before = servers()
    folder = Path(tempfile.mkdtemp(prefix="punte-c-"))
    reachable(folder / "x")
    try:
        with cluster(folder, roles=("web,jobs", "web,channels")) as started:
            assert len(set(started.nodes)) == 2
            for node in started.nodes:
                with urllib.request.urlopen(f"{node}/readyz", timeout=10) as answer:
                    assert answer.status == 200
        assert servers() <= before
    finally:
        shutil.rmtree(folder)


def servers() -> set[int]:
    """Return the servers whose parent is this process or that were started by it."""
    names = {"redis-server", "postgres"}
    mine = psutil.Process().children(recursive=True)
    return {process.pid for process in mine if process.name() in names}
