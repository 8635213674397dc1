"""Sections of the value of buyers: what is assumed, tenths, surfaces, parameters, the answer."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from src.reporting import shop_ltv as show
from src.reporting.shop_ltv import valuing


def estimate(value, low, high):
    return SimpleNamespace(value=value, low=low, high=high)


def terms(**changed):
    given = {
        "currency": "EUR",
        "begins": pd.Timestamp("2023-01-01"),
        "split": pd.Timestamp("2025-06-30"),
        "ends": pd.Timestamp("2025-12-31"),
        "since": None,
        "holdout": 26,
        "months": 36,
        "rate": 0.12,
        "margin_share": 0.5,
        "is_assumed": True,
        "confidence": 0.95,
        "min_cell": 10,
        "remarks": ("8 purchases at no cost.",),
    }
    return SimpleNamespace(**(given | changed))


def worth(correlation=(0.2, 0.1, 0.3)):
    return SimpleNamespace(
        total=estimate(77_000, 70_000, 86_000),
        mean=estimate(32.0, 30.0, 36.0),
        top=0.64,
        alive=978.0,
        buyers=2357,
        learned=900,
        model="mbg_nbd",
        correlation=None if correlation is None else estimate(*correlation),
    )


def missing(lacks="rows that suffice"):
    return SimpleNamespace(lacks=lacks, adds="what buyers are worth")


def test_the_facts_say_days_assumptions_and_no_small_count():
    assert show.who(worth(), terms()).facts == [
        "The log goes from 2023-01-01 to 2025-12-31; 2,357 buyers are valued on that day.",
        "The test learns up to 2025-06-30 and is judged on the 26 weeks after it.",
        "Several orders of a day are one purchase; a return reduces the day.",
        "50.0% of sales is taken for margin: the base has no margins, so this is an assumption.",
        "How often buyers buy and how much they spend each time have a rank correlation of +0.20 "
        "(+0.10 to +0.30); the model of spend assumes none, so the value of frequent buyers is "
        "rather too low.",
        "fewer than 10 purchases at no cost.",
    ]


def test_the_facts_of_a_warm_up_and_of_known_margins():
    since = terms(since=pd.Timestamp("2024-01-01"), is_assumed=False, margin_share=0.18)
    facts = show.who(worth(correlation=(-0.2, -0.3, -0.1)), since).facts
    assert facts[3:6] == [
        "Models learn from the 900 buyers whose first purchase is of 2024-01-01 or later: in the "
        "weeks before, old buyers look new.",
        "18.0% of sales is margin, as the orders say.",
        "How often buyers buy and how much they spend each time have a rank correlation of -0.20 "
        "(-0.30 to -0.10); the model of spend assumes none, so the value of frequent buyers is "
        "rather too high.",
    ]
    none = show.who(worth(correlation=(0.0, -0.1, 0.1)), terms()).facts[4]
    assert none.endswith("as good as none: what the model of spend assumes.")
    assert len(show.who(worth(correlation=None), terms()).facts) == 5
    lacking = show.who(missing(), since).facts
    assert lacking[0] == "The log goes from 2023-01-01 to 2025-12-31."
    assert lacking[3].startswith("Models learn from buyers whose first purchase is of 2024-01-01")


def tenths(**changed):
    share = np.array([0.01, 0.02, 0.01, 0.03, 0.04, 0.05, 0.07, 0.1, 0.17, 0.5])
    table = pd.DataFrame(
        {"decile": range(1, 11), "buyers": 200, "share": share, "actual": 100 * share}
    )
    return table.assign(share_low=0.9 * share, share_high=1.1 * share, **changed)


def test_tenths_say_what_the_best_brought():
    found = show.tenths(tenths(), terms())
    assert found.finding == (
        "**The tenth with the highest predicted value brought 50% (45 to 55)** of the money of the "
        "weeks kept back; the dashed line is a tenth; 1 tenth brought less than the one below"
    )
    assert "too few buyers" in show.tenths(tenths(buyers=9), terms()).text


def surface(half):
    silences = np.linspace(0, 40, 5)
    rows = pd.MultiIndex.from_product([(1, 2, 5), silences], names=["frequency", "silence"])
    table = rows.to_frame(index=False).assign(age=40.0)
    alive = np.where(table["silence"] < half / table["frequency"], 0.9, 0.2)
    return table.assign(alive=alive - table["silence"] / 1000, expected=2 * alive)


def test_the_surface_says_after_how_much_silence_a_buyer_has_left():
    page = show.surface(surface(15), terms())._repr_mimebundle_()["text/plain"]
    assert (
        "Of buyers first seen 40 weeks ago, one with 5 repeat purchases has more likely than not "
        "left after 10 weeks of silence, one with 1 repeat purchase has more likely than not left "
        "after 20 weeks of silence"
    ) in page
    stays = show.surface(surface(999), terms())._repr_mimebundle_()["text/plain"]
    assert (
        "one with 1 repeat purchase is more likely than not a buyer still, however long the silence"
    ) in stays


def fits():
    rows = [
        ("today", "mbg_nbd", "r", 0.62, -100.0, ""),
        ("today", "bg_nbd", "r", 0.25, -110.5, "nobody drops out"),
        ("today", "gamma_gamma", "p", 4.7, -40.0, ""),
        ("split", "bg_nbd", "r", 0.2426, -9582.43, ""),
        ("split", "gamma_gamma", "p", 6.2, -41.0, ""),
    ]
    names = ["as_of", "model", "parameter", "value", "log_likelihood", "limit"]
    table = pd.DataFrame(rows, columns=names)
    return table.assign(low=0.9 * table["value"], high=1.1 * table["value"])


def test_parameters_of_today_are_shown_and_limits_told():
    page = show.fits(fits(), terms())._repr_mimebundle_()["text/plain"]
    assert page.startswith(
        "MBG/NBD is the likeliest of the three models of buying: its log-likelihood is 10.5 above "
        "that of BG/NBD, the next; all have four parameters"
    )
    assert "Times are in weeks, money in EUR. BG/NBD: nobody drops out." in page
    assert "0.2426" not in page


def test_metrics_are_of_the_split_and_of_today():
    told = valuing.metrics(worth(), fits())
    assert told["bgnbd.r"] == 0.2426
    assert told["bgnbd.log_likelihood"] == -9582.43
    assert told["today.bgnbd.r"] == 0.25
    assert told["today.gammagamma.p"] == 4.7
    assert (told["worth.total"], told["worth.total.low"]) == (77_000, 70_000)
    assert told["spend.correlation"] == 0.2
    assert "spend.correlation" not in valuing.metrics(worth(correlation=None), fits())
    assert valuing.metrics(missing(), missing()) == {}


def test_all_metrics_of_a_base_that_lacks_everything():
    lacking = missing()
    found = show.metrics(lacking, lacking, lacking, lacking, lacking, 0.25)
    assert found.values == {"fit_seconds": 0.25}


def test_the_answer_stands_without_its_parts():
    lacking = missing()
    found = show.answer(worth(), lacking, lacking, lacking, lacking, terms())
    assert found.headline == (
        "**2,357 buyers are worth 77 k EUR (70 k to 86 k)** of margin over the next 36 months; the "
        "tenth worth most holds 64% of it."
    )
    assert found.detail == ""
    assert found.limit.endswith("The margin is assumed to be 50% of revenue.")
    none = show.answer(lacking, lacking, lacking, lacking, lacking, terms(is_assumed=False))
    assert none.headline == "No value can be told: this base has no rows that suffice."
    assert none.limit.endswith("from a control group only.")


@pytest.mark.parametrize("section", [show.tenths, show.surface, show.fits, show.new_buyer])
def test_a_section_without_its_step_is_one_line(section):
    assert section(missing("orders"), terms()).text == (
        "This base has no orders. With it, this part would show what buyers are worth."
    )
