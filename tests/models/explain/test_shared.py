import numpy as np
import pandas as pd
import pytest

from src.models.explain.contributions import Contributions
from src.models.explain.reasons import Usual, reason_codes
from src.models.explain.shared import ANOTHER, shared_reasons

USUAL = Usual({"tenure": 30.0, "plan": "basic", "is_new": 0.0, "calls": 0.0}, frozenset({"is_new"}))


@pytest.fixture
def found():
    """Sixty customers; of plan gold there are three, and nobody else has a tenure of 997."""
    customers = [f"c{place}" for place in range(60)]
    seen = pd.DataFrame(
        {
            "tenure": [997.0, *range(1, 60)],
            "plan": pd.Categorical(["gold"] * 3 + ["basic"] * 40 + ["silver"] * 17),
            "is_new": [1.0] * 20 + [0.0] * 40,
            "calls": [1.0] * 30 + [0.0] * 29 + [np.nan],
        },
        index=customers,
    )
    values = pd.DataFrame(0.0, customers, seen.columns).assign(
        tenure=0.4, plan=-0.3, is_new=0.2, calls=-0.1
    )
    return Contributions(values, 0.0, np.zeros(60), seen)


def words_of(found, customer, min_cell=10):
    codes = reason_codes(found, [customer], usual=USUAL)
    said = shared_reasons(found, codes, USUAL, min_cell)
    return said.set_index("column")


def test_a_number_becomes_a_band_and_a_rare_level_another_value(found):
    said = words_of(found, "c0")

    assert said["value"].to_dict() == {
        "tenure": "over 40",
        "plan": ANOTHER,
        "is_new": "yes",
        "calls": "1",
    }
    assert said["usual"].to_dict() == {
        "tenure": "21 to 40",
        "plan": "basic",
        "is_new": "no",
        "calls": "0",
    }
    assert said.loc["tenure", "words"] == (
        "tenure is over 40 (usual: 21 to 40): raises the odds by a factor 1.5"
    )
    assert said.loc["plan", "words"] == (
        "plan is another value (usual: basic): lowers the odds by a factor 1.3"
    )
    assert not said["words"].str.contains("997|gold").any()


def test_what_many_share_is_told_as_it_is(found):
    said = words_of(found, "c59")

    assert said["value"].to_dict() == {
        "tenure": "over 40",
        "plan": "silver",
        "is_new": "no",
        "calls": "unknown",
    }
    assert said.loc["is_new", "words"].startswith("is new is no (as usual)")


@pytest.mark.parametrize("customer", ["c0", "c7", "c31", "c59"])
def test_at_least_so_many_customers_share_every_word(found, customer):
    everybody = [words_of(found, name, 5)["value"] for name in found.seen.index]
    values = pd.DataFrame(everybody)
    own = words_of(found, customer, 5)["value"]

    for column, value in own.items():
        assert value in (ANOTHER, "unknown") or (values[column] == value).sum() >= 5


def test_with_few_customers_every_value_is_another(found):
    few = Contributions(found.values.head(6), 0.0, np.zeros(6), found.seen.head(6))

    assert words_of(few, "c1")["value"].tolist() == [ANOTHER] * 4
