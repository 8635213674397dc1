"""How sure the gap of lifetime value is: customers and months drawn again, the levels with them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from src.models.gap.bars import gap_bars, replicate_intervals
from src.models.value.customer_value import HORIZON, ValueModel, survival_of
from src.models.value.discounting import discounts

BLOCK = 3  # months that go together
_KEPT = 0.8  # of the customers teach a hazard model; the others stop it
_SHORTEST = 0.1  # of a lifetime, in a draw


@dataclass(frozen=True)
class Members:
    """The customers of one group today, and the model that values them.

    `worth`: the frame of `ValueModel.worth`; `hazards`: (customers, months), before levels;
    `gone`: (customers,), the chance to have left unseen; `size`: that of `HazardLevels`; `money`:
    revenue and margin a month today; `customers`: all who taught the model or are valued; `shifts`:
    those of `ValueModel.shifts`.
    """

    model: ValueModel
    worth: pd.DataFrame
    hazards: np.ndarray
    gone: np.ndarray
    size: np.ndarray
    money: dict[str, np.ndarray]
    customers: pd.Index
    shifts: list[np.ndarray]

    def __repr__(self) -> str:
        months = self.hazards.shape[1]
        return f"Members: {len(self.worth):,} customers, valued over {months} months"

    def survival(self, months: int) -> np.ndarray:
        """(customers, months): the chance to be there; at most as many months as hazards."""
        factors = self.model.levels.factors(self.size, months)
        return survival_of(self.hazards[:, :months], factors, self.gone)


def members(
    model: ValueModel, today: pd.DataFrame, *, months: int = HORIZON, annual_rate: float = 0.12
) -> Members:
    """What `chain_replicates` needs of one group; `today`: the features of those to value."""
    hazards, gone = model.hazards(today, months), model.gone(today)
    size = model.levels.size_of(today)
    survival = survival_of(hazards, model.levels.factors(size, months), gone)
    money = {part.measure: part.level(today) for part in (model.revenue, model.margin)}
    known = [model.levels.customers, model.revenue.evidence.customers, today["customer_id"]]
    customers = pd.Index(pd.concat([pd.Series(part) for part in known]).unique())
    worth = model.worth(today, survival, annual_rate)
    shifts = model.shifts(today, months, annual_rate)
    return Members(model, worth, hazards, gone, size, money, customers, shifts)


def chain_replicates(
    groups: Mapping[str, Members],
    first: str,
    rng: np.random.Generator,
    *,
    annual_rate: float = 0.12,
    replicates: int = 200,
) -> pd.DataFrame:
    """The bars of the gap when customers and months are drawn again and the levels follow.

    Each replicate draws, within each group, as many customers as taught the model, with
    replacement: the slope of hazards on size and the drift of money are read from them again, and
    the bars are taken of those drawn who are customers today. And it draws blocks of three calendar
    months, the same for both groups: the hazards are brought to the exits of those months. Exits of
    one month share its price rises and competitors' waves, which last about as long; to draw
    customers would treat them as independent.

    Who is riskier than whom is drawn as well, see `shape_drawn`; to train the models in every
    replicate would take a hundred times as long. Returns the frames of `gap.gap_bars` with
    `replicate`, for `gap.replicate_intervals`.

    The chances to be gone already are not drawn: they hang on what a silent month looks like, and
    few are silent. Fails with few months: below two years the blocks are too few to show how months
    differ; and where `fit_value` trained the hazard model once only, intervals are too short for
    the association. Source: Politis and Romano 1992 for blocks on a circle.
    """
    calendar = pd.DatetimeIndex(
        sorted(set().union(*(each.model.levels.calendar for each in groups.values())))
    )
    drawn = []
    for replicate in range(replicates):
        months = blocks_drawn(len(calendar), rng)
        parts = []
        for name, group in groups.items():
            draw = drawn_again(
                group, months[calendar.get_indexer(group.model.levels.calendar)], rng
            )
            worth, own = _worth_again(group, draw, annual_rate), draw.times
            parts.append(worth.iloc[np.repeat(np.arange(len(worth)), own)].assign(group=name))
        bars = gap_bars(pd.concat(parts, ignore_index=True), first)
        drawn.append(bars.assign(replicate=replicate))
    return pd.concat(drawn, ignore_index=True)


def gap_with_intervals(
    groups: Mapping[str, Members],
    first: str,
    rng: np.random.Generator,
    *,
    annual_rate: float = 0.12,
    replicates: int = 200,
    confidence: float = 0.95,
) -> pd.DataFrame:
    """The bars of the gap between two groups with intervals of the whole chain.

    Returns the columns of `gap.replicate_intervals`. The study `ltv_gap` measures how often the
    90 % intervals hold the truth of simulated operators.
    """
    again = chain_replicates(groups, first, rng, annual_rate=annual_rate, replicates=replicates)
    found = gap_bars(worth_of_groups(groups), first)
    return replicate_intervals(found, again, confidence=confidence)


def worth_of_groups(groups: Mapping[str, Members]) -> pd.DataFrame:
    """The `worth` of all groups with the column `group`."""
    parts = [group.worth.assign(group=name) for name, group in groups.items()]
    return pd.concat(parts, ignore_index=True)


def blocks_drawn(months: int, rng: np.random.Generator) -> np.ndarray:
    """How often each of so many months counts: blocks of three, drawn on the calendar as a circle.

    As many months as there are come out, so the last block may be cut short.
    """
    starts = rng.integers(0, months, -(-months // BLOCK))
    drawn = (starts[:, None] + np.arange(BLOCK)).ravel()[:months] % months
    return np.bincount(drawn, minlength=months)


def shape_drawn(shifts: Sequence[np.ndarray], rng: np.random.Generator) -> np.ndarray | float:
    """(customers,): months of lifetime to add when who is riskier than whom is drawn.

    Models trained on four fifths of the customers each differ by a quarter of the variance that
    models of samples of their own would have (the jackknife that deletes a fifth): these are normal
    numbers with four times their covariance, and 0 without `shifts`. A few models show little of
    how large that covariance is; it is right on average.
    Source: Shao and Wu 1989, Annals of Statistics 17(3), 1176-1197.
    """
    if not shifts:
        return 0.0
    every = np.stack([np.zeros_like(shifts[0]), *shifts])
    scale = np.sqrt(_KEPT / (1 - _KEPT) / len(shifts))
    return scale * (rng.standard_normal(len(every)) @ (every - every.mean(axis=0)))


@dataclass(frozen=True, eq=False)
class Draw:
    """What another draw of customers, months and shapes says of the members of a group.

    `times`: (members,), how often each is drawn; `factors`: (members, months), on their hazards;
    `shape`: months of lifetime to add, of each or of all; `drifts`: (months,) of each measure of
    money.
    """

    times: np.ndarray
    factors: np.ndarray
    shape: np.ndarray | float
    drifts: dict[str, np.ndarray]

    def longer(self, lifetime: np.ndarray) -> np.ndarray:
        """(members,): by how much longer, relatively, members stay whose lifetime was so long."""
        # A month brings what it brings: who stays longer brings more by as much.
        return np.maximum(1 + self.shape / lifetime, _SHORTEST)


def drawn_again(group: Members, months_drawn: np.ndarray, rng: np.random.Generator) -> Draw:
    """Customers of a group drawn again, and the shape; see `chain_replicates`.

    `months_drawn`: how often each month of the calendar of the group's levels counts.
    """
    months, size = group.hazards.shape[1], len(group.customers)
    times = np.bincount(rng.integers(0, size, size), minlength=size)
    model, place = group.model, group.customers.get_indexer
    of_levels = times[place(model.levels.customers)]
    factors = model.levels.factors(group.size, months, of_levels, months_drawn)
    ahead, drifts = np.arange(1, months + 1), {}
    for money in (model.revenue, model.margin):
        start, growth = money.evidence.drift_of(times[place(money.evidence.customers)])
        drifts[money.measure] = np.exp(start + growth * ahead)
    own = times[place(group.worth["customer_id"])]
    return Draw(own, factors, shape_drawn(group.shifts, rng), drifts)


def _worth_again(group: Members, draw: Draw, annual_rate: float) -> pd.DataFrame:
    """The worth of today's customers by what the drawn customers, months and shapes say."""
    survival = survival_of(group.hazards, draw.factors, group.gone)
    today = discounts(group.hazards.shape[1], annual_rate)
    lifetime = np.maximum(survival @ today, 1e-9)
    longer = draw.longer(lifetime)
    worth = {"customer_id": group.worth["customer_id"], "lifetime": lifetime * longer}
    for measure, drift in draw.drifts.items():
        worth[measure] = group.money[measure] * (survival @ (today * drift)) * longer
    return pd.DataFrame(worth)
