from itertools import permutations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from src.models.gap.shapley import product_bars

factor = st.floats(0.01, 100)
pairs = st.lists(st.tuples(factor, factor), min_size=1, max_size=5)


@given(pairs)
def test_bars_are_means_over_all_orders(given_pairs):
    first, second = np.array(given_pairs).T
    moves = np.zeros(len(first))
    orders = list(permutations(range(len(first))))
    for order in orders:
        factors = second.copy()
        for place in order:
            before = factors.prod()
            factors[place] = first[place]
            moves[place] += factors.prod() - before
    scale = max(first.prod(), second.prod(), np.abs(moves).max() / len(orders))
    assert product_bars(first, second) == pytest.approx(moves / len(orders), abs=1e-9 * scale)


@given(pairs)
def test_bars_add_up_and_swapping_flips_them(given_pairs):
    first, second = np.array(given_pairs).T
    found = product_bars(first, second)
    gap = first.prod() - second.prod()
    assert found.sum() == pytest.approx(gap, abs=1e-9 * np.abs(found).sum() + 1e-12)
    scale = max(first.prod(), second.prod())
    assert product_bars(second, first) == pytest.approx(-found, rel=1e-9, abs=1e-12 * scale)


def test_an_equal_factor_has_no_bar():
    found = product_bars(np.array([2.0, 3.0, 5.0]), np.array([1.0, 3.0, 7.0]))
    assert found[1] == 0
