"""Columns that may be known only at the end: below the bar of `suspects`, worth a look first."""

from __future__ import annotations

import re
from collections.abc import Sequence

import pandas as pd
from numpy.typing import ArrayLike

from src.data.lines import one_line
from src.data.privacy import MIN_CELL
from src.models.churn.separation import Separation
from src.models.intervals.numbers import Numbers, labels_of

STRONG, NAMED = 0.85, 0.70  # AUC alone: of any column, of one whose name speaks of the end
CARRIES = 0.5  # of all contributions to a model
_LEAST_ROWS, _LEAST_EXPECTED = 30, 20
_ALL, _NONE, _USUAL = 0.98, 0.005, 0.6
_MATTERS = 0.02  # of AUC
# Words of what is counted or written when a contract, or a talk about it, has ended.
_OF_THE_END = re.compile(
    r"(^|[^a-z])(duration|remaining|remain|residual|final|refund|reason|exit|winback|last_bill"
    r"|end|ended|ends|cancel\w*|terminat\w*|clos(ed|ing|ure)\w*|deactivat\w*|disconnect\w*"
    r"|churn\w*|left|leav\w*|kuendig\w*|kündig\w*|rest\w*|ende|dauer|duracion|restante\w*|baja"
    r"|durée|duree|résili\w*|resili\w*)([^a-z]|$)"
)


def suspicions(
    frame: pd.DataFrame,
    churned: ArrayLike,
    univariate: pd.DataFrame,
    *,
    shares: pd.Series | None = None,
    seed: int = 0,
) -> pd.DataFrame:
    """Columns to look at before a model is believed: a row each, `column` and `why` in words.

    `frame` and `churned` as in `suspects.suspects`; `univariate`: the frame of
    `guards.univariate_auc`; `shares`: by column, its part of all contributions to a model, where
    known. A column is named when

    - its AUC alone is 0.85 or more, or 0.70 and its name speaks of the end (`duration`,
      `remaining_contract`);
    - one value of 30 rows or more has 98 % churners, where at most 60 % of all are, or its empty
      cells do, or of its empty cells hardly one did where 20 would by the base rate;
    - its AUC alone is 0.70 and it carries more than half of all contributions;

    and boosted trees lose 0.02 of AUC or more without all that are named: the columns `with_them`
    and `without` have these AUCs, the same in each row. No row where nothing is.
    """
    labels = labels_of(churned)
    alone = univariate.set_index("column")["auc"]
    named = {}
    for name in frame:
        found = [*_strength(str(name), float(alone[name])), *_cells(frame[name], labels)]
        if shares is not None and shares.get(name, 0.0) > CARRIES and alone[name] >= NAMED:
            found.append(f"{shares[name]:.0%} of all contributions")
        if found:
            named[name] = ", ".join(found)
    columns = ["column", "why", "with_them", "without"]
    if not named:
        return pd.DataFrame(columns=columns)
    look = Separation(frame, labels, seed)
    places = range(frame.shape[1])
    with_them, _ = look.boosted(list(places))
    without, _ = look.boosted([place for place in places if frame.columns[place] not in named])
    if with_them - without < _MATTERS:
        return pd.DataFrame(columns=columns)
    rows = [(str(name), why, with_them, without) for name, why in named.items()]
    order = sorted(rows, key=lambda row: -float(alone[row[0]]))
    return pd.DataFrame(order, columns=columns)


def drop_line(columns: Sequence[str]) -> str:
    """What to write into base.yml so that no report reads the columns.

    >>> drop_line(["remaining_contract", "a: b"])
    "`drop: [remaining_contract, 'a: b']`"
    """
    return f"`{one_line({'drop': list(columns)})}`"


def _strength(name: str, auc: float) -> list[str]:
    words = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower()
    if auc >= STRONG:
        return [f"AUC {auc:.2f} alone"]
    if auc >= NAMED and _OF_THE_END.search(words):
        return [f"AUC {auc:.2f} alone, under a name that speaks of the end"]
    return []


def _cells(values: pd.Series, labels: Numbers) -> list[str]:
    """A value, or no value, that decides."""
    overall = float(labels.mean())
    is_empty = values.isna().to_numpy()
    said = []
    empty = int(is_empty.sum())
    if empty >= _LEAST_ROWS:
        rate = float(labels[is_empty].mean())
        is_all = rate >= _ALL and overall <= _USUAL
        if is_all or (rate <= _NONE and empty * overall >= _LEAST_EXPECTED):
            said.append(f"empty for {empty:,} customers, of whom {_share(rate, empty)} left")
    if overall <= _USUAL:
        known = values[~is_empty]
        cells = pd.Series(labels[~is_empty]).groupby(known.astype("object").to_numpy())
        rates = cells.agg(["mean", "size"])
        rates = rates[(rates["size"] >= _LEAST_ROWS) & (rates["mean"] >= _ALL)]
        if len(rates):
            top = rates["size"].idxmax()
            many, rate = rates.loc[top, ["size", "mean"]]
            told = _share(rate, int(many))
            said.append(f"of {many:,.0f} customers with {_text(top)} {told} left")
    return said


def _share(rate: float, customers: int) -> str:
    """A share of so many customers, that counts out none of a few; see `MIN_CELL`."""
    left = round(rate * customers)
    if 0 < left < MIN_CELL:
        return "hardly any"
    return "nearly all" if 0 < customers - left < MIN_CELL else f"{rate:.1%}"


def _text(cell: object) -> str:
    return f"{cell:g}" if isinstance(cell, float) else str(cell)[:40]
