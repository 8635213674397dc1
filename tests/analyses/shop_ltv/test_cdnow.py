"""The study of the published sample of CDNOW: known figures, and lists that agree with each other.

Fader, Hardie and Lee 2005, Marketing Science 24(2), table 2 and section 4: BG/NBD and Pareto/NBD of
2,357 buyers, 39 weeks to learn and 39 kept back.
"""

import numpy as np
import pytest

from src.analyses import shop_ltv
from src.analyses.missing import Missing


@pytest.fixture(scope="module")
def study():
    return shop_ltv.open_study("cdnow_sample", holdout=39, replicates=50)


def test_models_of_the_split_are_the_published_ones(study):
    split = study.fits().query("as_of == 'split'").set_index(["model", "parameter"])
    bgnbd = split.loc["bg_nbd"]
    assert bgnbd["value"].to_dict() == pytest.approx(
        {"r": 0.2426, "alpha": 4.414, "a": 0.793, "b": 2.426}, abs=1e-3
    )
    assert bgnbd["log_likelihood"].iloc[0] == pytest.approx(-9582.43, abs=0.01)
    pareto = split.loc["pareto_nbd"]
    assert pareto["value"].to_dict() == pytest.approx(
        {"r": 0.553, "alpha": 10.578, "s": 0.606, "beta": 11.669}, abs=1e-3
    )
    assert pareto["log_likelihood"].iloc[0] == pytest.approx(-9594.98, abs=0.01)
    assert (split["low"] < split["value"]).all()
    assert (split["value"] < split["high"]).all()
    assert split.index.get_level_values("model")[0] == "mbg_nbd"
    today = study.fits().query("as_of == 'today'")
    assert (
        today["log_likelihood"].iloc[0]
        == today.query("model != 'gamma_gamma'")["log_likelihood"].max()
    )


def test_weeks_kept_back_are_as_far_off_as_published(study):
    trial = study.trial()
    figures = trial.judged
    assert trial.rows["actual"].sum() == 1882
    assert figures.value("bg_nbd", "total") == pytest.approx(1653, abs=0.5)
    errors = {"bg_nbd": 0.785, "pareto_nbd": 0.755, "all_zero": 0.798, "naive_rate": 1.024}
    for model, error in errors.items():
        assert figures.value(model, "mae") == pytest.approx(error, abs=5e-4)
    assert (trial.main, trial.weeks) == ("mbg_nbd", 39)
    assert (
        figures.value(trial.best, "mae") == figures.figures.query("metric == 'mae'")["value"].min()
    )
    errors = (trial.rows[trial.best] - trial.rows["actual"]).abs()
    assert errors.mean() == pytest.approx(figures.value(trial.best, "mae"))


def test_money_kept_back_is_judged_too(study):
    money = study.trial().money
    rows = study.trial().rows
    came = money.value("mbg_nbd", "total") / (1 + money.value("mbg_nbd", "total_error"))
    assert came == pytest.approx(rows["money"].sum())
    assert money.value("all_zero", "total_error") == -1
    assert 0.3 < money.value("mbg_nbd", "spearman") < 0.6


def test_every_buyer_is_valued_once_under_the_key_of_the_base(study):
    buyers, worth = study.buyers(), study.worth()
    keys = study.base.table("orders")["buyer_key"]
    assert buyers["buyer_key"].is_unique
    assert set(buyers["buyer_key"]) == set(keys)
    orders = keys.groupby(keys).size()
    listed = buyers.set_index("buyer_key")["frequency"]
    assert (listed < orders[listed.index]).all()
    assert buyers["value"].sum() == pytest.approx(worth.total.value)
    assert worth.total.low < worth.total.value < worth.total.high
    assert worth.mean.value == pytest.approx(buyers["value"].mean())
    best = buyers["value"].nlargest(235).sum() / buyers["value"].sum()
    assert worth.top == pytest.approx(best)
    assert worth.alive == pytest.approx(buyers["alive"].sum())
    assert (worth.buyers, worth.learned) == (2357, 2357)
    assert worth.correlation.low > 0  # frequent buyers spend more: the model of spend is off


def test_calls_are_of_overdue_buyers_those_first_who_would_cost_most(study):
    calls = study.calls()
    first = calls.first
    assert len(first) == study.setting.calls < calls.overdue
    assert (first["silence"] > first["usual_gap"]).all()
    assert first["at_risk"].is_monotonic_decreasing
    assert first["at_risk"].iloc[-1] > 0
    values = study.buyers().set_index("buyer_key")["value"]
    assert first["value"].to_numpy() == pytest.approx(values[first["buyer_key"]].to_numpy())
    assert calls.at_risk.value == pytest.approx(first["at_risk"].sum())
    assert calls.longest.high < calls.at_risk.low


def test_bands_of_calls_hold_no_few_buyers(study):
    calls = study.calls()
    bands = calls.bands
    assert bands["repeats"].tolist() == ["1 to 2", "3", "4", "5", "6", "7+"]
    assert bands["buyers"].min() >= study.setting.min_cell
    assert bands["buyers"].sum() == len(calls.first)
    assert bands["at_risk"].sum() == pytest.approx(calls.first["at_risk"].sum())
    few = calls.first[calls.first["frequency"] <= 2]
    assert bands["silence"].iloc[0] == pytest.approx(few["silence"].mean())


def test_a_second_purchase_goes_with_more(study):
    second = study.second()
    assert second.comeback.buyers == 2357
    assert second.comeback.ever.low < second.comeback.ever.value < second.comeback.ever.high
    assert second.comeback.curve["returned"].is_monotonic_increasing
    assert second.further["chance"].is_monotonic_increasing
    value = second.steps.query("figure == 'value'").set_index("repeats")
    assert value.loc["1", "times_low"] > 1
    assert value.loc["1", "times"] == pytest.approx(value.loc["1", "mean"] / value.loc["0", "mean"])
    assert value["buyers"].sum() == 2357


def test_tenths_by_predicted_value_share_all_the_money(study):
    tenths = study.tenths()
    assert tenths["decile"].tolist() == list(range(1, 11))
    assert tenths["buyers"].sum() == 2357
    assert tenths["share"].sum() == pytest.approx(1)
    top = tenths.iloc[-1]
    assert 0.4 < top["share_low"] < top["share"] == tenths["share"].max()


def test_weeks_add_up_to_what_came(study):
    weeks = study.weeks()
    assert weeks["is_holdout"].sum() == 39
    assert weeks.loc[weeks["is_holdout"], "actual"].sum() == 1882
    by_frequency = study.by_frequency()
    assert (by_frequency["actual"] * by_frequency["buyers"]).sum() == pytest.approx(1882)


def test_the_surface_falls_with_silence_soonest_for_who_bought_often(study):
    surface = study.surface()
    alive = surface.pivot(index="frequency", columns="silence", values="alive")
    assert (alive.diff(axis=1).iloc[:, 1:] < 0).all(axis=None)
    half = [(row < 0.5).idxmax() for _, row in alive.iterrows()]
    assert half[-1] < half[0]
    assert (surface["recency"] + surface["silence"]).to_numpy() == pytest.approx(
        surface["age"].to_numpy()
    )
    assert np.isfinite(surface["expected"]).all()


def test_a_new_buyer_brings_more_month_by_month(study):
    new = study.new_buyer()
    assert new["month"].tolist() == list(range(37))
    assert new["value"].iloc[0] == 0
    gains = new["value"].diff().dropna()
    assert (gains > 0).all()
    assert gains.iloc[-1] < gains.iloc[0]  # buyers leave, and later money counts for less


def test_without_groups_and_rules_a_step_says_what_lacks(study):
    gaps, moved = study.gaps(), study.moved_bound()
    assert isinstance(gaps, Missing)
    assert isinstance(moved, Missing)
    assert study.groups() == {}
    assert "groups of buyers" in gaps.lacks
    assert "rule that tells segments" in moved.lacks


def test_the_free_purchases_of_the_log_are_told(study):
    assert study.terms().remarks == ("The log has 8 purchases at no cost, counted like any other.",)
    assert study.fit_seconds() > 0
