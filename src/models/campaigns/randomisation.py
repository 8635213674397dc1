"""Whether arms look as if they had been drawn at random.

Two questions: did each arm get as many customers as planned (the sample ratio), and do the arms
agree in what was known before the draw (balance)? Sources: Fabijan et al. 2019, KDD, for the sample
ratio; Hansen and Bowers 2008, Statistical Science 23(2), 219-236, for balance within strata.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.stats import chi2, chi2_contingency, chisquare, norm

from src.data.problems import InputError
from src.models.campaigns.arms import CONTROL, treatments
from src.models.campaigns.several import holm
from src.models.intervals.numbers import Numbers, check_columns
from src.models.overlap.comparing import as_columns

LEVEL = 0.01  # of all tests of one draw together
_SAME = 1e-9


@dataclass(frozen=True)
class Draw:
    """How a draw of arms looks.

    `ratio`: `arm`, `customers`, `share` and `planned` (of all members; missing without a plan).
    `balance`: `arm`, `column`, `treated` and `control` (means), `difference` (in standard
    deviations of the controls and the treated), `z`, `p`. `tests`: `test`, `statistic`, `df`, `p`,
    `p_holm`, the sample ratio and one test of all columns per treatment. `columns`: those that
    speak against the draw. `is_random`: none of the tests rejects at `LEVEL`, all taken together.
    """

    ratio: pd.DataFrame
    balance: pd.DataFrame
    tests: pd.DataFrame
    columns: tuple[str, ...]
    is_random: bool

    @property
    def verdict(self) -> str:
        """What is to be made of it, in a sentence."""
        if self.is_random:
            return "The arms were drawn at random as far as can be seen."
        failed = self.tests.loc[self.tests["p_holm"] < LEVEL, "test"]
        reasons = []
        if (failed == "sample ratio").any():
            reasons.append("the arms do not have the planned shares of customers")
        if self.columns:
            reasons.append(f"they differ in {', '.join(self.columns)}")
        return (
            f"The arms were not drawn at random: {' and '.join(reasons)}. "
            "Effects below compare customers who were different before."
        )


def check_draw(
    members: pd.DataFrame,
    covariates: Sequence[str],
    *,
    planned: Mapping[str, float] | None = None,
    by: str | None = None,
) -> Draw:
    """The sample ratio, the balance of `covariates` and a verdict.

    `members`: `customer_id`, `arm`, the columns `covariates` (numbers, flags or texts known before
    the draw; a missing number is the median and a column that says so, each common level of a text
    is a column but the rarest) and `by`, the stratum within which arms were drawn, if they were.
    `planned`: the share of each arm, or any numbers in this proportion. Without a plan the sample
    ratio is only told, not tested.

    Balance compares the sum of a column over the treated with what draws without replacement within
    strata would give, in mean and covariance; all columns together have the statistic d' V- d,
    chi-square with the rank of V degrees of freedom. p-values of the tests are Holm's. Chi-square
    needs some 30 customers per arm. A draw that passes may still be no random one: only what is
    listed was looked at.

    Raises `InputError` as `arms.treatments` does, for a planned arm with nobody, and for an arm
    outside the plan.
    """
    names = treatments(members)
    check_columns(members, [*covariates, *([by] if by else [])])
    ratio = _ratio(members, [CONTROL, *names], planned)
    tests: list[dict[str, object]] = []
    if planned is not None:
        found = chisquare(ratio["customers"], ratio["planned"] * len(members))
        tests.append(_test("sample ratio", found.statistic, len(ratio) - 1, found.pvalue))
    columns = as_columns(members[list(covariates)], np.ones(len(members), dtype=bool))
    stratum = np.zeros(len(members), dtype=int) if by is None else pd.factorize(members[by])[0]
    arm, parts = members["arm"].astype(str).to_numpy(), []
    for name in names if columns.shape[1] else []:
        rows = np.flatnonzero((arm == name) | (arm == CONTROL))
        table, statistic, df = _balance(columns.iloc[rows], arm[rows] == name, stratum[rows])
        parts.append(table.assign(arm=name))
        tests.append(_test(f"balance of {name}", statistic, df, float(chi2.sf(statistic, df))))
    order = ["arm", "column", "treated", "control", "difference", "z", "p"]
    balance = pd.concat(parts, ignore_index=True)[order] if parts else pd.DataFrame(columns=order)
    table = pd.DataFrame(tests, columns=["test", "statistic", "df", "p"])
    table["p_holm"] = holm(table["p"])
    return Draw(
        ratio=ratio,
        balance=balance,
        tests=table,
        columns=_speaking_against(balance, table),
        is_random=not (table["p_holm"] < LEVEL).any(),
    )


def shares_differ(members: pd.DataFrame, by: str) -> float:
    """The p-value of the question whether the shares of arms differ between the levels of `by`.

    Chi-square of the table of arms and levels. Where it is below `LEVEL` the draw had other odds in
    some levels than in others, and effects must be compared within levels: across them the arms are
    of different customers (Simpson's paradox). 1 where there is a single level.
    """
    treatments(members)
    check_columns(members, [by])
    table = pd.crosstab(members["arm"].astype(str), members[by].astype(str))
    return 1.0 if table.shape[1] < 2 else float(chi2_contingency(table)[1])


def _ratio(
    members: pd.DataFrame, names: list[str], planned: Mapping[str, float] | None
) -> pd.DataFrame:
    counts = members["arm"].astype(str).value_counts().reindex(names).to_numpy()
    ratio = pd.DataFrame({"arm": names, "customers": counts, "share": counts / counts.sum()})
    if planned is None:
        return ratio.assign(planned=np.nan)
    for name in sorted(set(planned) - set(names)):
        raise InputError(f"the arm {name!r} was planned and has nobody in it")
    for name in names:
        if not planned.get(name, 0) > 0:
            raise InputError(f"the arm {name!r} has customers and no planned share above 0")
    shares = np.array([planned[name] for name in names], dtype=float)
    return ratio.assign(planned=shares / shares.sum())


def _test(name: str, statistic: float, df: int, p: float) -> dict[str, object]:
    return {"test": name, "statistic": float(statistic), "df": int(df), "p": float(p)}


def _balance(
    columns: pd.DataFrame, is_treated: np.ndarray, stratum: np.ndarray
) -> tuple[pd.DataFrame, float, int]:
    """Per column means and differences, and d' V- d of all columns with its rank."""
    values = columns.to_numpy(float)
    treated, control = values[is_treated], values[~is_treated]
    unit = np.sqrt((treated.var(axis=0) + control.var(axis=0)) / 2)
    scale = np.where(values.std(axis=0) > 0, values.std(axis=0), 1.0)
    code = pd.factorize(stratum)[0]
    size = np.bincount(code).astype(float)
    picked = np.bincount(code, is_treated).astype(float)
    means = np.column_stack([np.bincount(code, column) / size for column in values.T])
    apart = (values - means[code]) / scale
    # A stratum of one arm alone has no draw in it: its weight is 0.
    weight = np.where(size > 1, picked * (size - picked) / size / np.maximum(size - 1, 1), 0.0)
    total = apart[is_treated].sum(axis=0)
    spread = (apart * weight[code][:, None]).T @ apart
    statistic, df = _distance(total, spread)
    deviation = np.sqrt(np.diag(spread))
    with np.errstate(divide="ignore", invalid="ignore"):
        z = np.where(deviation > _SAME, total / deviation, 0.0)
        # Within strata: the sum of the treated over what their number would move it by.
        difference = total * scale / np.maximum(_harmonic(picked, size), _SAME) / unit
    table = pd.DataFrame(
        {
            "column": columns.columns,
            "treated": treated.mean(axis=0),
            "control": control.mean(axis=0),
            "difference": np.where(unit > 0, difference, 0.0),
            "z": z,
            "p": 2 * norm.sf(np.abs(z)),
        }
    )
    return table, statistic, df


def _harmonic(picked: Numbers, size: Numbers) -> float:
    return float((picked * (size - picked) / size).sum())


def _distance(total: Numbers, spread: Numbers) -> tuple[float, int]:
    values, vectors = np.linalg.eigh(spread)
    is_kept = values > _SAME * max(values.max(initial=0.0), _SAME)
    along = vectors[:, is_kept].T @ total
    return float((along**2 / values[is_kept]).sum()), int(is_kept.sum())


def _speaking_against(balance: pd.DataFrame, tests: pd.DataFrame) -> tuple[str, ...]:
    """Columns that differ by Holm over all columns, in arms whose test rejects; else the worst."""
    names: list[str] = []
    for arm, rows in balance.groupby("arm", sort=True):
        if tests.loc[tests["test"] == f"balance of {arm}", "p_holm"].item() >= LEVEL:
            continue
        is_clear = holm(rows["p"]) < LEVEL
        worst = rows["z"].abs().to_numpy() == rows["z"].abs().max()
        names += rows.loc[is_clear if is_clear.any() else worst, "column"].tolist()
    return tuple(dict.fromkeys(names))
