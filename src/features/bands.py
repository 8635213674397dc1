"""Numbers and rare words into few named groups, for tables and curves a person can read."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import numpy as np
import pandas as pd

from src.data.privacy import MIN_CELL, in_order

MISSING, OTHER = "(missing)", "(other)"
_ANY = "any number"  # where no cut can be named
_WORDS = 10
_NEAR = 0.025  # share of the rows by which a cut may miss its quantile, to be a round number
_MOST_DECIMALS = 6


def banded(values: pd.Series, bands: int = 4, min_cell: int = MIN_CELL) -> pd.Series:
    """A column as an ordered categorical of few named groups.

    Numbers with at most `bands` distinct values keep them, others become quantile bands such as
    `up to 20`, `20 to 35`, `over 35`: the upper end belongs to the band. A name tells what lies in
    its band: `over 20 to 35` where a row has the lower end, `21 to 35` for whole numbers of at most
    two digits, and `10` for a band that holds only tens (one value that `min_cell` rows share, or
    the only whole number between two cuts). Lowest values so frequent that a quantile falls on them
    are a band of their own. Flags become no and yes; words beyond the
    ten most frequent become `(other)`. Missing cells are a group of their own, the last.

    No end tells the value of a single customer: the lowest and the highest value have no name
    unless they are such a band, and
    a cut is a number of two digits, of its own or of the spread, a number near the quantile that
    nobody has, or a value that at least `min_cell` rows share. A cut for which there is no such
    number is left out.

    >>> banded(pd.Series([0.0, 1.0, 1.0, None])).tolist()
    ['no', 'yes', 'yes', '(missing)']
    >>> banded(pd.Series([101.3, 230.4, 388.1, 502.7]), 2).tolist()
    ['up to 300', 'up to 300', 'over 300', 'over 300']
    """
    if pd.api.types.is_numeric_dtype(values):
        numbers = values.astype("float64")
        distinct = np.sort(numbers.dropna().unique())
        if len(distinct) and set(distinct) <= {0.0, 1.0}:
            return _categorical(numbers.map({0.0: "no", 1.0: "yes"}), ["no", "yes"])
        if len(distinct) > bands:
            return _quantile_bands(numbers, bands, min_cell)
        levels = _texts(distinct)
        return _categorical(numbers.map(dict(zip(distinct, levels, strict=True))), levels)
    words = values.astype("object").map(str, na_action="ignore")
    counts = words.value_counts()
    levels = in_order(counts.index[:_WORDS], words)
    labels = words.where(words.isin(levels) | words.isna(), OTHER)
    return _categorical(labels, [*levels, OTHER] if len(counts) > len(levels) else levels)


def _quantile_bands(numbers: pd.Series, bands: int, min_cell: int) -> pd.Series:
    present = np.sort(numbers.dropna().to_numpy()) + 0.0  # no negative zero
    found = [_cut(present, place / bands, bands, min_cell) for place in range(1, bands)]
    cuts = np.unique([cut for cut in found if cut is not None])
    # A cut without values between it and the one before would make an empty band.
    sizes = np.diff([0, *np.searchsorted(present, cuts, side="right")])
    cuts = cuts[sizes > 0]
    levels = _names(present, cuts, min_cell) if len(cuts) else [_ANY]
    position = np.searchsorted(cuts, numbers.fillna(present[0]), side="left")
    labels = pd.Series(np.array(levels, "object")[position], numbers.index, name=numbers.name)
    return _categorical(labels.where(numbers.notna()), levels)


def _names(present: np.ndarray, cuts: np.ndarray, min_cell: int) -> list[str]:
    """What lies in each of the bands that `cuts` make of sorted numbers."""
    is_whole = bool((present == np.floor(present)).all())
    names = [_text(cuts[0]) if present[0] == cuts[0] else f"up to {_text(cuts[0])}"]
    for low, high in pairwise(cuts):
        has_low = (present == low).any()
        if is_whole and low == np.floor(low) and high == np.floor(high) and abs(high) < 100:
            first = _text(low + 1)
            names.append(first if low + 1 == high else f"{first} to {_text(high)}")
        else:
            names.append(f"{'over ' if has_low else ''}{_text(low)} to {_text(high)}")
    names.append(f"over {_text(cuts[-1])}")
    starts = [0, *np.searchsorted(present, cuts, side="right"), len(present)]
    for place, (start, stop) in enumerate(pairwise(starts)):
        if present[start] == present[stop - 1] and stop - start >= min_cell:
            names[place] = _text(present[start])
    return names


def _cut(present: np.ndarray, at: float, bands: int, min_cell: int) -> float | None:
    """The roundest number near a quantile of sorted numbers that tells no single value."""
    rows, highest = len(present), present[-1]
    place = min(max(int(np.ceil(at * rows)) - 1, 0), rows - 1)
    if present[place] == highest:  # so frequent that it is a band of its own
        place = int(np.searchsorted(present, highest)) - 1
    unit = 10.0 ** (np.floor(np.log10(highest - present[0])) - 1)
    reach = int(min(_NEAR * rows, rows / (4 * bands)))
    while True:
        low = present[max(place - reach, 0)]
        last = np.searchsorted(present, present[min(place + reach, rows - 1)], side="right")
        beyond = present[min(last, rows - 1)]  # the first value above, or the highest
        for cut in _round_numbers(low, beyond, present[place], unit):
            sharing = int((present == cut).sum())
            if sharing == 0 or sharing >= min_cell or _is_round(cut, unit):
                return cut
        if reach >= rows:
            return None
        reach = max(2 * reach, 1)


def _round_numbers(low: float, beyond: float, near: float, unit: float) -> Iterator[float]:
    """Numbers from `low` to below `beyond`, those of fewest digits first, then the nearest.

    Steps are 1, 1/2 and 1/5 of a power of ten, from ten units down.
    """
    for power in range(1, -_MOST_DECIMALS - 1, -1):
        for part in (1.0, 0.5, 0.2):
            step = unit * 10.0**power * part
            for times in (np.round(near / step), np.floor(near / step), np.ceil(near / step)):
                number = float(f"{times * step:.12g}") + 0.0
                if low <= number < beyond:
                    yield number


def _is_round(number: float, unit: float) -> bool:
    """Whether a number is a multiple of `unit`, or has two digits itself."""
    is_short = number == float(f"{number:.1e}")
    return is_short or bool(np.isclose(number / unit, np.round(number / unit), rtol=0, atol=1e-6))


def _text(number: float) -> str:
    """A number with the decimals it has, thousands apart."""
    for places in range(2 * _MOST_DECIMALS + 1):
        if round(number, places) == number:
            return f"{number:z,.{places}f}"
    return f"{number:z.12g}"


def _texts(numbers: np.ndarray) -> list[str]:
    """Distinct numbers as distinct texts."""
    is_whole = bool((numbers == np.floor(numbers)).all())
    texts = [f"{number:z{'.0f' if is_whole else 'g'}}" for number in numbers.tolist()]
    return texts if len(set(texts)) == len(texts) else [f"{number:z.17g}" for number in numbers]


def _categorical(labels: pd.Series, levels: list[str]) -> pd.Series:
    labels = labels.astype("object").where(labels.notna(), MISSING)
    levels = [level for level in dict.fromkeys(levels) if level != MISSING]
    if (labels == MISSING).any():
        levels.append(MISSING)
    return pd.Series(pd.Categorical(labels, levels, ordered=True), labels.index, name=labels.name)
