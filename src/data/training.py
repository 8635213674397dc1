"""Rows to learn from and rows to score: told apart at the door, and their rates compared."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
from scipy.special import bdtr

from src.data.bases import LEARNED, SCORED
from src.data.cells.conversion import as_text, clean, word_of
from src.data.cells.mapped import some_rows, with_columns
from src.data.lines import one_line
from src.data.problems import InputError

if TYPE_CHECKING:
    from src.data.manifest import Manifest, Source

LEAST_LABELS = 50  # labelled rows that say something of a rate
_BY_CHANCE = 1e-6  # so rare a count of churners is no chance
_HALF, _MANY = 0.005, 1_000  # from a half, of so many rows: nobody's churn rate is a half


def parted(frame: pd.DataFrame, raw: pd.DataFrame, source: Source) -> dict[str, pd.DataFrame]:
    """The rows of the table `snapshot` by what they are for: `snapshot` to learn from, `scored`.

    `frame` is in the types of the contract, `raw` has the cells of the source and the same index,
    or more of it. As the rule `training` of the source says; its column is left behind. Without a
    rule all rows are to learn from. Raises `InputError` for a column that is not there, words that
    meet no cell, and where no row is left for one of the two.
    """
    rule = source.training
    if rule is None or not len(frame.columns):
        return {LEARNED: frame}
    place = "tables.snapshot: `training`"
    if rule.column not in raw:
        has = ", ".join(map(str, raw.columns[:12]))
        raise InputError(f"{place} names the column {rule.column!r}, but the source has: {has}")
    cells = as_text(clean(raw[rule.column], source.missing, source.decimal))
    words = word_of(cells, rule.values, source.decimal)
    if idle := [word for word in rule.values if word not in set(words.dropna())]:
        holds = ", ".join(sorted(map(str, cells.dropna().unique()))[:6])
        raise InputError(f"{place}: no cell is {', '.join(idle)}; {rule.column} holds {holds}")
    is_learned = words.notna().reindex(frame.index)
    if is_learned.all():
        raise InputError(f"{place} leaves no row to score: every cell of {rule.column} is named")
    names = {new for new, old in source.columns.items() if old == rule.column} | {rule.column}
    columns = {name: frame[name] for name in frame if name not in names}
    rest, is_one = pd.DataFrame(columns, frame.index, copy=False), is_learned.to_numpy("bool")
    return {LEARNED: _plain(some_rows(rest, is_one)), SCORED: some_rows(rest, ~is_one)}


def _plain(rows: pd.DataFrame) -> pd.DataFrame:
    """Labels without gaps as plain flags."""
    if "churned" not in rows or rows["churned"].isna().any():
        return rows
    return with_columns(rows, {"churned": rows["churned"].astype("bool")})


def compare_rates(frames: dict[str, pd.DataFrame], manifest: Manifest) -> list[str]:
    """What is said of the rate of churners among the rows to learn from.

    Models trained on rows that were resampled say chances of the sample. Raises `InputError`, with
    the line to write, where the labelled rows of `scored` have another rate than the rows to learn
    from, and base.yml does not give `churn_rate`; and where they contradict it.
    """
    learned = frames[LEARNED]["churned"].astype(bool)
    scored = frames.get(SCORED, pd.DataFrame())
    labels = (scored["churned"].dropna() if "churned" in scored else pd.Series()).astype(bool)
    share, declared = float(learned.mean()), manifest.churn_rate
    if len(labels) >= LEAST_LABELS:
        rate, wanted = float(labels.mean()), share if declared is None else declared
        if _is_no_chance(int(labels.sum()), len(labels), wanted, len(learned), declared is None):
            line = one_line({"churn_rate": float(f"{rate:.4g}")})
            told = f"{labels.sum():,} of {len(labels):,} rows of scored churned ({rate:.2%})"
            if declared is None:
                raise InputError(
                    f"snapshot: {share:.1%} of {len(learned):,} rows to learn from churned, but "
                    f"{told}: the rows to learn from were resampled, and a budget on their chances "
                    f"would be wrong. Write `{line}` in base.yml, the true rate"
                )
            raise InputError(
                f"scored: {told}, but base.yml says `churn_rate: {declared:g}`; mend it, such as "
                f"`{line}`, or leave these labels out"
            )
    if declared is not None:
        return [
            f"snapshot: {share:.1%} of {len(learned):,} rows to learn from churned; the true rate "
            f"is {declared:.2%}, as `churn_rate` says: chances and money are those of this rate"
        ]
    if SCORED not in frames and len(learned) >= _MANY and abs(share - 0.5) < _HALF:
        return [
            f"snapshot: {share:.1%} of {len(learned):,} rows churned, which is nobody's rate: if "
            "rows were drawn so, chances and money are those of the sample. Write the true rate in "
            "base.yml, such as `churn_rate: 0.02`"
        ]
    return []


def _is_no_chance(churners: int, rows: int, rate: float, learned: int, is_estimated: bool) -> bool:
    """Whether so many churners hardly come about at this rate, itself known of `learned` rows."""
    sure = rows / (1 + rows / learned) if is_estimated else rows
    seen = round(churners / rows * sure)
    so_few = bdtr(seen, round(sure), rate)
    so_many = 1 - bdtr(seen - 1, round(sure), rate) if seen else 1.0
    return bool(min(so_few, so_many) < _BY_CHANCE)
