"""Phone numbers and e-mail addresses in one form."""

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from src.data.cells.contacts import email_key, phone_key
from src.data.cells.conversion import convert

ONE = "79161234567"


@pytest.mark.parametrize(
    "cell",
    [
        "+79161234567",
        "+7 916 123-45-67",
        "+7 (916) 123 45 67",
        "7 916 123 45 67",
        "8 (916) 123-45-67",
        "8(916)1234567",
        "89161234567",
        "007 916 123 45 67",
        "0079161234567",
        "8 10 7 916 123 45 67",
        "+8 916 123 45 67",
        "+7 8 916 123 45 67",
        "9161234567",
        "916 123 45 67",
        "79161234567.0",
        "7.9161234567e10",
        "7.9161234567E+10",
        "7,9161234567E+10",
        "'79161234567",
        "  8 916 123 45 67 ",
        "8\u00a0916\u00a0123\u00a045\u00a067",
        "8 916 123\u201345\u201367",
        "\uff18\uff19\uff11\uff16\uff11\uff12\uff13\uff14\uff15\uff16\uff17",
        "tel.: +7 916 123-45-67",
        "\u0442\u0435\u043b. 8 916 123 45 67",
        "8 916 123 45 67 ext. 12",
        "8 916 123 45 67 \u0434\u043e\u0431. 5",
        "8 916 123 45 67 (\u0434\u043e\u0431. 5)",
        "8 916 123 45 67 x204",
        "8 916 123 45 67 #3",
        "8 916 123 45 67; 8 926 000 11 22",
        "8 916 123 45 67, 8 926 000 11 22",
        "8.916.123.45.67",
        "8/916/123/45/67",
    ],
)
def test_one_number_has_one_form(cell):
    assert phone_key(cell) == ONE


@pytest.mark.parametrize(
    ("cell", "key"),
    [
        ("495 123 45 67", "74951234567"),
        ("8-800-555-35-35", "78005553535"),
        ("+7 701 123 45 67", "77011234567"),
        ("+375 29 123-45-67", "375291234567"),
        ("00375 29 1234567", "375291234567"),
        ("375291234567", "375291234567"),
        ("8 10 375 29 123 45 67", "375291234567"),
        ("+49 (0)151 2345678", "491512345678"),
        ("0049 151 2345678", "491512345678"),
        ("0151/2345678", "01512345678"),
        ("+1 (212) 555-1234", "12125551234"),
        ("1 212 555 1234", "12125551234"),
        ("+44 (0)20 7946 0958", "442079460958"),
        ("+84 912 345 678", "84912345678"),
        ("+86 138 0013 8000", "8613800138000"),
        ("+47 22 12 34 56", "4722123456"),
    ],
)
def test_other_countries_keep_their_numbers(cell, key):
    assert phone_key(cell) == key


@pytest.mark.parametrize(
    "cell",
    [
        "",
        "-",
        "no phone",
        "+7 916 CALL ME",
        "12345",
        "+7",
        "1234567890123456",
        "79161234567+",
        "+7 016 123 45 67",
        "8 123 456 78 90",
        "9999999999",
        "+7 999 999 99 99",
        "00000000000",
        "7.92E+10",
        "7.9161E+10",
        "7.91612345675e10",
        "jane@firm.de",
    ],
)
def test_what_is_no_number_for_sure_has_no_key(cell):
    assert phone_key(cell) is None


@given(st.from_regex(r"\A9[0-8]\d{8}\Z"), st.sampled_from(["+7", "8", "007", "7", "+7 ", "8 ("]))
def test_a_prefix_never_changes_the_person(number, prefix):
    assert phone_key(prefix + number) == phone_key(number)


@given(st.text("0123456789788+() -.", min_size=8, max_size=20))
def test_a_key_with_its_country_is_a_key_of_its_own(cell):
    key = phone_key(cell)
    if key is not None and len(key) > 10 and key[0] != "0":
        assert phone_key(f"+{key}") == key


@given(st.text(max_size=30))
def test_any_text_is_a_key_or_none(cell):
    for key, form in (
        (phone_key(cell), str.isdecimal),
        (email_key(cell), lambda text: "@" in text),
    ):
        assert key is None or form(key)


@pytest.mark.parametrize(
    ("cell", "key"),
    [
        ("jane.doe@firm.de", "jane.doe@firm.de"),
        (" Jane.Doe@Firm.DE ", "jane.doe@firm.de"),
        ("jane.doe+shop@firm.de", "jane.doe+shop@firm.de"),
        ("jane.doe@gmail.com", "janedoe@gmail.com"),
        ("janedoe+shop@gmail.com", "janedoe@gmail.com"),
        ("J.A.N.E.DOE@googlemail.com", "janedoe@gmail.com"),
        ("jane.doe@notgmail.com", "jane.doe@notgmail.com"),
        ("mailto:jane@firm.de", "jane@firm.de"),
        ("Jane Doe <jane@firm.de>", "jane@firm.de"),
        ("jane@firm.de;", "jane@firm.de"),
        ("\u0438\u0432\u0430\u043d@\u043f\u043e\u0447\u0442\u0430.\u0440\u0444",) * 2,
        ("jane@firm", None),
        ("jane@@firm.de", None),
        ("jane doe@firm.de", None),
        ("a@b.de, c@d.de", None),
        ("+tag@gmail.com", None),
        ("@firm.de", None),
        ("no", None),
        ("", None),
    ],
)
def test_addresses_of_one_mailbox_have_one_form(cell, key):
    assert email_key(cell) == key


def test_columns_of_numbers_and_gaps_are_read_too():
    numbers = pd.Series([79161234567.0, None, 12.0])
    keys, unread, _ = convert(numbers, "phone")
    assert keys.tolist() == [ONE, None, None]
    assert not unread.any()  # a rule would quote the cells
    assert convert(pd.Series([None, None], dtype="object"), "email")[0].tolist() == [None, None]
