import numpy as np
import pandas as pd
import pytest

from src.data.personal.columns import kind_of_values, luhn, personal_columns


def test_a_name_counts_even_where_the_cells_are_empty():
    frame = pd.DataFrame({"Ansprechpartner": [None, None], "tenure": [1.0, 2.0]})

    assert personal_columns(frame, ["Ansprechpartner", "tenure"]) == {"Ansprechpartner": "name"}


def test_only_the_columns_asked_for_are_looked_at():
    assert personal_columns(pd.DataFrame({"email": ["a@b.de"], "plan": ["x"]}), ["plan"]) == {}


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        (["a.b+c@mail.example.org"], "e-mail"),
        (["a@b.de", "unknown"], "e-mail"),
        (["+7 (900) 123-45-67"], "phone"),
        (["+4915112345678"], "phone"),
        (["(555) 123-4567"], "phone"),
        (["0171 / 1234567", "030 9876543"], "phone"),
        (["555-123-45-67", None, None], "phone"),
        (["79161234567", "79031112233"], "phone"),
        ([4915112345678, 4915112345679], "phone"),
        ([493012345678, 442079460000, 33142685300], "phone"),
        ([79161234567.0, 79031112233.0, None], "phone"),
        (["79161234567.0"], "phone"),
        (["01711234567", "0309876543"], "phone"),
        ([9161234567, 9031112233, 9267654321], "phone"),
        ([612345678, 687654321, 712345678], "phone"),
        ([2125551234, 4155551234, 6465551234], "phone"),
        ([1701234567, 1517654321, 1629876543], "phone"),
        ([998901234567, 998931234567, 998971112233], "phone"),
        (["250011234567890", "250019876543210"], "device"),
        ([250011234567890, 250019876543210], "device"),
        ([490154203237518, 356938035643809], "device"),
        (["8949020000012345678", "8949020000087654321"], "device"),
        (["DE89 3704 0044 0532 0130 00", "GB82WEST12345698765432"], "bank account"),
        (["4111111111111111", "5555555555554444"], "bank account"),
        ([4111111111111111, 5555555555554444], "bank account"),
        (["192.168.0.1", "10.0.0.7"], "ip address"),
        (["2001:db8::1"], "ip address"),
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
        ["2024-01-31 10:00:00"],
        ["31.01.2024"],
        ["1234567"],
        ["12.5", "13.5"],
        ["+5", "-3"],
        ["1 234 567 890"],
        ["1.2.3", "1.10.0"],
        ["10:30", "11:45"],
        [20240131, 20231205],
        [20240131123000, 20230201235959],
        ["202401311230", "202312051159"],
        [1706659200, 1706745600, 1709251200],
        [1706659200000, 1706745600000],
        [120_000_000, 3_450_000_000, 98_500_000_000],
        [1_234_567.5, 987_654_321.25],
        ["DE00370400440532013000"],
        ["4111111111111112", "1234567812345678"],
        ["d41d8cd98f00b204e980", "7f9c24e8da0411f1b2c3"],
        ["f7bc83f430538424b132"],
        ["12345678901234567890"],
        [True, False],
        [None, None],
        [float("nan")],
        [],
    ],
)
def test_other_values_are_left_alone(values):
    assert personal_columns(pd.DataFrame({"x": values}), ["x"]) == {}


def test_a_postal_code_that_is_an_area_stays_and_one_that_is_a_street_does_not():
    frame = pd.DataFrame(
        {
            "PLZ": [10115, 80331],
            "zip": ["02134", None],
            "postcode": ["SW1A 1AA", "EC1A 1BB"],
            "ZIP Code": ["12345-6789", "12345"],
            "plz_strasse": ["10115", "80331"],
            "code_postal": [None, None],
        }
    )

    assert list(personal_columns(frame, list(frame))) == [
        "postcode",
        "ZIP Code",
        "plz_strasse",
        "code_postal",
    ]


def test_measures_of_any_size_are_no_phone_numbers():
    rng = np.random.default_rng(0)

    for size in (1e3, 1e6, 1e9, 1e10, 1e11, 1e12):
        drawn = pd.Series(rng.lognormal(np.log(size), 1, 500))
        assert kind_of_values(drawn) is None
        assert kind_of_values(drawn.round()) is None
        assert kind_of_values(drawn.round().astype("int64").astype(str)) is None


def test_times_as_numbers_are_no_phone_numbers():
    days = pd.Series(pd.date_range("2015-01-01", periods=2000, freq="D"))
    seconds = days.astype("int64") // 10**9

    assert kind_of_values(seconds) is None
    assert kind_of_values(seconds * 1000) is None
    assert kind_of_values(seconds * 10**9) is None
    assert kind_of_values(days.dt.strftime("%Y%m%d").astype("int64")) is None
    assert kind_of_values(days.dt.strftime("%Y%m%d%H%M")) is None
    assert kind_of_values(days) is None


def test_the_check_digit_of_luhn():
    # the examples of ISO/IEC 7812 and of 3GPP TS 22.016 as commonly printed
    assert luhn("79927398713")
    assert luhn("490154203237518")
    assert not luhn("79927398710")
