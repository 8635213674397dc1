import hashlib
import hmac
import os
import stat
import threading

import pandas as pd
import pytest
from pandas.testing import assert_frame_equal, assert_series_equal

from src.data.privacy import (
    HASH_LENGTH,
    MIN_CELL,
    pseudonymise,
    read_key,
    without_small_groups,
)
from src.data.problems import InputError


def test_a_pseudonym_is_the_start_of_the_hmac_sha_256_of_the_text():
    key = b"key"
    # RFC 2104 spelled out, without the library under test: H((K ^ opad) || H((K ^ ipad) || text))
    block = key.ljust(64, b"\0")
    inner = hashlib.sha256(bytes(byte ^ 0x36 for byte in block) + "Ünï-1".encode()).digest()
    outer = hashlib.sha256(bytes(byte ^ 0x5C for byte in block) + inner).hexdigest()

    [found] = pseudonymise(pd.Series(["Ünï-1"]), key)

    assert found == outer[:20]
    assert found == hmac.new(key, "Ünï-1".encode(), hashlib.sha256).hexdigest()[:HASH_LENGTH]


def test_a_known_pseudonym():
    # the well-known example value of HMAC-SHA-256, as in many texts on the algorithm
    text = "The quick brown fox jumps over the lazy dog"

    assert pseudonymise(pd.Series([text]), b"key").tolist() == ["f7bc83f430538424b132"]


def test_equal_stays_equal_missing_stays_missing_and_the_order_stays():
    values = pd.Series(["a", None, "b", "a"], index=[3, 1, 4, 2], name="customer_id")

    hashed = pseudonymise(values, b"key")
    a, b = pseudonymise(pd.Series(["a", "b"]), b"key")

    expected = pd.Series([a, None, b, a], index=[3, 1, 4, 2], name="customer_id", dtype="object")
    assert_series_equal(hashed, expected)
    assert a != b


def test_a_column_without_values_has_no_pseudonyms():
    nothing = pd.Series([None, None], dtype="object")

    assert pseudonymise(nothing, b"key").tolist() == [None, None]
    assert pseudonymise(nothing.head(0), b"key").empty


def test_another_key_gives_other_pseudonyms():
    values = pd.Series(["a", "b"])

    assert not set(pseudonymise(values, b"one")) & set(pseudonymise(values, b"two"))


def test_the_environment_holds_the_key_before_the_file(tmp_path, monkeypatch):
    monkeypatch.setenv("CVM_KEY", "gehörig geheimer Schlüssel")

    assert read_key(tmp_path / ".key") == "gehörig geheimer Schlüssel".encode()
    assert list(tmp_path.iterdir()) == []


def test_a_key_is_made_once_for_its_owner_only_and_used_again(tmp_path, monkeypatch):
    monkeypatch.delenv("CVM_KEY")
    file = tmp_path / ".key"
    mask = os.umask(0)
    try:
        key = read_key(file)
    finally:
        os.umask(mask)

    assert len(bytes.fromhex(key.decode())) == 32
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert read_key(file) == key
    assert read_key(tmp_path / "another") != key


def write_key(file, text):
    file.write_text(text)
    file.chmod(0o600)


@pytest.mark.parametrize("rights", [0o644, 0o640, 0o604, 0o620])
def test_a_key_that_others_may_read_is_refused_with_the_line_to_run(tmp_path, monkeypatch, rights):
    monkeypatch.delenv("CVM_KEY")
    file = tmp_path / ".key"
    write_key(file, "written well by hand")
    file.chmod(rights)
    with pytest.raises(InputError, match=f"can be read by others.*run `chmod 600 {file}`"):
        read_key(file)
    monkeypatch.setenv("CVM_KEY", "written well by hand")
    assert read_key(file) == b"written well by hand"


def test_two_first_loads_at_once_share_one_key(tmp_path, monkeypatch):
    monkeypatch.delenv("CVM_KEY")
    file = tmp_path / ".key"
    write_key(file, "")  # the other load has made the file and not written it yet
    writer = threading.Timer(0.1, lambda: file.write_text("written well by another"))
    writer.start()
    assert read_key(file) == b"written well by another"
    writer.join()


def test_a_key_file_may_be_written_by_hand(tmp_path, monkeypatch):
    monkeypatch.delenv("CVM_KEY")
    write_key(tmp_path / ".key", "written well by hand\n")

    assert read_key(tmp_path / ".key") == b"written well by hand"


def test_an_empty_key_hides_nothing_and_is_refused(tmp_path, monkeypatch):
    monkeypatch.setenv("CVM_KEY", "")
    write_key(tmp_path / ".key", "\n")

    with pytest.raises(InputError, match=r"\.key holds no key; delete the file"):
        read_key(tmp_path / ".key")


@pytest.mark.parametrize("key", ["1", "0123456789abcde", "a" * 64, "abcd" * 8])
def test_a_key_that_can_be_guessed_is_refused_wherever_it_is(key, tmp_path, monkeypatch):
    advice = r'can be guessed.*python -c "import secrets; print\(secrets.token_hex\(32\)\)"'
    monkeypatch.setenv("CVM_KEY", key)
    with pytest.raises(InputError, match=f"variable CVM_KEY.*{advice}"):
        read_key(tmp_path / ".key")
    assert list(tmp_path.iterdir()) == []

    monkeypatch.delenv("CVM_KEY")
    write_key(tmp_path / ".key", key)
    with pytest.raises(InputError, match=rf"\.key holds a key.*{advice}") as error:
        read_key(tmp_path / ".key")
    assert len(key) < 5 or key not in str(error.value)


def test_a_key_of_sixteen_characters_five_of_them_different_is_enough(tmp_path, monkeypatch):
    monkeypatch.setenv("CVM_KEY", "abcdeabcdeabcdea")

    assert read_key(tmp_path / ".key") == b"abcdeabcdeabcdea"


def test_groups_below_ten_customers_are_hidden():
    groups = pd.DataFrame(
        {"region": list("abc"), "customers": [9, 10, 11], "churn": [0.5, 0.2, 0.1]}
    )

    assert MIN_CELL == 10
    assert_frame_equal(
        without_small_groups(groups, "customers"),
        pd.DataFrame({"region": ["b", "c"], "customers": [10, 11], "churn": [0.2, 0.1]}),
    )
    assert without_small_groups(groups, "customers", 11)["region"].tolist() == ["c"]
    assert without_small_groups(groups, "customers", 12).empty
