"""Whether the 90 % intervals of the LTV gap and of its bars hold the truth nine times in ten.

Each replicate is a small operator of its own, with its own world of incidents and price rises. An
analyst would see its tables only: features are built, both segments' models fitted, and the gap of
mean residual LTV (36 months, 12 % a year) between B2B and B2C decomposed with the intervals of the
report. Everybody on the list of the last month is valued, the silent too, some of whom are gone
already: nothing of the truth decides who counts. The truth of an operator is known per customer:
expected discounted months, revenue and margin. What the intervals are about is the mean over
operators: a customer drawn at random from an operator drawn at random, whose money a month is what
can be known of it (`observable_worth`). How often they hold the bars of an insider, who also knows
who has decided to leave and who is gone, is told beside it.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from src.analyses import ltv
from src.analyses.missing import Missing
from src.data.bases import open_base
from src.data.operator.generate import generate
from src.data.operator.settings import Settings, scenario_settings
from src.data.operator.truth import open_truth
from src.features.months import Month
from src.features.tables import build_features
from src.models.churn.oracle import observable_worth
from src.models.gap.bars import bars, group_means
from src.models.gap.value_intervals import Members, gap_with_intervals

REPLICATES = 100
CONFIDENCE = 0.90
_SMALL = Settings(b2c_customers=2_500, b2b_customers=3_000)
_LOOKS = 13  # snapshots, every second month
_MEANS = ("lifetime", "arpu", "monthly_margin", "margin")


def replicate(seed: int, scenario: str = "") -> dict[str, float]:
    """The bars of the operator of this seed with their ends, and its true means per segment.

    `scenario`: one of `settings.SCENARIOS`; empty: the default.

    Names are `<factor>`, `<factor>.low`, `<factor>.high`, `truth.<segment>.<mean>` and
    `insider.<segment>.<mean>`.
    """
    with tempfile.TemporaryDirectory(prefix="cvm-") as folder:
        built = {
            "name": "small",
            "title": "Small operator",
            "kind": "panel",
            "currency": "EUR",
            "origin": "simulated",
            "notes": [],
        }
        (Path(folder) / "base.yml").write_text("simulator: operator\n")
        settings = scenario_settings(_SMALL, scenario) if scenario else _SMALL
        generate(Path(folder), replace(settings, seed=seed), built, processes=1)
        base = open_base(folder)
        last = Month.of(base.table("billing", ["month"])["month"].max())
        build_features(base, snapshots=[last.back(2 * step) for step in range(_LOOKS)])
        truth = open_truth(base, "snapshot")
        groups = ltv.open_study(folder, shapes=3).members()
        assert not isinstance(groups, Missing), "a panel has months"
    rng = np.random.default_rng(seed)
    table = gap_with_intervals(groups, "B2B", rng, confidence=CONFIDENCE)
    means = _true_means(truth, groups)
    return {
        **{row.factor: row.bar for row in table.itertuples()},
        **{f"{row.factor}.low": row.low for row in table.itertuples()},
        **{f"{row.factor}.high": row.high for row in table.itertuples()},
        **{
            f"{who}.{segment}.{name}": float(means[who].loc[segment, name])
            for who in means
            for segment in groups
            for name in _MEANS
        },
    }


def summarise(rows: list[dict[str, float]]) -> dict[str, float]:
    """The share of replicates whose interval holds the true bar, per factor and for the gap.

    Returns `coverage.<factor>`, `coverage.bars.min` and `.max` over the bars without the gap,
    `truth.<factor>`, `bias.<factor>` (mean error over the truth), `insider.<factor>`,
    `insider.coverage.<factor>` and `replicates`. The true bars are those of the mean true means
    over all replicates.
    """
    table = pd.DataFrame(rows)
    of_truth, of_insider = _true_bars(table, "truth"), _true_bars(table, "insider")
    covered, by_insider = (
        {
            factor: float(
                ((table[f"{factor}.low"] <= bar) & (bar <= table[f"{factor}.high"])).mean()
            )
            for factor, bar in bars.items()
        }
        for bars in (of_truth, of_insider)
    )
    parts = [share for factor, share in covered.items() if factor != "gap"]
    return {
        **{f"coverage.{factor}": share for factor, share in covered.items()},
        "coverage.bars.min": min(parts),
        "coverage.bars.max": max(parts),
        **{f"truth.{factor}": float(bar) for factor, bar in of_truth.items()},
        **{
            f"bias.{factor}": float(table[factor].mean() / bar - 1)
            for factor, bar in of_truth.items()
        },
        **{f"insider.{factor}": float(bar) for factor, bar in of_insider.items()},
        **{f"insider.coverage.{factor}": share for factor, share in by_insider.items()},
        "replicates": len(rows),
    }


def _true_bars(table: pd.DataFrame, who: str) -> pd.Series:
    """The bars, by factor, of the mean over replicates of the true means."""
    true = pd.DataFrame(
        {name: table[f"{who}.{segment}.{name}"].mean() for name in _MEANS} | {"group": segment}
        for segment in ("B2B", "B2C")
    )
    true = true.assign(
        margin_share=true["monthly_margin"] / true["arpu"],
        association=true["margin"] / (true["lifetime"] * true["monthly_margin"]),
        mean_ltv=true["margin"],
    )
    return bars(true).set_index("factor")["bar"]


def _true_means(truth: pd.DataFrame, groups: Mapping[str, Members]) -> dict[str, pd.DataFrame]:
    """The true MEANS of `gap.bars` per segment, of what can be known and of an insider."""
    exact = truth.set_index("customer_id")
    observable, insider = [], []
    for name, group in groups.items():
        true = exact.loc[group.worth["customer_id"]].reset_index()
        observable.append(observable_worth(true, group.money).assign(group=name))
        # Who surely leaves next month has no month left, and no money in it.
        insider.append(true.assign(group=name, lifetime=true["lifetime"].clip(lower=1e-6)))
    frames = {"truth": pd.concat(observable), "insider": pd.concat(insider)}
    return {who: group_means(frame, "B2B").set_index("group") for who, frame in frames.items()}
