"""The mean effect of being assigned to a treatment: intention to treat, each arm against control.

Nobody is left out for what they did after the draw, so that the arms stay comparable. Effects are
treated minus control, in units of the outcome, per customer. All tables of this module have a row
per treatment: `arm`, `customers` and `controls` (numbers), `treated` and `control` (means),
`effect`, `low`, `high`, `error` (standard), `z`, `p` and `p_holm` (Holm's over the treatments).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy.stats import fisher_exact, t
from statsmodels.stats.proportion import confint_proportions_2indep

from src.data.problems import InputError
from src.models.campaigns.arms import CONTROL, is_yes_or_no, outcome_of, treatments
from src.models.campaigns.several import holm
from src.models.intervals.numbers import Numbers, check_columns
from src.models.overlap.comparing import as_columns

COLUMNS = [
    *("arm", "customers", "controls", "treated", "control"),
    *("effect", "low", "high", "error", "z", "p", "p_holm"),
]
RARE = 10  # events or non-events of an arm, below which the normal interval is not used
_LEAST = 2  # customers of an arm, to know its spread
_PER_COLUMN = 10  # customers of an arm per column of a regression, at least
_ROUNDING = 1e-6
_CAPS = (1.0, 0.999, 0.99, 0.95)
_Row = tuple[str, int, int, float, float, float, float, float]  # the last: degrees of freedom


def effects(
    members: pd.DataFrame, outcome: str, *, by: str | None = None, confidence: float = 0.95
) -> pd.DataFrame:
    """The difference of means of each treatment from control; see the module for the columns.

    `members`: `customer_id`, `arm`, `outcome` (yes or no as 0 and 1, numbers, or money) and `by`,
    the stratum, where arms were drawn with other odds in some strata than in others. Error by
    Neyman, sqrt(s1^2 / n1 + s0^2 / n0); interval and p by Welch's t. Where a yes or a no is rarer
    than `RARE` in an arm the interval is Newcombe's and p is Fisher's. Within strata it is
    sum of n_s / n x difference_s over strata with both arms, n_s all customers of the stratum in
    the campaign: the effect on the customers that the campaign had, not biased by unequal odds
    (Simpson's paradox). Customers of strata without both arms do not count.

    Very unequal arms need nothing else: errors add up by arm, and the small arm sets the precision
    and the degrees of freedom.
    Of heavy-tailed money see `capped_effects`. Raises `InputError` as `arms.treatments` does,
    for a missing outcome, and for an arm of one customer. Sources: Neyman 1923; Newcombe 1998.

    >>> members = pd.DataFrame(
    ...     {"customer_id": range(6), "arm": ["control"] * 3 + ["mail"] * 3,
    ...      "income": [1.0, 2, 3, 2, 3, 7]})
    >>> effects(members, "income")[["arm", "effect", "error"]].round(3).to_numpy().tolist()
    [['mail', 2.0, 1.633]]
    """
    return _effects(members, outcome, None, by, confidence)


def adjusted_effects(
    members: pd.DataFrame,
    outcome: str,
    covariates: Sequence[str],
    *,
    by: str | None = None,
    confidence: float = 0.95,
) -> pd.DataFrame:
    """Effects with the noise taken out that was known before the draw.

    As `effects`, with `variance_reduction`: 1 less the variance of the adjusted effect over that of
    the difference of means, 0 at no gain. One linear regression per arm on the `covariates`
    (numbers, flags, texts, all from before the draw), centred at the mean of all members, read at
    this mean: regression with all interactions. With many customers it is never less precise than
    the difference of means, and right whether or not the outcome is linear. With the same outcome
    of the months before as the covariate this is CUPED. Errors are HC3: with HC2
    intervals of small arms are too short.

    An arm (of a stratum) with fewer than ten customers per column is not adjusted: there the
    regression costs more than it takes out. Effects are on these members; for all customers like
    them errors are a little larger where effects go with covariates. Raises `InputError` as
    `effects` does. Sources: Lin 2013, Annals of Applied
    Statistics 7(1); Deng et al. 2013, WSDM, for CUPED.
    """
    columns = as_columns(members[list(covariates)], np.ones(len(members), dtype=bool))
    table = _effects(members, outcome, columns.to_numpy(float), by, confidence)
    plain = _effects(members, outcome, None, by, confidence)
    with np.errstate(divide="ignore", invalid="ignore"):
        return table.assign(variance_reduction=1 - (table["error"] / plain["error"]) ** 2)


def effects_from_counts(counts: pd.DataFrame, confidence: float = 0.95) -> pd.DataFrame:
    """Effects on a yes-or-no outcome from the counts of a published experiment.

    `counts`: `arm`, `customers`, `events`, one row per arm. As `effects` without strata.

    >>> counts = pd.DataFrame({"arm": ["control", "mens", "womens"],  # Hillstrom: visits
    ...     "customers": [21_306, 21_307, 21_387], "events": [2_262, 3_894, 3_238]})
    >>> found = effects_from_counts(counts)
    >>> found["effect"].round(4).tolist(), found["z"].round(1).tolist()
    ([0.0766, 0.0452], [22.6, 14.0])
    """
    check_columns(counts, ["arm", "customers", "events"])
    names = treatments(counts.assign(customer_id=counts["arm"]))
    by_arm = counts.set_index(counts["arm"].astype(str))[["customers", "events"]].astype(float)
    for name, row in by_arm.iterrows():
        if not 0 <= row["events"] <= row["customers"] or row["customers"] < _LEAST:
            raise InputError(
                f"the arm {name} has {row['events']:g} events of {row['customers']:g} customers"
            )
    rows: list[_Row] = []
    for name in names:
        (size, events), (size_0, events_0) = by_arm.loc[name], by_arm.loc[CONTROL]
        rate, rate_0 = events / size, events_0 / size_0
        pieces = np.array(
            [rate * (1 - rate) / (size - 1), rate_0 * (1 - rate_0) / (size_0 - 1)], dtype=float
        )
        spread = pieces.sum(), _freedom(pieces, np.array([size - 1, size_0 - 1]))
        rows.append((name, int(size), int(size_0), rate, rate_0, rate - rate_0, *spread))
    return _with_rare(_table(rows, confidence), confidence)


def capped_effects(
    members: pd.DataFrame,
    outcome: str,
    covariates: Sequence[str] = (),
    *,
    by: str | None = None,
    confidence: float = 0.95,
) -> pd.DataFrame:
    """How much of an effect on money hangs on the largest customers.

    As `adjusted_effects`, with `kept`, 1 to 0.95: amounts above this quantile of all members are
    cut to it, and so are the numbers of the covariates: what follows the cut amounts best. Where
    all are kept the effect is the adjusted one. Effects that change sign or size
    by the cap come from a handful of customers, in whichever arm they were drawn. A capped effect
    is one on capped amounts, narrower, and too small where large customers gain more: it stands
    beside the plain one, never in its place.

    >>> members = pd.DataFrame(
    ...     {"customer_id": range(6), "arm": ["control"] * 3 + ["mail"] * 3,
    ...      "income": [1.0, 2, 3, 2, 3, 97]})
    >>> capped_effects(members, "income")[["kept", "effect"]].round(3).to_numpy().tolist()
    [[1.0, 32.0], [0.999, 31.843], [0.99, 30.433], [0.95, 24.167]]
    """
    numbers = members[list(covariates)].select_dtypes("number")
    amounts, parts = numbers.assign(**{outcome: outcome_of(members, outcome)}), []
    for kept in _CAPS:
        capped = members.assign(**amounts.clip(upper=amounts.quantile(kept), axis=1))
        found = adjusted_effects(capped, outcome, covariates, by=by, confidence=confidence)
        parts.append(found.assign(kept=kept))
    return pd.concat(parts, ignore_index=True)


def _effects(
    members: pd.DataFrame,
    outcome: str,
    columns: Numbers | None,
    by: str | None,
    confidence: float,
) -> pd.DataFrame:
    names = treatments(members)
    check_columns(members, [by] if by else [])
    values = outcome_of(members, outcome)
    arm, places = pd.factorize(members["arm"].astype(str))
    stratum = np.zeros(len(arm), dtype=int)
    if by is not None:
        stratum = pd.factorize(members[by], use_na_sentinel=False)[0]
    sides = [columns] if columns is not None and columns.shape[1] else []
    parts = [
        (values[rows], arm[rows], [side[rows] for side in sides])
        for rows in np.split(
            np.argsort(stratum, kind="stable"), np.cumsum(np.bincount(stratum))[:-1]
        )
    ]
    readings = [_readings(*part, places) for part in parts]
    sizes = np.bincount(stratum)
    rows: list[_Row] = []
    for name in names:
        is_told = [name in reading and CONTROL in reading for reading in readings]
        pairs = [
            _pair(reading[name], reading[CONTROL])
            for reading, is_in in zip(readings, is_told, strict=True)
            if is_in
        ]
        if not pairs:
            where = "" if by is None else f" in any {by}"
            raise InputError(
                f"the arm {name} and the control group need {_LEAST} customers each{where}"
            )
        treated, control = np.array(pairs).transpose(1, 2, 0)  # see _Reading
        weight = sizes[is_told] / sizes[is_told].sum()
        means = weight @ treated[1], weight @ control[1]
        pieces = np.concatenate([weight**2 * treated[2], weight**2 * control[2]])
        spread = pieces.sum(), _freedom(pieces, np.concatenate([treated[3], control[3]]))
        size, size_0 = int(treated[0].sum()), int(control[0].sum())
        rows.append((name, size, size_0, *means, means[0] - means[1], *spread))
    table = _table(rows, confidence)
    if columns is None and by is None and is_yes_or_no(values):
        return _with_rare(table, confidence)
    return table


# Customers, mean, variance of the mean, degrees of freedom.
_Reading = tuple[float, float, float, float]


def _readings(
    values: Numbers, arm: np.ndarray, sides: list[Numbers], names: pd.Index
) -> dict[str, tuple[_Reading, _Reading | None]]:
    """Of each arm of one stratum: plain, and adjusted where its customers allow that."""
    rows = {name: np.flatnonzero(arm == code) for code, name in enumerate(names)}
    rows = {name: at for name, at in rows.items() if len(at) >= _LEAST}
    plain = {
        name: (
            len(at),
            float(values[at].mean()),
            float(values[at].var(ddof=1) / len(at)),
            len(at) - 1,
        )
        for name, at in rows.items()
    }
    adjusted: dict[str, _Reading | None] = dict.fromkeys(rows)
    for columns in sides:
        centred = columns - columns.mean(axis=0)
        adjusted = {name: _at_centre(values[at], centred[at]) for name, at in rows.items()}
    return {name: (plain[name], adjusted[name]) for name in rows}


def _pair(
    treated: tuple[_Reading, _Reading | None], control: tuple[_Reading, _Reading | None]
) -> tuple[_Reading, _Reading]:
    """Both adjusted, or both plain."""
    if treated[1] is None or control[1] is None:
        return treated[0], control[0]
    return treated[1], control[1]


def _at_centre(values: Numbers, centred: Numbers) -> _Reading | None:
    """The regression of one arm read where all columns are 0, with its HC3 variance."""
    spread = centred.std(axis=0)
    # A column that is constant in this arm alone has the spread of its rounding.
    is_varied = spread > _ROUNDING * np.abs(centred).max(axis=0, initial=0.0)
    centred, spread = centred[:, is_varied], spread[is_varied]
    if not len(spread) or len(values) < _PER_COLUMN * (len(spread) + 1):
        return None
    design = np.column_stack([np.ones(len(values)), centred / spread])
    inner = design.T @ design
    inverse = np.linalg.pinv(inner, hermitian=True)
    if abs((inverse @ inner)[0, 0] - 1) > _ROUNDING:  # columns add up to a constant in this arm
        return None
    projected = design @ inverse
    left = values - projected @ (design.T @ values)
    leverage = (projected * design).sum(axis=1)
    pull = projected[:, 0]
    variance = (pull**2 * left**2 / np.maximum(1 - leverage, _ROUNDING) ** 2).sum()
    return len(values), float(pull @ values), float(variance), len(values) - design.shape[1]


def _freedom(pieces: Numbers, degrees: Numbers) -> float:
    """Degrees of freedom of a sum of estimated variances; Satterthwaite 1946."""
    total = pieces.sum()
    return float(total**2 / (pieces**2 / degrees).sum()) if total > 0 else float(degrees.sum())


def _table(rows: list[_Row], confidence: float) -> pd.DataFrame:
    table = pd.DataFrame(rows, columns=[*COLUMNS[:6], "error", "df"])
    table["error"] = np.sqrt(table["error"].astype(float))
    reach = t.ppf((1 + confidence) / 2, table["df"]) * table["error"]
    with np.errstate(divide="ignore", invalid="ignore"):
        z = np.where(table["effect"] == 0, 0.0, table["effect"] / table["error"])
    table = table.assign(
        low=table["effect"] - reach,
        high=table["effect"] + reach,
        z=z,
        p=2 * t.sf(np.abs(z), table["df"]),
    )
    return table.assign(p_holm=holm(table["p"]))[COLUMNS]


def _with_rare(table: pd.DataFrame, confidence: float) -> pd.DataFrame:
    """Newcombe's interval and Fisher's p where an arm has fewer than `RARE` of yes or of no."""
    table = table.copy()
    for place, row in enumerate(table.itertuples()):
        yes = np.rint([row.treated * row.customers, row.control * row.controls]).astype(int)
        no = np.array([row.customers, row.controls]) - yes
        if min(*yes, *no) >= RARE:
            continue
        low, high = confint_proportions_2indep(
            yes[0], row.customers, yes[1], row.controls, method="newcomb", alpha=1 - confidence
        )
        table.loc[place, ["low", "high"]] = low, high
        table.loc[place, "p"] = fisher_exact([yes, no])[1]
    return table.assign(p_holm=holm(table["p"]))
