"""Migration: who moved from one segment to another between two dates, and what money moved."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from src.data.problems import InputError
from src.models.intervals.numbers import Numbers, check_columns, finite

GONE, NEW = "gone", "new"


def moves(before: pd.DataFrame, after: pd.DataFrame, segments: Sequence[str]) -> pd.DataFrame:
    """A row per pair of segments, also pairs that nobody took, in the order of `segments`.

    `before` and `after` have `customer_id`, `segment` and `money`, one row per customer on the two
    dates. Who is not in `after` is `gone`, who is not in `before` is `new`. Returns `before`,
    `after`, `customers`, `share` (of the customers of `before`; missing for `new`), `money_before`,
    `money_after`: their sums are those of the two frames, no money is lost between. Raises
    `InputError` for a customer that stands twice, and a segment that is none of `segments`.
    """
    sides = []
    for name, rows in (("before", before), ("after", after)):
        check_columns(rows, ["customer_id", "segment", "money"])
        if rows.empty:
            raise InputError(f"there is no customer in {name}")
        if rows["customer_id"].duplicated().any():
            raise InputError(f"a customer stands in two rows of {name}; one row each is needed")
        segment = rows["segment"].astype("object")
        if unknown := sorted(set(segment) - set(segments), key=str):
            raise InputError(f"{name} has segments that are not listed: {unknown}")
        money = finite("money", rows["money"])
        side = pd.DataFrame({name: segment.to_numpy(), f"money_{name}": money})
        sides.append(side.set_axis(pd.Index(rows["customer_id"]), axis=0))
    both = sides[0].join(sides[1], how="outer")
    both = both.fillna({"before": NEW, "after": GONE, "money_before": 0.0, "money_after": 0.0})
    pairs = pd.MultiIndex.from_product([[*segments, NEW], [*segments, GONE]])
    pairs = pairs[:-1].set_names(["before", "after"])  # nobody is new and gone
    groups = both.groupby(["before", "after"])
    table = groups[["money_before", "money_after"]].sum().reindex(pairs, fill_value=0.0)
    table.insert(0, "customers", groups.size().reindex(pairs, fill_value=0))
    table = table.reset_index()
    whole = table.groupby("before")["customers"].transform("sum")
    share = (table["customers"] / whole.where(whole > 0)).mask(table["before"] == NEW)
    table.insert(3, "share", share)
    return table


def transition_matrix(moved: pd.DataFrame, segments: Sequence[str]) -> Numbers:
    """(segments, segments + 1): shares of each segment's customers by where they went, gone last.

    Rows add up to 1. `moved` from `moves`. Raises `InputError` for a segment without customers
    before, since nothing is known of where they go.
    """
    wide = moved.pivot(index="before", columns="after", values="customers")
    counts = wide.reindex(index=list(segments), columns=[*segments, GONE]).to_numpy(float)
    whole = counts.sum(axis=1)
    if (whole == 0).any():
        empty = [name for name, number in zip(segments, whole, strict=True) if number == 0]
        raise InputError(f"nobody was in {', '.join(empty)} before, so nobody could leave it")
    return counts / whole[:, None]
