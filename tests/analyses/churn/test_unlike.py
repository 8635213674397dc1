"""Columns that rows to be scored lack, or hold otherwise than the rows to learn from."""

import pandas as pd
import pytest

from src.analyses import churn
from src.analyses.churn.unlike import unlike
from src.analyses.settings.ltv import _refuse_lacking
from src.data.building import build_base
from src.data.problems import InputError
from src.features.portrait import portrait


def test_columns_are_told_by_what_models_could_not_say():
    learned = pd.DataFrame(
        {
            "fee": [1.0, 2.0], "plan": ["M", "L"], "calls": [1.0, 2.0], "since": [1.0, 2.0],
            "word": ["monthly", "yearly"], "gone": [None, None],
        }
    )  # fmt: skip
    given = pd.DataFrame(
        {
            "fee": [3, 4], "plan": ["L", "XL"], "calls": ["c1", "c2"], "since": [None, None],
            "word": ["m", "y"],
        }
    )  # fmt: skip
    assert unlike(learned, given) == {
        "calls": "of another kind in the rows to be scored",
        "since": "empty in the rows to be scored",
        "word": "no word in common with the rows to be scored",
    }
    assert unlike(learned[["fee"]], given[["plan"]]) == {"fee": "not among the rows to be scored"}


@pytest.fixture
def opened(tmp_path):
    """A study of 400 rows of which half churned, and of 400 to be scored."""

    def study(rate, scored=None):
        rows = pd.DataFrame({"customer_id": [f"a{at}" for at in range(400)]})
        rows["churned"] = ["yes", "no"] * 200
        rows["fee"] = [at * 37 % 101 for at in range(400)]
        rows["calls"] = [at * 53 % 89 + 60 * (at % 2) for at in range(400)]
        rows.to_csv(tmp_path / "learned.csv", index=False)
        lines = ["title: Half", "kind: snapshot", "currency: EUR", f"churn_rate: {rate}"]
        lines += ["tables:", "  snapshot: {file: learned.csv}"]
        if scored is not None:
            scored(rows.assign(customer_id="b" + rows["customer_id"])).to_csv(
                tmp_path / "scored.csv", index=False
            )
            lines.append("  scored: {file: scored.csv}")
        (tmp_path / "base.yml").write_text("\n".join(lines))
        build_base(str(tmp_path), key=b"key of tests")
        return churn.open_study(str(tmp_path), folds=2, trials=1, repeats=1, replicates=100)

    return study


def test_a_column_that_the_rows_to_be_scored_lack_is_read_by_no_model(opened):
    study = opened(0.2, lambda rows: rows.drop(columns=["fee", "churned"]))
    assert study.population.columns == ["calls"]
    said = "No model reads these columns: fee (not among the rows to be scored)."
    assert said in study.population.remarks()


def test_the_five_customers_have_chances_of_the_true_rate(opened):
    study = opened(0.2)
    explanation = study.compare().explain()
    said = explanation.model.predict_proba(explanation.rows[explanation.columns])[:, 1]
    assert said.max() > 0.85  # of rows of which half churned
    five = explanation.five()["chance"]
    expected = explanation.at_rate(said)
    assert set(five.round(9)) <= set(expected.round(9))
    assert expected.mean() == pytest.approx(0.2, abs=0.06)


def test_too_few_at_the_true_rate_are_not_said_to_be_a_matter_of_labels(opened):
    said = "thinned to `churn_rate: 0.01` the rows to learn from are 202, of which fewer than 10"
    with pytest.raises(InputError, match=said):
        opened(0.01)


def test_exploration_says_whose_rates_it_tells(opened):
    thinned = portrait(opened(0.2).base).aside
    assert thinned == (
        "The rows had been resampled: rates and money are those of 250 of 400, thinned to the true "
        "rate of churn of 20.0% that base.yml gives."
    )
    asked = opened(0.5, lambda rows: rows.head(60)).base
    assert portrait(asked).aside == (
        "Rates and money are those of the 60 rows to be scored whose label is known, not of the "
        "400 rows to learn from."
    )


def test_values_need_ten_customers_who_left(opened):
    base = opened(0.2).base
    rows = base.table("snapshot").assign(monthly_revenue=1.0, tenure_months=3)
    _refuse_lacking(rows)
    with pytest.raises(InputError, match="04_ltv needs 10 customers who left; in this base fewer"):
        _refuse_lacking(rows.assign(churned=rows.index < 9))
