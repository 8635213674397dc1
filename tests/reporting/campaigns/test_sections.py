"""The sections of campaigns: what is undecided is called so, what lacks is one line."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from src.analyses.missing import Missing
from src.reporting import campaigns as show
from src.reporting.campaigns.choosing import rules_sentence
from src.reporting.campaigns.first import did_sentence
from src.reporting.campaigns.lasting import fading_sentence
from src.reporting.campaigns.lasting import metrics as chain_metrics
from src.reporting.campaigns.spending import list_sentence
from src.reporting.page.results import Absent

LACKING = Missing("rows that suffice", "what a campaign did")


def figure(value, low, high):
    return SimpleNamespace(value=value, low=low, high=high)


def page(section):
    return section._repr_mimebundle_()["text/html"]


def effects(low=-0.03, high=0.01, arms=("any treatment", "mail")):
    rows = [
        {"arm": arm, "outcome": outcome, "label": label, "unit": unit, "is_loss": outcome == "lost"}
        for outcome, label, unit in (("lost", "left", "share"), ("kept", "value kept", "money"))
        for arm in arms
    ]
    table = pd.DataFrame(rows).assign(
        campaign="spring", contact="2024-03", customers=400, controls=100, p_holm=0.2,
        variance_reduction=0.3, effect=-0.01, low=low, high=high,
    )  # fmt: skip
    money = table["outcome"] == "kept"
    table.loc[money, ["effect", "low", "high"]] = [5.0, -2.0, 12.0]
    return table


def policies(best="everybody: mail", is_better=False, low=-1.0):
    rules = ["chosen", "nobody", "everybody: mail", "constant"]
    table = pd.DataFrame({"rule": rules, "treated": [0.4, 0.0, 1.0, 0.2]})
    table = table.assign(gain=[3.0, 0.0, 2.0, 1.0], low=low, high=6.0)
    for name in ("weighted", "ahead"):
        table = table.assign(**{name: 1.0, f"{name}_low": -0.5, f"{name}_high": 2.5})
    found = SimpleNamespace(
        table=table, is_better=is_better, gain=lambda _: figure(2.0, low, 6.0), rules={}
    )
    return SimpleNamespace(
        campaign="spring", found=found, learner="the same effect for all", is_money=True,
        best_simple=best, lead=lambda: figure(1.0, -0.5, 2.5), gain=lambda: figure(3.0, low, 6.0),
    )  # fmt: skip


def plan(rows=20):
    listed = pd.DataFrame({"customer_id": range(rows), "treatment": "mail", "segment": "B2C"})
    listed = listed.assign(saved=5.0, cost=1.0, expected=4.0, risk=0.1)
    return SimpleNamespace(
        rows=listed, gain=figure(80.0, -20.0, 180.0), by_risk=50.0, everybody=30.0, budget=20.0,
        is_assumed=True, capacity=100, price={"budget": 3.0, "contacts": 0.0}, spent=20.0,
        bound=81.0, greedy=79.0, customers=1_000, blocked=12, rest=8, campaign="spring",
        is_shown=False,
    )  # fmt: skip


def test_an_undecided_effect_is_called_so():
    text = page(show.what_came(effects(), "EUR", 6))
    assert "<strong>Undecided</strong>" in text
    assert "-1.0 points (-3.0 to 1.0)" in text
    said = did_sentence(effects(), "spring", "EUR")
    assert "is **not shown** to have changed the share that left" in said
    assert "**2 k EUR (-800 to 4.8 k)**" in said


def test_a_clear_effect_is_named():
    text = page(show.what_came(effects(low=-0.02, high=-0.005), "EUR", 6))
    assert "Undecided" not in text
    assert "<strong>-1.0 points (-2.0 to -0.5)</strong>" in text


def test_no_model_is_better_comes_first():
    answer = show.answer(
        effects(), LACKING, policies(), plan(), LACKING, "spring", "EUR", None
    )  # fmt: skip
    assert answer.headline.startswith(
        "**No model is shown to be better than contacting everybody (mail)**, **nor that better"
    )
    better = rules_sentence(policies(is_better=True), "EUR")
    assert better.startswith("Choosing whom to treat by a model (the same effect for all) earns")
    nobody = rules_sentence(policies(best="nobody"), "EUR")
    assert nobody.startswith("**No model is shown to be better than contacting nobody**: the")
    sure = rules_sentence(policies(low=0.5), "EUR")
    assert "which earns 2 EUR (0.5 to 6) per customer more than contacting nobody" in sure


def test_without_effects_the_answer_says_what_lacks():
    answer = show.answer(LACKING, LACKING, LACKING, LACKING, LACKING, "spring", "EUR", None)
    assert answer.headline == (
        "**What a campaign did cannot be told**: this base has no rows that suffice."
    )


def test_the_list_says_whom_and_what_limits_it():
    text = page(show.next_list(plan(), "EUR"))
    assert "A list of <strong>20 customers</strong> of 1,000 is for a test with controls" in text
    sure = plan()
    sure.is_shown = True
    text_sure = page(show.next_list(sure, "EUR"))
    assert "<strong>20 customers</strong> of 1,000 are to be contacted" in text_sure
    assert "what the campaign cost, as none was set" in text
    assert "<strong>3.00 EUR</strong>" in text
    assert "At most 100 contacts; one more would earn 0.00 EUR" in text
    assert "12 customers were contacted less than 8 weeks ago" in text
    nobody = list_sentence(plan(rows=0), "EUR")
    assert nobody.startswith("**Nobody** of 1,000 customers is worth a contact")
    assert "is worth a contact" in page(show.next_list(plan(rows=0), "EUR"))


def test_groups_of_few_are_not_counted():
    text = page(show.next_list(plan(rows=4), "EUR"))
    assert "<td" not in text
    assert "4 customers" not in text


def test_rules_have_the_truth_beside_them():
    truth = SimpleNamespace(
        rules=pd.DataFrame({"rule": ["chosen", "nobody"], "gain": [1.0, 0.0], "share": [0.5, 0.0]}),
        share=0.5,
    )
    text = page(show.rules(policies(), {"constant": "one effect"}, "EUR", truth))
    assert "Upright marks: the simulated truth" in text
    assert "one effect" in text
    assert "simulated" not in page(show.rules(policies(), {}, "EUR", LACKING))


def decay(is_told):
    half_life = figure(2.4, 1.1, np.inf) if is_told else figure(np.nan, 0.0, np.inf)
    told = SimpleNamespace(half_life=half_life, is_told=is_told, verdict="It fades.")
    exits = pd.DataFrame({"month": [1, 2], "effect": [0.7, 0.8], "low": 0.5, "high": 1.1})
    return SimpleNamespace(
        campaign="chain", segment="B2C", decay=told, exits=exits, orders=None, of_orders=None
    )


def test_a_half_life_is_told_or_undecided():
    assert "**2.4 months** (1.1 to no end)" in fading_sentence(decay(True))
    assert "is **undecided**" in fading_sentence(decay(False))
    assert chain_metrics(LACKING, decay(True))["chain.half_life.high"] is None
    assert chain_metrics(LACKING, decay(False))["chain.half_life"] is None
    assert "month 1: 0.70 (0.50 to 1.10)" in page(show.fading(decay(True)))


@pytest.mark.parametrize(
    "section",
    [
        show.drawn(LACKING, LACKING),
        show.what_came(LACKING, "EUR", 6),
        show.opened(LACKING),
        show.groups(LACKING, LACKING, "spring"),
        show.chain(LACKING, "EUR"),
        show.fading(LACKING),
        show.rules(LACKING, {}, "EUR", LACKING),
        show.order(LACKING, LACKING),
        show.next_list(LACKING, "EUR"),
        show.budgets(LACKING, LACKING, "EUR"),
        show.weaker(LACKING, "EUR"),
        show.next_test(LACKING, "EUR"),
    ],
)
def test_what_the_base_lacks_is_one_line(section):
    assert isinstance(section, Absent)


def test_what_is_of_no_use_is_not_shown():
    assert page(show.truth(LACKING, {}, "EUR")) == ""
    assert page(show.without_control(LACKING, "EUR")) == ""


def test_figures_of_the_run_hold_none_for_what_lacks():
    told = show.metrics(*(LACKING if n != 1 else "spring" for n in range(9))).values
    assert told["ate"] is None
    assert told["policy.oracle_share"] is None
    assert told["budget.shadow_price"] is None
    full = show.metrics(
        *(effects(), "spring", LACKING, policies(), LACKING, plan()), *[LACKING] * 3
    ).values
    assert (full["ate"], full["policy.gain"], full["budget.shadow_price"]) == (-0.01, 3.0, 3.0)


def cut_effects(cut=(9.0, 8.0, 10.0), plain=(30.0, -50.0, 110.0)):
    ends = [plain, plain, cut, cut]
    return pd.DataFrame(ends, columns=["effect", "low", "high"]).assign(
        campaign="spring", arm="any treatment", label="value kept less cost",
        kept=[1.0, 0.999, 0.99, 0.95], customers=400, controls=100,
    )  # fmt: skip


def test_an_effect_on_money_that_hangs_on_few_is_called_so():
    text = page(show.largest(cut_effects(), "spring", "EUR"))
    assert "<strong>30 EUR (-50 to 110)</strong> as it came" in text
    assert "<strong>9 EUR (8 to 10)</strong> with the amounts of the largest 5% cut" in text
    assert "<strong>So the answer hangs on a few large customers.</strong>" in text

    wide = page(show.largest(cut_effects(cut=(1.0, -9.0, 11.0)), "spring", "EUR"))
    assert "Most of the width of the interval comes from a few large amounts." in wide

    turned = page(show.largest(cut_effects(cut=(-2.0, -9.0, 5.0)), "spring", "EUR"))
    assert "<strong>So its sign hangs on a few large customers</strong>" in turned

    same = page(show.largest(cut_effects(cut=(28.0, -45.0, 100.0)), "summer", "EUR"))
    assert "The largest customers change little." in same
    assert "lacks" not in same


def test_the_riskiest_and_who_comes_first_are_told_apart():
    given = effects(), LACKING, policies(), plan(), LACKING, "spring", "EUR", None
    said = show.answer(*given).detail
    assert "the same money spent on the riskiest 50 EUR, as they come 30 EUR" in said


def test_a_model_that_does_what_the_best_rule_does_is_said_to():
    for best, said in (
        ("everybody: mail", "(the same effect for all) treats everybody as it does"),
        ("nobody", "(the same effect for all) contacts nobody either"),
    ):
        choice = policies(best=best)
        choice.lead = lambda: figure(0.0, 0.0, 0.0)
        assert rules_sentence(choice, "EUR").endswith(said)
