"""What both groups are worth, and where the gap comes from."""

from __future__ import annotations

import pandas as pd

from src.analyses.ltv.opened import SIZE, Opened
from src.analyses.ltv.values import Alike, Comparison
from src.analyses.missing import Missing, minor
from src.analyses.once import once
from src.analyses.settings.model import refuse
from src.analyses.streams import stream
from src.data.problems import InputError
from src.features import bands
from src.features.true_rate import as_customers_are
from src.models.gap import adjusted, bars, mean_intervals, value_tables
from src.models.gap.mix import MixAndRate, mix_and_rate
from src.models.gap.moved_bound import gaps_by_bound
from src.models.learning.names import clear_of
from src.models.value.worth import placed

_BANDS_ALIKE, _BANDS_SHOWN = 4, 5  # of tenure, and of any number
_LEAST_OF_MIX = 30  # customers of a sub-segment that stands for itself
_LEVELS = 10  # a number with more of them is shown in bands
_SHORTER, _OTHER_RATES = (12, 24), (0.0, 0.2)  # settings that are tried


class Comparing(Opened):
    """The steps of a study that compare two groups."""

    @once
    def gap(self) -> Comparison:
        """Mean and median LTV of both groups, and the gap as the sum of its bars.

        See `Comparison`: `ltv`, `bars`, `groups`, `thin`. The first call trains the models and
        draws customers again with them, which takes a minute or more on a large base.
        """
        setting = self.setting
        worth, first = self.worth(), setting.first
        at_once = bars.gap_bars(worth, first)
        again = self.population.replicates(stream(setting.seed, "gap"))
        means = mean_intervals.mean_ltv_intervals(at_once, again, setting.names, setting.confidence)
        rng = stream(setting.seed, "medians")
        drawn = bars.gap_intervals(placed(worth), first, rng, **setting.drawn)
        medians = drawn.ltv[drawn.ltv["figure"] == "median"]
        return Comparison(
            ltv=pd.concat([means.assign(figure="mean"), medians], ignore_index=True),
            bars=bars.replicate_intervals(at_once, again, confidence=setting.confidence),
            groups=drawn.groups,
            thin=tuple(self.few_ended().index),
        )

    @once
    @minor("the gap net of what customers cost")
    def net(self) -> pd.DataFrame | Missing:
        """The bars of the gap net of what it cost to win the customers.

        `factor` (with `acquisition`), `first`, `second`, `bar`, `low`, `high` (money), `in_noise`,
        of customers whose cost is known. Missing where no costs are.
        """
        cost = self.population.acquisition_cost()
        if isinstance(cost, Missing):
            return cost
        costed = (
            placed(self.worth()).assign(acquisition_cost=cost).dropna(subset=["acquisition_cost"])
        )
        rng, setting = stream(self.setting.seed, "net"), self.setting
        asked = (costed, setting.first, rng)
        return bars.gap_intervals(*asked, count_acquisition=True, **setting.drawn).bars

    @once
    def mix(self) -> MixAndRate | Missing:
        """How much of the gap is the mix of sub-segments; see `MixAndRate`.

        `totals`: `effect`, `value`, `low`, `high` (money), `in_noise`; `effects`: the same by
        `sub_segment`. Missing without the column `sub_segment` of the setting.
        """
        column, setting = self.setting.sub_segment, self.setting
        if column not in self.traits():
            return Missing(f"column {column}", "how much of the gap is mix")
        parts = placed(self.worth()).assign(part=self.words_of(column))
        rng = stream(setting.seed, "mix")
        least = max(_LEAST_OF_MIX, setting.min_cell)
        try:
            return mix_and_rate(parts, setting.first, "part", rng, min_cell=least, **setting.drawn)
        except InputError as error:
            return Missing(f"both groups in {column} ({error})", "how much of the gap is mix")

    @once
    def alike(self) -> Alike | Missing:
        """The gap between customers who are alike in the columns `alike`; see `Alike`.

        Missing where the base has none of these columns.
        """
        setting, tenure = self.setting, self.population.tenure()
        strata, traits = placed(self.worth()), self.traits()
        columns = [name for name in setting.alike if name in traits]
        names = clear_of(columns, [*strata, "tenure"])
        strata = strata.assign(**{names[name]: self.words_of(name) for name in columns})
        columns = list(names.values())
        if not isinstance(tenure, Missing):
            strata["tenure"] = bands.banded(tenure, _BANDS_ALIKE).astype(str).to_numpy()
            columns.append("tenure")
        if not columns:
            return Missing("columns to be alike in", "the gap between customers who are alike")
        rng = stream(setting.seed, "alike")
        try:
            gap = adjusted.standardised_gap(strata, setting.first, columns, rng, **setting.drawn)
        except InputError as error:
            lacks = f"customers of both groups who are alike ({error})"
            return Missing(lacks, "the gap between customers who are alike")
        return Alike(tuple(columns), gap.table, gap.support)

    def mean_by(self, column: str, within: str | None = None) -> pd.DataFrame:
        """Mean LTV at each level of a column of `traits`, such as `"region"`, `within` one group.

        `<column>`, `customers`, `mean`, `low`, `high` (money per customer), `share` of the value of
        all these customers. Numbers of many values are cut into bands; levels of fewer customers
        than `min_cell` are left out. Intervals are of other customers (percentile bootstrap).
        Raises `InputError` for a column or group that is not there, naming the nearest.
        """
        setting, traits = self.setting, self.traits()
        if column not in traits:
            raise refuse("column", column, "a column of study.traits()", map(str, traits.columns))
        levels = traits[column].astype("object")
        if pd.api.types.is_numeric_dtype(traits[column]) and levels.nunique() > _LEVELS:
            levels = bands.banded(traits[column], _BANDS_SHOWN)
        worth = self.worth()
        if within is not None:
            self.refuse_other_groups(within)
            worth = worth[worth["group"] == within]
        worth = worth.assign(level=levels.reindex(worth["customer_id"]).array)
        rng = stream(setting.seed, f"mean by {column} within {within}")
        limits = {"min_cell": setting.min_cell, **setting.drawn}
        return value_tables.means_by(worth, "level", rng, **limits).rename(
            columns={"level": column}
        )

    def sizes(self) -> pd.DataFrame | Missing:
        """Mean LTV by size within the first group, the frame of `mean_by("size")`.

        Missing where no sizes are known.
        """
        if SIZE not in self.traits():
            return Missing("sizes or roles", "who within a group is worth most")
        return self.mean_by(SIZE, within=self.setting.first)

    def gap_at(self, months: int, rate: float) -> float:
        """The gap of mean LTV (money) over `months`, at most the horizon, at a yearly discount."""
        if not 1 <= months <= self.setting.horizon:
            raise InputError(f"months must be 1 to {self.setting.horizon}, not {months}")
        return self.population.gap_at(months, rate)

    @once
    @minor("how the gap moves with the bound of the segments")
    def by_bound(self) -> pd.DataFrame | Missing:
        """How the gap moves where segments are told by a number, such as employees.

        `bound`, `customers` (from it on), `share`, `gap`, `low`, `high` (money), `is_own`; see
        `moved_bound.gaps_by_bound`. Missing where base.yml has no `b2b_from`, or drops its column.
        """
        rule, setting, worth = self.base.b2b_from, self.setting, self.worth()
        adds = "how the gap moves with the bound of the segments"
        if rule is None or setting.group != "segment":
            return Missing("segments told by a number (`b2b_from`)", adds)
        is_panel = self.base.kind == "panel"
        table = self.base.table("customers") if is_panel else as_customers_are(self.base)
        # Of the contract `size` is text, which may be numbers.
        known = pd.to_numeric(table.get(rule[0], pd.Series(dtype="float64")), errors="coerce")
        if not len(known) or known.isna().all():
            return Missing(f"column {rule[0]} as a number; base.yml drops it", adds)
        numbers = worth["customer_id"].map(known.set_axis(table["customer_id"]))
        names = ("B2B", "B2C")
        rng, limits = stream(setting.seed, "bound"), {"min_cell": setting.min_cell}
        return gaps_by_bound(worth, numbers, rule[1], names, rng, **limits, **setting.drawn)

    @once
    def settings(self) -> pd.DataFrame:
        """The gap of mean LTV under other settings, a row each.

        `months`, `rate` (a year), `freeze_months` (missing: the main estimate; otherwise
        Kaplan-Meier times mean margin, with lives under that freeze rule), `gap` (money).
        """
        horizon, rate = self.setting.horizon, self.setting.rate
        months_tried = dict.fromkeys((*(m for m in _SHORTER if m <= horizon), horizon))
        no_discount, high = _OTHER_RATES
        rows = [
            {"months": months, "rate": other, "gap": self.gap_at(months, other)}
            for months in months_tried
            for other in dict.fromkeys((no_discount, rate, high))
        ]
        table, freezes = pd.DataFrame(rows), self.population.gap_by_freeze()
        if isinstance(freezes, Missing):
            return table.assign(freeze_months=float("nan"))
        freezes = freezes.assign(months=horizon, rate=rate)
        return pd.concat([table, freezes], ignore_index=True)
