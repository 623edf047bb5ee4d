import base64
import stat

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.vault import KeyWrong, Sealed, Vault, key_file, new_key


OLD, NEW = bytes(32), bytes(range(32))


@given(text=st.text(), place=st.text(max_size=40))
def test_a_secret_opens_where_it_was_sealed(text, place):
    vault = Vault(NEW)
    assert vault.open(vault.seal(text, place=place), place=place) == text


def test_a_secret_does_not_open_elsewhere():
    vault = Vault(NEW)
    sealed = vault.seal("hunter2", place="account/1")
    with pytest.raises(Sealed, match="account/2"):
        vault.open(sealed, place="account/2")


@pytest.mark.parametrize("position", [0, 12, 20, -1])
def test_a_changed_bit_is_noticed(position):
    vault = Vault(NEW)
    key_id, _, body = vault.seal("hunter2", place="p").partition(":")
    raw = bytearray(base64.b64decode(body))
    raw[position] ^= 1
    with pytest.raises(Sealed):
        vault.open(f"{key_id}:{base64.b64encode(raw).decode()}", place="p")


@pytest.mark.parametrize("sealed", ["", ":", "nonsense", "deadbeef:AAAA"])
def test_nonsense_does_not_open(sealed):
    with pytest.raises(Sealed):
        Vault(NEW).open(sealed, place="p")


def test_nonsense_under_our_own_key_does_not_open():
    key_id = Vault(NEW).seal("x", place="p").partition(":")[0]
    with pytest.raises(Sealed, match="damaged"):
        Vault(NEW).open(f"{key_id}:!!!", place="p")


def test_the_new_key_seals_and_the_old_one_still_opens():
    sealed = Vault(OLD).seal("hunter2", place="p")
    rotated = Vault(NEW, OLD)
    assert rotated.open(sealed, place="p") == "hunter2"
    assert rotated.stale(sealed)
    assert not rotated.stale(rotated.seal("hunter2", place="p"))


def test_without_the_old_key_its_secrets_stay_shut():
    sealed = Vault(OLD).seal("hunter2", place="p")
    with pytest.raises(Sealed, match="not here"):
        Vault(NEW).open(sealed, place="p")


def test_derived_keys_differ_by_purpose_and_outlive_a_rotation():
    assert Vault(OLD).derive("reply") != Vault(OLD).derive("cookie")
    assert Vault(OLD).derive("reply") in Vault(NEW, OLD).derive_each("reply")
    assert Vault(NEW, OLD).derive("reply") == Vault(NEW).derive("reply")


@pytest.mark.parametrize("text", ["", "c2hvcnQ=", "not base64!"])
def test_a_bad_key_is_refused(text):
    with pytest.raises(KeyWrong):
        Vault.parse(text)


def test_the_key_file_is_made_once_and_for_its_owner_only(tmp_path):
    path = key_file(tmp_path / "data")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert key_file(tmp_path / "data").read_text() == path.read_text()
    assert list(path.parent.iterdir()) == [path]
    sealed = Vault.of(None, path.parent).seal("x", place="p")
    assert Vault.of(path.read_text(), tmp_path).open(sealed, place="p") == "x"


def test_a_given_key_needs_no_file(tmp_path):
    Vault.of(new_key(), tmp_path)
    assert not list(tmp_path.iterdir())
