"""What steps of a study of campaigns hand on: frozen values that hold frames."""

from __future__ import annotations

from dataclasses import dataclass, field

import pandas as pd

_PER_COLUMN, _MOST = 40, 8  # customers of an arm per column that effects are adjusted for


@dataclass(frozen=True)
class Outcome:
    """Something that came after: its column, what a reader sees, and whether less of it is better.

    `unit` is `share` (yes or no), `number`, or `money`.
    """

    name: str
    label: str
    unit: str
    is_loss: bool = False


@dataclass(frozen=True, eq=False)
class Tried:
    """One campaign, its customers as they were drawn into arms, and what came after.

    `rows`, one per customer: `customer_id`, `arm`, `propensity` (chance of the arm), `segment`
    where there is one, the `covariates` (known before the contact), the `outcomes`, the first of
    which models learn, `value` (money that is kept with a customer who stays) where it is known,
    and, of panels, `first`, `opened`. `groups`: columns that effects are split by. `by`: the
    stratum within which arms were drawn, None where all were drawn alike. `steps`: of a chain, 1 of
    a single contact. `channel`: of most contacts. `costs`: money a customer of each treatment cost.
    `left_out`: members who were not on the list before the contact. `by_month`: the outcomes month
    by month (see `src.features.contacts.month_by_month`), None of an experiment. `days`: purchases
    since the contact (`customer_id`, `day`, `orders`), None without a shop; `step_days`: the days
    of the messages of a chain, from 0. `met`: other campaigns of the same time (see
    `src.features.contacts.beside`), None of an experiment.
    """

    name: str
    rows: pd.DataFrame
    covariates: tuple[str, ...]
    outcomes: tuple[Outcome, ...]
    groups: tuple[str, ...]
    costs: dict[str, float]
    by: str | None = None
    steps: int = 1
    left_out: int = 0
    contact: str = ""
    channel: str = ""
    by_month: pd.DataFrame | None = field(default=None, repr=False)
    days: pd.DataFrame | None = field(default=None, repr=False)
    step_days: tuple[int, ...] = ()
    met: pd.DataFrame | None = field(default=None, repr=False)

    def __repr__(self) -> str:
        return f"Tried: {self.name}, {len(self.rows):,} customers in {len(self.costs) + 1} arms"

    @property
    def adjusting(self) -> tuple[str, ...]:
        """The columns that take noise out of effects: of the covariates as many as arms allow.

        The outcomes of the time before come first, and the value; one for 40 customers of the
        smallest arm, eight at most: each further one costs precision.
        """
        first = [name for name in self.covariates if name.endswith("_before")]
        first += ["value"] if "value" in self.rows else []
        names = [*first, *(name for name in self.covariates if name not in first)]
        smallest = int(self.rows["arm"].astype(str).value_counts().min())
        return tuple(names[: min(smallest // _PER_COLUMN, _MOST)])

    @property
    def outcome(self) -> Outcome:
        """What models learn."""
        return self.outcomes[0]

    @property
    def treatments(self) -> tuple[str, ...]:
        """The arms besides the control group."""
        return tuple(sorted(self.costs))


@dataclass(frozen=True, eq=False)
class Beside:
    """Everybody on the list a month before a campaign without a control group.

    `rows`: `customer_id`, the `covariates` (known before), `income_before` and `income` (money of
    as many months before and after); `is_contacted`; `outcomes`: `lost`, `income`, `margin`.
    """

    rows: pd.DataFrame
    is_contacted: pd.Series
    outcomes: pd.DataFrame
    covariates: tuple[str, ...]
    contact: str
