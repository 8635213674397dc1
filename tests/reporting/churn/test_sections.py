"""The sections of the churn report on small hand-written values."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from src.reporting import churn as show
from src.reporting.page.results import Absent

MISSING = SimpleNamespace(lacks="months per customer (a panel)", adds="how a model ages")
METRICS = ("auc", "pr_auc", "log_loss", "brier", "brier_skill", "lift5", "lift10", "empc")


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
        for metric in METRICS
    ]
    return pd.DataFrame(rows)


@pytest.fixture
def setting():
    return SimpleNamespace(
        segment="B2B",
        clv=200.0,
        margin_share=0.4,
        confidence=0.95,
        top=6,
        offer=10,
        contact=1,
        min_cell=10,
    )


@pytest.fixture
def trial(setting):
    labels = {"base_rate": "base rate", "boosting": "boosted trees"}
    figures = compared({"boosting": 0.3, "base_rate": 0.5})
    shown = figures.assign(model=figures["model"].map(labels))
    judged = pd.DataFrame({"churned": [1, 0, 1, 0] * 5, "chance": np.linspace(0.9, 0.1, 20)})
    return SimpleNamespace(
        setting=setting,
        population=SimpleNamespace(assumes_margin=False),
        compared=figures,
        suspects=pd.DataFrame({"columns": [], "why": []}),
        shown=shown,
        labels=labels,
        standing=SimpleNamespace(best="boosted trees", in_noise=(), behind=("base rate",)),
        best="boosting",
        judged=judged,
        tests=[pd.Timestamp("2025-03-01")],
        horizon=SimpleNamespace(months=6, gap=1),
        calibration=lambda: SimpleNamespace(
            parts=pd.DataFrame(
                {"value": [0.0, 1.1], "low": [-0.1, 0.9], "high": [0.1, 1.3]},
                index=["intercept", "slope"],
            )
        ),
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
        earned=lambda: earned,
        band=lambda: band,
        curves=lambda: pd.concat([band.assign(ordering=name) for name in earned["ordering"]]),
        stretches=lambda: stretches,
        bound=lambda churned, chance: SimpleNamespace(value=12.5, share=0.3),
    )


def test_the_answer_names_winner_money_and_limit(trial, campaign):
    shown = show.answer(trial, campaign)
    assert shown.headline.startswith(
        "**Boosted trees** tells best who leaves within 6 months after 1 month to act among B2B "
        "customers: AUC **0.700 (0.600 to 0.800)**"
    )
    assert "would have earned **34.3 k EUR (7 k to 63.9 k)**" in shown.detail
    assert shown.limit.startswith("judged on snapshot March 2025 of one base")
    assert "assumed" not in shown.limit


def test_the_answer_begins_with_what_was_left_out(trial, campaign):
    trial.suspects = pd.DataFrame({"columns": [("code",)], "why": ["AUC 1.000 alone"]})
    assert show.answer(trial, campaign).headline.startswith(
        "**Left out as too good to be true:** code (AUC 1.000 alone). **Boosted trees** tells best"
    )


def test_without_dates_or_costs_the_limit_says_so(trial, campaign):
    trial.tests, trial.horizon, trial.setting.segment = [], None, ""
    trial.population.assumes_margin = True
    shown = show.answer(trial, campaign)
    assert "who is marked as churned among all customers" in shown.headline
    assert "without dates" in shown.limit
    assert shown.limit.endswith("The margin is assumed to be 40% of revenue.")


def test_who_was_judged_in_folds():
    alone = pd.DataFrame({"column": ["tenure"], "auc": [0.7]})
    judged = SimpleNamespace(
        split=None,
        customers=100,
        churners=25,
        folds=5,
        repeats=2,
        alone=alone,
        ceiling=0.87,
        suspects=pd.DataFrame({"columns": [], "why": []}),
        left_out=False,
    )
    assert show.who(judged).facts == [
        "100 customers, of whom 25 churned (25.0%).",
        "5 folds, drawn 2 times: every model is judged on customers it did not learn from, and "
        "everything it learns, settings included, comes from the other folds.",
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


@pytest.mark.parametrize(
    "section",
    [
        show.by_lead,
        lambda missing: show.paying_leads(missing, "B2B", "EUR"),
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
    shown = show.paying_leads(paid, "B2B", "EUR")
    assert shown.caption == "In B2B lists surely pay up to exits that begin 1 month ahead."
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


def test_what_a_list_earns(campaign):
    assert "The planned top 7.0%: 7 EUR (-3 to 17)" in text_of(show.profit(campaign))
    assert "chance alone -14.3 k EUR (-20 k to -9 k)" in text_of(show.orderings(campaign))
    shown = show.stretches(campaign)
    assert shown.caption.endswith("the first stretch that loses money begins at 50% of the list.")
    assert "EUR per contact" in page_of(shown)


def test_the_bound_is_called_one(trial, campaign):
    said = text_of(show.bound(trial, campaign))
    assert "**12.50 EUR** per customer of the base" in said
    assert "It is a bound" in said


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
    study = SimpleNamespace(longest_lead=lambda: MISSING)
    values = show.metrics(study, trial).values
    assert values["best.model"] == "boosting"
    assert values["depth.profit.low"] == 7_000
    assert values["weak_spots"] == 1
    assert not any(name.startswith(("oracle", "segment", "lead")) for name in values)

    study = SimpleNamespace(longest_lead=lambda: 4)
    trial.against_truth = lambda: SimpleNamespace(model=0.70, oracle=0.72, blind=0.8)
    values = show.metrics(study, trial).values
    assert (values["lead.pays"], values["oracle.auc"], values["oracle.model_auc"]) == (4, 0.72, 0.7)
