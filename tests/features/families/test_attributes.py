import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

from src.data.problems import InputError
from src.features.months import Month
from src.features.tables import build_features

# `born` is a date and `website` has 61 different texts: neither is a feature. `age` and `lives` are
# names that frames on the way have too.
CUSTOMERS = pd.DataFrame(
    {
        "customer_id": ["a", "b", "z"],
        "segment": ["B2C", "B2B", "B2C"],
        "signup_month": pd.to_datetime(["2020-01-01", None, "2020-01-01"]),
        "closed_month": pd.Series([pd.NaT] * 3, dtype="datetime64[ns]"),
        "born": pd.to_datetime(["1980-05-05", "1990-05-05", None]),
        "Home region": ["north", None, "south"],
        "age": [44.0, 34.0, None],
        "lives": [9, 8, 7],
        "has_app": pd.array([True, None, False], dtype="boolean"),
    }
)


@pytest.fixture
def built(tmp_path, write_base, bills):
    def of(customers: pd.DataFrame, families=("attributes", "tenure")):
        base = write_base(tmp_path / "toy", customers=customers, billing=bills("2024-12", **MONEY))
        return build_features(base, snapshots=[Month.of("2024-12")], families=families)

    return of


MONEY = {"a": "10 10 10", "b": "5 5"}


def test_attributes_by_hand(built):
    tables = built(CUSTOMERS)
    found = tables.read()

    wanted = pd.DataFrame(
        {
            "segment": pd.Categorical(["B2C", "B2B"]),
            "home_region": pd.Categorical(["north", None]),
            "age": [44.0, 34.0],
            "lives": [9.0, 8.0],
            "has_app": [1.0, None],
            # the months of the life are those of the bills, whatever customers calls its columns
            "life_months": [3.0, 2.0],
        }
    )
    assert_frame_equal(found[list(wanted)], wanted)
    attributes = tables.catalogue[tables.catalogue["family"] == "attributes"]
    assert attributes["name"].tolist() == ["segment", "home_region", "age", "lives", "has_app"]
    units = ["category", "category", "number", "number", "yes or no"]
    assert attributes["unit"].tolist() == units
    assert attributes["meaning"].iloc[1] == "Home region, as loaded"


def many(levels: int, signup: str) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "customer_id": ["a", "b", *(f"z{place}" for place in range(2, levels))],
            "segment": "B2C",
            "signup_month": pd.to_datetime(["2020-01-01"] * 2 + [signup] * (levels - 2)),
            "website": [f"www.{place}.example" for place in range(levels)],
        }
    )


@pytest.mark.parametrize(
    ("levels", "signup", "left_out"),
    [
        (60, "2024-12-01", []),
        (61, "2024-12-01", [["customers.website", "61 different texts are no category"]]),
        (61, "2025-01-01", []),  # texts of customers to come are not known yet
    ],
)
def test_too_many_texts_are_no_category(built, levels, signup, left_out):
    tables = built(many(levels, signup))

    of_customers = tables.left_out[tables.left_out["what"].str.startswith("customers.")]
    assert of_customers.to_numpy().tolist() == left_out
    assert ("website" in tables.read()) == (not left_out)


@pytest.mark.parametrize(
    ("column", "message"),
    [
        (
            "life_months",
            "the family tenure gives a feature 'life_months', but the family attributes gives a "
            "column of that name; rename it in the base",
        ),
        (
            "Latest source",
            "the family attributes gives a feature 'latest_source', but the feature tables have a "
            "column of that name; rename it in the base",
        ),
        (
            "home region",
            "the columns of customers 'Home-region' and 'home region' would give features of one "
            "name; rename one of them",
        ),
    ],
)
def test_columns_of_a_name_that_is_taken_are_refused(built, column, message):
    customers = CUSTOMERS.rename(columns={"lives": column, "Home region": "Home-region"})

    with pytest.raises(InputError) as refusal:
        built(customers)
    assert str(refusal.value) == message
