"""What a built base cannot carry is known before anything runs."""

import pandas as pd
import pytest

from src.analyses.carrying import why_not
from src.data.building import build_base


@pytest.fixture
def base(tmp_path):
    """A snapshot base of 100 customers of whom the first so many churned."""

    def of(churned, drop=(), b2b=50):
        rows = pd.DataFrame({"customer_id": range(100), "tenure_months": 5, "monthly_revenue": 9.5})
        rows["churned"] = ["yes"] * churned + ["no"] * (100 - churned)
        rows["segment"] = ["B2B"] * b2b + ["B2C"] * (100 - b2b)
        rows.drop(columns=list(drop)).to_csv(tmp_path / "a.csv", index=False)
        (tmp_path / "base.yml").write_text(
            "title: T\nkind: snapshot\ncurrency: EUR\ntables: {snapshot: {file: a.csv}}\n"
        )
        return build_base(str(tmp_path), key=b"key")

    return of


@pytest.mark.parametrize(
    ("churned", "reason"),
    [
        (0, "nobody churned (0 of 100 customers)"),
        (9, "fewer than 10 of 100 customers churned; 10 are needed to learn from"),
        (10, ""),
        (90, ""),
        (91, "fewer than 10 of 100 customers stayed; 10 are needed to learn from"),
        (100, "nobody stayed (0 of 100 customers)"),
    ],
)
def test_churn_needs_some_who_left_and_some_who_stayed(base, churned, reason):
    opened = base(churned)
    assert why_not("03_churn", opened, {"BASE": str(opened.folder)}) == reason


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"churned": 30}, ""),
        (
            {"churned": 0},
            "04_ltv needs 10 customers who left; in this base nobody is marked as churned",
        ),
        ({"churned": 30, "b2b": 4}, "B2B has fewer than 10 customers; nothing is shown of so few"),
        ({"churned": 30, "b2b": 0}, "compares segments, and all its customers are B2C"),
        ({"churned": 30, "drop": ["segment"]}, "compares segments, and it has none"),
        ({"churned": 30, "drop": ["tenure_months"]}, "needs tenure_months of each customer"),
    ],
)
def test_lifetime_value_needs_lives_of_two_groups(base, changed, reason):
    opened = base(**changed)
    assert why_not("04_ltv", opened, {"BASE": str(opened.folder)}) == reason


def test_what_a_stored_parameter_file_has_wrong_is_left_to_the_run(base):
    opened = base(30)
    given = {"BASE": str(opened.folder), "GROUP": "town"}
    assert why_not("04_ltv", opened, given).startswith("GROUP must be a column of the base")
    assert why_not("04_ltv", opened, given, is_stored=True) == ""


def test_a_panel_without_features_names_the_command(revenue_only, monkeypatch, tmp_path):
    monkeypatch.setattr("src.features.tables.FOLDER", "none")
    given = {"BASE": str(revenue_only.folder)}
    assert "are not built; run `make features BASE=" in why_not("03_churn", revenue_only, given)
    assert why_not("99_nothing", revenue_only, given) == ""
