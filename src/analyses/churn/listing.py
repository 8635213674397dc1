"""The list of today: everybody who can be called, what is to be expected of them, and why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from src.analyses.settings.churn import Setting
from src.features.snapshots import GONE, LATE, OUTCOMES, SAVABLE, STAYS
from src.models.explain import contributions as explain
from src.models.explain import reasons
from src.models.gap.value_tables import value_at_risk
from src.models.profit.contact import contact_profit

REASONS = 3
_CHANCES = {GONE: "gone_already", LATE: "too_late", SAVABLE: "can_be_saved", STAYS: "stays"}


@dataclass(frozen=True, eq=False)
class Scored:
    """Everybody on the list of today with what models say of them.

    `rows`: `customer_id`, `segment` where known, `silent` (months without revenue, on panels), and
    the columns of the models. `outcomes`: (rows, 4), chances of `snapshots.OUTCOMES`. `worth`:
    `ltv` (residual, money), `lost_in_a_year` (chance) and `kept` (money of a customer who stays),
    in the order of rows. `explained`: the model that gives reasons, and `learned`, its rows.
    """

    rows: pd.DataFrame
    outcomes: np.ndarray
    worth: pd.DataFrame
    explained: Any
    learned: pd.DataFrame


def todays_list(scored: Scored, columns: Sequence[str], setting: Setting) -> pd.DataFrame:
    """One row per customer, the highest expected gain of a contact first.

    `customer_id` (pseudonym); `segment`, where known; `state` in words and `silent` (months), where
    months are known; the four chances `gone_already`, `too_late`, `can_be_saved`, `stays`, which
    sum to 1; `ltv`, residual; `value_at_risk`, the chance to be gone or to leave within a year x
    LTV; `gain_of_contact`, expected, at the costs and the accept rate of the setting; `reason_1` to
    `reason_3` in words, the strongest first. Money in the currency of the base.
    """
    rows, worth = scored.rows.reset_index(drop=True), scored.worth.reset_index(drop=True)
    chances = pd.DataFrame(scored.outcomes, columns=[_CHANCES[name] for name in OUTCOMES])
    gain = contact_profit(
        chances["can_be_saved"],
        worth["kept"],
        chances["gone_already"] + chances["too_late"],
        **setting.economics,
    )
    table = rows[[name for name in ("customer_id", "segment") if name in rows]].copy()
    if "silent" in rows:
        table["state"] = _states(rows["silent"], chances["gone_already"])
        table["silent"] = rows["silent"]
    risk = value_at_risk(worth["ltv"].to_numpy(float), worth["lost_in_a_year"].to_numpy(float))
    table = table.join(chances).assign(ltv=worth["ltv"], value_at_risk=risk, gain_of_contact=gain)
    table = table.join(_reasons(scored, list(columns)), on="customer_id")
    order = table["gain_of_contact"].sort_values(ascending=False, kind="stable").index
    return table.loc[order].reset_index(drop=True)


def _states(silent: pd.Series, gone: pd.Series) -> list[str]:
    """Such as `active` or `silent for 2 months, 98% gone already`."""
    return [
        f"silent for {count} month{'' if count == 1 else 's'}, {chance:.0%} gone already"
        if count
        else "active"
        for count, chance in zip(silent, gone, strict=True)
    ]


def _reasons(scored: Scored, columns: list[str]) -> pd.DataFrame:
    """The strongest reasons in words, a column per place, indexed by customer."""
    rows = scored.rows.set_index("customer_id")[columns]
    found = explain.contributions(scored.explained, rows)
    usual = reasons.usual_values(explain.as_read(scored.explained, scored.learned[columns]))
    codes = reasons.reason_codes(found, list(rows.index), usual=usual, reasons=REASONS)
    wide = codes.pivot(index="customer", columns="place", values="words")
    wide = wide.reindex(index=rows.index, columns=range(1, REASONS + 1))
    return wide.add_prefix("reason_").fillna("").rename_axis(None, axis=1)
