"""Whether the 95 % interval of the effect of a further product holds the truth.

Each replicate is a small operator of its own, put to what the page does: private customers, whose
exits are abrupt, so that the month in which an exit was decided is seen. Companies' exits are
decided months before they are seen; what they tell is blurred, and stands beside on the page.

The truth is the ratio of hazards that the simulator was given, at equal tenure, habit and hidden
proneness to leave. Three comparisons are made: raw on one day, among customers alike in all that is
seen, and apart from the habit that usage shows with noise.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
from scipy.stats import norm

from src.data.operator.generate import simulate
from src.data.operator.settings import Settings, null_settings
from src.data.problems import InputError
from src.features.lifecycle import lives
from src.models.products.effect import LogRatio, among_alike, raw_at_one_day
from src.models.products.hidden_habit import apart_from_habit
from src.models.products.seen_columns import seen_columns
from src.models.products.watch import Watch, watched

REPLICATES = 100
CONFIDENCE = 0.95
SEGMENT = "B2C"
_SMALL = Settings(b2c_customers=8_000, b2b_customers=0, hidden_months=0)
_NAMES = {"product_effect": "", "product_effect.raw": "naive_", "product_effect.seen": "seen_"}


def replicate(seed: int) -> dict[str, float]:
    """The effects of the operator of this seed, as ratios of hazards minus 1, with their ends.

    Names are `product_effect`, `product_effect.raw`, `product_effect.seen`, `product_effect.null`
    (the main figure of the operator of the seed without any effect), each with `.low` and `.high`,
    `truth`, and `exits` of the main comparison.
    """
    settings = replace(_SMALL, seed=seed)
    watch = _watched(settings)
    months = watch.months
    main = _main(watch)
    ratios = {
        "product_effect": main,
        "product_effect.raw": raw_at_one_day(months),
        "product_effect.seen": among_alike(months, seen_columns(months, watch.levels)).ratio,
        "product_effect.null": _main(_watched(null_settings(settings))),
    }
    return {
        **{
            f"{name}{end}": value
            for name, ratio in ratios.items()
            for end, value in _ends(ratio).items()
        },
        "truth": float(np.expm1(settings.effects.product)),
        "exits": float(main.exits),
    }


def _watched(settings: Settings) -> Watch:
    tables, _ = simulate(settings)
    people = tables["customers"]
    tables["customers"] = people[people["segment"] == SEGMENT]
    spells = lives(tables["billing"], tables["customers"])
    return watched(spells, tables, np.random.default_rng(settings.seed))


def _main(watch: Watch) -> LogRatio:
    """Apart from the habit or, where usage shows none, among those alike in what is seen."""
    months = watch.months
    assert watch.levels is not None, "an operator has usage"
    try:
        return apart_from_habit(months, seen_columns(months), watch.waits, watch.levels).ratio
    except InputError:
        return among_alike(months, seen_columns(months, watch.levels)).ratio


def summarise(rows: list[dict[str, float]]) -> dict[str, float]:
    """The share of replicates whose interval holds the truth, per comparison, 0..1.

    Returns `product_effect.coverage`, `product_effect.naive_coverage` (raw on one day) and
    `product_effect.seen_coverage`, `product_effect.null_coverage` (of no effect, where there is
    none); `.bias` of each (mean error, in points of the ratio), likewise
    `.naive_bias` and `.seen_bias`; `.width`, `.naive_width`, `.seen_width` (mean, of the
    intervals); `.truth`, `.exits` (mean) and `.replicates`.
    """
    table = pd.DataFrame(rows)
    truth = table["truth"]
    told: dict[str, float] = {}
    for name, kind in _NAMES.items():
        low, high = table[f"{name}.low"], table[f"{name}.high"]
        told[f"product_effect.{kind}coverage"] = float(((low <= truth) & (truth <= high)).mean())
        told[f"product_effect.{kind}bias"] = float((table[name] - truth).mean())
        told[f"product_effect.{kind}width"] = float((high - low).mean())
    low, high = table["product_effect.null.low"], table["product_effect.null.high"]
    told["product_effect.null_coverage"] = float(((low <= 0) & (high >= 0)).mean())
    told["product_effect.null_bias"] = float(table["product_effect.null"].mean())
    told["product_effect.truth"] = float(truth.mean())
    told["product_effect.exits"] = float(table["exits"].mean())
    told["product_effect.replicates"] = len(table)
    return told


def _ends(ratio: LogRatio) -> dict[str, float]:
    reach = norm.ppf((1 + CONFIDENCE) / 2) * ratio.error
    logs = {"": ratio.value, ".low": ratio.value - reach, ".high": ratio.value + reach}
    return {end: float(np.expm1(value)) for end, value in logs.items()}
