"""E-values against published ones."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from src.data.problems import InputError
from src.models.products.sensitivity import e_value, e_value_of_interval


def test_published_e_values():
    # VanderWeele and Ding 2017: maternal bottle feeding and respiratory death, RR 3.9 (1.8 to 8.7).
    assert round(e_value(3.9), 2) == 7.26
    assert round(e_value_of_interval(1.8, 8.7), 2) == 3.0


@given(st.floats(0.05, 20))
def test_protecting_is_as_strong_as_harming(ratio):
    assert math.isclose(e_value(ratio), e_value(1 / ratio), rel_tol=1e-9)
    # Such a trait, on both sides, is just strong enough: Ding and VanderWeele's bound.
    strong = e_value(ratio)
    assert math.isclose(strong**2 / (2 * strong - 1), max(ratio, 1 / ratio), rel_tol=1e-6)


@pytest.mark.parametrize("ends", [(0.9, 1.1), (1.0, 2.0), (0.5, 1.0)])
def test_an_interval_that_holds_one_needs_no_trait(ends):
    assert e_value_of_interval(*ends) == 1.0


def test_what_is_no_ratio_is_said():
    with pytest.raises(InputError, match="a ratio must be above 0, not 0"):
        e_value(0)
    with pytest.raises(InputError, match="must not end before it begins: 2 to 1"):
        e_value_of_interval(2, 1)
