"""Whether a further product keeps customers: raw, among those alike, and apart from a habit."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from scipy.stats import norm

from src.analyses.missing import Missing, minor
from src.analyses.once import once
from src.analyses.products.opened import Opened
from src.analyses.streams import stream
from src.data.manifest import read_manifest
from src.data.operator.generate import settings_of
from src.data.operator.truth import open_truth
from src.data.problems import InputError
from src.features.lifecycle import LifeRecord
from src.models.products import effect, sensitivity
from src.models.products.effect import LogRatio
from src.models.products.hidden_habit import HabitAdjusted, apart_from_habit
from src.models.products.seen_columns import seen_columns
from src.models.products.watch import Watch, watched

RAW, WHOLE, SEEN, HABIT = "raw", "whole_lives", "seen", "habit"
INSIDER = "insider"
LABELS = {
    WHOLE: "raw, over whole lives",
    RAW: "raw, on one day",
    SEEN: "alike in all that is seen",
    HABIT: "alike in habit too",
    INSIDER: "alike in the true habit",
}
_ADDS = "whether a further product keeps customers"
_HABIT_ADDS = "the effect of a product apart from a habit that usage shows with noise"
_TABLES = ("customers", "billing", "holdings", "usage", "lines", "contracts", "events", "campaigns")


@dataclass(frozen=True, eq=False)
class Effect:
    """What a further product does to the monthly hazard of leaving, in one segment.

    `rows`, from the rawest to the main one: `estimate` (`whole_lives`, `raw`, `seen`, `habit`),
    `label`, `effect` (ratio of hazards minus 1: below 0 fewer leave), `low`, `high`, `customers`,
    `exits`. `balance`: `what`, `before`, `after` (standardised mean differences of holders of one
    more product from those of one fewer). `habit` says what the habit does, or why it is not told.
    `e_value` and `e_value_end`: of the main ratio, and of the end of its interval nearer to 1.
    `lag`: months before its end from which an exit counts as decided. `confidence`: of the
    intervals. On simulated bases `truth` is the effect that the simulator was given, and `insider`
    a row of those who know the true habit: what it is off by is chance. Both are None on others.
    """

    segment: str
    rows: pd.DataFrame
    balance: pd.DataFrame
    habit: HabitAdjusted | Missing
    e_value: float
    e_value_end: float
    lag: int
    confidence: float
    truth: float | None = None
    insider: pd.Series | None = None

    @property
    def main(self) -> pd.Series:
        """The row that counts: apart from the habit, or else among those alike in what is seen."""
        return self.rows.iloc[-1]


class Keeping(Opened):
    """The steps of a study of products that say whether products keep customers."""

    @once
    def effect(self) -> Effect | Missing:
        """The effect of a further product in the segment with most exits; see `Effect`.

        A product counts from the month after its start, and never before. Missing without holdings,
        or where too few leave. The first call fits the models of all segments.
        """
        found = self._effects()
        if isinstance(found, Missing):
            return found
        return found[next(iter(found))]

    @once
    def effect_beside(self) -> Effect | Missing:
        """The same of the segment with fewer exits; Missing where the base has one only."""
        found = self._effects()
        if isinstance(found, Missing):
            return found
        if len(found) < 2:
            return Missing("second segment", "the effect of a further product in it")
        return found[list(found)[1]]

    @once
    @minor(_ADDS)
    def _effects(self) -> dict[str, Effect | Missing] | Missing:
        """By segment, that with most exits first."""
        if not self.base.has("holdings"):
            return Missing("table holdings", _ADDS)
        tables = {name: self.base.table(name) for name in _TABLES if self.base.has(name)}
        people = tables["customers"]
        record = LifeRecord(tables["billing"], people, self.base.freeze_months)
        lives = record.followed()
        gone = lives.loc[lives["how"] != "censored", "customer_id"]
        segment = people.set_index("customer_id")["segment"]
        exits = segment.reindex(gone).value_counts()
        order = exits.reindex(segment.unique(), fill_value=0).sort_values(ascending=False)
        return {
            str(name): self._effect_of(
                str(name), lives, tables | {"customers": people[people["segment"] == name]}
            )
            for name in order.index
        }

    def _effect_of(
        self, segment: str, lives: pd.DataFrame, tables: dict[str, pd.DataFrame]
    ) -> Effect | Missing:
        rng = stream(self.setting.seed, f"effect {segment}")
        try:
            watch = watched(lives, tables, rng)
            found = _compared(segment, self.setting.confidence, watch)
        except InputError as error:
            return Missing(f"{segment} rows that suffice ({error})", _ADDS)
        return self._beside_truth(found, watch)

    def _beside_truth(self, found: Effect, watch: Watch) -> Effect:
        """On a simulated base, the effect with the truth and an insider's."""
        if self.base.origin != "simulated":
            return found
        simulator = read_manifest(self.base.folder).simulator
        if not simulator:
            return found
        lives = open_truth(self.base, "lives").drop_duplicates("customer_id")
        engagement = lives.set_index("customer_id")["engagement"]
        habit = engagement.reindex(watch.lives["customer_id"]).to_numpy("float64")
        insider = None
        if habit.std() > 0:
            ratio = effect.with_habit_known(watch.months, seen_columns(watch.months), habit)
            insider = pd.Series(_row(INSIDER, ratio, found.confidence))
        truth = float(np.expm1(settings_of(simulator).effects.product))
        return replace(found, truth=truth, insider=insider)


def _compared(segment: str, confidence: float, watch: Watch) -> Effect:
    """All comparisons of one segment; `InputError` where one of the raw ones cannot be made."""
    months = watch.months
    alike = effect.among_alike(months, seen_columns(months, watch.levels))
    ratios = {
        WHOLE: effect.raw_of_whole_lives(months),
        RAW: effect.raw_at_one_day(months),
        SEEN: alike.ratio,
    }
    habit = _habit(watch)
    if not isinstance(habit, Missing):
        ratios[HABIT] = habit.ratio
    rows = pd.DataFrame([_row(name, ratio, confidence) for name, ratio in ratios.items()])
    main = rows.iloc[-1]
    return Effect(
        segment=segment,
        rows=rows,
        balance=alike.balance,
        habit=habit,
        e_value=sensitivity.e_value(1 + main["effect"]),
        e_value_end=sensitivity.e_value_of_interval(1 + main["low"], 1 + main["high"]),
        lag=watch.lag,
        confidence=confidence,
    )


def _habit(watch: Watch) -> HabitAdjusted | Missing:
    """The main comparison, or why it cannot be made."""
    if watch.levels is None:
        return Missing(watch.no_usage.removeprefix("no "), _HABIT_ADDS)
    try:
        columns = seen_columns(watch.months)
        return apart_from_habit(watch.months, columns, watch.waits, watch.levels)
    except InputError as error:
        return Missing(f"habit to be told from usage ({error})", _HABIT_ADDS)


def _row(name: str, ratio: LogRatio, confidence: float) -> dict[str, object]:
    reach = norm.ppf((1 + confidence) / 2) * ratio.error
    low, middle, high = np.expm1([ratio.value - reach, ratio.value, ratio.value + reach])
    return {
        "estimate": name,
        "label": LABELS[name],
        "effect": float(middle),
        "low": float(low),
        "high": float(high),
        "customers": ratio.customers,
        "exits": ratio.exits,
    }
