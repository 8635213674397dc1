"""What goes with leaving sooner: Cox's proportional hazards, and survival curves from them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.stats import chi2, norm
from sklearn.pipeline import Pipeline
from threadpoolctl import threadpool_limits

from src.data.problems import InputError
from src.models.learning.design import Design
from src.models.learning.preparation import Tidy
from src.models.survival.efron import EfronSums, Spans, efron_sums
from src.models.survival.kaplan_meier import risk_sets
from src.models.survival.partial_likelihood import NoPeakError, Peak, highest
from src.models.survival.restricted_mean import FEW

# A variance inflation beyond a million: rounding is all that tells the column from the others.
DEPENDENT = 1e-3
# A standard error of ten in log-hazard per standard deviation: the likelihood has no peak there.
SEPARATED = 10.0
# A Newton step that could still raise the log-likelihood by this much: no peak was found.
STEEP = 1e-2
# A log-hazard of 25 per standard deviation: the column is the time at risk in other words.
FAR = 25.0
DOUBTFUL = 0.05


@dataclass(frozen=True)
class Cox:
    """Cox's proportional hazards, fitted by `cox`.

    `table`: a row per coefficient: `column`, `level`, `reference`, `hazard_ratio`, `low`, `high`,
    `p_value`, `trend_p_value`, `is_proportional`, `ended`, `is_thin`. For a number (empty `level`)
    the ratio is per unit of the column; for a level it is against the `reference`, the most common
    level. A ratio above 1 goes with leaving sooner. `trend_p_value` tests that the ratio is the
    same at every tenure; `is_proportional` is False where it is below 0.05. `ended` is how many
    lives ended, of a column with two values those on the rarer side; `is_thin`: fewer than 30.

    `trend_p_value` of the model tests all coefficients at once: with twenty of them one is flagged
    by chance. With very many lives a trend too small to matter is flagged as well.

    `dropped`: `column`, `level`, `reason`: what has no estimate and is not in the model.

    `baseline`: `time`, `cumulative_hazard` of a customer at the `centre` of the design, and
    `unwatched`, the months up to then in which no life was watched.
    """

    table: pd.DataFrame
    dropped: pd.DataFrame
    lives: int
    ended: int
    log_likelihood: float
    trend_p_value: float
    preparation: Pipeline
    coefficients: pd.Series
    centre: pd.Series
    baseline: pd.DataFrame


def cox(lives: pd.DataFrame, columns: Sequence[str], confidence: float = 0.95) -> Cox:
    """Hazard ratios of leaving with Wald intervals, p values and a check of their constancy.

    Reads `duration`, `ended`, where given `entry`, as `kaplan_meier` does, and `columns`,
    what was known of each life at its start: numbers as they are, text as levels against the most
    common, levels of fewer than 20 lives pooled, missing numbers filled with the median and
    flagged. The hazard of a life with design x is h(t) exp((x - centre) b); b maximises Efron's
    partial likelihood, over those at risk after their entry.

    Assumes that ratios hold at every tenure, that lives are independent (with several per customer
    the intervals are too short) and that censoring is uninformative. A ratio is an association
    with the other columns held still, not an effect. A column that grows with the life itself,
    such as payments to date, tells who left by what came of it: no ratio of it means anything.

    The check is Grambsch and Therneau's: whether scaled Schoenfeld residuals move with 1 - S(t),
    S being the Kaplan-Meier curve just before t. The baseline is Efron's as well: Breslow's is
    too high where many leave in one month.

    Raises `InputError` without lives or ends, for impossible durations, when nothing varies, and
    when the columns tell so exactly who leaves sooner that no ratio is finite.
    Source: Cox 1972; Efron 1977; Grambsch and Therneau 1994.

    >>> lives = pd.DataFrame({"plan": ["prepaid"] * 40 + ["contract"] * 60, "ended": True})
    >>> lives["duration"] = [1, 2, 3, 4] * 10 + [2, 4, 6, 8] * 15
    >>> cox(lives, ["plan"]).table[["level", "reference", "hazard_ratio"]].round(2).values.tolist()
    [['prepaid', 'contract', 4.8]]
    """
    absent = [name for name in columns if name not in lives]
    if absent:
        raise InputError(f"lives have no column {', '.join(absent)}")
    counts = risk_sets(lives)
    entry = lives["entry"] if "entry" in lives else pd.Series(0, lives.index)
    watched = lives.assign(entry=entry)[(entry == 0) | (lives["duration"] > entry)]
    spans = Spans.of(watched)
    if not spans.ended.any():
        raise InputError("no life ended, so there is nothing to learn of who leaves sooner")

    steps = [("tidy", Tidy(totals=False)), ("design", Design(reference=True))]
    preparation = Pipeline(steps)
    design = preparation.fit_transform(watched[list(columns)])
    parts = preparation["design"].parts_
    centre, spread = design.mean(), design.std(ddof=0)
    scaled = (design - centre) / spread
    peak, kept, reasons = _fitted(scaled, spans, parts["column"])
    weights, variance = peak.weights, peak.variance
    sums = efron_sums(scaled[kept].to_numpy(), weights, spans)

    trend, of_all = _trends(sums, variance, counts)
    errors = peak.errors
    margin = norm.ppf((1 + confidence) / 2) * errors
    unit = spread[kept].to_numpy()
    with np.errstate(over="ignore"):  # infinite per unit, where a unit is far beyond the data
        ratios = {"hazard_ratio": np.exp(weights / unit), "low": np.exp((weights - margin) / unit)}
        ratios["high"] = np.exp((weights + margin) / unit)
    ended = _ends_that_tell(design.loc[spans.ended, kept], design[kept])
    table = parts.loc[kept].assign(
        **ratios,
        p_value=2 * norm.sf(np.abs(weights / errors)),
        trend_p_value=trend,
        is_proportional=~(trend < DOUBTFUL),
        ended=ended,
        is_thin=ended < FEW,
    )
    place = table["column"].map({name: place for place, name in enumerate(columns)})
    table = table.iloc[np.argsort(place.to_numpy(), kind="stable")]
    lost = [(name, "", reason) for name, reason in preparation["tidy"].dropped_.items()]
    lost += [(*parts.loc[name, ["column", "level"]], reason) for name, reason in reasons.items()]
    return Cox(
        table=table.reset_index(drop=True),
        dropped=pd.DataFrame(lost, columns=["column", "level", "reason"]),
        lives=len(watched),
        ended=int(spans.ended.sum()),
        log_likelihood=peak.log_likelihood,
        trend_p_value=of_all,
        preparation=preparation,
        coefficients=pd.Series(weights / unit, kept),
        centre=centre[kept],
        baseline=_baseline(sums, counts),
    )


def relative_hazards(model: Cox, customers: pd.DataFrame) -> np.ndarray:
    """The hazard of each row of `customers` over that of the baseline; reads the model's columns.

    Raises `InputError` when a column is absent or holds what it did not hold in training.
    """
    design = model.preparation.transform(customers)[model.coefficients.index]
    return np.exp((design - model.centre).to_numpy() @ model.coefficients.to_numpy())


def survival_ahead(
    model: Cox, customers: pd.DataFrame, months: int, tenure: pd.Series | np.ndarray | None = None
) -> np.ndarray:
    """(rows, months): the chance to be still there 1, 2, .. `months` months from now.

    Reads the model's columns of `customers` and, for customers who are there already, their
    `tenure`: months since the start, counted as `duration` is. Without it lives begin now.

        S(t | x, tenure a) = exp(-[H(a + t) - H(a)] exp((x - centre) b)), H the baseline

    Missing wherever the stretch from a to a + t holds a month that no life was watched in, beyond
    the longest life above all: the model knows no hazard there. Fails as `cox` does where ratios
    change with tenure, see `is_proportional`.

    Raises `InputError` for fewer than 1 month and for a tenure that is missing or negative.
    """
    if months < 1:
        raise InputError(f"months must be 1 or more, not {months}")
    start = np.zeros(len(customers)) if tenure is None else np.asarray(tenure, "float64")
    if not (start >= 0).all():
        raise InputError("tenure must be known for every customer, and 0 or more")
    known = model.baseline
    # Few tenures are distinct: the baseline is read once for each.
    starts, row = np.unique(start, return_inverse=True)
    times = starts[:, None] + np.arange(months + 1)
    cumulative = np.append(0.0, known["cumulative_hazard"])
    hazard = cumulative[np.searchsorted(known["time"], times, side="right")]
    if tenure is None:
        hazard[:, 0] = 0.0  # who leaves at time 0 has not left yet
    last = known["time"].iloc[-1]
    unwatched = np.interp(times, known["time"], known["unwatched"]) + np.maximum(times - last, 0)
    gained = np.where(unwatched[:, 1:] > unwatched[:, :1], np.nan, hazard[:, 1:] - hazard[:, :1])
    ahead = gained[row]
    ahead *= -relative_hazards(model, customers)[:, None]
    return np.exp(ahead, out=ahead)


def continued(survival: np.ndarray) -> np.ndarray:
    """Survival with its unknown months filled: the mean hazard of the known ones goes on."""
    filled = survival.copy()
    known = ~np.isnan(filled)
    count = known.sum(axis=1)
    last = np.where(count > 0, np.nan_to_num(filled)[np.arange(len(filled)), count - 1], 1.0)
    usual = np.nanmean(np.where(known, filled, np.nan)[:, 0]) if known[:, 0].any() else 1.0
    monthly = np.where(count > 0, last ** (1 / np.maximum(count, 1)), usual)
    beyond = np.arange(1, filled.shape[1] + 1) - count[:, None]
    return np.where(known, filled, last[:, None] * monthly[:, None] ** np.maximum(beyond, 0))


def concordance(model: Cox, lives: pd.DataFrame) -> float:
    """How often, of two lives, the one that ended sooner had the higher hazard; ties count half.

    Reads `duration`, `ended` and the model's columns; 0.5 is chance, 1 is perfect. Pairs of which
    it is not known who left sooner do not count. On the lives the model learned from it flatters.
    Raises `InputError` for lives with late entry, some of which were never watched together.
    Source: Harrell et al. 1982, as computed by lifelines.
    """
    if "entry" in lives and (lives["entry"] > 0).any():
        raise InputError("concordance needs lives that were watched from their start")
    from lifelines.utils import concordance_index  # takes half a second to import

    stays = -relative_hazards(model, lives)
    try:
        return float(concordance_index(lives["duration"], stays, lives["ended"]))
    except ZeroDivisionError:
        raise InputError("of no two lives is it known which ended sooner") from None


def _fitted(
    scaled: pd.DataFrame, spans: Spans, columns: pd.Series
) -> tuple[Peak, list[str], dict[str, str]]:
    """The fit, the parts in it, and why the others are not; `columns`: of each part."""
    is_free = _is_free(scaled)
    reasons = dict.fromkeys(scaled.columns[~is_free], "follows from other columns")
    kept = list(scaled.columns[is_free])
    while kept:
        peak = _peak(scaled[kept].to_numpy(), spans)
        is_flat = ~(peak.errors < SEPARATED)
        is_too_far = np.abs(peak.weights).max() > FAR
        if is_too_far or not (is_flat.any() or peak.gain < STEEP):
            strongest = columns[kept[int(np.argmax(np.abs(peak.weights)))]]
            raise InputError(
                "the columns tell so exactly who leaves sooner that hazard ratios do not exist; "
                f"the one that tells most is {strongest}"
            )
        if not is_flat.any():
            return peak, kept, reasons
        separated = [name for name, flat in zip(kept, is_flat, strict=True) if flat]
        reasons |= dict.fromkeys(
            separated, "some values go with the soonest ends only, or with none"
        )
        kept = [name for name in kept if name not in separated]
    raise InputError("too few lives ended to tell any column from chance")


def _is_free(scaled: pd.DataFrame) -> np.ndarray:
    """Which columns are not a sum of multiples of the columns before them."""
    with threadpool_limits(1):
        triangle = np.linalg.qr(scaled.to_numpy(), mode="r")
    size = np.abs(np.diag(triangle)) / np.sqrt(len(scaled))
    return np.append(size, np.zeros(scaled.shape[1] - len(size))) > DEPENDENT


def _peak(scaled: np.ndarray, spans: Spans) -> Peak:
    try:
        with threadpool_limits(1):
            return highest(scaled, spans)
    except NoPeakError:
        raise InputError(
            "hazard ratios have no best fit: the lives are too few for the columns, or the "
            "columns tell exactly who leaves sooner"
        ) from None


def _trends(
    sums: EfronSums, variance: np.ndarray, counts: pd.DataFrame
) -> tuple[np.ndarray, float]:
    """The p values of a trend with tenure: of each coefficient, and of all at once."""
    staying = 1 - counts["ends"] / counts["at_risk"].clip(lower=1)
    before = staying.cumprod().shift(fill_value=1.0).set_axis(counts["time"])
    passed = 1 - before[sums.time].to_numpy()
    passed -= np.average(passed, weights=sums.ends)
    spread = sums.ends @ passed**2
    if spread == 0:  # all ended at one time: no tenure to have a trend with
        return np.full(len(variance), np.nan), np.nan
    moved = passed @ sums.residuals
    scale = sums.ends.sum() / spread
    each = scale * (moved @ variance) ** 2 / np.diag(variance)
    return chi2.sf(each, 1), float(chi2.sf(scale * moved @ variance @ moved, len(variance)))


def _baseline(sums: EfronSums, counts: pd.DataFrame) -> pd.DataFrame:
    time = counts["time"].to_numpy()
    hazard = np.zeros(len(time))
    hazard[np.searchsorted(time, sums.time)] = sums.hazard
    unwatched = np.where(counts["at_risk"] == 0, np.diff(time, prepend=0.0), 0.0)
    return pd.DataFrame(
        {
            "time": time,
            "cumulative_hazard": np.cumsum(hazard),
            "unwatched": np.cumsum(unwatched),
        }
    )


def _ends_that_tell(of_ended: pd.DataFrame, design: pd.DataFrame) -> np.ndarray:
    low, high = (of_ended == design.min()).sum(), (of_ended == design.max()).sum()
    is_two_valued = ((design == design.min()) | (design == design.max())).all()
    return np.where(is_two_valued, np.minimum(low, high), len(of_ended)).astype("int64")
