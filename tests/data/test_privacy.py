import hashlib
import hmac
import os
import stat

import pandas as pd
import pytest
from pandas.testing import assert_frame_equal, assert_series_equal

from src.data.privacy import (
    HASH_LENGTH,
    MIN_CELL,
    personal_columns,
    pseudonymise,
    read_key,
    without_small_groups,
)
from src.data.problems import InputError

PERSONAL = {
    "phone": "phone",
    "Phone Number": "phone",
    "phone1": "phone",
    "Mobile No": "phone",
    "mobile_no": "phone",
    "MSISDN": "phone",
    "work_phone": "phone",
    "e-mail": "e-mail",
    "EMAIL": "e-mail",
    "email2": "e-mail",
    "customer_email": "e-mail",
    "Email Address": "e-mail",
    "mail": "e-mail",
    "name": "name",
    "first_name": "name",
    "Last Name": "name",
    "lastname": "name",
    "CustomerName": "name",
    "fio": "name",
    "surname": "name",
    "address": "address",
    "home_address": "address",
    "Address Line 2": "address",
    "street": "address",
    "ip_address": "address",
    "passport_no": "passport",
    "inn": "tax number",
    "tax_id": "tax number",
    "VAT Number": "tax number",
    "Телефон": "phone",
    "Контактный телефон": "phone",
    "Тел.": "phone",
    "Электронная почта": "e-mail",
    "ФИО": "name",
    "Фамилия клиента": "name",
    "Адрес подключения": "address",
    "Серия паспорта": "passport",
    "ИНН": "tax number",
    "Дата рождения": "birth date",
    "client_ssn": "tax number",
    "dob": "birth date",
    "birth_date": "birth date",
    "birthday": "birth date",
    "DateOfBirth": "birth date",
}
HARMLESS = [
    "phone_service",
    "phone_minutes",
    "number_vmail_messages",
    "voice_mail_plan",
    "voice_mail",
    "direct_mail",
    "email_opened",
    "emails_sent",
    "paperless_billing",
    "tenure",
    "tenure_months",
    "plan_name",
    "product_name",
    "streaming_tv",
    "international_plan",
    "telecom_region",
    "inner_city",
    "beginning",
    "mobile_data",
    "addresses_served",
]


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
    monkeypatch.setenv("CVM_KEY", "gehörig geheim")

    assert read_key(tmp_path / ".key") == "gehörig geheim".encode()
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


def test_a_key_file_may_be_written_by_hand(tmp_path, monkeypatch):
    monkeypatch.delenv("CVM_KEY")
    (tmp_path / ".key").write_text("by hand\n")

    assert read_key(tmp_path / ".key") == b"by hand"


def test_an_empty_key_hides_nothing_and_is_refused(tmp_path, monkeypatch):
    monkeypatch.setenv("CVM_KEY", "")
    (tmp_path / ".key").write_text("\n")

    with pytest.raises(InputError, match=r"\.key holds no key; delete the file"):
        read_key(tmp_path / ".key")


@pytest.mark.parametrize(("column", "kind"), PERSONAL.items())
def test_personal_names_are_found(column, kind):
    frame = pd.DataFrame({column: [None, 1.0], "tenure": [1.0, 2.0]})

    assert personal_columns(frame, [column, "tenure"]) == {column: kind}


@pytest.mark.parametrize("column", HARMLESS)
def test_harmless_names_are_left_alone(column):
    assert personal_columns(pd.DataFrame({column: ["yes", "no"]}), [column]) == {}


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        (["a.b+c@mail.example.org"], "e-mail"),
        (["a@b.de", "unknown"], "e-mail"),
        (["+7 (900) 123-45-67"], "phone"),
        (["+4915112345678"], "phone"),
        (["(555) 123-4567"], "phone"),
        (["555-123-45-67", None, None], "phone"),
    ],
)
def test_personal_values_are_found_under_any_name(values, kind):
    assert personal_columns(pd.DataFrame({"x": values}), ["x"]) == {"x": kind}


@pytest.mark.parametrize(
    "values",
    [
        ["a@b.de", "none", "none"],
        ["a@b"],
        ["2024-01-31"],
        ["1234567"],
        ["12.5", "13.5"],
        ["+5", "-3"],
        [4915112345678, 4915112345679],
        [None, None],
        [float("nan")],
        [],
    ],
)
def test_other_values_are_left_alone(values):
    assert personal_columns(pd.DataFrame({"x": values}), ["x"]) == {}


def test_only_the_columns_asked_for_are_looked_at():
    assert personal_columns(pd.DataFrame({"email": ["a@b.de"], "plan": ["x"]}), ["plan"]) == {}


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
