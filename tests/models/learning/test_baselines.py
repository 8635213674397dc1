import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import roc_auc_score

from src.data.problems import InputError
from src.models.learning.baselines import (
    RECENCY,
    BaseRate,
    OneRule,
    Rule,
    SilentFirst,
    rule_of,
)

TENURE = Rule("tenure_months", "low")


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("", None),
        ("   ", None),
        ("low tenure_months", Rule("tenure_months", "low")),
        ("  high  days since last call ", Rule("days since last call", "high")),
    ],
)
def test_a_rule_in_words(words, expected):
    assert rule_of(words) == expected


@pytest.mark.parametrize("words", ["tenure_months", "low", "high ", "lowest tenure", "Low tenure"])
def test_words_that_are_no_rule_are_refused(words):
    message = (
        rf"^a rule is 'low' or 'high' and a column, such as 'low tenure_months', not {words!r}$"
    )
    with pytest.raises(InputError, match=message):
        rule_of(words)


def test_the_base_rate_is_the_same_for_everyone():
    model = BaseRate().fit(pd.DataFrame({"x": [1, 2, 3, 4]}), [True, False, False, False])

    found = model.predict_proba(pd.DataFrame({"x": [9, 9]}))
    assert found.tolist() == [[0.75, 0.25], [0.75, 0.25]]
    assert model.predict(pd.DataFrame({"x": [9]})).tolist() == [False]
    assert roc_auc_score([0, 1], found[:, 1]) == 0.5


def test_one_rule_by_hand():
    frame = pd.DataFrame({"tenure_months": [1.0, 1, 2, 2, 3, 3, 4, 4, None, None]})
    outcome = [1, 1, 1, 0, 0, 0, 1, 0, 0, 0]
    model = OneRule(TENURE).fit(frame, outcome)

    later = pd.DataFrame({"tenure_months": [0.0, 1.0, 2.0, 3.0, 4.0, 50.0, None]})
    # Two customers a bin and one of the base rate 0.4: 2.4/3, 1.4/3, 0.4/3, 1.4/3. The rule says
    # that chances fall with tenure, so the last two are pooled: 1.8/6. Missing: 0.4/3.
    expected = [0.8, 0.8, 1.4 / 3, 0.3, 0.3, 0.3, 0.4 / 3]
    assert model.predict_proba(later)[:, 1] == pytest.approx(expected)


def test_the_direction_of_a_rule_is_kept():
    frame = pd.DataFrame({"x": [1.0, 1, 2, 2, 3, 3]})
    falling = [1, 1, 1, 0, 0, 0]
    model = OneRule(Rule("x", "high")).fit(frame, falling)

    # Against its direction a rule knows no more than the base rate.
    assert model.predict_proba(frame)[:, 1] == pytest.approx([0.5] * 6)


def test_missing_in_later_rows_alone_has_the_base_rate():
    model = OneRule(Rule("x", "high")).fit(pd.DataFrame({"x": [1.0, 2, 3, 4]}), [0, 0, 0, 1])

    assert model.predict_proba(pd.DataFrame({"x": [None]}, dtype=float))[0, 1] == 0.25


SILENT = pd.DataFrame(
    {
        "months_since_revenue": [0.0] * 6 + [1, 1, 1, 2, 2],
        "tenure_months": [1.0, 1, 1, 9, 9, 9, 1, 1, 9, 1, 9],
    }
)
LOST = [1, 1, 0, 0, 0, 0, 1, 0, 0, 1, 1]


def test_silent_customers_come_first_by_hand():
    model = SilentFirst(TENURE).fit(SILENT, LOST)
    later = pd.DataFrame(
        {
            "months_since_revenue": [0.0, 0, 1, 1, 2, 5, None],
            "tenure_months": [1.0, 9, 1, 9, 1, 1, 9],
        }
    )

    # The rule is learned from those with a bill: two of three new ones left, and one of the base
    # rate 1/3 is added. The silent have the share of theirs, one of the base rate 5/11 added; who
    # is silent for longer than anybody before, or nobody knows, gets the rule.
    new, old = (2 + 1 / 3) / 4, (1 / 3) / 4
    one, two = (1 + 5 / 11) / 4, (2 + 5 / 11) / 3
    expected = [new, old, one, one, two, new, old]
    assert model.predict_proba(later)[:, 1] == pytest.approx(expected)
    assert model.predict(later).tolist() == [1, 0, 0, 0, 1, 1, 0]


def test_silent_first_beats_the_rule_where_silence_tells():
    rng = np.random.default_rng(3)
    silence = np.where(rng.random(4_000) < 0.1, rng.integers(1, 3, 4_000), 0)
    tenure = rng.integers(1, 40, 4_000).astype(float)
    chance = np.where(silence > 0, 0.3 * silence, 0.2 * np.exp(-tenure / 20))
    lost = rng.random(4_000) < chance
    frame = pd.DataFrame({"months_since_revenue": silence.astype(float), "tenure_months": tenure})
    first, rule, recency = (
        model.fit(frame, lost).predict_proba(frame)[:, 1]
        for model in (SilentFirst(TENURE), OneRule(TENURE), OneRule(RECENCY))
    )

    area = roc_auc_score(lost, first)
    assert area > roc_auc_score(lost, rule) + 0.05
    assert area > roc_auc_score(lost, recency) + 0.02
    assert first.mean() == pytest.approx(lost.mean(), abs=0.005)


@pytest.mark.parametrize("column", ["tenure_months", "months_since_revenue"])
def test_silent_first_needs_both_columns(column):
    with pytest.raises((InputError, KeyError), match=column):
        SilentFirst(TENURE).fit(SILENT.drop(columns=column), LOST)


@pytest.mark.parametrize(
    ("cells", "message"),
    [
        (["a", "b"], r"^column x: a rule needs numbers, found object$"),
        ([None, float("nan")], r"^column x: no number is known"),
    ],
)
def test_columns_that_are_no_rule_are_refused(cells, message):
    frame = pd.DataFrame({"x": cells})

    with pytest.raises(InputError, match=message):
        OneRule(Rule("x", "low")).fit(frame, [0, 1])
    with pytest.raises(InputError, match=r"^the rule is about y, which is not a column"):
        OneRule(Rule("y", "low")).fit(frame, [0, 1])
