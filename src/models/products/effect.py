"""The hazard of leaving per further product: raw, and among customers alike in all that is seen."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from src.data.problems import InputError
from src.models.intervals.numbers import Numbers

AHEAD = 12  # months in which the raw comparison counts exits after its one day
_STEPS = 50
_ENOUGH = 1e-8  # of a step, where the search ends
_LEAST = 10  # exits on each side of a comparison
_LARGEST = 30.0  # of a log hazard


@dataclass(frozen=True)
class LogRatio:
    """The logarithm of a ratio of hazards per further product, and its standard error."""

    value: float
    error: float
    customers: int
    exits: int


def raw_at_one_day(months: pd.DataFrame) -> LogRatio:
    """Holders of more products against holders of fewer on one day, as reports compare them.

    `months` of `exposure.risk_months`. Everybody at risk in the month a year before the last one
    (half-way, where less is watched) is followed to the end; the products held then count, and
    nothing else is looked at. The ratio is that of the monthly hazard per product.
    """
    last = int(months["month"].max())
    day = max(last - AHEAD + 1, (int(months["month"].min()) + last) // 2)
    at = months.loc[months["month"] == day].set_index("customer")["held"]
    after = months[(months["month"] >= day) & months["customer"].isin(at.index)]
    return _alone(after, after["customer"].map(at).to_numpy())


def raw_of_whole_lives(months: pd.DataFrame) -> LogRatio:
    """Products ever held over the whole life against exits: the survivors' bias in full.

    Who stays longer has longer to take products. The count of the last month seen is given to all
    months before it.
    """
    most = months.groupby("customer")["held"].transform("last")
    return _alone(months, most.to_numpy())


def with_habit_known(months: pd.DataFrame, columns: pd.DataFrame, habit: Numbers) -> LogRatio:
    """The ratio that the main comparison would give if the habit of each customer were known.

    `habit` by the place of the customer. For simulated bases, whose habits are on record: what this
    is off by is chance, whatever usage shows.
    """
    left, who = months["left"].to_numpy(), months["customer"].to_numpy()
    ones = np.ones(len(months))
    fit = hazard_model(np.column_stack([months["held"], habit[who], ones, columns]), left, who)
    return _ratio(fit, len(np.unique(who)), int(left.sum()))


@dataclass(frozen=True, eq=False)
class Weighted:
    """A ratio among customers weighted to be alike, and how alike they are.

    `balance`: `what`, `before` and `after`, standardised mean differences of the holders of one
    more product from those of one fewer.
    """

    ratio: LogRatio
    balance: pd.DataFrame


def among_alike(months: pd.DataFrame, columns: pd.DataFrame) -> Weighted:
    """Holders of one more product against those of one fewer who are alike in all `columns`.

    `months` of `exposure.risk_months`, `columns` of `seen_columns` for the same rows. For each
    number k the customer-months with k + 1 products stand against those with k. A logistic model
    gives the chance e to be among the first; these get the weight 1 - e, the others e (overlap
    weights: the means of all columns are then equal on both sides). One weighted discrete-time
    hazard model (complementary log-log) over all k, each with a level of its own, gives the ratio;
    errors are by customer. A product counts from the month after its start.

    Assumes that nothing unseen moves both products and exits. Usage is a noisy sign of a habit, so
    that this fails for habits: see `hidden_habit`. Raises `InputError` where no two numbers of
    products have ten exits each. Source: Li, Morgan and Zaslavsky 2018; Prentice and Gloeckler
    1978.
    """
    held, left = months["held"].to_numpy(), months["left"].to_numpy()
    seen = columns.to_numpy("float64")
    design = np.column_stack([np.ones(len(seen)), seen])
    parts, gaps = [], []
    for fewer in np.unique(held):
        rows = np.flatnonzero((held == fewer) | (held == fewer + 1))
        is_more = held[rows] > fewer
        if min(left[rows][is_more].sum(), left[rows][~is_more].sum()) < _LEAST:
            continue
        chance = _chance(design[rows], is_more)
        weight = np.where(is_more, 1 - chance, chance)
        parts.append((rows, is_more, weight))
        gaps.append((_gaps(seen[rows], is_more, weight), weight.sum()))
    if not parts:
        raise InputError(f"no two numbers of products have {_LEAST} exits each to compare")
    row, more, weight = (np.concatenate(part) for part in zip(*parts, strict=True))
    pair = np.repeat(np.arange(len(parts)), [len(part[0]) for part in parts])
    pairs = (pair[:, None] == np.arange(len(parts))).astype(float)
    who = months["customer"].to_numpy()[row]
    fit = hazard_model(np.column_stack([more, pairs]), left[row], who, weight)
    balance = np.average([gap for gap, _ in gaps], axis=0, weights=[total for _, total in gaps])
    table = pd.DataFrame({"what": columns.columns, "before": balance[0], "after": balance[1]})
    return Weighted(_ratio(fit, len(np.unique(who)), int(left[np.unique(row)].sum())), table)


@dataclass(frozen=True, eq=False)
class HazardFit:
    """Coefficients of a discrete-time hazard model and their covariance, by customer."""

    effect: Numbers
    covariance: Numbers


def hazard_model(
    columns: Numbers, left: np.ndarray, customer: np.ndarray, weight: Numbers | None = None
) -> HazardFit:
    """Log hazard as a sum of columns: the chance to leave in a month is 1 - exp(-exp(sum)).

    Coefficients are logarithms of ratios of hazards, whatever the length of a month. Maximum of the
    weighted likelihood by Fisher's scoring; covariance by customers as clusters (sandwich), weights
    taken as known. Source: Prentice and Gloeckler 1978.

    Raises `InputError` where the columns do not tell their effects apart.
    """
    weights = np.ones(len(left)) if weight is None else weight
    start = np.log(max(np.average(left, weights=weights), 1e-9))
    # The level of the start goes to the columns that add up to a constant, where there are such.
    inner, total = columns.T @ columns, columns.sum(axis=0)
    effect = start * np.linalg.lstsq(inner, total, rcond=None)[0]
    for _ in range(_STEPS):
        score, information = _hazard_score(columns, left, weights, effect)
        try:
            step = np.linalg.solve(information, columns.T @ score)
        except np.linalg.LinAlgError:
            raise InputError("what is seen of customers does not tell its effects apart") from None
        effect = effect + step * min(1.0, 2.0 / max(np.abs(step).max(), 1e-12))
        if np.abs(step).max() < _ENOUGH:
            break
    else:
        raise InputError("what is seen of customers does not tell its effects apart")
    score, information = _hazard_score(columns, left, weights, effect)
    codes = pd.factorize(customer)[0]
    by_customer = np.column_stack([np.bincount(codes, score * column) for column in columns.T])
    bread = np.linalg.inv(information)
    return HazardFit(effect, bread @ (by_customer.T @ by_customer) @ bread)


def _hazard_score(
    columns: Numbers, left: np.ndarray, weight: Numbers, effect: Numbers
) -> tuple[Numbers, Numbers]:
    """The score of each row by its sum of columns, and the information."""
    hazard = np.exp(np.clip(columns @ effect, -_LARGEST, 3.0))
    odds = np.expm1(hazard)
    score = weight * np.where(left, hazard / odds, -hazard)
    spread = weight * hazard**2 / odds
    return score, columns.T @ (columns * spread[:, None])


def _alone(months: pd.DataFrame, held: Numbers) -> LogRatio:
    left, who = months["left"].to_numpy(), months["customer"].to_numpy()
    if left.sum() < _LEAST or held.min() == held.max():
        raise InputError(f"fewer than {_LEAST} exits, or all hold as many products")
    fit = hazard_model(np.column_stack([held, np.ones(len(held))]), left, who)
    return _ratio(fit, len(np.unique(who)), int(left.sum()))


def _ratio(fit: HazardFit, customers: int, exits: int) -> LogRatio:
    """The first coefficient with its error."""
    return LogRatio(float(fit.effect[0]), float(np.sqrt(fit.covariance[0, 0])), customers, exits)


def _chance(columns: Numbers, is_more: np.ndarray) -> Numbers:
    """The chance to be among those with more, by a logistic model."""
    effect = np.zeros(columns.shape[1])
    for _ in range(_STEPS):
        chance = 1 / (1 + np.exp(-np.clip(columns @ effect, -_LARGEST, _LARGEST)))
        spread = chance * (1 - chance)
        information = columns.T @ (columns * spread[:, None])
        # A level that is on one side only has no finite effect: a trace of a penalty holds it.
        information[np.diag_indices_from(information)] += 1e-6
        step = np.linalg.solve(information, columns.T @ (is_more - chance) - 1e-6 * effect)
        effect = effect + step * min(1.0, 5.0 / max(np.abs(step).max(), 1e-12))
        if np.abs(step).max() < 1e-6:
            break
    return 1 / (1 + np.exp(-np.clip(columns @ effect, -_LARGEST, _LARGEST)))


def _gaps(seen: Numbers, is_more: np.ndarray, weight: Numbers) -> Numbers:
    """(2, columns): standardised mean differences before and after weighting.

    The unit is the root of the mean of both sides' variances before weighting. Source: Austin 2009.
    """
    more, fewer = seen[is_more], seen[~is_more]
    unit = np.sqrt((more.var(axis=0) + fewer.var(axis=0)) / 2)
    unit = np.where(unit > 0, unit, np.inf)
    before = more.mean(axis=0) - fewer.mean(axis=0)
    after = np.average(more, axis=0, weights=weight[is_more])
    after = after - np.average(fewer, axis=0, weights=weight[~is_more])
    return np.stack([before, after]) / unit
