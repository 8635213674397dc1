"""Silences between bills: whether the freeze of the base tells who left from who pauses."""

from __future__ import annotations

import pandas as pd

from src.data.calendar.distances import distances, lives
from src.data.cells.mapped import let_go
from src.data.manifest import Manifest
from src.data.problems import InputError

_LONGEST = 12  # months of a freeze that base.yml may ask for
_FEWEST = 20  # silences that say something
_SAID, _REFUSED, _GOOD = 0.25, 0.5, 0.2  # share of silences that end with a new bill
_MANY = 0.1  # such silences beside customers
_USUALLY = 0.5  # share of customers whose bills are usually farther apart than a freeze
_ONCE = 0.5  # share of customers with one bill


def check_silences(bills: pd.DataFrame, customers: pd.DataFrame, manifest: Manifest) -> list[str]:
    """What is said of a freeze that ends many lives which go on later.

    Raises `InputError` with the lines to write, unless base.yml gives `freeze_months`, where most
    silences of a freeze end with a new bill and there are many of them, where the usual distance of
    bills is longer than a freeze, or where most customers have one bill only.
    """
    is_paid = bills["revenue"] > 0
    let_go(bills["revenue"])
    by_customer = lives(bills, is_paid)
    last, freeze = int(by_customer["max"].max()), manifest.freeze
    if not manifest.freeze_months and not _stated(manifest):
        _refuse_single_bills(by_customer, last, manifest)
    steps = distances(bills, is_paid)
    usual = steps.medians().dropna()
    silent = steps.lengths()[1:]  # by months without a bill
    open_end = (last - by_customer["max"])[lambda months: months > 0]
    if "closed_month" in customers:
        closed = customers.set_index("customer_id")["closed_month"].reindex(open_end.index)
        open_end = open_end[closed.isna()]

    def returned(months: int) -> tuple[int, int]:
        back = int(silent[months:].sum())
        return back, back + int((open_end >= months).sum())

    back, every = returned(freeze)
    is_rare = len(usual) >= _FEWEST and bool((usual > freeze).mean() > _USUALLY)
    if back < _FEWEST or (back <= _SAID * every and not is_rare):
        return []
    longer = range(freeze + 1, _LONGEST + 1)
    better = next((n for n in longer if returned(n)[0] <= _GOOD * returned(n)[1]), None)
    words = (
        f"billing: of {every:,} silences of {freeze} months or more, {back:,} "
        f"({back / every:.0%}) end with a new bill: who counts as gone often is not"
    )
    longer_freeze = f"write `freeze_months: {better}` in base.yml" if better else ""
    is_wrong = back > _REFUSED * every and back > _MANY * len(by_customer)
    if manifest.freeze_months or not (is_wrong or is_rare):
        return [f"{words}; {longer_freeze}" if better else words]
    stay = f"`freeze_months: {freeze}` keeps it as it is"
    either = f"Either {longer_freeze}, or" if better else "Customers come and go as in a shop:"
    raise InputError(f"{words}. {either} {_as_orders(manifest)}; {stay}")


def _stated(manifest: Manifest) -> bool:
    return bool(manifest.period or manifest.tables["billing"].period)


def _refuse_single_bills(lives: pd.DataFrame, last: int, manifest: Manifest) -> None:
    """Most of those with time for a second bill have none: no customers billed by months."""
    old = lives[lives["min"] <= last - manifest.freeze]
    once = int((old["size"] == 1).sum())
    if len(old) < _FEWEST or once <= _ONCE * len(old):
        return
    raise InputError(
        f"billing: of {len(old):,} customers with a first bill {manifest.freeze} months or more "
        f"before the last month, {once:,} have no other, and would count as gone. Where a bill "
        "covers more than its month, write under tables.billing: `period: year` (or half-year, "
        f"quarter). Otherwise {_as_orders(manifest)}; `freeze_months: {manifest.freeze}` keeps it "
        "as it is"
    )


def _as_orders(manifest: Manifest) -> str:
    """How the bills are described as a log of purchases."""
    source = manifest.tables["billing"]
    own = {name: source.columns.get(name, name) for name in ("customer_id", "month", "revenue")}
    place = source.file or "..."
    return (
        "describe the bills as purchases: `kind: orders` and under tables `orders: {file: "
        f'{place}, columns: {{order_id: "#row", buyer_key: {own["customer_id"]}, date: '
        f"{own['month']}, amount: {own['revenue']}}}}}`"
    )
