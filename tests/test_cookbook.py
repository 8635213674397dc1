"""All code of docs/cookbook.md runs, and gives what the text beside it says."""

import re
from pathlib import Path

import pandas as pd
import pytest

from src.analyses.missing import Missing
from src.data import bases

TEXT = (Path(__file__).parents[1] / "docs/cookbook.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```python\n(.*?)```", TEXT, re.DOTALL)
QUICK = {
    "churn": {"trials": 1, "training": 2, "explained": 150, "tests": 1},
    "ltv": {"replicates": 60, "shapes": 2, "every": 4},
    "shop_ltv": {"replicates": 50},
}


@pytest.fixture(scope="module")
def cooked(small_operator, few_models):
    """What the last line of each block gives, by its first line, on an operator of 4,000."""
    from src.analyses.settings import churn, ltv, shop_ltv

    changed = {"churn": churn.Setting, "ltv": ltv.Setting, "shop_ltv": shop_ltv.Setting}
    with pytest.MonkeyPatch.context() as patch:
        folder, known = str(small_operator.folder), bases.base_folder
        patch.setattr(
            bases, "base_folder", lambda name: known(folder if name == "operator" else name)
        )
        for analysis, setting in changed.items():
            for name, value in QUICK[analysis].items():
                patch.setattr(setting.model_fields[name], "default", value)
            setting.model_rebuild(force=True)
        names: dict = {}
        results = {}
        for block in BLOCKS:
            *lines, last = block.strip().splitlines()
            exec("\n".join(lines), names)
            is_statement = re.match(r"\w+ = |from ", last)
            results[block.strip().splitlines()[0]] = (
                exec(last, names) if is_statement else eval(last, names)
            )
        yield results, names
    for setting in changed.values():
        setting.model_rebuild(force=True)


def of(cooked, words):
    return next(value for line, value in cooked[0].items() if words in line)


def check_tariffs_have_a_churn_with_its_interval(cooked):
    rates = of(cooked, 'rates("tariff")')
    assert set(rates["attribute"]) == {"tariff"}
    assert (rates["low"] < rates["rate"]).all()
    assert (rates["rate"] < rates["high"]).all()
    assert set(of(cooked, 'curves("region")')["group"]) > {"north"}


def check_models_and_lists_are_in_order(cooked):
    trial = cooked[1]["trial"]
    losses = of(cooked, "trial = study.compare()")
    assert losses["model"].iloc[0] == trial.standing.best
    listed = of(cooked, "campaign().list()")
    assert len(listed) == 20
    assert listed["expected profit"].is_monotonic_decreasing


def check_the_list_of_today_has_four_chances_and_three_reasons(cooked):
    today = of(cooked, "study.list()")
    assert len(today) == 20
    assert today["gain_of_contact"].is_monotonic_decreasing
    four = today[["gone_already", "too_late", "can_be_saved", "stays"]]
    assert four.sum(axis=1).to_numpy() == pytest.approx([1.0] * 20)
    assert (today[["reason_1", "reason_2", "reason_3"]] != "").all(axis=None)


def check_one_customer_has_reasons(cooked):
    told = of(cooked, "customer = ")
    assert set(told["customer"]) == {cooked[1]["customer"]}
    assert 0 < len(told) <= 5


def check_a_retraining_without_a_column_is_another_model(cooked):
    assert -0.2 < of(cooked, "without = ") < 0.2
    assert "tenure_months" not in cooked[1]["without"].population.columns


def check_accounts_at_risk_are_in_order_and_of_the_segment(cooked):
    at_risk = of(cooked, "at_risk")
    assert len(at_risk) == 10
    assert set(at_risk["group"]) == {"B2B"}
    assert at_risk["at_risk"].is_monotonic_decreasing
    product = at_risk["chance"] * at_risk["ltv"]
    pd.testing.assert_series_equal(product, at_risk["at_risk"], check_names=False)


def check_the_value_of_one_region_has_an_interval(cooked):
    (north,) = of(cooked, "mean_by").to_dict("records")
    assert north["low"] < north["mean"] < north["high"]
    assert of(cooked, "value.gap()") > 0


def check_buyers_of_the_shop_are_listed_by_value_and_called_by_risk(cooked):
    dearest = of(cooked, "import shop_ltv")
    assert len(dearest) == 10
    assert dearest["value"].is_monotonic_decreasing
    called = of(cooked, "shop.calls().first.head")
    assert (called["silence"] > called["usual_gap"]).all()
    assert called["at_risk"].is_monotonic_decreasing


def check_one_buyer_and_the_groups_of_the_shop_are_told(cooked):
    buyer = of(cooked, "buyer = ")
    assert 0 < buyer["alive"] < 1
    assert buyer["value"] == of(cooked, "shop.calls().first.head")["value"].iloc[0]
    bars = of(cooked, "shop.gaps()").set_index("factor")["bar"]
    assert bars.drop("gap").sum() == pytest.approx(bars["gap"])


def check_campaigns_are_judged_and_the_list_keeps_to_the_budget(cooked):
    effects, sizes, rows = (
        of(cooked, words) for words in ("import campaigns", "next_test()", "offers.plan()")
    )
    assert {"chain", "offer_1", "offer_2"} == set(effects["campaign"])
    assert (effects["low"] <= effects["high"]).all()
    assert (sizes["customers"] > 0).all()
    assert rows["cost"].sum() <= 2_000
    assert rows["customer_id"].is_unique


def check_what_a_base_lacks_is_missing(cooked):
    answer = of(cooked, 'open_study("ibm_telco")')
    assert isinstance(answer, Missing)
    assert not answer


def check_sections_draw_what_steps_return(cooked):
    assert "Why" in of(cooked, "from src.reporting")._repr_mimebundle_()["text/html"]


CHECKS = [check for name, check in list(globals().items()) if name.startswith("check_")]


def test_every_recipe_gives_what_the_page_says(cooked):
    """One test, so that the models of the page are trained once."""
    assert len(CHECKS) == 12
    for check in CHECKS:
        check(cooked)
