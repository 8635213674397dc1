"""Estimators of a customer's margin side by side, from the simplest formula to the main model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from src.features.lifecycle import durations, end_of_follow_up, lives
from src.models.survival.cohorts import cohort_of_lives
from src.models.survival.cox import continued, cox, survival_ahead
from src.models.survival.kaplan_meier import kaplan_meier
from src.models.survival.retention import Retention, fit_bdw, fit_sbg
from src.models.value.customer_value import ValueModel
from src.models.value.discounting import discounts
from src.models.value.money import bill_margins

LABELS = {
    "all_zero": "nobody brings anything",
    "repeated": "last 12 months repeated",
    "segment_mean": "mean of the segment",
    "constant_churn": "margin / churn, constant churn",
    "kaplan_meier": "Kaplan-Meier x mean margin",
    "sbg": "sBG x own margin",
    "bdw": "BdW x own margin",
    "cox": "Cox x own margin",
    "main": "hazard model x money model",
}

# These hand out the mean margin of the segment: of what it is the mean.
MEANS_OF = dict.fromkeys(("segment_mean", "constant_churn", "kaplan_meier"), "repeated")


def estimates(
    model: ValueModel,
    today: pd.DataFrame,
    known: pd.DataFrame,
    months: int,
    covariates: Sequence[str] = (),
) -> pd.DataFrame:
    """The margin of the next `months`, undiscounted, by every estimator, of one segment.

    `today`: features of everybody on the list now, with `tenure_months`, `margin_mean_12m` and the
    `covariates` of Cox (known at the start of a life; none: no Cox); `known`: the lives known by
    now, as `lifecycle.durations` gives them (`duration`, `ended`, `entry`), with the covariates.
    Returns `customer_id` and a column per estimator in `LABELS`.

    The main estimate alone knows that some of the silent are gone. Those of a formula take the same
    margin each month; `repeated` and `segment_mean` nobody to leave; `constant_churn` and
    `kaplan_meier` the mean margin of the segment; sBG, BdW and Cox each customer's own margin of
    the last 12 months and their survival given the tenure. Where the longest life watched ends
    before tenure + t, the last hazard known goes on.
    """
    own = today["margin_mean_12m"].fillna(0).to_numpy(float)
    tenure = today["tenure_months"].clip(lower=0).fillna(0).to_numpy(float)
    watched = known["duration"] - known["entry"]
    churn = known["ended"].sum() / watched.sum()
    ahead = np.arange(1, months + 1)
    survival = model.survival(today, months)
    money = model.margin
    found: dict[str, np.ndarray] = {
        "all_zero": np.zeros(len(today)),
        "repeated": own * months,
        "segment_mean": np.full(len(today), own.mean() * months),
        "constant_churn": np.full(len(today), own.mean() * ((1 - churn) ** ahead).sum()),
        "kaplan_meier": own.mean() * _read(_curve(known, months), tenure, months).sum(axis=1),
    }
    for name, fit in _retentions(known).items():
        longest = int(tenure.max()) + months
        curve = np.append(1.0, fit.survival(np.arange(1, longest + 1)))
        found[name] = own * _read(curve, tenure, months).sum(axis=1)
    if covariates:
        ahead_cox = survival_ahead(cox(known, covariates), today, months, tenure)
        found["cox"] = own * continued(ahead_cox).sum(axis=1)
    found["main"] = money.level(today) * (survival @ money.drift(months))
    return pd.DataFrame({"customer_id": today["customer_id"].to_numpy(), **found})


def km_gap(
    billing: pd.DataFrame,
    customers: pd.DataFrame,
    names: tuple[str, str],
    freeze_months: int,
    months: int,
    annual_rate: float,
) -> float:
    """The gap of mean LTV of new customers by Kaplan-Meier x mean margin, another freeze rule.

    For the sensitivity to `freeze_months` only: it knows neither tenure nor who pays more.
    """
    found = lives(billing, customers, freeze_months)
    spans = durations(found, billing["month"].min(), customers)
    segment = customers.set_index("customer_id")["segment"]
    # Only the months that lives were watched: they are fewer the later a freeze is known.
    until = end_of_follow_up(billing["month"].max(), freeze_months)
    bills = billing[(billing["month"] < until) & billing["customer_id"].isin(spans["customer_id"])]
    margin = bill_margins(bills)
    by_segment = margin.groupby(bills["customer_id"].map(segment)).sum()
    values = []
    for name in names:
        own = spans[spans["customer_id"].map(segment) == name]
        watched = (own["duration"] - own["entry"]).sum()
        # Month k of a new life is paid by who is there after k - 1: its first bill by everybody.
        curve = _curve(own, months)[:months]
        monthly = by_segment[name] / watched
        values.append(monthly * float(curve @ discounts(months, annual_rate)))
    return values[0] - values[1]


def _retentions(found: pd.DataFrame) -> Mapping[str, Retention]:
    # A life that ended in its first month has lasted one period of these models.
    known = found.assign(duration=found["duration"].clip(lower=1))
    cohort = cohort_of_lives(known)
    return {"sbg": fit_sbg(cohort), "bdw": fit_bdw(cohort)}


def _curve(found: pd.DataFrame, months: int) -> np.ndarray:
    """Kaplan-Meier by whole months from 0, its last year's hazard going on beyond the data."""
    curve = kaplan_meier(found)
    last = int(curve["time"].iloc[-1])
    place = np.searchsorted(curve["time"], np.arange(last + 1), side="right") - 1
    read = np.maximum(curve["survival"].to_numpy()[place], 1e-9)
    year = min(12, last)
    monthly = (read[-1] / read[-1 - year]) ** (1 / max(year, 1))
    return np.append(read, read[-1] * monthly ** np.arange(1, months + 1))


def _read(curve: np.ndarray, tenure: np.ndarray, months: int) -> np.ndarray:
    """(customers, months): S(tenure + t) / S(tenure) of one curve by whole months."""
    start = np.minimum(tenure.astype(int), len(curve) - 1 - months)
    return curve[start[:, None] + np.arange(1, months + 1)] / curve[start][:, None]
