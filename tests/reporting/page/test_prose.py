import pytest

from src.reporting.page.prose import OutOfRange, percent, percent_interval, short_money


@pytest.mark.parametrize("value", [1.571, -0.01, float("nan"), float("inf")])
def test_a_figure_that_is_no_share_warns(value):
    with pytest.warns(OutOfRange):
        percent(value)
    with pytest.warns(OutOfRange):
        percent_interval(value, 0.1, 0.2)


def test_an_end_that_is_no_share_warns_and_one_that_is_not_known_is_said():
    with pytest.warns(OutOfRange):
        percent_interval(0.9, 0.8, 2.546)

    assert percent_interval(0.9, float("nan"), float("nan")) == "90.0% (no interval)"
    assert percent(1 + 1e-12) == "100.0%"  # a sum of rounded parts


def test_money_in_three_digits():
    assert [short_money(value) for value in (999.7, 5, 2.5e9)] == ["1 k", "5", "2.5 bn"]
