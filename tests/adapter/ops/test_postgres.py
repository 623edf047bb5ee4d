import os
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from infra.postgres import SOCKET_LIMIT, Postgres
from infra.postgres_files import PostgresFailed, programs


HOLD = """
import sys, time
from pathlib import Path
from infra.postgres import Postgres
Postgres(Path(sys.argv[1])).start()
print("up", flush=True)
time.sleep(600)
"""


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of a cluster that is made once, and stopped whatever a test left running."""
    folder = tmp_path_factory.mktemp("o") / "postgres"
    with Postgres(folder):
        pass
    return folder


def ask(server: Postgres, question: str) -> str:
    command = [server.binary("psql"), "-h", server.socket_folder, "-U", "postgres", "-Atc"]
    return subprocess.run(
        [*command, question], check=True, capture_output=True, text=True
    ).stdout.strip()


def postmaster(folder: Path) -> int:
    return int((folder / "postmaster.pid").read_text().splitlines()[0])


def test_it_folds_letters_of_every_alphabet(cluster):
    with Postgres(cluster) as server:
        assert ask(server, "SELECT lower('ȘȚĂ ПРИВЕТ')") == "șță привет"
        assert ask(server, "SHOW server_encoding") == "UTF8"


def test_it_is_tuned_and_hears_no_network(cluster):
    with Postgres(cluster) as server:
        assert ask(server, "SHOW jit") == "off"
        assert ask(server, "SHOW random_page_cost") == "1.1"
        assert ask(server, "SHOW listen_addresses") == ""


def test_only_the_last_user_stops_it(cluster):
    first, second = Postgres(cluster), Postgres(cluster)
    first.start()
    second.start()
    first.stop()
    assert ask(second, "SELECT 1") == "1"
    second.stop()
    assert not second.is_running()
    second.stop()


def test_it_starts_right_after_it_was_killed(cluster):
    with Postgres(cluster) as server:
        ask(server, "CREATE TABLE kept AS SELECT 42 AS answer")
        killed = psutil.Process(postmaster(cluster))
        killed.kill()
        psutil.wait_procs([killed], timeout=5)
        with Postgres(cluster) as again:
            assert ask(again, "SELECT answer FROM kept") == "42"
            ask(again, "DROP TABLE kept")


def test_a_killed_user_does_not_keep_it_running(cluster):
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLD, cluster], stdout=subprocess.PIPE, cwd=Path.cwd()
    )
    with holder:
        assert holder.stdout.readline() == b"up\n"
        holder.kill()
    server = Postgres(cluster)
    assert server.is_running()
    server.start()
    server.stop()
    assert not server.is_running()


def test_a_strangers_process_with_the_old_number_is_not_in_the_way(cluster):
    stranger = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    try:
        lines = [str(stranger.pid), str(cluster), "1", "5432", str(cluster), "", "1 1", "ready"]
        (cluster / "postmaster.pid").write_text("\n".join(lines) + "\n")
        server = Postgres(cluster)
        assert not server.is_running()
        with server:
            assert ask(server, "SELECT 1") == "1"
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()


def test_a_server_killed_but_not_reaped_is_not_in_the_way(cluster):
    zombie = subprocess.Popen([sys.executable, "-c", ""])
    while psutil.Process(zombie.pid).status() != psutil.STATUS_ZOMBIE:
        time.sleep(0.01)
    lines = [str(zombie.pid), str(cluster), "1", "5432", str(cluster), "", "1 1", "ready"]
    (cluster / "postmaster.pid").write_text("\n".join(lines) + "\n")
    with Postgres(cluster) as server:
        assert ask(server, "SELECT 1") == "1"
    zombie.wait()


def test_a_long_path_gets_a_short_socket(cluster, tmp_path):
    deep = tmp_path / ("d" * 60) / ("e" * 60) / "postgres"
    with Postgres(deep) as server, Postgres(cluster) as beside:
        assert len(os.fsencode(server.socket_folder)) < SOCKET_LIMIT
        assert server.socket_folder.stat().st_mode & 0o077 == 0
        assert ask(server, "SELECT 1") == ask(beside, "SELECT 1")
    server.socket_folder.rmdir()


def test_half_a_cluster_is_made_anew(tmp_path):
    abandoned = tmp_path / "postgres.draft-x"
    abandoned.mkdir()
    (abandoned / "PG_VERSION").write_text("18\n")
    with Postgres(tmp_path / "postgres") as server:
        assert server.is_running()
    assert not abandoned.exists()


def test_a_server_that_cannot_start_says_why(cluster):
    extra = cluster / "postgresql.auto.conf"
    before = extra.read_text()
    extra.write_text("max_connections = 'many'\n")
    try:
        with pytest.raises(PostgresFailed, match="max_connections"):
            Postgres(cluster).start()
    finally:
        extra.write_text(before)


def test_an_unknown_version_is_refused():
    with pytest.raises(PostgresFailed, match="PostgreSQL 9"):
        programs("9")
