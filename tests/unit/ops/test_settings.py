import os
from ipaddress import ip_network
from pathlib import Path

import pytest

from infra.settings import Settings, SettingsWrong, load, names


@pytest.fixture(autouse=True)
def empty_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.upper() in names() or name.startswith("PUNTE_"):
            monkeypatch.delenv(name)


def test_everything_has_a_default(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    settings = load()
    assert settings.data == tmp_path / "data"
    assert settings.base_url == "http://127.0.0.1:8080"
    assert settings.database == ""
    assert settings.roles == ("web", "channels", "jobs")


def test_the_environment_wins_over_the_file(tmp_path, monkeypatch):
    file = tmp_path / ".env"
    file.write_text("PUNTE_PORT=9001\nPUNTE_LOG_FORMAT=json\nREDIS_URL=redis://127.0.0.1/1\n")
    monkeypatch.setenv("PUNTE_PORT", "9002")
    settings = load(file)
    assert (settings.port, settings.log_format) == (9002, "json")
    assert settings.redis_url == "redis://127.0.0.1/1"


def test_a_misspelt_variable_is_named_with_its_neighbour(monkeypatch):
    monkeypatch.setenv("PUNTE_PROT", "9001")
    with pytest.raises(SettingsWrong, match=r"PUNTE_PROT is no setting .* PUNTE_PORT"):
        load(None)


def test_a_misspelt_line_of_the_file_is_named_with_its_neighbour(tmp_path):
    file = tmp_path / ".env"
    file.write_text("PUNTE_SANBOX=1\n")
    with pytest.raises(SettingsWrong, match=r"PUNTE_SANBOX in \.env .* PUNTE_SANDBOX"):
        load(file)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PUNTE_PORT", "eighty"),
        ("PUNTE_PORT", "70000"),
        ("PUNTE_PUBLIC_URL", "hub.example.com"),
        ("PUNTE_ROLES", "web,cook"),
        ("PUNTE_TRUSTED_PROXIES", "10.0.0.0/33"),
        ("PUNTE_LOG_FORMAT", "xml"),
        ("DATABASE_URL", "mysql://127.0.0.1/hub"),
    ],
)
def test_an_impossible_value_is_named(monkeypatch, name, value):
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsWrong, match=name):
        load(None)


def test_every_problem_is_named_at_once(monkeypatch):
    monkeypatch.setenv("PUNTE_PORT", "-1")
    monkeypatch.setenv("PUNTE_WORKERS", "none")
    with pytest.raises(SettingsWrong, match=r"(?s)PORT.*WORKERS"):
        load(None)


def test_lists_are_separated_by_commas(monkeypatch):
    monkeypatch.setenv("PUNTE_TRUSTED_PROXIES", "10.0.0.0/8, ::1")
    monkeypatch.setenv("PUNTE_ROLES", "web, jobs")
    settings = load(None)
    assert settings.trusted_proxies == (ip_network("10.0.0.0/8"), ip_network("::1"))
    assert settings.roles == ("web", "jobs")


def test_the_database_password_may_stand_in_a_file(tmp_path, monkeypatch):
    secret = tmp_path / "password"
    secret.write_text("p@ss/word\n")
    monkeypatch.setenv("DATABASE_URL", "postgres://hub@db:5432/hub?sslmode=require")
    monkeypatch.setenv("PUNTE_DATABASE_PASSWORD_FILE", str(secret))
    expected = "postgresql+asyncpg://hub:p%40ss%2Fword@db:5432/hub?ssl=require"
    assert load(None).database == expected


def test_every_setting_is_documented():
    assert all(names().values())
    assert {"PUNTE_DATA", "DATABASE_URL", "REDIS_URL"} <= set(names())


def test_code_may_build_settings_by_name(tmp_path: Path):
    settings = Settings(data=tmp_path, database_url="postgresql://127.0.0.1/hub", port=0)
    assert settings.database.startswith("postgresql+asyncpg://")
