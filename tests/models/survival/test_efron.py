import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from src.models.survival.efron import Spans, efron_sums


def test_three_ends_at_once_by_hand():
    # Risks 1, 2, 1 end at 4, beside 4 that stays: R = 8, D = 4, so 1/8 + 1/(8 - 4/3) + 1/(8 - 8/3).
    lives = pd.DataFrame({"entry": 0, "duration": [4, 4, 4, 9], "ended": [True, True, True, False]})
    column = np.log([[1.0], [2.0], [1.0], [4.0]])

    found = efron_sums(column, np.ones(1), Spans.of(lives))

    log2 = np.log(2)
    whole, tied = 2 * log2 + 4 * np.log(4), 2 * log2  # sums of risk times column
    expected = sum((whole - tied * k / 3) / (8 - 4 * k / 3) for k in range(3))
    assert found.time.tolist() == [4.0]
    assert found.ends.tolist() == [3]
    assert found.hazard.tolist() == pytest.approx([1 / 8 + 3 / 20 + 3 / 16])
    assert found.residuals.tolist() == [pytest.approx([log2 - expected])]


def test_late_entry_and_ends_at_time_0_by_hand():
    # At 0 one ends of the two there from the start; at 2 one of two, who enters at 2 not yet.
    lives = pd.DataFrame(
        {"entry": [0, 0, 1, 2], "duration": [0, 2, 3, 3], "ended": [True, True, False, True]}
    )

    found = efron_sums(np.zeros((4, 1)), np.zeros(1), Spans.of(lives))

    assert found.time.tolist() == [0.0, 2.0, 3.0]
    assert found.hazard.tolist() == pytest.approx([1 / 2, 1 / 2, 1 / 2])


a_life = st.tuples(
    st.integers(min_value=0, max_value=4),
    st.integers(min_value=1, max_value=5),
    st.booleans(),
    st.integers(min_value=-2, max_value=2),
)


@settings(deadline=None)
@given(st.lists(a_life, min_size=1, max_size=20).filter(lambda rows: any(row[2] for row in rows)))
def test_sums_are_those_of_the_definition(drawn):
    rows = [(entry, entry + length, ended, float(value)) for entry, length, ended, value in drawn]
    lives = pd.DataFrame(rows, columns=["entry", "duration", "ended", "value"])
    columns = lives[["value"]].to_numpy()

    found = efron_sums(columns, np.array([0.3]), Spans.of(lives))

    for place, time in enumerate(found.time):
        at_risk = [row for row in rows if row[1] >= time and (row[0] < time or row[0] == 0)]
        ended = [row for row in at_risk if row[1] == time and row[2]]
        d, hazard, expected = len(ended), 0.0, 0.0
        for k in range(d):
            whole, weighted = (
                sum(np.exp(0.3 * row[3]) * row[3] ** power for row in at_risk)
                - k / d * sum(np.exp(0.3 * row[3]) * row[3] ** power for row in ended)
                for power in (0, 1)
            )
            hazard += 1 / whole
            expected += weighted / whole
        assert found.ends[place] == d
        assert found.hazard[place] == pytest.approx(hazard)
        residual = sum(row[3] for row in ended) - expected
        assert found.residuals[place, 0] == pytest.approx(residual, abs=1e-9)
