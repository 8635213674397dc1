import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

from src.data.building import build_base
from src.data.histories import History, one_row_each
from src.data.problems import InputError

ROWS = pd.DataFrame(
    {
        "customer_id": ["b", "a", "b", "c"],
        "segment": ["B2B", "B2C", "B2C", "B2C"],
        "region": ["south", "north", "north", "north"],
        "valid_from": ["2023-04-01", "2023-01-01", "2022-06-01", "2023-02-01"],
    }
)


@pytest.mark.parametrize(
    ("keep", "segments", "regions"),
    [
        ("last", ["B2B", "B2C", "B2C"], ["south", "north", "north"]),
        ("first", ["B2C", "B2C", "B2C"], ["north", "north", "north"]),
    ],
)
def test_one_row_of_a_history_is_kept_and_changes_are_said(keep, segments, regions):
    frame, problems, notes = one_row_each(ROWS, History(by="valid_from", keep=keep))

    expected = {"segment": segments, "region": regions}
    assert problems == []
    found = frame.set_index("customer_id").loc[["b", "a", "c"]].reset_index()
    assert_frame_equal(found, pd.DataFrame({"customer_id": ["b", "a", "c"], **expected}))
    assert f"the {keep} of each is kept; fewer than 10 customers changed segment" in notes[0]


def test_the_month_of_the_first_contract_stays_the_first():
    rows = ROWS.assign(signup_month=pd.to_datetime(ROWS["valid_from"])).drop(columns="valid_from")

    frame, _, _ = one_row_each(rows, History(by="signup_month", keep="last"))

    first = frame.set_index("customer_id")["signup_month"]
    assert first["b"] == pd.Timestamp("2022-06-01")


def test_a_cell_that_is_no_date_is_named():
    rows = ROWS.assign(valid_from=["2023-04-01", None, "soon", "2023-02-01"])

    _, problems, _ = one_row_each(rows, History(by="valid_from", keep="last"))

    assert (problems[0].column, problems[0].rows) == ("valid_from", 2)


def test_repeated_customers_are_refused_with_the_line_that_lets_them_through(tmp_path):
    (tmp_path / "people.csv").write_text(
        "customer_id,segment,signup_month\na,B2C,2023-01\nb,B2C,2022-06\nb,B2B,2023-04\n"
    )
    (tmp_path / "bills.csv").write_text("customer_id,month,revenue\na,2023-01,5\nb,2023-01,6\n")
    manifest = "title: T\nkind: panel\ncurrency: EUR\ntables:\n  billing: {file: bills.csv}\n"
    customers = "  customers:\n    file: people.csv\n"
    (tmp_path / "base.yml").write_text(manifest + customers)

    with pytest.raises(InputError, match="must be unique") as caught:
        build_base(str(tmp_path), b"key of the tests")
    line = str(caught.value).split("`")[1]
    (tmp_path / "base.yml").write_text(f"{manifest}{customers}    {line}\n")
    base = build_base(str(tmp_path), b"key of the tests")

    assert base.table("customers")["segment"].tolist() == ["B2C", "B2B"]
    assert len(base.notes) == 1
