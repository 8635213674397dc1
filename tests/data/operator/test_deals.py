from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal
from scipy.stats import chi2_contingency, kendalltau, ks_2samp
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

from src.data.checks import violations
from src.data.operator.deals import SOURCES, STAGES, DealSettings, simulate_deals
from src.data.problems import InputError

FIRST, MONTHS = pd.Timestamp("2023-01-01"), 36
STAGE_DAYS = list(STAGES[1:])
AT_OPENING = ["segment", "source", "manager", "amount", "meetings"]


def simulate(settings: DealSettings, seed: int = 1, months: int = MONTHS):
    return simulate_deals(settings, months, FIRST, np.random.default_rng(seed))


@pytest.fixture(scope="module")
def usual() -> tuple[pd.DataFrame, pd.DataFrame]:
    return simulate(DealSettings())


@pytest.fixture(scope="module")
def null() -> tuple[pd.DataFrame, pd.DataFrame]:
    return simulate(DealSettings.null())


def tau_with_truth(deals: pd.DataFrame, truth: pd.DataFrame) -> float:
    """Kendall tau between the experts' and the true order, mean over the months of opening."""
    both = deals[["created", "expert_rank"]].assign(value=truth["value_per_hour"])
    taus = [
        kendalltau(rows["expert_rank"], -rows["value"]).statistic
        for _, rows in both.groupby(both["created"].dt.to_period("M"))
    ]
    return float(np.mean(taus))


def p_values(deals: pd.DataFrame) -> pd.Series:
    """For every column: the chance of a link with winning as close as seen, if there is none."""
    closed = deals[deals["won"].notna()]
    won = closed["won"].astype(bool)
    found = {}
    for name in closed.columns.drop(["deal_id", "won"]):
        cells = closed[name]
        levels = len(cells.value_counts())
        if levels == 1:
            continue
        if levels < 20:
            found[name] = chi2_contingency(pd.crosstab(cells, won)).pvalue
        else:
            known = cells.dropna()
            found[name] = ks_2samp(known[won[known.index]], known[~won[known.index]]).pvalue
        if cells.isna().any():
            found[f"{name} known"] = chi2_contingency(pd.crosstab(cells.isna(), won)).pvalue
    for name in [*STAGE_DAYS, "closed"]:
        days = (closed[name] - closed["created"]).dt.days.dropna()
        won_here = won[days.index]
        found[f"days to {name}"] = ks_2samp(days[won_here], days[~won_here]).pvalue
    return pd.Series(found)


@pytest.mark.parametrize("settings", [DealSettings(), DealSettings.null(), DealSettings(deals=1)])
@pytest.mark.parametrize("months", [1, MONTHS])
def test_the_deals_obey_the_contract(settings, months):
    deals, truth = simulate(settings, months=months)

    assert violations(deals, "deals") == []
    assert deals.dtypes.astype(str).to_dict() == {
        "deal_id": "object",
        "created": "datetime64[ns]",
        "stage": "object",
        "amount": "float64",
        "closed": "datetime64[ns]",
        "won": "boolean",
        "hours": "float64",
        "segment": "object",
        "manager": "object",
        "expert_rank": "float64",
        "source": "object",
        "meetings": "float64",
        **dict.fromkeys(STAGE_DAYS, "datetime64[ns]"),
    }
    assert truth["deal_id"].equals(deals["deal_id"])


def test_ids_count_the_deals_in_order_of_opening(usual):
    deals, _ = usual

    assert deals["deal_id"].iloc[[0, 1, -1]].tolist() == ["D0000001", "D0000002", "D0002500"]
    assert deals["created"].is_monotonic_increasing
    assert sorted(set(deals["manager"])) == [f"M{number:02d}" for number in range(1, 13)]
    assert set(deals["source"]) == set(SOURCES)


def test_every_month_has_deals_and_none_lies_outside(usual):
    deals, _ = usual
    months = deals["created"].dt.to_period("M").value_counts().sort_index()

    assert months.index.tolist() == list(pd.period_range("2023-01", "2025-12", freq="M"))
    assert months.between(35, 110).all()  # 69 expected, 5 standard deviations
    days = deals[["created", "closed", *STAGE_DAYS]]
    assert days.max().max() <= pd.Timestamp("2025-12-31")


def test_months_count_from_the_first_of_the_month():
    deals, _ = simulate_deals(
        DealSettings(deals=500), 1, pd.Timestamp("2024-02-15"), np.random.default_rng(1)
    )

    assert deals["created"].min() == pd.Timestamp("2024-02-01")
    assert deals["created"].max() == pd.Timestamp("2024-02-29")


def test_the_same_generator_state_gives_the_same_deals(usual):
    again = simulate(DealSettings())

    assert_frame_equal(again[0], usual[0])
    assert_frame_equal(again[1], usual[1])
    assert not simulate(DealSettings(), seed=2)[0].equals(usual[0])


def test_open_deals_have_no_outcome_and_were_opened_late(usual):
    deals, _ = usual
    is_open = deals["won"].isna()

    assert deals["closed"].isna().equals(is_open)
    assert not deals["won"].array._data[is_open].any(), "the outcome must not lie under the gap"
    assert 0.05 < is_open.mean() < 0.15
    assert is_open[deals["created"] >= "2025-11-01"].mean() > 0.6
    assert is_open[deals["created"] < "2024-07-01"].mean() < 0.01


def test_stages_follow_each_other(usual):
    deals, _ = usual
    reached = deals[STAGE_DAYS].notna()
    days = deals[["created", *STAGE_DAYS]].to_numpy()
    known = ~np.isnat(days)
    filled = np.where(known, days, np.datetime64("2100-01-01", "ns"))

    assert (np.diff(filled.astype("int64"), axis=1) >= 0).all()
    assert deals["stage"].tolist() == [STAGES[count] for count in reached.sum(axis=1)]
    last = deals[STAGE_DAYS].max(axis=1)
    assert (last.isna() | deals["closed"].isna() | (last <= deals["closed"])).all()
    assert (deals.loc[deals["won"].fillna(False), "stage"] == "negotiation").all()
    lost = deals.loc[~deals["won"].fillna(True), "stage"].value_counts(normalize=True)
    assert lost[list(STAGES)].tolist() == pytest.approx([0.30, 0.30, 0.25, 0.15], abs=0.04)


def test_a_b2b_deal_takes_three_to_six_months():
    long, _ = simulate(DealSettings(), months=240)  # hardly any deal still open
    days = (long["closed"] - long["created"]).dt.days.groupby(long["segment"]).mean()

    assert 90 < days["B2B"] < 180
    assert days["B2C"] < 30


def test_the_sorts_of_deals_are_realistic(usual):
    deals, _ = usual
    segments = deals["segment"].value_counts(normalize=True)
    amounts = deals.groupby("segment")["amount"].median()

    assert segments["B2B"] == pytest.approx(0.85, abs=0.03)
    assert amounts["B2B"] == pytest.approx(6_000, rel=0.1)
    assert amounts["B2C"] == pytest.approx(600, rel=0.2)
    assert 0.2 < deals["won"].mean() < 0.4


def test_hours_are_heavy_tailed_and_grow_with_the_amount(usual):
    deals, _ = usual
    hours = deals["hours"].sort_values()
    in_b2b = deals[deals["segment"] == "B2B"]
    growth, _ = np.polyfit(np.log(in_b2b["amount"]), np.log(in_b2b["hours"]), 1)

    assert hours.tail(250).sum() / hours.sum() > 0.3  # a tenth of the deals
    assert hours.mean() > 1.3 * hours.median()
    assert growth == pytest.approx(0.45, abs=0.06)


def test_the_truth_is_consistent(usual):
    deals, truth = usual

    assert truth["win_probability"].between(0, 1, inclusive="neither").all()
    expected = truth["win_probability"] * deals["amount"]
    assert truth["expected_value"].to_numpy() == pytest.approx(expected.to_numpy())
    assert truth["value_per_hour"].to_numpy() == pytest.approx((expected / deals["hours"]).values)


def test_deals_are_won_as_often_as_the_truth_says():
    deals, truth = simulate(DealSettings(deals=20_000))
    closed = deals["won"].notna()
    tenth = pd.qcut(truth.loc[closed, "win_probability"], 10, labels=False)
    won = deals.loc[closed, "won"].astype(float).groupby(tenth).mean()
    expected = truth.loc[closed, "win_probability"].groupby(tenth).mean()

    error = np.sqrt(expected * (1 - expected) / (closed.sum() / 10))
    assert (abs(won - expected) < 3.5 * error).all()


def test_a_model_sees_a_part_of_what_decides():
    deals, truth = simulate(DealSettings(deals=10_000))
    deals["amount"] = np.log(deals["amount"])
    columns = pd.get_dummies(deals[AT_OPENING], drop_first=True).astype(float)
    closed = deals["won"].notna()
    early = closed & (deals["created"] < "2025-01-01")
    late = closed & ~early
    won = deals["won"].fillna(False).astype(bool)
    model = LogisticRegression(max_iter=5_000).fit(columns[early], won[early])

    seen = roc_auc_score(won[late], model.predict_proba(columns[late])[:, 1])
    best = roc_auc_score(won[late], truth.loc[late, "win_probability"])
    assert 0.60 < seen < best - 0.04
    assert best < 0.85


def test_every_visible_effect_is_recovered():
    settings = DealSettings(deals=200_000, manager_spread=0.0, unseen_spread=0.0)
    deals, truth = simulate(settings)
    probability = truth["win_probability"]
    log_odds = np.log(probability / (1 - probability))
    median = deals["segment"].map({"B2C": 600.0, "B2B": 6_000.0})
    effects = dict(zip(SOURCES, settings.source_effects, strict=True))
    expected = (
        np.log(0.24 / 0.76)
        + 0.5 * (deals["segment"] == "B2C")
        + deals["source"].map(effects)
        - 0.35 * np.log(deals["amount"] / median)
        + 0.25 * (deals["meetings"] - 2)
    )

    assert log_odds.to_numpy() == pytest.approx(expected.to_numpy(), abs=1e-3)


def test_managers_and_the_unseen_part_have_their_spread():
    alone = replace(DealSettings.null(), deals=5_000)
    _, by_unseen = simulate(replace(alone, unseen_spread=0.8))
    deals, by_manager = simulate(replace(alone, manager_spread=0.45, managers=1_000))

    def log_odds(truth: pd.DataFrame) -> pd.Series:
        return np.log(truth["win_probability"] / (1 - truth["win_probability"]))

    assert log_odds(by_unseen).std() == pytest.approx(0.8, abs=0.03)
    skills = log_odds(by_manager).groupby(deals["manager"])
    assert (skills.max() - skills.min()).max() < 1e-9
    assert skills.first().std() == pytest.approx(0.45, abs=0.04)


def test_experts_rank_the_deals_of_each_month(usual):
    deals, _ = usual
    for _, ranks in deals.groupby(deals["created"].dt.to_period("M"))["expert_rank"]:
        assert sorted(ranks) == list(range(1, len(ranks) + 1))


@pytest.mark.parametrize("seed", range(5))
def test_experts_agree_with_the_truth_in_part(seed):
    assert 0.4 < tau_with_truth(*simulate(DealSettings(), seed)) < 0.75


def test_experts_of_full_skill_know_the_truth():
    assert tau_with_truth(*simulate(DealSettings(expert_skill=1.0))) == pytest.approx(1.0)


def test_every_effect_of_the_usual_settings_shows(usual):
    found = p_values(usual[0])

    shown = found[["segment", "source", "manager", "meetings"]]
    assert (shown < 0.001).all(), shown
    # Larger amounts are won less often within a segment.
    in_b2b = usual[0][usual[0]["segment"] == "B2B"]
    assert p_values(in_b2b)["amount"] < 0.001


@pytest.mark.parametrize("seed", range(3))
def test_null_winning_has_no_link_with_any_column(seed):
    deals, _ = simulate(replace(DealSettings.null(), deals=5_000), seed)

    found = p_values(deals)
    assert len(found) >= 14
    assert found.min() > 0.05 / len(found), found.sort_values()


def test_null_win_probability_and_value_per_hour_are_constant(null):
    deals, truth = null

    assert truth["win_probability"].to_numpy() == pytest.approx(np.full(2_500, 0.24))
    per_hour = 0.24 * 6_000 / 14
    assert truth["value_per_hour"].to_numpy() == pytest.approx(np.full(2_500, per_hour), rel=0.02)
    won = deals["won"].dropna().astype(float)
    assert won.mean() == pytest.approx(0.24, abs=3 * np.sqrt(0.24 * 0.76 / len(won)))


def test_null_segments_are_alike():
    deals, _ = simulate(replace(DealSettings.null(), deals=5_000))
    is_b2b = deals["segment"] == "B2B"
    deals["days"] = (deals["closed"] - deals["created"]).dt.days

    for name in ("amount", "hours", "days", "meetings", "expert_rank"):
        cells = deals[name].dropna()
        found = ks_2samp(cells[is_b2b[cells.index]], cells[~is_b2b[cells.index]])
        assert found.pvalue > 0.01, name


@pytest.mark.parametrize("column", ["amount", "hours", "meetings"])
def test_null_expert_order_is_random(column):
    deals, _ = simulate(replace(DealSettings.null(), deals=20_000))

    # 20,000 ranks: the standard error of tau is 0.0047.
    assert abs(kendalltau(deals["expert_rank"], deals[column]).statistic) < 0.015


def test_null_expert_order_has_nothing_of_the_truth():
    settings = DealSettings(expert_skill=0.0, deals=20_000)

    assert abs(tau_with_truth(*simulate(settings))) < 0.015


@pytest.mark.parametrize(("rate", "outcome"), [(0.0, False), (1.0, True)])
def test_win_rates_at_the_ends_are_kept(rate, outcome):
    deals, truth = simulate(DealSettings(win_rate=rate))

    assert (deals["won"].dropna() == outcome).all()
    assert (truth["win_probability"] == rate).all()


@pytest.mark.parametrize(
    ("name", "value", "rule"),
    [
        ("deals", 0, "must be a whole number of 1 or more, not 0"),
        ("deals", 2.5, "must be a whole number of 1 or more, not 2.5"),
        ("managers", -1, "must be a whole number of 1 or more, not -1"),
        ("b2b_share", 1.1, r"must lie in 0\.\.1, not 1.1"),
        ("win_rate", -0.1, r"must lie in 0\.\.1, not -0.1"),
        ("expert_skill", float("nan"), r"must lie in 0\.\.1, not nan"),
        ("source_shares", (0.5, 0.5), r"must be 4 shares in 0\.\.1 that sum to 1"),
        ("source_shares", (0.5, 0.5, 0.5, -0.5), r"must be 4 shares in 0\.\.1 that sum to 1"),
        ("loss_shares", (0.2, 0.2, 0.2, 0.2), r"must be 4 shares in 0\.\.1 that sum to 1"),
        ("b2c_amount", 0.0, "must be above 0, not 0.0"),
        ("b2b_amount", -5.0, "must be above 0, not -5.0"),
        ("b2c_hours", 0.0, "must be above 0, not 0.0"),
        ("b2b_hours", float("inf"), "must be above 0, not inf"),
        ("b2c_days", -1.0, "must be above 0, not -1.0"),
        ("b2b_days", 0.0, "must be above 0, not 0.0"),
        ("amount_spread", -0.1, "must be 0 or more, not -0.1"),
        ("mean_meetings", -1.0, "must be 0 or more, not -1.0"),
        ("hours_growth", -0.1, "must be 0 or more, not -0.1"),
        ("hours_spread", -0.1, "must be 0 or more, not -0.1"),
        ("manager_spread", -0.1, "must be 0 or more, not -0.1"),
        ("unseen_spread", float("nan"), "must be 0 or more, not nan"),
        ("b2c_effect", float("inf"), "must be a finite number, not inf"),
        ("amount_effect", float("nan"), "must be a finite number, not nan"),
        ("meeting_effect", float("nan"), "must be a finite number, not nan"),
        ("source_effects", (0.0,), r"must be 4 finite numbers, not \(0.0,\)"),
    ],
)
def test_settings_that_cannot_be_are_refused_by_name(name, value, rule):
    with pytest.raises(InputError, match=f"^{name} {rule}"):
        replace(DealSettings(), **{name: value})


def test_no_months_are_refused():
    with pytest.raises(InputError, match=r"^months must be 1 or more, not 0$"):
        simulate(DealSettings(), months=0)
