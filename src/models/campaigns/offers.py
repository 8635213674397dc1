"""What could be offered to whom, what it would save and cost, and how much can be done."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from src.data.problems import InputError
from src.models.campaigns.trial import costs_of
from src.models.intervals.numbers import Numbers, finite
from src.models.intervals.proportions import Estimate


@dataclass(frozen=True)
class Offers:
    """`saved`, (customers, treatments): expected saved margin of a contact; `cost`: of a treatment.

    `is_free`, (customers,): may be contacted at all. At most one treatment each.
    """

    treatments: tuple[str, ...]
    saved: Numbers
    cost: Numbers
    is_free: np.ndarray

    @property
    def net(self) -> Numbers:
        """(customers, treatments): saved margin minus cost."""
        return self.saved - self.cost

    def expected(self, treatment: np.ndarray) -> float:
        """Saved margin minus cost of all who get the treatment of their place; 0 is none."""
        net = np.hstack([np.zeros((len(self.saved), 1)), self.net])
        return float(net[np.arange(len(net)), treatment].sum())

    def spent(self, treatment: np.ndarray) -> float:
        """The cost of the same contacts."""
        return float(np.append(0.0, self.cost)[treatment].sum())


@dataclass(frozen=True)
class Capacity:
    """At most so many contacts by some treatments together, such as those of one channel."""

    name: str
    treatments: tuple[str, ...]
    most: int


def offers_of(
    uplift: Numbers,
    value: ArrayLike,
    cost: Mapping[str, float],
    treatments: Sequence[str],
    is_free: ArrayLike | None = None,
) -> Offers:
    """Saved margin is uplift x value: the chance to stay that a contact adds, x residual value.

    `uplift`, (customers, treatments), in the order of `treatments`; `value`: money of a customer
    who stays; `cost`: money of a contact, by treatment; `is_free`: False for who may not be
    contacted (see `rested`). Raises `InputError` for numbers that are missing, a negative value
    or cost, and rows that do not match.
    """
    money = finite("value", value)
    gains = finite("uplift", uplift).reshape(np.shape(uplift))
    if gains.shape != (len(money), len(treatments)):
        raise InputError(
            f"uplift needs a row per customer and a column per treatment, {len(money):,} x "
            f"{len(treatments)}, not {' x '.join(map(str, gains.shape))}"
        )
    if (money < 0).any():
        raise InputError(f"value must be 0 or more, not {money[money < 0][0]:g}")
    free = np.ones(len(money), dtype=bool) if is_free is None else np.asarray(is_free, dtype=bool)
    if len(free) != len(money):
        raise InputError(f"value has {len(money):,} rows, is_free has {len(free):,}")
    return Offers(tuple(treatments), gains * money[:, None], costs_of(cost, treatments), free)


def rested(last_contact: pd.Series, today: pd.Timestamp, weeks: int) -> np.ndarray:
    """Whether the last contact of each customer is at least so many weeks ago; missing: never.

    >>> rested(pd.Series(pd.to_datetime(["2024-03-01", None])), pd.Timestamp("2024-03-08"), 2)
    array([False,  True])
    """
    if weeks < 0:
        raise InputError(f"weeks between contacts must be 0 or more, not {weeks}")
    day = pd.to_datetime(last_contact)
    return (day.isna() | (day <= today - pd.Timedelta(weeks=weeks))).to_numpy()


def checked(
    offers: Offers, budget: float | None, capacities: Sequence[Capacity]
) -> tuple[Numbers, Numbers]:
    """What a contact uses of each limit, (limits, treatments), and the limits; the budget first.

    Raises `InputError` for a budget of 0 or less, a negative capacity, and an unknown treatment.
    """
    used, most = [], []
    if budget is not None:
        if not budget > 0:
            raise InputError(f"the budget must be above 0, not {budget:g}")
        used.append(offers.cost)
        most.append(float(budget))
    for capacity in capacities:
        unknown = sorted(set(capacity.treatments) - set(offers.treatments))
        if unknown:
            raise InputError(f"capacity {capacity.name!r}: there is no treatment {unknown[0]!r}")
        if capacity.most < 0:
            raise InputError(f"capacity {capacity.name!r} must be 0 or more, not {capacity.most}")
        used.append(np.isin(offers.treatments, capacity.treatments).astype(float))
        most.append(float(capacity.most))
    return np.reshape(used, (len(used), len(offers.treatments))).astype(float), np.array(most)


def at_lower_end(offers: Offers, effects: Sequence[Estimate]) -> Offers:
    """The offers if each treatment did as little as the lower end of its mean effect.

    `effects`: the mean effect with its interval, by treatment. Uplifts keep their proportions: they
    are multiplied by lower end / effect, so a lower end below 0 turns them into harm. Of a
    treatment whose effect is not above 0 nothing is saved at all. Assumption: the doubt is about
    how strong a treatment is, not about for whom.
    """
    share = [each.low / each.value if each.value > 0 else 0.0 for each in effects]
    return replace(offers, saved=offers.saved * np.array(share))
