import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas.testing import assert_series_equal

from src.features.bands import MISSING, OTHER, banded


def bands_of(labels: list[str], levels: list[str]) -> pd.Series:
    return pd.Series(pd.Categorical(labels, levels, ordered=True))


@pytest.mark.parametrize(
    ("values", "labels", "levels"),
    [
        pytest.param([True, False], ["yes", "no"], ["no", "yes"], id="flags"),
        pytest.param([1.0, 0.0], ["yes", "no"], ["no", "yes"], id="flags as numbers"),
        pytest.param([True, True], ["yes", "yes"], ["no", "yes"], id="a constant flag"),
        pytest.param(
            [0.0, np.nan, 1.0], ["no", MISSING, "yes"], ["no", "yes", MISSING], id="flag, a gap"
        ),
        pytest.param([-0.0, 0.0], ["no", "no"], ["no", "yes"], id="negative zero in a flag"),
        pytest.param([3, 1, 2, 1], ["3", "1", "2", "1"], ["1", "2", "3"], id="few numbers"),
        pytest.param([10, 9], ["10", "9"], ["9", "10"], id="in the order of numbers, not of words"),
        pytest.param([0.5, 2.0], ["0.5", "2"], ["0.5", "2"], id="few fractions"),
        pytest.param(
            [-0.0, 0.0, 2.0, np.nan], ["0", "0", "2", MISSING], ["0", "2", MISSING], id="one zero"
        ),
        pytest.param([7.0, 7.0], ["7", "7"], ["7"], id="a constant"),
        pytest.param(
            [1_000_001, 1_000_002], ["1000001", "1000002"], ["1000001", "1000002"], id="large"
        ),
        pytest.param(
            [0.12345678, 0.12345679],
            ["0.12345678", "0.12345679"],
            ["0.12345678", "0.12345679"],
            id="apart only in the eighth digit",
        ),
        pytest.param([np.nan, np.nan], [MISSING, MISSING], [MISSING], id="numbers, all missing"),
        pytest.param([None, None], [MISSING, MISSING], [MISSING], id="words, all missing"),
        pytest.param(["b", "a", "b"], ["b", "a", "b"], ["a", "b"], id="words"),
        pytest.param(["b", None], ["b", MISSING], ["b", MISSING], id="words with a gap"),
        pytest.param(
            ["z", MISSING, None],
            ["z", MISSING, MISSING],
            ["z", MISSING],
            id="a word that means missing",
        ),
    ],
)
def test_few_values_keep_their_names(values, labels, levels):
    assert_series_equal(banded(pd.Series(values)), bands_of(labels, levels))


def test_a_flag_with_gaps_in_the_nullable_type_is_a_flag():
    flags = pd.Series([True, None, False], dtype="boolean")

    expected = bands_of(["yes", MISSING, "no"], ["no", "yes", MISSING])
    assert_series_equal(banded(flags), expected)


def test_name_and_index_of_the_column_stay():
    values = pd.Series([5.0, None], index=["x", "y"], name="visits")

    found = banded(values)

    assert found.name == "visits"
    assert found.to_dict() == {"x": "5", "y": MISSING}


def test_words_beyond_the_ten_most_frequent_are_other():
    words = [f"w{place:02d}" for place in range(12) for _ in range(20 - place)]

    found = banded(pd.Series(words))

    levels = [f"w{place:02d}" for place in range(10)] + [OTHER]
    expected = [word if word < "w10" else OTHER for word in words]
    assert_series_equal(found, bands_of(expected, levels))


def test_ten_words_have_no_other_and_eleven_with_gaps_put_missing_last():
    ten = [f"w{place}" for place in range(10)]

    assert banded(pd.Series(ten)).cat.categories.tolist() == ten
    eleven = banded(pd.Series([*ten, *ten, "x", None]))
    assert eleven.cat.categories.tolist() == [*ten, OTHER, MISSING]
    assert eleven.tolist()[-2:] == [OTHER, MISSING]


def test_a_word_that_is_called_other_joins_the_others():
    words = pd.Series([OTHER] * 3 + [f"w{place}" for place in range(10)] * 2 + ["w0"])

    found = banded(words)

    assert found.cat.categories.tolist().count(OTHER) == 1
    assert (found == OTHER).sum() == 3 + 2  # and the last of the ten words


@pytest.mark.parametrize(
    ("values", "bands", "labels", "levels"),
    [
        pytest.param(
            range(1, 9),
            4,
            ["up to 2"] * 2 + ["3 to 4"] * 2 + ["5 to 6"] * 2 + ["over 6"] * 2,
            ["up to 2", "3 to 4", "5 to 6", "over 6"],
            id="upper end belongs to the band",
        ),
        pytest.param(
            range(11),
            4,
            ["up to 2"] * 3 + ["3 to 5"] * 3 + ["6 to 8"] * 3 + ["over 8"] * 2,
            ["up to 2", "3 to 5", "6 to 8", "over 8"],
            id="names of whole numbers are exact",
        ),
        pytest.param(
            [0] * 5 + [1, 2, 3, 4, 5],
            4,
            ["0"] * 5 + ["1 to 3"] * 3 + ["over 3"] * 2,
            ["0", "1 to 3", "over 3"],
            id="half are zero",
        ),
        pytest.param(
            [0] * 90 + list(range(1, 11)),
            4,
            ["0"] * 90 + ["over 0"] * 10,
            ["0", "over 0"],
            id="nearly all are zero",
        ),
        pytest.param(
            list(range(1, 11)) + [12] * 90,
            4,
            ["up to 10"] * 10 + ["12"] * 90,
            ["up to 10", "12"],
            id="nearly all are the highest",
        ),
        pytest.param(
            [-0.0, 0.0, -1.0, 1.0, 2.0, 3.0],
            2,
            ["up to 0"] * 3 + ["over 0"] * 3,
            ["up to 0", "over 0"],
            id="negative zero",
        ),
        pytest.param(
            [0.001, 0.002, 0.003, 0.004, 0.005],
            2,
            ["up to 0.003"] * 3 + ["over 0.003"] * 2,
            ["up to 0.003", "over 0.003"],
            id="small numbers keep the decimals they need",
        ),
        pytest.param(
            [10.25, 20.5, 30.5, 40.75, 55.5],
            2,
            ["up to 40"] * 3 + ["over 40"] * 2,
            ["up to 40", "over 40"],
            id="rounded names",
        ),
        pytest.param(
            [1000.0, 2000.0, 3000.0],
            2,
            ["up to 2,000"] * 2 + ["over 2,000"],
            ["up to 2,000", "over 2,000"],
            id="thousands",
        ),
        pytest.param(
            [*range(1, 7), *[9] * 6, *[10] * 6, *range(12, 18)],
            4,
            ["up to 6"] * 6 + ["7 to 9"] * 6 + ["10"] * 6 + ["over 10"] * 6,
            ["up to 6", "7 to 9", "10", "over 10"],
            id="a band of one whole number has its name",
        ),
        pytest.param(
            [0.0] * 4 + [0.5, 1.0, 1.5, 2.0],
            4,
            ["0"] * 4 + ["over 0 to 1"] * 2 + ["over 1"] * 2,
            ["0", "over 0 to 1", "over 1"],
            id="a lower end that rows have is outside",
        ),
        pytest.param(
            [150, 200, 300, 400, 500, 600],
            3,
            ["up to 200"] * 2 + ["over 200 to 400"] * 2 + ["over 400"] * 2,
            ["up to 200", "over 200 to 400", "over 400"],
            id="large whole numbers have no end that one customer could have",
        ),
    ],
)
def test_many_numbers_become_quantile_bands(values, bands, labels, levels):
    assert_series_equal(banded(pd.Series(list(values)), bands), bands_of(labels, levels))


@settings(max_examples=200, deadline=None)
@given(
    values=st.lists(st.integers(0, 40), min_size=5, max_size=80),
    bands=st.integers(min_value=2, max_value=5),
)
def test_the_name_of_a_band_of_whole_numbers_tells_which_are_in_it(values, bands):
    column = pd.Series(values, dtype="float64")
    if column.nunique() <= bands:
        return

    for value, name in zip(column, banded(column, bands), strict=True):
        ends = [float(word) for word in name.split() if word.isdecimal()]
        low = 0 if "up" in name else ends[0] + name.startswith("over")
        high = 40 if "over" in name else ends[-1]
        assert low <= value <= high


def test_missing_numbers_are_the_last_band():
    found = banded(pd.Series([None, 1.0, 2.0, 3.0, None]), 2)

    labels = [MISSING, "up to 2", "up to 2", "over 2", MISSING]
    assert_series_equal(found, bands_of(labels, ["up to 2", "over 2", MISSING]))


@settings(deadline=None)
@given(st.integers(min_value=-10_000, max_value=10_000), st.integers(min_value=2, max_value=6))
def test_bands_of_distinct_values_are_about_equally_large(lowest, bands):
    values = pd.Series(range(lowest, lowest + 60))

    sizes = banded(values, bands).value_counts(sort=False)

    assert len(sizes) == bands
    assert sizes.max() - sizes.min() <= 5  # a cut may miss its quantile to be round


numbers = st.floats(min_value=-1e9, max_value=1e9, allow_nan=False, allow_subnormal=False)
few = st.sampled_from([-1.5, -0.0, 0.0, 1.0, 1e-7, 2e-7, 1e6, 1e6 + 1])


@settings(max_examples=200, deadline=None)
@given(
    values=st.lists(st.none() | numbers | few, min_size=1, max_size=40),
    bands=st.integers(min_value=1, max_value=6),
)
def test_every_value_has_one_band_and_bands_follow_values(values, bands):
    column = pd.Series(values, dtype="float64")

    found = banded(column, bands)

    assert found.notna().all()
    assert ((found == MISSING) == column.isna()).all()
    present = pd.DataFrame({"value": column, "band": found.cat.codes}).dropna()
    spans = present.groupby("band")["value"].agg(["min", "max"])
    assert (spans["max"].iloc[:-1].to_numpy() < spans["min"].iloc[1:].to_numpy()).all()
    named = [level for level in found.cat.categories if level != MISSING]
    is_flag = set(column.dropna()) <= {0.0, 1.0}
    assert is_flag or len(named) <= bands + 1
    assert is_flag or sorted(present["band"].unique()) == list(range(len(named)))


def ends_of(found: pd.Series) -> set[float]:
    """The numbers in the names of bands."""
    named = [level for level in found.cat.categories if level not in (MISSING, OTHER)]
    return {
        float(word.replace(",", ""))
        for level in named
        for word in level.split()
        if word not in ("up", "to", "over", "any", "number", "no", "yes")
    }


@settings(max_examples=200, deadline=None)
@given(
    values=st.lists(numbers | few | st.integers(0, 30), min_size=7, max_size=80),
    bands=st.integers(min_value=2, max_value=5),
)
def test_no_end_of_a_band_is_the_value_of_a_few_customers_unless_it_is_round(values, bands):
    column = pd.Series(values, dtype="float64")
    if column.nunique() <= bands:
        return

    found = banded(column, bands)

    unit = 10 ** (np.floor(np.log10(np.ptp(column))) - 1)
    for end in ends_of(found):
        has_it = int((column == end).sum())
        is_round = np.isclose(end / unit, round(end / unit), atol=1e-6) or end == float(
            f"{end:.1e}"
        )
        assert has_it == 0 or has_it >= 10 or is_round


def test_whole_phone_numbers_are_no_ends_of_bands():
    phones = pd.Series([79161234567 + 7919 * place**2 for place in range(60)])

    found = banded(phones)

    assert not ends_of(found) & set(phones.astype(float))
    assert len(found.cat.categories) == 4


def test_the_lowest_and_the_highest_value_have_no_name():
    money = pd.Series([*np.linspace(1_013, 5_027, 99).round(2), 983_451.23])

    ends = ends_of(banded(money))

    assert ends == {2000, 3000, 4000}
