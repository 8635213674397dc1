"""The sections of the churn report on small hand-written values."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from src.reporting import churn as show
from src.reporting.page.results import Absent

MISSING = SimpleNamespace(lacks="months per customer (a panel)", adds="how a model ages")
METRICS = ("auc", "pr_auc", "log_loss", "brier", "brier_skill", "lift5", "lift10", "empc")
OF_PANELS = ("savable_auc", "savable_log_loss")
SAVED = SimpleNamespace(
    share=SimpleNamespace(value=0.3, low=0.2, high=0.4), campaigns=2, treated=900, controls=400
)


def text_of(shown) -> str:
    return shown._repr_mimebundle_()["text/plain"]


def page_of(shown) -> str:
    return shown._repr_mimebundle_()["text/html"]


def compared(names: dict[str, float]) -> pd.DataFrame:
    """Figures of models whose log loss is given; the first is the best."""
    best = next(iter(names))
    rows = [
        {
            "model": name,
            "metric": metric,
            "value": loss if metric == "log_loss" else 0.7,
            "low": 0.6,
            "high": 0.8,
            "difference": loss - names[best],
            "difference_low": loss - names[best] - 0.01,
            "difference_high": loss - names[best] + 0.01,
            "in_noise": name != best and loss - names[best] < 0.01,
            "is_best": name == best,
        }
        for name, loss in names.items()
        for metric in (*METRICS, *OF_PANELS)
    ]
    return pd.DataFrame(rows)


@pytest.fixture
def setting():
    return SimpleNamespace(
        segment="B2B",
        clv=200.0,
        accept_rate=0.3,
        margin_share=0.4,
        confidence=0.95,
        top=6,
        offer=10,
        contact=1,
        min_cell=10,
        assumed=lambda currency, is_valued: [f"a contact costs 1 {currency} (CONTACT)"],
    )


NO_SUSPICIONS = pd.DataFrame(columns=["column", "why", "with_them", "without"])


@pytest.fixture
def trial(setting):
    labels = {"base_rate": "base rate", "boosting": "boosted trees"}
    figures = compared({"boosting": 0.3, "base_rate": 0.5})
    shown = figures.assign(model=figures["model"].map(labels))
    judged = pd.DataFrame({"churned": [1, 0, 1, 0] * 5, "chance": np.linspace(0.9, 0.1, 20)})
    judged["outcome"] = ["can be saved", "stays", "gone already", "stays"] * 5
    judged["savable"] = judged["chance"] / 2
    return SimpleNamespace(
        setting=setting,
        population=SimpleNamespace(assumes_margin=False, is_valued=False),
        compared=figures,
        suspects=pd.DataFrame({"columns": [], "why": []}),
        shown=shown,
        labels=labels,
        baselines=["base rate"],
        standing=SimpleNamespace(best="boosted trees", in_noise=(), behind=("base rate",)),
        best="boosting",
        judged=judged,
        tests=[pd.Timestamp("2025-03-01")],
        horizon=SimpleNamespace(months=6, gap=1),
        calibration=lambda: calibrated(1.1),
        savable_calibration=lambda: calibrated(0.8),
        silent=lambda: silent(),
        told="boosting",
        failed={},
        drop_line="`drop: [duration]`",
        reads_tenure=True,
        suspicions=lambda: NO_SUSPICIONS,
        concordance=lambda: MISSING,
    )


def calibrated(slope: float) -> SimpleNamespace:
    parts = pd.DataFrame(
        {"value": [0.0, slope], "low": [-0.1, slope - 0.2], "high": [0.1, slope + 0.2]},
        index=["intercept", "slope"],
    )
    curve = pd.DataFrame({"customers": [9, 200], "chance": [0.1, 0.5], "rate": [0.1, 0.45]})
    curve = curve.assign(low=curve["rate"] - 0.05, high=curve["rate"] + 0.05)
    return SimpleNamespace(parts=parts, curve=curve)


def silent() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "silent": [1, 2],
            "customers": [300, 100],
            "gone_said": [0.4, 0.8],
            "gone": [0.5, 0.9],
            "lost_said": [0.5, 0.9],
            "lost": [0.6, 0.9],
            "low": [0.4, 0.8],
            "high": [0.6, 0.95],
        }
    )


@pytest.fixture
def campaign(setting):
    earned = pd.DataFrame(
        {
            "ordering": ["expected profit", "chance alone"],
            "share": [0.07, 0.1],
            "profit": [34_300.0, 20_000.0],
            "low": [7_000.0, 1_000.0],
            "high": [63_900.0, 40_000.0],
            "difference": [0.0, -14_300.0],
            "difference_low": [0.0, -20_000.0],
            "difference_high": [0.0, -9_000.0],
            "in_noise": [False, False],
        }
    )
    share = np.linspace(0, 1, 11)
    band = pd.DataFrame({"share": share, "profit": share * 100})
    band = band.assign(low=band["profit"] - 10, high=band["profit"] + 10)
    stretches = pd.DataFrame(
        {
            "from_share": [0.0, 0.5],
            "to_share": [0.5, 1.0],
            "contacts": [10.0, 10.0],
            "profit_per_contact": [5.0, -2.0],
        }
    )
    return SimpleNamespace(
        setting=setting,
        currency="EUR",
        shares={"expected profit": 0.07, "chance alone": 0.1},
        depth=0.07,
        alternative="contacting nobody",
        earned=lambda: earned,
        gain=lambda: SimpleNamespace(value=34_300.0, low=7_000.0, high=63_900.0),
        break_even=lambda: SimpleNamespace(value=0.1, low=0.08, high=0.12),
        band=lambda: band,
        curves=lambda: pd.concat([band.assign(ordering=name) for name in earned["ordering"]]),
        stretches=lambda: stretches,
        bound=lambda churned, chance: SimpleNamespace(value=12.5, share=0.3),
    )


def test_the_answer_names_winner_money_and_limit(trial, campaign):
    shown = show.answer(trial, campaign, SAVED)
    assert shown.headline.startswith(
        "**Boosted trees** tells best who is gone or leaves within 7 months among B2B customers: "
        "AUC **0.700 (0.600 to 0.800)**"
    )
    assert shown.detail.endswith(
        "If 30% of the leavers who are contacted stay, contacting the top **7.0%** by expected "
        "profit would have earned **34.3 k EUR (7 k to 63.9 k)**. That is **34.3 k EUR (7 k to "
        "63.9 k)** more than contacting nobody. It earns nothing if **10.0% (8.0 to 12.0)** of "
        "them stay. The base's own offers kept **30.0% (20.0 to 40.0)** of leavers (2 campaigns "
        "with 400 controls): above what the list needs. Assumed by this report, set by nobody: a "
        "contact costs 1 EUR (CONTACT)."
    )
    assert shown.limit.startswith("judged on snapshot March 2025 of one base")
    assert "assumed" not in shown.limit


def test_where_nobody_is_contacted_no_accept_rate_is_needed(trial, campaign):
    campaign.depth = 0.0
    earned = campaign.earned().assign(share=0.0, profit=0.0, low=0.0, high=0.0)
    campaign.earned = lambda: earned
    assert show.answer(trial, campaign, MISSING).detail.endswith(
        "**No campaign pays** at these costs, not even if 30% of the leavers who are contacted "
        "stay: the best plan is to contact nobody. Assumed by this report, set by nobody: a "
        "contact costs 1 EUR (CONTACT)."
    )


def test_with_others_in_the_noise_nobody_tells_best(trial, campaign):
    trial.standing = SimpleNamespace(best="boosted trees", in_noise=("forest",), behind=())
    assert show.answer(trial, campaign, SAVED).headline.startswith(
        "**Boosted trees** tells who is gone or leaves within 7 months among B2B customers as well "
        "as forest within the noise: AUC"
    )


def test_without_a_signal_no_winner_and_no_money_is_told(trial):
    missing = SimpleNamespace(lacks="column that tells who leaves", adds="what a list earns")
    shown = show.answer(trial, missing, SAVED)
    assert shown.headline == (
        "**No column here tells who is gone or leaves within 7 months** among B2B customers: no "
        "model is better than the base rate beyond its noise. The nearest, boosted trees, has an "
        "AUC of **0.700 (0.600 to 0.800)**, where 0.5 is a draw by lot."
    )
    assert "EUR" not in shown.detail
    assert text_of(show.calibration(trial, missing, missing)).startswith("This base has no column")


def test_a_column_to_look_at_is_named_first_with_the_line_to_write(trial, campaign):
    trial.suspicions = lambda: pd.DataFrame(
        {"column": ["duration"], "why": ["AUC 0.87 alone"], "with_them": 0.9, "without": 0.66}
    )
    assert show.answer(trial, campaign, SAVED).headline.startswith(
        "**Look first at duration (AUC 0.87 alone).** Boosted trees have an AUC of 0.900 with it "
        "and 0.660 without. If it is known only when a customer has left, write `drop: [duration]` "
        "under tables.snapshot of base.yml. **Boosted trees** tells best"
    )


def test_the_answer_begins_with_what_was_left_out(trial, campaign):
    trial.suspects = pd.DataFrame({"columns": [("code",)], "why": ["AUC 1.000 alone"]})
    assert show.answer(trial, campaign, SAVED).headline.startswith(
        "**Left out as too good to be true:** code (AUC 1.000 alone). **Boosted trees** tells best"
    )


def test_without_dates_or_costs_the_limit_says_so(trial, campaign):
    trial.tests, trial.horizon, trial.setting.segment = [], None, ""
    trial.population.assumes_margin = True
    shown = show.answer(trial, campaign, MISSING)
    assert "who is marked as churned among all customers" in shown.headline
    assert "Nobody measured here how many do" in shown.detail
    assert "without dates" in shown.limit
    assert shown.limit.endswith("The margin is assumed to be 40% of revenue.")


def test_chances_are_judged_of_who_is_lost_and_of_who_can_be_saved(trial):
    shown = show.calibration(trial, trial.calibration(), trial.savable_calibration())
    lost, _, savable = text_of(shown).splitlines()  # the figure's alternative text between them
    assert lost.startswith("The chances to be lost of boosted trees are as far apart")
    assert "slope 1.10 (0.90 to 1.30)" in lost
    assert savable.startswith("The chances that one can be saved of boosted trees are as far")
    assert "slope **0.80 (0.60 to 1.00)**" in savable
    without = show.calibration(trial, trial.calibration(), MISSING)
    assert text_of(without).startswith("The chances of boosted trees are as far apart")
    assert len(without.parts) == 1


def test_the_silent_are_shown_with_what_came_and_few_of_them_are_not(trial):
    shown = show.silent(silent(), 10)
    assert shown.caption == (
        "Of 300 customers silent for 1 month **50% (40% to 60%)** were gone already, said 40%; of "
        "100 customers silent for 2 months **90% (80% to 95%)** were gone already, said 80%. A "
        "contact of theirs is paid for and saves nobody."
    )
    assert shown.frame["silent"].tolist() == [1, 2]
    assert show.silent(silent(), 101).frame["silent"].tolist() == [1]
    assert "silent for 2" not in show.silent(silent(), 101).caption
    assert show.silent(silent(), 301).caption == "Too few are silent to show."


def test_who_was_judged_in_folds():
    alone = pd.DataFrame({"column": ["tenure"], "auc": [0.7]})
    judged = SimpleNamespace(
        split=None,
        customers=100,
        churners=25,
        folds=5,
        repeats=2,
        remarks=["No model reads these columns: note (names its rows)."],
        alone=alone,
        ceiling=0.87,
        suspects=pd.DataFrame({"columns": [], "why": []}),
        left_out=False,
    )
    assert show.who(judged).facts == [
        "100 customers, of whom 25 churned (25.0%).",
        "5 folds, drawn 2 times: every model is judged on customers it did not learn from, and "
        "everything it learns, settings included, comes from the other folds.",
        "No model reads these columns: note (names its rows).",
        "No column alone is too good to be true: the strongest is tenure with an AUC of 0.70. Nor "
        "is being filled, nor are two columns together, and no model is above 0.87, what is known "
        "to be possible here.",
    ]


def test_the_comparison_shows_two_tables_and_the_figure_of_the_digest(trial):
    shown = show.comparison(trial)._repr_mimebundle_()
    assert "2 models on the same rows, with 95% intervals" in shown["text/plain"]
    assert "More figures of the same models" in shown["text/html"].partition("<details")[2]
    (kind,) = set(shown) - {"text/html", "text/plain"}
    assert shown[kind]["finding"].startswith("No other model is within the noise")


def test_what_could_not_be_fitted_and_time_at_risk_stand_beside_the_figures(trial):
    trial.failed = {"logistic regression": "the columns tell exactly who churned"}
    trial.concordance = lambda: 0.7
    said = text_of(show.comparison(trial))
    assert "1 model could not be fitted: logistic regression (the columns tell exactly" in said
    assert "the one known to have left sooner had the higher chance in **0.700** of pairs" in said
    assert "Models read the tenure itself, which flatters this figure." in said


def test_a_winner_that_is_behind_by_auc_is_explained(trial):
    is_other = (trial.shown["model"] == "base rate") & (trial.shown["metric"] == "auc")
    trial.shown = trial.shown.assign(value=trial.shown["value"].mask(is_other, 0.75))
    assert "By AUC alone base rate is ahead (0.750)" in text_of(show.comparison(trial))


@pytest.mark.parametrize(
    "section",
    [
        show.by_lead,
        lambda missing: show.silent(missing, 10),
        lambda missing: show.paying_leads(missing, None, "EUR"),
        show.staying_power,
        show.by_group,
        lambda missing: show.one_for_all(missing, "B2B"),
        lambda missing: show.against_truth(None, missing),
    ],
)
def test_what_a_base_lacks_is_one_line(section):
    shown = section(MISSING)
    assert isinstance(shown, Absent)
    assert text_of(shown) == (
        "This base has no months per customer (a panel). With it, this part would show how a "
        "model ages."
    )


def test_leads_and_ages(trial):
    quality = pd.DataFrame({"group": "B2B", "month": [1, 2], "value": [0.8, 0.7]})
    quality = quality.assign(low=quality["value"] - 0.1, high=quality["value"] + 0.1)
    assert "B2B starts at 0.80 and beats a coin up to month 2" in text_of(show.by_lead(quality))
    assert "-0.100, within the noise" in text_of(show.staying_power(quality))
    paid = pd.DataFrame({"lead": [1, 2], "churners": [9, 8], "share": [0.1, 0.1]})
    paid = paid.assign(profit=[5.0, 1.0], low=[1.0, -2.0], high=[9.0, 4.0], pays=[True, False])
    shown = show.paying_leads(paid, SimpleNamespace(segment="B2B", accept_rate=0.3), "EUR")
    assert shown.caption == (
        "If 30% of the leavers who are contacted stay, in B2B lists surely pay up to exits that "
        "begin 1 month ahead."
    )
    assert "Profit, EUR" in page_of(shown)


def test_weak_spots_are_read_with_their_group(trial):
    spots = pd.DataFrame(
        {
            "attribute": ["plan", "plan"],
            "level": ["flex", "fixed"],
            "verdict": ["ranks worse", ""],
            "churners": [30, 40],
            "rate": [0.3, 0.1],
            "said": [0.2, 0.1],
            "auc": [0.55, 0.7],
            "low": [0.5, 0.6],
            "high": [0.6, 0.8],
            "promised": [0.7, 0.7],
        }
    )
    shown = show.weak_spots(trial, spots)
    assert (
        shown.caption == "Of 2 groups looked at, boosted trees fails in 1: plan flex (ranks worse)."
    )
    assert shown.frame["area"].tolist() == ["0.55 (0.50 to 0.60)", "0.70 (0.60 to 0.80)"]
    few = spots.assign(auc=[0.55, None], low=[0.5, None], high=[0.6, None])
    assert show.weak_spots(trial, few).frame["area"].tolist() == ["0.55 (0.50 to 0.60)", "-"]


def test_what_a_list_earns(campaign):
    said = text_of(show.profit(campaign))
    assert "If 30% of the leavers who are contacted stay, contacting the top 7.0%" in said
    assert "The planned top 7.0%: 7 EUR (-3 to 17)" in said
    assert "chance alone -14.3 k EUR (-20 k to -9 k)" in text_of(show.orderings(campaign))
    shown = show.stretches(campaign)
    assert shown.caption.endswith("the first stretch that loses money begins at 50% of the list.")
    assert "EUR per contact" in page_of(shown)


def test_the_bound_is_called_one(trial, campaign):
    said = text_of(show.bound(trial, campaign))
    assert "**12.50 EUR** per customer of the base" in said
    assert "It is a bound" in said


def test_the_bound_is_of_who_can_be_saved_where_months_are_known(trial, campaign):
    asked = []

    def bound(savable, chance):
        asked.append((int(savable.sum()), float(chance.max())))
        return SimpleNamespace(value=1.0, share=0.1)

    campaign.bound = bound
    show.bound(trial, campaign)
    trial.judged = trial.judged.drop(columns=["savable", "outcome"])
    show.bound(trial, campaign)
    assert asked == [(5, 0.45), (10, 0.9)]


def test_metrics_leave_out_what_the_base_could_not_answer(trial, campaign):
    stable = SimpleNamespace(jaccard=0.5, kendall=0.6)
    trial.campaign = lambda: campaign
    trial.explain = lambda: SimpleNamespace(
        contributions=SimpleNamespace(additivity_error=1e-6),
        ranked=pd.DataFrame({"column": ["tenure"]}),
        stability=lambda: stable,
    )
    trial.weak_spots = lambda: pd.DataFrame({"verdict": ["", "ranks worse"]})
    trial.one_for_all = lambda: MISSING
    trial.against_truth = lambda: MISSING
    trial.silent = trial.savable_calibration = lambda: MISSING
    campaign.break_even = lambda: MISSING
    of_panels = trial.compared["metric"].isin(OF_PANELS)
    everything, trial.compared = trial.compared, trial.compared[~of_panels]
    study = SimpleNamespace(longest_lead=lambda: MISSING)
    values = show.metrics(study, trial).values
    assert values["best.model"] == "boosting"
    assert values["depth.profit.low"] == 7_000
    assert values["weak_spots"] == 1
    assert values["list.alternative"] == "contacting nobody"
    assert values["list.gain_over_alternative.high"] == 63_900
    assert (values["lost.auc"], values["lost.auc.low"]) == (0.7, 0.6)
    left_out = ("oracle", "segment", "lead", "silent", "savable", "list.break", "calibration.sav")
    assert not any(name.startswith(left_out) for name in values)

    study = SimpleNamespace(longest_lead=lambda: 4)
    trial.against_truth = lambda: SimpleNamespace(model=0.70, oracle=0.72, blind=0.8, insider=0.9)
    trial.silent, trial.savable_calibration = silent, lambda: calibrated(0.8)
    campaign.break_even = lambda: SimpleNamespace(value=0.1, low=0.08, high=0.12)
    trial.compared = everything
    more = show.metrics(study, trial).values
    assert {name: more[name] for name in more if name not in values} == pytest.approx(
        {
            "lead.pays": 4,
            "oracle.auc": 0.72,
            "oracle.model_auc": 0.7,
            "oracle.blind_auc": 0.8,
            "oracle.insider_auc": 0.9,
            "list.break_even_accept": 0.1,
            "list.break_even_accept.low": 0.08,
            "list.break_even_accept.high": 0.12,
            "savable.auc": 0.7,
            "savable.auc.low": 0.6,
            "savable.auc.high": 0.8,
            "calibration.savable_slope": 0.8,
            "calibration.savable_slope.low": 0.6,
            "calibration.savable_slope.high": 1.0,
            "silent.customers": 400,
            "silent.gone_said": 0.5,  # 300 x 0.4 + 100 x 0.8 of 400
            "silent.gone_came": 0.6,
            "silent.lost_said": 0.6,
            "silent.lost_came": 0.675,
            **{
                f"{model}.{metric}{end}": value
                for model in ("boosting", "base_rate", "best")
                for metric in OF_PANELS
                for end, value in (("", 0.7), (".low", 0.6), (".high", 0.8))
                if model == "best" or not end
            },
        }
    )


def test_what_nobody_set_is_named_in_the_answer(trial, campaign, setting):
    setting.assumed = lambda currency, is_valued: [f"an offer 10 {currency} (OFFER)"]
    shown = show.answer(trial, campaign, SAVED)
    said = "Assumed by this report, set by nobody: an offer 10 EUR (OFFER)."
    assert shown.detail.endswith(said)


def test_without_a_signal_there_is_no_winner_and_no_money(trial):
    shown = show.answer(trial, MISSING, SAVED)
    asked = "who is gone or leaves within 7 months"
    assert shown.headline.startswith(f"**No column here tells {asked}** among B2B customers")
    assert "EUR" not in shown.headline + shown.detail
    assert "All that is known is the rate" in shown.detail


def test_a_column_to_look_at_comes_before_the_winner(trial, campaign):
    why, area = "0 in it: 99.6% left", {"with_them": 0.92, "without": 0.71}
    trial.suspicions = lambda: pd.DataFrame([{"column": "remaining", "why": why, **area}])
    trial.drop_line = "`drop: [remaining]`"
    shown = show.answer(trial, campaign, SAVED)
    assert shown.headline.startswith(
        "**Look first at remaining (0 in it: 99.6% left).** Boosted trees have an AUC of 0.920 "
        "with it and 0.710 without. If it is known only when a customer has left, write "
        "`drop: [remaining]` under tables.snapshot of base.yml. **Boosted trees** tells best"
    )
