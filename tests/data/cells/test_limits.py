import numpy as np
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

from src.data.building import build_base
from src.data.cells.limits import Limits, gaps, in_months, within
from src.data.manifest import parse
from src.data.problems import InputError

KEY = b"a key that nobody guesses"


def money(*numbers: float) -> pd.DataFrame:
    return pd.DataFrame({"monthly_revenue": np.array(numbers, dtype="float64")})


@pytest.mark.parametrize(
    ("limit", "left", "notes"),
    [
        pytest.param(
            {"at_least": 0, "otherwise": "drop"},
            {0: 5.0, 2: np.nan, 3: 900.0},
            ["1 row has a number below 0 in snapshot.monthly_revenue and was left out"],
            id="drop",
        ),
        pytest.param(
            {"at_least": 0, "at_most": 100, "otherwise": "clip"},
            {0: 5.0, 1: 0.0, 2: np.nan, 3: 100.0},
            [
                "1 row has a number below 0 in snapshot.monthly_revenue and was taken as 0",
                "1 row has a number above 100 in snapshot.monthly_revenue and was taken as 100",
            ],
            id="clip",
        ),
        pytest.param(
            {"at_most": 100, "otherwise": "empty"},
            {0: 5.0, 1: -2.0, 2: np.nan, 3: np.nan},
            ["1 row has a number above 100 in snapshot.monthly_revenue and was taken as empty"],
            id="empty",
        ),
        pytest.param(
            {"empty": "drop"},
            {0: 5.0, 1: -2.0, 3: 900.0},
            ["1 row has no number in snapshot.monthly_revenue and was left out"],
            id="rows without",
        ),
    ],
)
def test_rows_outside_limits_are_treated_as_said_and_counted(limit, left, notes):
    frame, problems, told = within(
        money(5, -2, np.nan, 900), "snapshot", {"monthly_revenue": Limits(**limit)}
    )

    assert problems == []
    assert_frame_equal(frame, pd.DataFrame({"monthly_revenue": pd.Series(left, dtype="float64")}))
    assert told == [f"{note}, as base.yml says" for note in notes]


def test_limits_of_a_column_that_is_no_number_are_refused():
    frame = pd.DataFrame({"plan": ["a"]})
    limits = Limits(at_least=0, otherwise="drop")
    _, problems, _ = within(frame, "snapshot", {"plan": limits, "plam": limits})

    assert [str(problem) for problem in problems] == [
        "snapshot.plan: `limits` with a range is for numbers and dates; this is neither",
        "snapshot.plam: `limits` names this column; the table has: plan",
    ]


def test_rows_with_an_empty_cell_are_left_out_whatever_the_column_holds():
    days = pd.to_datetime(["2024-01-01", None])
    frame = pd.DataFrame({"plan": ["a", None], "day": days})

    kept, problems, notes = within(frame, "events", {"plan": Limits(empty="drop")})
    assert (kept["plan"].tolist(), problems) == (["a"], [])
    assert notes == ["1 row has an empty cell in events.plan and was left out, as base.yml says"]
    _, _, notes = within(frame, "events", {"day": Limits(empty="drop")})
    assert notes == ["1 row has no date in events.day and was left out, as base.yml says"]


@pytest.mark.parametrize(
    ("otherwise", "days"),
    [
        ("drop", ["2024-01-01"]),
        ("empty", ["2024-01-01", None, None]),
        ("clip", ["2024-01-01", "1970-01-01", "2100-12-31"]),
    ],
)
def test_dates_have_limits(otherwise, days):
    frame = pd.DataFrame({"day": pd.to_datetime(["2024-01-01", "1900-01-01", "2200-01-01"])})
    limit = Limits(at_least="1970-01-01", at_most="2100-12-31", otherwise=otherwise)

    kept, problems, notes = within(frame, "events", {"day": limit})
    assert problems == []
    assert kept["day"].tolist() == pd.to_datetime(days).tolist() or otherwise == "empty"
    assert kept["day"].isna().sum() == (2 if otherwise == "empty" else 0)
    assert notes[0].startswith("1 row has a date before 1970-01-01 in events.day and was ")
    assert notes[1].startswith("1 row has a date after 2100-12-31 in events.day and was ")


def test_an_end_may_not_be_before_its_start():
    frame = pd.DataFrame(
        {"end": pd.to_datetime(["2023-01-01", "2025-01-01"]), "start": pd.Timestamp("2024-01-01")}
    )
    limit = Limits(not_before="start", otherwise="drop")
    kept, _, notes = within(frame, "lines", {"end": limit})
    assert kept.index.tolist() == [1]
    assert notes == [
        "1 row has a date before start in lines.end and was left out, as base.yml says"
    ]
    _, [problem], _ = within(frame.drop(columns="start"), "lines", {"end": limit})
    assert "`not_before: start` needs two dates" in str(problem)
    _, [problem], _ = within(frame, "lines", {"end": Limits(at_least=3, otherwise="drop")})
    assert "take `at_least: 1970-01-01`" in str(problem)


@pytest.mark.parametrize(
    ("unit", "tenure", "told"),
    [
        ("days", 365.25, "divided by 30.44"),
        ("weeks", 365.25 / 7, "divided by 4.348"),
        ("years", 1.0, "times 12"),
    ],
)
def test_tenure_in_another_unit_becomes_months(unit, tenure, told):
    frame, problems, notes = in_months(
        pd.DataFrame({"tenure_months": [tenure, np.nan]}), "snapshot", {"tenure_months": unit}
    )

    assert problems == []
    assert_frame_equal(frame, pd.DataFrame({"tenure_months": [12.0, np.nan]}))
    assert notes == [f"snapshot.tenure_months is given in {unit} and was made months: {told}"]


def test_a_unit_of_another_column_is_refused():
    _, problems, _ = in_months(money(5), "snapshot", {"monthly_revenue": "days"})

    assert len(problems) == 1


@pytest.mark.parametrize(
    ("limits", "mistake"),
    [
        ("{at_least: 0}", "go with `otherwise"),
        ("{otherwise: drop}", "go with `otherwise"),
        ("{}", "takes `{at_least: 0, otherwise: drop}`"),
        ("{at_least: 0, otherwise: ignore}", "'drop', 'clip' or 'empty'"),
    ],
)
def test_limits_that_say_nothing_are_mistakes_of_base_yml(limits, mistake):
    text = (
        "title: T\nkind: snapshot\ncurrency: EUR\ntables:\n  snapshot:\n    file: a.csv\n"
        f"    limits: {{monthly_revenue: {limits}}}\n"
    )

    with pytest.raises(InputError, match=r"limits\.monthly_revenue") as caught:
        parse(text)
    assert mistake in str(caught.value)


def test_gaps_of_a_snapshot_are_counted_with_what_becomes_of_them():
    frame = money(5, np.nan).assign(tenure_months=[1.0, 2.0])

    assert gaps(frame, "snapshot") == [
        "snapshot.monthly_revenue is empty in 1 of 2 rows: shares of money are of the other rows, "
        "a list of churners takes 0 for these, and lifetime value leaves them out; to leave them "
        "out everywhere write under tables.snapshot: "
        "`limits: {monthly_revenue: {empty: drop}}`"
    ]
    assert gaps(frame, "billing") == []


def test_a_line_that_a_refusal_shows_lets_the_base_through(tmp_path):
    rows = "customer_id,churned,tenure_months,monthly_revenue\na,yes,10,5\nb,no,-1,-5\n"
    (tmp_path / "rows.csv").write_text(rows)
    manifest = "title: T\nkind: snapshot\ncurrency: EUR\ntables:\n  snapshot:\n    file: rows.csv\n"
    (tmp_path / "base.yml").write_text(manifest)

    with pytest.raises(InputError) as caught:
        build_base(str(tmp_path), KEY)
    line = str(caught.value).split("`")[1]
    (tmp_path / "base.yml").write_text(f"{manifest}    {line}\n")
    base = build_base(str(tmp_path), KEY)

    assert base.table("snapshot")["tenure_months"].tolist() == [10.0]
    assert base.notes == (
        "1 row has a number below 0 in snapshot.tenure_months and was left out, as base.yml says",
    )
