from types import SimpleNamespace

import pandas as pd
import pytest

from src.reporting.churn import facts as judged


def months(*texts: str) -> list[pd.Timestamp]:
    return [pd.Timestamp(text) for text in texts]


def split(pooled: str = "") -> SimpleNamespace:
    train = pd.DataFrame(
        {"customer_id": ["a", "a", "b"] * 500, "churned": [True, False, False] * 500}
    )
    test = pd.DataFrame({"customer_id": ["a"], "churned": [False]})
    return SimpleNamespace(
        train=train,
        test=test,
        trains=months("2024-01", "2024-02"),
        tests=months("2024-06"),
        pooled=pooled,
    )


FACTS = [
    "Models learned from snapshots January 2024 and February 2024: 1,500 rows of fewer "
    "than 10 customers, of which 500 were lost.",
    "They are judged on snapshot June 2024: fewer than 10 rows of fewer than 10 customers, of "
    "which 0 were lost. What they learned from was known at the first of these: bills and "
    "closings up to then, and a freeze only once it could be told from a pause.",
    "Everybody who was on the list is judged, the silent too: nothing later decides who is.",
]


def test_what_learned_and_what_judged():
    assert judged.split_facts(split()) == FACTS


def test_a_pooled_training_is_said():
    why = "only 12 of 300 customers churned; a model of their own needs 50"

    assert judged.split_facts(split(why)) == [
        *FACTS,
        f"**Trained on all segments together:** {why}.",
    ]


def test_few_churners_of_a_segment_are_not_counted_out():
    said = judged.split_facts(split("3 of 300 customers churned; a model of their own needs 50"))
    assert "together:** fewer than 10 of 300 customers churned; a model" in said[-1]


@pytest.mark.parametrize(("repeats", "times"), [(1, "1 time"), (20, "20 times")])
def test_a_base_without_dates(repeats, times):
    assert judged.fold_facts(7_043, 1_869, 5, repeats) == [
        "7,043 customers, of whom 1,869 churned (26.5%).",
        f"5 folds, drawn {times}: every model is judged on customers it did not learn from, and "
        "everything it learns, settings included, comes from the other folds.",
    ]


def test_what_the_guards_looked_at():
    single = pd.DataFrame({"column": ["tenure", "plan"], "auc": [0.7449, 0.6]})
    text = "No column alone is too good to be true: the strongest is tenure with an AUC of 0.74"

    more = "Nor is being filled, nor are two columns together, and no model is above"
    none = pd.DataFrame({"columns": [], "why": []})

    for left_out in (True, False):
        assert judged.guard_facts(single, None, none, left_out) == [
            f"{text}. {more} 0.97, the limit where none is known."
        ]
    assert judged.guard_facts(single, 0.87, none, False) == [
        f"{text}. {more} 0.87, what is known to be possible here."
    ]


def test_what_is_too_good_to_be_true_is_named():
    single = pd.DataFrame({"column": ["tenure"], "auc": [0.7449]})
    found = pd.DataFrame(
        {
            "columns": [("code",), ("a", "b")],
            "why": ["AUC 1.000 alone", "AUC 0.990 together"],
        }
    )
    words = "code (AUC 1.000 alone); a and b (AUC 0.990 together)."

    assert judged.guard_facts(single, None, found, False) == [f"**Too good to be true:** {words}"]
    assert judged.guard_facts(single, None, found, True) == [
        f"**Left out as too good to be true:** {words} Of the others the strongest is tenure with "
        "an AUC of 0.74."
    ]
    assert judged.left_out_sentence(found.iloc[:0]) == ""


@pytest.mark.parametrize(
    ("snapshots", "expected"),
    [
        (["2024-05"], "snapshot May 2024"),
        (["2024-05", "2024-06"], "snapshots May 2024 and June 2024"),
        (
            ["2023-12", "2024-01", "2024-02"],
            "snapshots December 2023, January 2024 and February 2024",
        ),
        (
            ["2023-01", "2023-05", "2023-09", "2024-01"],
            "4 snapshots from January 2023 to January 2024",
        ),
    ],
)
def test_months_of_few_and_of_many_snapshots(snapshots, expected):
    assert judged.months_listed(months(*snapshots)) == expected
