"""Whether products keep customers, when a habit drives both and usage shows it with noise only."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.stats import chi2

from src.data.problems import InputError
from src.models.intervals.numbers import Numbers
from src.models.products.effect import LogRatio
from src.models.products.exposure import TRAITS
from src.models.products.joint_likelihood import Evidence, fitted
from src.models.products.seen_columns import level_columns
from src.models.products.usage_levels import UsageLevels

LEAST_MEASURES = 2
_LEAST = 10  # exits
_SHARED = 0.001  # p-value below which measures of usage are taken to share something


@dataclass(frozen=True)
class HabitAdjusted:
    """The effect of a further product apart from the habit, and what the habit does.

    `on_leaving` and `on_taking`: the logarithms of the ratios of the hazard of leaving, and of the
    rate of taking a further product, per standard deviation of the habit; `usage_shows`: the share
    of the habit's variance that usage tells, the mean over customers, 0 to 1.
    """

    ratio: LogRatio
    on_leaving: float
    on_taking: float
    usage_shows: float


def apart_from_habit(
    months: pd.DataFrame, columns: pd.DataFrame, waits: pd.DataFrame, levels: UsageLevels
) -> HabitAdjusted:
    """The log ratio of hazards per further product with a hidden habit in the model.

    `months` of `exposure.risk_months`; `columns` of `seen_columns` for the same rows, usage not
    among them; `waits` of `exposure.takings`; `levels` of the same lives. One habit e, standard
    normal among customers alike in their tenure at the first month, stands behind three things:

    - the mean logarithm of each measure of usage: level + loading x e + a deviation of the
      customer's own + noise of the months seen;
    - each wait for a further product: a monthly hazard of its stage and traits x exp(a e);
    - leaving: a monthly hazard of `columns` x exp(b products held + g e).

    The joint likelihood is integrated over e. Adjusting for usage itself would leave in the effect
    what usage does not show of the habit. The error is by customer (sandwich).

    Assumes that the habit is one, that it does not change, that deviations of measures are
    independent of each other, of products and of exits, and that no other unseen trait moves both
    products and exits. It fails where measures of usage go together for another reason, such as the
    price of a tariff, and where products change the habit itself. What products and lines change in
    a customer's usage is taken off by `usage_levels` before.

    Raises `InputError` for fewer than two measures of usage or ten exits, and where usage shows no
    habit. Source: Wulfsohn and Tsiatis 1997; Carroll and others 2006, chapter 8.
    """
    left = months["left"].to_numpy()
    if len(levels.names) < LEAST_MEASURES:
        raise InputError(
            f"usage has one measure ({levels.names[0]}); {LEAST_MEASURES} are needed to tell habit "
            "from noise"
        )
    if left.sum() < _LEAST:
        raise InputError(f"fewer than {_LEAST} exits")
    if not waits["taken"].any():
        raise InputError("nobody takes a product while being watched")
    if not is_shared(levels.level):
        raise InputError(
            "the measures of usage have nothing in common, so that they show no habit to adjust for"
        )
    per_customer = months.drop_duplicates("customer")
    evidence = Evidence(
        months=np.column_stack([months["held"], np.ones(len(months)), columns]),
        customer=months["customer"].to_numpy(),
        left=left,
        waits=_wait_columns(waits, per_customer),
        wait_customer=waits["customer"].to_numpy(),
        wait_months=waits["months"].to_numpy("float64"),
        taken=waits["taken"].to_numpy(),
        level=levels.level,
        seen=levels.seen,
        noise=levels.noise,
        entry=_entry(per_customer, len(levels.level)),
    )
    joint = fitted(evidence)
    ratio = LogRatio(joint.effect, joint.error, len(per_customer), int(left.sum()))
    return HabitAdjusted(ratio, joint.on_leaving, joint.on_taking, joint.usage_shows)


def is_shared(level: Numbers) -> bool:
    """Whether measures go together across customers beyond chance, at 1 in 1,000.

    `level` (customers, measures); customers with a gap are left out. Test of sphericity of the
    correlation matrix. Source: Bartlett 1950.
    """
    whole = level[np.isfinite(level).all(axis=1)]
    count, measures = whole.shape
    if count <= measures + 2 or (whole.std(axis=0) == 0).any():
        return False
    _, log_determinant = np.linalg.slogdet(np.corrcoef(whole.T))
    statistic = -(count - 1 - (2 * measures + 5) / 6) * log_determinant
    return bool(chi2.sf(statistic, measures * (measures - 1) / 2) < _SHARED)


def _wait_columns(waits: pd.DataFrame, per_customer: pd.DataFrame) -> Numbers:
    """A column per stage, and per level of the traits of customers but the commonest."""
    taken = waits["taken"].to_numpy()
    stages = np.unique(waits["stage"][taken])
    # Later stages that nobody reached share the rate of the last one.
    stage = np.minimum(np.searchsorted(stages, waits["stage"]), len(stages) - 1)
    columns = [(stage == place).astype(float) for place in range(len(stages))]
    traits = per_customer.set_index("customer")
    for name in TRAITS:
        if name in traits:
            values = traits[name].reindex(waits["customer"])
            columns += level_columns(name, values.reset_index(drop=True), taken).values()
    return np.column_stack(columns)


def _entry(per_customer: pd.DataFrame, customers: int) -> Numbers:
    """(customers, 0 to 2): what the mean habit may hang on, the tenure at the first month."""
    old = np.zeros(customers)
    old[per_customer["customer"]] = per_customer["old_months"]
    columns = []
    if (old > 0).any() and (old == 0).any():
        columns.append((old > 0).astype(float))
    if (old > 0).any():
        logs = np.log1p(old)
        # The mean habit of all is 0: levels of usage have a mean of their own.
        columns.append(np.where(old > 0, logs - logs[old > 0].mean(), 0.0))
    return np.column_stack(columns) if columns else np.zeros((customers, 0))
