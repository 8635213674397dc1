"""A snapshot base with every odd column at once: what models read, and what is said of the rest."""

import numpy as np
import pandas as pd
import pytest

from src.analyses import churn
from src.data.building import build_base

ROWS = 400
NAMES = ["chance", "group", "margin", "usage <5 GB", "calls [last 30 d]", "Отток", "<b>x</b>"]


@pytest.fixture(scope="module")
def odd(tmp_path_factory):
    """400 customers, of whom the first 20 are there twice, opened as a study."""
    rng, place = np.random.default_rng(1), np.arange(ROWS)
    days = pd.Timestamp("2024-03-31") - pd.to_timedelta(place % 91, unit="D")
    frame = pd.DataFrame(
        {
            "customer_id": place,
            "churned": rng.random(ROWS) < 0.3,
            "tenure_months": rng.integers(1, 60, ROWS),
            "monthly_revenue": rng.gamma(4, 10, ROWS).round(2),
            "since": days.strftime("%d.%m.%Y"),
            "renewed": days.strftime("%Y-%m-%d %H:%M:%S.000"),
            "note": [f"said {number}" for number in place % 300],
            "empty": None,
            "same": "x",
            "const": 3.5,
            "plan": np.where(place % 3, "Да", "Нет"),
            "until": np.where(place % 2, "31.12.9999", days.strftime("%d.%m.%Y")),
        }
    ).assign(**{name: rng.integers(0, 6, ROWS) for name in NAMES})
    again = frame.head(20).assign(customer_id=ROWS + place[:20])
    folder = tmp_path_factory.mktemp("bases") / "odd"
    folder.mkdir()
    pd.concat([frame, again]).to_csv(folder / "a.csv", index=False)
    (folder / "base.yml").write_text(
        "title: Odd\nkind: snapshot\ncurrency: EUR\ntables: {snapshot: {file: a.csv}}\n"
    )
    build_base(str(folder), key=b"key")
    return churn.open_study(str(folder), folds=3)


def test_what_models_do_not_read_is_said_in_one_line_and_the_rest_is_read(odd):
    assert odd.population.remarks() == [
        "No model reads these columns: const and same (never varies), empty (empty), note (names "
        "its rows).",
        "Dates are read as months before 2024-03-31, the newest of them: since, renewed, until.",
        "20 of 420 rows are exact copies of another row but for the identifier. They are in one "
        "fold.",
    ]
    usual = ["tenure_months", "monthly_revenue", "since", "renewed", "plan", "until"]
    assert odd.population.columns == [*usual, *NAMES]


def test_dates_are_months_before_the_newest_whatever_their_form(odd):
    table = odd.population.judged()
    months = pd.Series(np.arange(ROWS) % 91 / 30.4375)
    for name in ("since", "renewed"):
        assert table[name].iloc[:ROWS].tolist() == pytest.approx(months.tolist())
    assert table["until"].iloc[:4].tolist() == pytest.approx(
        [0, np.nan, 2 / 30.4375, np.nan], nan_ok=True
    )


def test_columns_are_looked_at_by_the_names_they_have(odd):
    assert set(odd.who().alone["column"]) == set(odd.population.columns)
    assert odd.suspects().empty


def test_copies_are_never_on_both_sides_of_a_fold(odd):
    population = odd.population
    quick = {"base_rate": population.candidates()["base_rate"]}
    tried = population.tried(quick)
    rows = tried.test.drop(columns=["customer_id"])
    both = pd.concat([rows.drop_duplicates(), tried.train[list(rows)].drop_duplicates()])
    assert not both.duplicated().any()
