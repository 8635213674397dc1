"""Why this customer: a chance to churn in words, reason by reason."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from src.data.problems import InputError
from src.models.explain.contributions import Contributions
from src.models.intervals.numbers import chances_of

UNKNOWN = "unknown"


def chosen_customers(chance: pd.Series, share: float = 0.1) -> pd.DataFrame:
    """Five customers whose reasons show what the model does, by a rule and not by taste.

    `chance` has a label per customer as its index. They are sorted by falling chance, equal ones by
    label; `share` is the part of them on the list to contact. Returns `customer`, `chosen_as` and
    `chance`: the highest chance, the middle and the end of the list, the middle of all, the lowest
    chance. A customer who is two of these is named once, so a few customers give fewer rows.

    >>> chosen_customers(pd.Series([0.9, 0.1, 0.4], ["a", "b", "c"]))["customer"].tolist()
    ['a', 'c', 'b']
    """
    if not 0 < share <= 1:
        raise InputError(f"share must lie between 0 and 1, not {share:g}")
    if chance.empty or not chance.index.is_unique:
        raise InputError("every customer needs one chance, under a label of its own")
    chances_of(chance)
    ordered = chance.iloc[np.argsort(chance.index.astype(str), kind="stable")]
    ordered = ordered.sort_values(ascending=False, kind="stable")
    customers, listed = len(ordered), max(1, round(share * len(ordered)))
    places = {
        "the highest chance": 0,
        "the middle of the list": (listed - 1) // 2,
        "the end of the list": listed - 1,
        "the middle of all": (customers - 1) // 2,
        "the lowest chance": customers - 1,
    }
    # The first of two reasons for a customer wins, the end of a base over the middle of it.
    by_place: dict[int, str] = {}
    for name in sorted(places, key=lambda name: "highest" not in name and "lowest" not in name):
        by_place.setdefault(places[name], name)
    chosen = ordered.iloc[sorted(by_place)]
    return pd.DataFrame(
        {
            "customer": chosen.index,
            "chosen_as": [by_place[place] for place in sorted(by_place)],
            "chance": chosen.to_numpy(),
        }
    )


@dataclass(frozen=True)
class Usual:
    """What is usual among the customers a model learned from.

    `values`: per column the median of numbers, the most common level of text, None where nothing
    is known. `flags`: the columns of yes and no.
    """

    values: Mapping[str, object]
    flags: frozenset[str]

    def __repr__(self) -> str:
        return f"Usual values of {len(self.values)} columns, {len(self.flags)} of them yes or no"


def usual_values(learned: pd.DataFrame) -> Usual:
    """What is usual in each column of `learned`, the training rows as the model read them.

    See `contributions.as_read`. Never hand in the rows that are explained: of one customer alone
    every value would be usual, and a tenure of one month would be a yes. Of two middle numbers the
    lower is taken, of equally common levels the first in the alphabet. A flag is a column of
    numbers that holds both 0 and 1 and nothing else: a count that never went beyond 1 looks like
    one.
    """
    values: dict[str, object] = {}
    flags = set()
    for column in learned:
        known = learned[column].dropna()
        name = str(column)
        if known.empty:
            values[name] = None
        elif isinstance(known.dtype, pd.CategoricalDtype):
            counts = known.value_counts()
            values[name] = min(counts.index[counts == counts.max()], key=str)
        else:
            values[name] = float(np.quantile(known, 0.5, method="inverted_cdf"))
            if set(known.unique()) == {0, 1}:
                flags.add(name)
    return Usual(values, frozenset(flags))


def reason_codes(
    found: Contributions,
    customers: Sequence[Hashable],
    *,
    usual: Usual,
    reasons: int = 4,
    names: Mapping[str, str] | None = None,
) -> pd.DataFrame:
    """The strongest reasons of each of `customers`, labels of the rows of `found`, in words.

    Returns, customers in the order given and each one's reasons strongest first: `customer`,
    `place` (1: strongest), `column`, `value` and `usual` (as text), `contribution` (in the unit of
    `found`), `words`. A column that adds nothing is no reason. `usual`: what `usual_values` says of
    the rows that the model learned from, so that a customer's words do not depend on who else is
    explained; `names` are a reader's words for columns, without which underscores become spaces.

    A factor multiplies the odds p / (1 - p) of the base; factors of one customer multiply up with
    those that are not shown. Raises `InputError` for a customer who is not there, or twice.
    """
    places: dict[Hashable, list[int]] = {}
    for at, label in enumerate(found.values.index):
        places.setdefault(label, []).append(at)
    rows = []
    for customer in customers:
        place = places.get(customer, [])
        if len(place) != 1:
            state = "was not explained" if not len(place) else "was explained more than once"
            raise InputError(f"customer {customer} {state}")
        added = found.values.iloc[place[0]]
        order = np.argsort(-added.abs().to_numpy(), kind="stable")[:reasons]
        for rank, column in enumerate(added.index[order], start=1):
            if added[column] == 0:
                continue
            cells = (found.seen[column].iloc[place[0]], usual.values.get(column))
            value, typical = (_shown(cell, column in usual.flags) for cell in cells)
            name = (names or {}).get(column, str(column).replace("_", " "))
            words = reason_words(name, value, typical, added[column], found.unit)
            rows.append([customer, rank, column, value, typical, added[column], words])
    return pd.DataFrame(
        rows, columns=["customer", "place", "column", "value", "usual", "contribution", "words"]
    )


def reason_words(
    name: str, value: str, usual: str, contribution: float, unit: str = "log-odds"
) -> str:
    """One reason as a reader gets it.

    >>> reason_words("months to renewal", "1", "7", 0.742)
    'months to renewal is 1 (usual: 7): raises the odds by a factor 2.1'
    >>> reason_words("plan", "basic", "basic", -0.03, "chance")
    'plan is basic (as usual): lowers the chance by 3.0 points'
    """
    beside = "as usual" if value == usual else f"usual: {usual}"
    way = "raises" if contribution > 0 else "lowers"
    size = abs(contribution)
    if unit == "chance":
        effect = f"the chance by {100 * size:.1f} points"
    else:
        effect = f"the odds by a factor {_factor(np.exp(size))}"
    return f"{name} is {value} ({beside}): {way} {effect}"


def _factor(times: float) -> str:
    """Two digits that matter: 1.04 is not 1.0."""
    return f"{times:.2f}" if times < 1.1 else f"{times:.1f}" if times < 10 else f"{times:,.0f}"


def _shown(cell: object, is_flag: bool) -> str:
    if pd.isna(cell):
        return UNKNOWN
    if isinstance(cell, str):
        return cell
    number = float(cell)  # type: ignore[arg-type]
    if is_flag and number in (0, 1):
        return "yes" if number else "no"
    if abs(number) >= 1000 or number == round(number):
        return f"{number:,.0f}"
    return f"{number:.3g}"
