"""Rows to learn from and rows to score, told apart at the door."""

import numpy as np
import pandas as pd
import pandas.testing as pdt
import pytest

from src.data.building import build_base
from src.data.problems import InputError

KEY = b"a key of the tests"


def built(folder, table, sources="snapshot: {file: a.csv}", above="", **others):
    folder.mkdir(exist_ok=True)
    for name, rows in {"a": table, **others}.items():
        rows.to_csv(folder / f"{name}.csv", index=False)
    (folder / "base.yml").write_text(
        f"title: T\nkind: snapshot\ncurrency: EUR\n{above}tables:\n  {sources}\n"
    )
    return build_base(str(folder), key=KEY)


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "base"


def customers(rows, churners, start=0):
    return pd.DataFrame(
        {
            "customer_id": [f"c{start + place}" for place in range(rows)],
            "churned": ["yes" if place < churners else "no" for place in range(rows)],
        }
    )


def test_a_column_tells_rows_to_learn_from_and_labels_may_lack_in_the_others(folder):
    table = pd.DataFrame(
        {
            "customer_id": list("abcde"),
            "churned": ["yes", None, "no", "no", None],
            "sample": [1, 0, 1, 1, 0],
            "tenure_months": [3, 4, 5, 6, 7],
        }
    )
    base = built(folder, table, "snapshot: {file: a.csv, training: {column: sample, values: 1}}")
    assert base.rows == {"snapshot": 3, "scored": 2}
    expected = pd.DataFrame({"churned": [True, False, False], "tenure_months": [3.0, 5.0, 6.0]})
    pdt.assert_frame_equal(base.table("snapshot", ["churned", "tenure_months"]), expected)
    scored = base.table("scored")
    assert list(scored) == ["customer_id", "churned", "tenure_months"]
    assert scored["churned"].isna().all()
    assert scored["tenure_months"].tolist() == [4, 7]
    assert scored["customer_id"].str.fullmatch("[0-9a-f]{20}").all()


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ("{column: sampel, values: 1}", "names the column 'sampel', but the source has: customer"),
        ("{column: sample, values: [1, 7]}", "no cell is 7; sample holds 0, 1"),
        ("{column: sample, values: [0, 1]}", "leaves no row to score: every cell of sample is"),
    ],
)
def test_a_rule_that_parts_nothing_is_refused(folder, rule, words):
    table = customers(4, 2).assign(sample=[0, 1, 0, 1])
    with pytest.raises(InputError, match=words):
        built(folder, table, f"snapshot: {{file: a.csv, training: {rule}}}")


def test_a_row_to_learn_from_needs_a_label(folder):
    table = customers(4, 2).assign(sample=[0, 1, 0, 1])
    table.loc[1, "churned"] = None
    with pytest.raises(InputError, match=r"snapshot.churned: must not be empty"):
        built(folder, table, "snapshot: {file: a.csv, training: {column: sample, values: 1}}")


@pytest.mark.parametrize(
    ("above", "sources", "words"),
    [
        ("churn_rate: 1.5\n", "snapshot: {file: a.csv}", "churn_rate"),
        (
            "",
            "{snapshot: {file: a.csv, training: {column: x, values: 1}}, scored: {file: a.csv}}",
            "either `training` under tables.snapshot, or the table scored",
        ),
        (
            "",
            "{snapshot: {file: a.csv}, scored: {file: a.csv, training: {column: x, values: 1}}}",
            "`training` is for the table snapshot alone",
        ),
    ],
)
def test_rows_and_rates_have_their_place(folder, above, sources, words):
    with pytest.raises(InputError, match=words):
        built(folder, customers(4, 2), sources, above)


def test_a_panel_has_no_rows_to_score(folder):
    folder.mkdir()
    (folder / "base.yml").write_text(
        "title: T\nkind: orders\ncurrency: EUR\nchurn_rate: 0.1\ntables: {orders: {file: a.csv}}\n"
    )
    with pytest.raises(InputError, match="`churn_rate` and the table scored are for kind snapshot"):
        build_base(str(folder), key=KEY)


BOTH = "{snapshot: {file: a.csv}, scored: {file: b.csv}}"


def test_another_rate_of_the_rows_to_score_is_refused_without_the_true_one(folder):
    learned, scored = customers(400, 200), customers(1_000, 20, start=400)
    with pytest.raises(InputError, match=r"snapshot: 50.0% of 400 .* 20 of 1,000 rows .* \(2.00%"):
        built(folder, learned, BOTH, b=scored)
    base = built(folder, learned, BOTH, "churn_rate: 0.02\n", b=scored)
    assert base.churn_rate == 0.02
    assert base.notes == (
        "snapshot: 50.0% of 400 rows to learn from churned; the true rate is 2.00%, as "
        "`churn_rate` says: chances and money are those of this rate",
    )
    with pytest.raises(InputError, match=r"`churn_rate: 0.2`; mend it, such as `churn_rate: 0.02"):
        built(folder, learned, BOTH, "churn_rate: 0.2\n", b=scored)


@pytest.mark.parametrize("churners", [20, 30, 40, 55])
def test_rates_that_differ_by_chance_are_no_matter(folder, churners):
    base = built(folder, customers(600, 60), BOTH, b=customers(400, churners, start=600))
    assert base.notes == ()
    assert base.churn_rate is None


def test_rates_of_random_halves_are_hardly_ever_refused(folder):
    rng = np.random.default_rng(0)
    for _ in range(20):
        gone = rng.random(600) < 0.15
        table = customers(600, 0).assign(churned=np.where(gone, "yes", "no"))
        built(folder, table[:300], BOTH, b=table[300:])


def test_half_of_all_rows_is_said_to_be_nobodys_rate(folder):
    (note,) = built(folder, customers(1_000, 500)).notes
    assert note.startswith("snapshot: 50.0% of 1,000 rows churned, which is nobody's rate")
    assert "`churn_rate: 0.02`" in note
    assert built(folder, customers(1_000, 400)).notes == ()
    assert built(folder, customers(1_000, 500), above="churn_rate: 0.1\n").churn_rate == 0.1
