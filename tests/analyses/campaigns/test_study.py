"""A study of campaigns on a small operator, on experiments, and on bases that lack a part."""

import json

import numpy as np
import pandas as pd
import pytest

from src.analyses import campaigns, carrying
from src.analyses.missing import Missing
from src.data.building import build_base
from src.data.operator.truth import open_truth
from src.data.problems import InputError
from src.models.campaigns.policy import CHOSEN


@pytest.fixture(scope="module")
def study(small_operator):
    return campaigns.open_study(str(small_operator.folder))


def test_campaigns_are_judged_that_have_controls_and_months_enough(study):
    found = study.campaigns()
    assert found["campaign"].tolist() == ["offer_1", "chain", "offer_2"]
    assert (found["why_not"] == "").all()
    assert found["steps"].tolist() == [1, 6, 1]
    assert study.main.name == "offer_2"
    assert study.main.costs == {"bonus": 4.0, "discount": 4.0}


def test_a_campaign_whose_months_are_not_over_says_so(small_operator):
    found = campaigns.open_study(str(small_operator.folder), horizon=12).campaigns()
    said = found.set_index("campaign")["why_not"]
    assert said["offer_1"] == ""
    assert said["offer_2"].startswith("who left within 12 months of a contact in 2025-02 is known")


def test_nothing_that_came_later_is_a_covariate(study):
    main = study.main
    later = {"lost", "lost_in", "orders", "income", "margin", "kept", "opened", "responded", "arm"}
    assert not later & set(main.covariates)
    assert {"income_before", "tenure_months", "segment"} <= set(main.covariates)


def test_effects_are_those_of_means_with_less_noise(study):
    effects = study.effects()
    rows = study.main.rows
    means = rows.groupby("arm")["lost"].mean()
    found = effects.query("campaign == 'offer_2' and outcome == 'lost'").set_index("arm")
    plain = means["discount"] - means["control"]
    assert found.loc["discount", "effect"] == pytest.approx(plain, abs=0.02)
    assert list(found.index) == ["any treatment", "bonus", "discount"]
    money = effects.query("outcome == 'margin'")
    assert (money["variance_reduction"] > 0.3).all()


def test_the_truth_is_inside_most_intervals(study):
    truth = study.truth()
    assert truth.effects["is_covered"].mean() > 0.7
    assert (truth.effects["truth"] < 0).all()
    oracle = truth.rules.iloc[-1]
    assert oracle["gain"] == truth.rules["gain"].max() > 0
    assert truth.rules.set_index("rule").loc["nobody", "gain"] == 0


def test_customers_are_left_in_peace_who_were_contacted_lately(small_operator):
    study = campaigns.open_study(str(small_operator.folder), campaign="offer_1", rest=52)
    today = study.population.today(study.main)
    contacts = study.base.table("campaigns")
    last = contacts[contacts["arm"] != "control"].groupby("customer_id")["date"].max()
    day = last.reindex(today["customer_id"]).to_numpy()
    is_late = day > np.datetime64("2026-01-01") - np.timedelta64(52 * 7, "D")
    assert (today["is_free"].to_numpy() == ~is_late).all()
    assert 0 < is_late.sum() < len(today)
    assert today["customer_id"].is_unique
    assert set(study.main.covariates) <= set(today)


def test_the_chain_is_told_month_by_month(study):
    chain = study.chain()
    assert (chain.campaign, chain.messages, chain.months) == ("chain", 6, 6)
    assert len(chain.steps) == 6
    assert chain.income.table["month"].tolist() == [1, 2, 3, 4, 5, 6]
    sums = chain.orders.table["effect"].cumsum()
    np.testing.assert_allclose(chain.orders.table["sum"], sums)


def test_a_test_of_a_smaller_effect_is_larger(study):
    sizes = study.next_test().sizes.set_index("what")["customers"]
    assert sizes["one in 10 leavers kept"] > 3 * sizes["one in 5 leavers kept"]


@pytest.fixture
def write(tmp_path):
    def written(table, columns="{}", **values):
        table.to_csv(tmp_path / "a.csv", index=False)
        (tmp_path / "base.yml").write_text(
            "title: Letters\nkind: experiment\ncurrency: EUR\ntables:\n  trial:\n"
            f"    file: a.csv\n    columns: {columns}\n    values: {json.dumps(values)}\n"
        )
        build_base(str(tmp_path), key=b"key")
        return str(tmp_path)

    return written


def letters(size=4_000, seed=1):
    """Calls keep who is over 50 and are dear; letters do nothing."""
    rng = np.random.default_rng(seed)
    arm, age = rng.choice(["control", "call", "letter"], size), rng.integers(20, 80, size)
    churned = rng.random(size) < 0.5 - 0.35 * ((arm == "call") & (age > 50))
    return pd.DataFrame(
        {
            "customer_id": range(size), "arm": arm, "churned": churned, "age": age,
            "cost": pd.Series(arm).map({"control": 0.0, "call": 18.0, "letter": 1.0}),
            "customer_value": 100.0,
        }
    )  # fmt: skip


def test_an_experiment_tells_whom_to_call(write):
    study = campaigns.open_study(write(letters()), budget=9_000.0, capacity=450)
    policy = study.policy()
    assert policy.is_money
    assert policy.found.is_better
    rule, age = policy.found.rules[CHOSEN], study.main.rows["age"]
    assert study.main.treatments == ("call", "letter")
    assert (rule[age > 60] == 1).mean() > 0.8
    assert (rule[age < 40] == 1).mean() < 0.2
    assert study.qini().qini.coefficient.low > 0
    plan = study.plan()
    assert plan.rows["treatment"].eq("call").all()
    assert plan.spent == pytest.approx(plan.rows["cost"].sum())
    assert plan.spent <= 9_000
    assert len(plan.rows) == 450
    assert plan.price["contacts"] > 0
    assert plan.gain.low < plan.gain.value < plan.gain.high
    assert isinstance(study.chain(), Missing)
    assert isinstance(study.truth(), Missing)


def test_without_a_control_group_there_is_no_effect(write):
    table = letters()
    folder = write(table[table["arm"] != "control"])
    study = campaigns.open_study(folder)
    for step in ("effects", "policy", "plan", "qini", "randomised"):
        assert "no control group" in repr(getattr(study, step)()), step


def test_an_experiment_without_money_has_no_plan(write):
    table = letters(600).drop(columns=["customer_value", "cost"])
    study = campaigns.open_study(write(table))
    assert not study.policy().is_money
    assert isinstance(study.plan(), Missing)


def test_what_cannot_be_is_refused(small_operator, write, revenue_only):
    with pytest.raises(InputError, match="CAMPAIGN must be a campaign of the base, not 'chian'"):
        campaigns.open_study(str(small_operator.folder), campaign="chian")
    said = carrying.why_not("06_campaigns", revenue_only, {"BASE": str(revenue_only.folder)})
    assert said.startswith("campaigns need the table campaigns")
    with pytest.raises(InputError, match="kind panel or experiment, not snapshot"):
        campaigns.open_study("ibm_telco")


@pytest.mark.slow
def test_a_campaign_without_controls_beside_others(small_operator, tmp_path):
    """Of everybody contacted by hand nothing is an effect; biases and a test are told."""
    names = ("customers", "billing", "usage", "holdings")
    tables = {name: small_operator.table(name) for name in names}
    rng = np.random.default_rng(0)
    people = tables["customers"]["customer_id"]
    picked = people[rng.random(len(people)) < 0.2]
    tables["campaigns"] = pd.DataFrame(
        {"campaign_id": "calls", "customer_id": picked, "date": "2025-02-10", "arm": "call"}
    )
    for name, table in tables.items():
        table.to_csv(tmp_path / f"{name}.csv", index=False)
    files = "".join(f"  {name}: {{file: {name}.csv}}\n" for name in tables)
    (tmp_path / "base.yml").write_text(f"title: T\nkind: panel\ncurrency: EUR\ntables:\n{files}")
    from src.features.tables import build_features

    build_features(build_base(str(tmp_path), key=b"key"))
    study = campaigns.open_study(str(tmp_path))
    assert "no control group" in repr(study.effects())
    found = study.without_control()
    assert found.campaign == "calls"
    rows = found.beside_others.comparison.effects.set_index("outcome")
    assert rows.loc["lost", "matched_low"] < 0 < rows.loc["lost", "matched_high"]
    assert len(found.before_after.biases) == 4


def test_the_truth_holds_what_each_arm_would_do(small_operator):
    chances = open_truth(small_operator, "effects")
    assert {"lost_control", "lost_discount", "lost_bonus"} <= set(chances)


def test_a_segment_is_judged_alone(small_operator):
    study = campaigns.open_study(str(small_operator.folder), campaign="offer_1", segment="B2C")
    assert set(study.main.rows["segment"]) == {"B2C"}
    assert "segment" not in {each.group for each in study.by_segment()}
    today = study.population.today(study.main)
    assert set(today["segment"]) == {"B2C"}


def test_arms_of_campaigns_at_one_time_do_not_depend_on_each_other(study):
    met = {each.campaign: each.met for each in study.randomised()}
    assert met["offer_1"]["campaign"].tolist() == ["chain"]
    assert (pd.concat(met.values())["p"] > 0.001).all()
    assert all(each.draw.is_random for each in study.randomised())


def test_with_nothing_cut_the_effect_on_money_is_the_one_of_the_table(study):
    effects, cut = study.effects(), study.without_largest()
    keys = ["campaign", "outcome"]
    money = effects[(effects["unit"] == "money")].drop_duplicates(keys).set_index(keys)
    plain = cut[cut["kept"] == 1].set_index(keys)
    assert plain.index.is_unique
    assert set(plain.index) == set(money.index)
    for name in ("arm", "effect", "low", "high"):
        assert plain[name].tolist() == money.loc[plain.index, name].tolist()
    widths = (cut["high"] - cut["low"]).groupby([cut["campaign"], cut["outcome"]])
    assert (widths.last() < widths.first()).all()
