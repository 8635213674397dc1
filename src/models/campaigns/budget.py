"""Whom to treat and with what, to earn most under a budget and capacities of contacts.

    maximise    sum of (saved - cost) of the contacts made
    subject to  at most one contact per customer, none of those who may not be contacted,
                sum of cost <= budget, contacts of each channel <= its capacity

Without whole customers it is a linear programme. Its prices say what one more unit of budget, or
one more contact of a channel, would earn. At given prices each customer is decided alone: take the
offer of the highest saved - cost - prices, or none. This gives a bound that no plan can exceed; its
lowest point, found by cutting planes, has the prices (the dual). The thousand customers for whom
two choices come to nearly the same are then decided together by HiGHS, all others are fixed at
their choice; last, the hundred nearest to a tie are decided in whole customers, exactly (branch and
bound). What the plan earns less than the bound is its `gap`: at most so much is lost.
Customers of equal offers are one row of the programme.

Sources: Sinha, Zoltners 1979, Operations Research 27(3), 503-515 (multiple-choice knapsack);
Kelley 1960, SIAM Journal 8(4), 703-712 (cutting planes); Huangfu, Hall 2018 (HiGHS).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, linprog, milp
from scipy.sparse import csr_array, vstack

from src.models.campaigns.offers import Capacity, Offers, checked
from src.models.intervals.numbers import Numbers

BUDGET = "budget"
CORE = 1_000  # rows of the linear programme that are decided together
NEAR = 100  # rows that are decided in whole customers together
_CUTS = 200
_CLOSE = 1e-8  # of the bound
_DIGITS = 6  # of money, beyond which offers are equal
_SAME = 1e-6


@dataclass(frozen=True)
class Plan:
    """Whom to treat: `treatment`, (customers,), 0 for nobody, 1 for the first treatment, ...

    `earned`: saved margin minus cost, as expected; `spent`; `bound`: no plan can earn more;
    `greedy`: what the simple way earns: everybody's offer of the highest return on cost, highest
    first, while there is budget and capacity. `price`: what one more unit of a limit would earn,
    `budget` and the names of the capacities.
    """

    treatment: np.ndarray
    earned: float
    spent: float
    bound: float
    greedy: float
    price: dict[str, float]

    @property
    def gap(self) -> float:
        """At most so much more could be earned."""
        return max(self.bound - self.earned, 0.0)

    @property
    def contacts(self) -> int:
        """How many customers are treated."""
        return int((self.treatment > 0).sum())


@dataclass(frozen=True)
class _Rows:
    """Customers of equal offers: `net` (rows, treatments), how many each row has."""

    net: Numbers
    count: Numbers
    used: Numbers  # of each limit by a contact, (limits, treatments)

    def part(self, rows: np.ndarray) -> _Rows:
        return _Rows(self.net[rows], self.count[rows], self.used)

    def reduced(self, price: Numbers) -> Numbers:
        """(rows, 1 + treatments): what each choice earns at the prices; the first is none."""
        return np.hstack([np.zeros((len(self.net), 1)), self.net - price @ self.used])

    def needed(self, contacts: Numbers) -> Numbers:
        """(limits,): what so many contacts, (rows, treatments), use."""
        return self.used @ contacts.sum(axis=0)


def plan(offers: Offers, budget: float | None = None, capacities: Sequence[Capacity] = ()) -> Plan:
    """The contacts that earn most. No budget: as much as is worth it.

    Raises `InputError` for a budget of 0 or less, a negative capacity, an unknown treatment.

    >>> offers = Offers(
    ...     ("mail",), np.array([[3.0], [2.0], [5.0]]), np.array([1.0]), np.ones(3, dtype=bool)
    ... )
    >>> found = plan(offers, budget=2)
    >>> found.treatment.tolist(), found.earned
    ([1, 0, 1], 6.0)
    """
    used, most = checked(offers, budget, capacities)
    net = np.round(offers.net, _DIGITS)
    worth = np.flatnonzero(offers.is_free & (net > 0).any(axis=1))
    rows, row_of = _equal(net[worth], used)
    treatment, price = np.zeros(len(net), dtype=np.int64), np.zeros(len(most))
    if len(worth):
        contacts, price = _decided(rows, most, _prices(rows, most))
        treatment[worth] = _dealt(_whole(rows, contacts, price, most), row_of)
    names = [*([BUDGET] if budget is not None else []), *(each.name for each in capacities)]
    return Plan(
        treatment=treatment,
        earned=offers.expected(treatment),
        spent=offers.spent(treatment),
        bound=_bound(rows, most, price),
        greedy=_greedy(net[worth], offers.cost, used, most),
        price=dict(zip(names, price.tolist(), strict=True)),
    )


def _equal(net: Numbers, used: Numbers) -> tuple[_Rows, np.ndarray]:
    """Rows of equal offers, and the row of each customer."""
    order = np.lexsort(net.T)
    is_new = np.ones(len(net), dtype=bool)
    is_new[1:] = (np.diff(net[order], axis=0) != 0).any(axis=1)
    row_of = np.empty(len(net), dtype=np.int64)
    row_of[order] = np.cumsum(is_new) - 1
    first = order[is_new]
    return _Rows(net[first], np.bincount(row_of, minlength=len(first)).astype(float), used), row_of


def _prices(rows: _Rows, most: Numbers) -> Numbers:
    """The prices of the limits, nearly: the lowest point of the bound, by cutting planes.

    At any prices the bound is what all customers earn at them, each deciding alone, plus the limits
    at these prices. Where it falls is told by what is left of the limits.
    """
    highest = [
        float((rows.net / np.where(use > 0, use, np.inf)).max(initial=0.0)) for use in rows.used
    ]
    price, lowest, best = np.zeros(len(most)), np.inf, np.zeros(len(most))
    slopes, heights = np.empty((0, len(most))), np.empty(0)
    for _ in range(_CUTS):
        reduced = rows.reduced(price)
        left = most - rows.needed(_best(rows, reduced))
        height = float(reduced.max(axis=1) @ rows.count + price @ most)
        if height < lowest:
            lowest, best = height, price
        slopes = np.vstack([slopes, left])
        heights = np.append(heights, height - left @ price)
        # The lowest point under which no plane lies: minimise t with t >= height + slope x price.
        unit = max(abs(lowest), 1.0)
        found = linprog(
            np.append(np.zeros(len(most)), 1.0),
            A_ub=np.column_stack([slopes / unit, -np.ones(len(slopes))]),
            b_ub=-heights / unit,
            bounds=[*((0.0, end) for end in highest), (None, None)],
            method="highs-ds",
        )
        price = found.x[:-1]
        if lowest - found.x[-1] * unit <= _CLOSE * unit:
            break
    return best


def _decided(rows: _Rows, most: Numbers, price: Numbers) -> tuple[Numbers, Numbers]:
    """Contacts of each row, (rows, treatments), a few of them in parts, and the exact prices."""
    core = CORE
    while True:
        reduced = rows.reduced(price)
        near = np.argsort(_lead(reduced), kind="stable")[:core]
        contacts = _best(rows, reduced)
        contacts[near] = 0.0
        left = most - rows.needed(contacts)
        if (left >= 0).all():
            contacts[near], exact = _relaxed(rows.part(near), left)
            return contacts, min(price, exact, key=lambda each: _bound(rows, most, each))
        core *= 2


def _bound(rows: _Rows, most: Numbers, price: Numbers) -> float:
    return float(rows.reduced(price).max(axis=1) @ rows.count + price @ most)


def _best(rows: _Rows, reduced: Numbers) -> Numbers:
    choice = reduced.argmax(axis=1)
    return (choice[:, None] == np.arange(1, reduced.shape[1])) * rows.count[:, None]


def _lead(reduced: Numbers) -> Numbers:
    """How far the best choice is ahead of the second."""
    two = np.partition(reduced, -2, axis=1)[:, -2:]
    return two[:, 1] - two[:, 0]


def _constraints(rows: _Rows) -> csr_array:
    """One contact per customer, then the limits: rows x (rows x treatments)."""
    size, treatments = rows.net.shape
    variable = np.arange(size * treatments)
    ones = np.ones(len(variable))
    each = csr_array((ones, (variable // treatments, variable)), shape=(size, len(variable)))
    return vstack([each, csr_array(np.tile(rows.used, (1, size)))], format="csr")


def _relaxed(rows: _Rows, left: Numbers) -> tuple[Numbers, Numbers]:
    """Contacts, a few of them parts of a customer, and prices, by the linear programme."""
    found = linprog(
        -rows.net.ravel(),
        A_ub=_constraints(rows),
        b_ub=np.append(rows.count, left),
        bounds=(0, None),
        method="highs-ds",  # ends in a corner, where few customers are in parts
    )
    return found.x.reshape(rows.net.shape), np.maximum(-found.ineqlin.marginals[len(rows.net) :], 0)


def _whole(rows: _Rows, contacts: Numbers, price: Numbers, most: Numbers) -> Numbers:
    """The same in whole customers: those in parts and those nearest to a tie are decided anew."""
    whole = np.floor(contacts + _SAME)
    is_part = (contacts - whole > _SAME).any(axis=1)
    lead = np.where(is_part, -1.0, _lead(rows.reduced(price)))
    near = np.argsort(lead, kind="stable")[: max(NEAR, int(is_part.sum()))]
    whole[near] = 0.0
    part = rows.part(near)
    found = milp(
        -part.net.ravel(),
        constraints=LinearConstraint(
            _constraints(part), ub=np.append(part.count, most - rows.needed(whole))
        ),
        integrality=np.ones(part.net.size),
        bounds=Bounds(0, np.inf),
        options={"mip_rel_gap": 0.0, "node_limit": 20_000},
    )
    whole[near] = np.round(found.x).reshape(part.net.shape)
    return whole


def _dealt(contacts: Numbers, row_of: np.ndarray) -> np.ndarray:
    """The treatment of each customer: of equal ones the first get the first treatments."""
    order = np.argsort(row_of, kind="stable")
    starts = np.searchsorted(row_of[order], np.arange(len(contacts)))
    place = np.empty(len(row_of), dtype=np.int64)
    place[order] = np.arange(len(row_of)) - starts[row_of[order]]
    until = np.cumsum(contacts, axis=1)[row_of]
    treatment = (place[:, None] >= until).sum(axis=1) + 1
    return np.where(treatment > contacts.shape[1], 0, treatment)


def _greedy(net: Numbers, cost: Numbers, used: Numbers, most: Numbers) -> float:
    """Everybody's offer of the highest return on cost, highest first, until a limit is reached."""
    if not len(net):
        return 0.0
    rate = net / np.maximum(cost, _SAME)
    choice = rate.argmax(axis=1)
    order = np.argsort(-rate.max(axis=1), kind="stable")
    choice = choice[order]
    earns = net[order, choice]
    fits = earns > 0
    for use, limit in zip(used[::-1], most[::-1], strict=True):  # the budget last
        needs = np.where(fits, use[choice], 0.0)
        fits &= (np.cumsum(needs) <= limit + _SAME) | (use[choice] == 0)
    return float(earns[fits].sum())
