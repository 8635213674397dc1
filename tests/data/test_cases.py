"""Exports as users had them, copied from tests/cases, and the figures that are right for them."""

import shutil
from pathlib import Path

import pandas as pd
import pytest
import yaml
from pandas.testing import assert_frame_equal

from src.data.building import build_base
from src.data.problems import InputError

CASES = Path(__file__).parents[1] / "cases"


@pytest.fixture
def case(tmp_path):
    """A copy of a case, its base.yml changed: `table={key: value}`."""

    def copy(name, manifest="base.yml", **changed):
        folder = tmp_path / name
        shutil.copytree(CASES / name, folder, dirs_exist_ok=True)
        content = yaml.safe_load((CASES / name / manifest).read_text())
        for table, keys in changed.items():
            content["tables"][table] |= keys
        (folder / "base.yml").write_text(yaml.safe_dump(content, sort_keys=False))
        return str(folder)

    return copy


def refused(folder):
    with pytest.raises(InputError) as caught:
        build_base(folder)
    assert not (Path(folder) / "built.json").exists()
    return str(caught.value)


def test_one_gap_among_numbers_is_a_gap_and_is_said(case):
    base = build_base(case("02-one-odd-cell"))

    total = base.table("snapshot")["total"]
    clean = pd.read_csv(CASES / "02-one-odd-cell/clean.csv")["total"]
    assert total.drop(700).tolist() == clean.drop(700).tolist()
    assert pd.isna(total[700])
    assert base.notes == (
        "snapshot.total: 1 of 1,200 cells is no number (row 701 'n/a'), left empty",
    )


@pytest.mark.parametrize(
    ("file", "is_what"),
    [
        ("customers.xls", "is a web page under another name, not a table"),
        ("customers_biff.xls", "is not read, as .xls is neither CSV, Parquet nor .xlsx"),
    ],
)
def test_an_xls_is_refused_with_one_message(case, file, is_what):
    assert refused(case("16-xls-that-is-html", snapshot={"file": file})) == (
        f"snapshot: {file} {is_what}; open it and save it as .xlsx or CSV"
    )


def test_a_line_that_names_the_separator_is_skipped(case):
    base = build_base(case("17-title-above-header", snapshot={"file": "sep_hint.csv"}))

    assert (base.rows, base.notes) == ({"snapshot": 300}, ())


@pytest.mark.parametrize(("file", "footer"), [("titled.csv", 0), ("report.xlsx", 1)])
def test_titles_above_the_header_and_a_total_below(case, file, footer):
    name = "17-title-above-header"
    assert refused(case(name, snapshot={"file": file})) == (
        f"snapshot: the header of {file} stands in line 4, not in line 1; write under "
        "tables.snapshot: `header_row: 4`"
    )
    if footer:
        message = refused(case(name, snapshot={"file": file, "header_row": 4}))
        assert message.splitlines()[1] == (
            "  - snapshot.customer_id: row 301 is a total ('Total'); delete it, or write under "
            "tables.snapshot: `footer_rows: 1`"
        )
    said = {"file": file, "header_row": 4, "footer_rows": footer}

    base = build_base(case(name, snapshot=said))

    hinted = build_base(case(name, snapshot={"file": "sep_hint.csv"}))
    assert base.rows == {"snapshot": 300}
    assert_frame_equal(base.table("snapshot"), hinted.table("snapshot"))


def test_two_bills_a_month_are_added_up_on_request(case):
    name = "19-two-bills-a-month"
    assert "tables.billing: `repeated: sum` (114 rows" in refused(case(name))

    base = build_base(case(name, billing={"repeated": "sum"}))

    right = build_base(case(name, billing={"file": "billing_summed.csv"}))
    left, right = (one.table("billing").round(6) for one in (base, right))
    assert_frame_equal(left, right)
    assert base.notes == (
        "billing: 114 rows were added to another of the same customer_id and month, as "
        "`repeated: sum` says",
    )


def test_two_tickets_on_one_day_are_two_events_on_request(case):
    name, manifest = "19-two-bills-a-month", "base_events.yml"
    assert "tables.events: `repeated: keep` (1 row" in refused(case(name, manifest))

    base = build_base(case(name, manifest, events={"repeated": "keep"}))

    assert base.rows["events"] == len(pd.read_csv(CASES / name / "tickets.csv"))


def test_minus_as_accountants_write_it(case):
    base = build_base(case("21-how-accountants-write-minus"))

    raw = pd.read_csv(CASES / "21-how-accountants-write-minus/billing.csv", sep=";", dtype=str)
    is_odd = raw["revenue"].str.contains(r"[^\d,.\s\u00a0]", regex=True)
    odd = base.table("billing")["revenue"][is_odd]
    assert sorted(odd) == [-12.5] * 4 + [19.9] * 2
    assert base.notes == ()


def test_months_side_by_side_become_rows(case):
    name = "23-months-side-by-side"
    assert refused(case(name)).splitlines()[1] == (
        "  - billing.month: is missing, as each month has a column of its own; write under "
        "tables.billing: `months_in_columns: {revenue: arpu_%Y_%m}`"
    )
    months = {"months_in_columns": {"revenue": "arpu_%Y_%m"}}

    base = build_base(case(name, billing=months, customers={"drop": ["arpu_*"]}))

    wide = pd.read_csv(CASES / name / "wide.csv").set_index(["id", "segment"])
    long = wide.stack().rename("revenue").reset_index()  # noqa: PD013
    long["month"] = pd.to_datetime(long["level_2"], format="arpu_%Y_%m")
    assert list(base.table("customers")) == ["customer_id", "segment"]
    assert_frame_equal(
        base.table("billing").drop(columns="customer_id"), long[["month", "revenue", "segment"]]
    )


def test_ids_that_do_not_meet_are_shown_beside_one_that_is_known(case):
    assert refused(case("33-ids-as-floats-and-with-zeros")).splitlines()[1] == (
        "  - billing.customer_id: is not in the table customers, whose ids are such as '000001' "
        "(517 rows; first: row 1 '1.0', row 2 '1.0', row 3 '1.0')"
    )


def test_a_date_among_the_attributes_is_read_as_one(case):
    base = build_base(case("39-a-date-among-the-attributes"))

    dates = base.table("snapshot")["date_of_registration"]
    raw = pd.read_csv(CASES / "39-a-date-among-the-attributes/customers.csv")
    assert dates.tolist() == pd.to_datetime(raw["date_of_registration"]).tolist()
