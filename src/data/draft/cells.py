"""What the cells of a column are by themselves: numbers, dates, words of yes and no."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

import numpy as np
import pandas as pd

from src.data.cells.attributes import DATE_FORMS, WORDS_FOR_A_GAP
from src.data.cells.conversion import MISSING, convert, dates_of_day_numbers
from src.data.cells.numbers import PLAIN_NUMBER, unsigned_money
from src.data.draft.names import fit, phrases_of

READ = 0.95  # share of the cells that must read as something for the column to be that
FEW_WORDS = 24
_LONGEST_WORD = 60  # letters; what is longer is a text
DAY_NUMBERS = "#"  # in place of a date format
_LOOKED_AT = 1_000  # distinct cells of a column
_LONGEST = 100  # further ones
_DATES_LOOKED_AT = 300
_DAYS = (
    "%Y%m%d", "%Y%m", "%m.%Y", "%m/%Y", "%m-%Y", "%Y/%m", "%Y.%m", "%Y_%m", "%d.%m.%y", "%d/%m/%y",
    "%m/%d/%y", "%d-%m-%y", "%b %Y", "%B %Y", "%b-%Y", "%d %b %Y", "%d %B %Y", "%d-%b-%Y",
    "%d-%b-%y", "%b %d, %Y", "%B %d, %Y",
)  # fmt: skip
_FORMS = (*DATE_FORMS, *_DAYS, *(f"{day} %H:%M" for day in ("%d.%m.%y", "%d/%m/%y", "%m/%d/%y")))
_MONTHS = r"\d{2}[.,]\d{4}|\d{4}[.,]\d{2}"  # numbers that may be months
_FIRST, _LAST = pd.Timestamp("1970-01-01"), pd.Timestamp("2060-12-31")
_SIGN, _GAP = r"[-+]?", r"' \u00a0\u202f\u2009"
_PATTERNS = {
    "plain": rf"{_SIGN}\d+|{_SIGN}0*\d*[eE][-+]?\d+",
    "point": rf"{_SIGN}\d{{1,3}}(?:([,{_GAP}])\d{{3}})(?:\1\d{{3}})*\.\d+|{PLAIN_NUMBER}",
    "comma": rf"{_SIGN}\d{{1,3}}(?:([.{_GAP}])\d{{3}})(?:\1\d{{3}})*,\d+|{_SIGN}\d*,\d*",
    "grouped": rf"{_SIGN}[1-9]\d{{0,2}}(?:([.,{_GAP}])\d{{3}})(?:\1\d{{3}})*",
}


@dataclass(frozen=True)
class Traits:
    """What was seen of a column: shares are of the filled cells.

    `dates` gives the share of cells that each format reads, "" being ISO 8601 and "#" the day
    numbers of a spreadsheet; `decimal` and `thousands` the marks that the cells show, "" where none
    shows, and `is_whole` that no number has a part. `words`: all distinct cells where they are few,
    the most common first; `others`: those among numbers or dates that are neither. `steady`: the
    formats by which all dates are the same day of a month, or its last.
    """

    name: str
    rows: int
    filled: int
    distinct: int
    number: float
    decimal: str
    thousands: str
    is_whole: bool
    dates: dict[str, float]
    steady: frozenset[str]
    words: tuple[str, ...]
    others: tuple[str, ...]
    first: tuple[str, ...]

    @property
    def is_constant(self) -> bool:
        """Whether all cells are the same."""
        return self.distinct <= 1 and self.filled in (0, self.rows)

    @property
    def is_key(self) -> bool:
        """Whether nearly every row has a cell of its own; a few repeated ones are the reader's."""
        return self.filled == self.rows > 0 and self.distinct >= 0.98 * self.rows

    @property
    def is_number(self) -> bool:
        """Whether nearly all cells are numbers."""
        return self.number >= READ

    @property
    def best_form(self) -> tuple[str, float]:
        """The date format that reads most cells, and their share; of those alike a steady one."""
        if not self.dates:
            return "", 0.0
        form = max(self.dates, key=lambda form: (self.dates[form], form in self.steady))
        return form, self.dates[form]

    @property
    def is_date(self) -> bool:
        """Whether nearly all cells are dates by one format; any five digits may be day numbers."""
        form, read = self.best_form
        return read >= READ and form != DAY_NUMBERS

    @property
    def by_month(self) -> bool:
        """Whether all dates are the same day of a month."""
        return self.best_form[0] in self.steady

    @property
    def is_flag(self) -> bool:
        """Whether all cells are words of yes and no, both of them or one."""
        return 0 < len(self.words) <= 2 and None not in map(is_yes, self.words)


def traits_of(cells: pd.Series) -> Traits:
    """The traits of a column of text cells, None where empty."""
    filled = cells[cells.notna() & ~cells.isin(MISSING)].astype(str)
    counts = filled.value_counts()
    looked_at = counts.head(_LOOKED_AT)
    rest = counts.iloc[_LOOKED_AT:]
    # Marks of thousands stand in long numbers, however rare they are.
    longest = pd.Series(rest.index.str.len(), rest.index, dtype="int64").nlargest(_LONGEST)
    looked_at = pd.concat([looked_at, rest.loc[longest.index]])
    text = pd.Series(looked_at.index, dtype="object")
    share = looked_at.to_numpy() / max(int(looked_at.sum()), 1)
    is_number, decimal, thousands = _numbers(text, share)
    few = pd.Series(text.head(_DATES_LOOKED_AT))
    part = share[: len(few)] / max(share[: len(few)].sum(), 1e-9)
    number = float(share[is_number].sum())
    has_parts = decimal and number >= READ and not few.str.fullmatch(_MONTHS).mean() > 0.5
    dates, is_date, steady = _dates(few.iloc[:0] if has_parts else few, part)
    is_read = is_date if dates and max(dates.values()) > number else is_number[: len(few)]
    return Traits(
        name=str(cells.name),
        rows=len(cells),
        filled=len(filled),
        distinct=len(counts),
        number=number,
        decimal=decimal,
        thousands=thousands,
        is_whole=not decimal or bool(text[is_number].str.fullmatch(r".*[.,]0+|[^.,]*").all()),
        dates=dates,
        steady=steady,
        words=tuple(text) if len(counts) <= FEW_WORDS and _are_short(text) else (),
        others=tuple(few[~is_read].head(4)) if is_read.any() else (),
        first=tuple(filled.head(3)),
    )


def is_yes(word: str) -> bool | None:
    """Whether a word means yes, in a language of Europe; None for neither."""
    if word.strip() == "-1":  # beside 1, as files for models have it
        return False
    folded = word.strip().casefold().removesuffix(".0").removesuffix(".")
    is_one = {way: fit(folded, phrases_of("cells", way)) == 1 for way in ("yes", "no")}
    return is_one["yes"] if any(is_one.values()) else None


def is_gap(word: str) -> bool:
    """Whether a word stands for an empty cell among numbers or dates."""
    return word.strip().lower() in WORDS_FOR_A_GAP


def agreed(marks: Iterable[str]) -> str:
    """The mark that most columns show; empty where none shows any."""
    shown = [mark for mark in marks if mark]
    return max(set(shown), key=shown.count) if shown else ""


def _are_short(words: pd.Series) -> bool:
    return bool(words.empty or words.str.len().max() <= _LONGEST_WORD)


@cache
def _looks(form: str) -> str:
    """A pattern of the cells that may be dates of this format."""
    if not form:
        return r"\d{4}-\d{2}(-\d{2}([ T].*)?)?"
    parts = {"Y": r"\d{4}", "b": "[A-Za-z]{3}", "B": "[A-Za-z]{3,}", "y": r"\d\d"}
    is_joined = form in ("%Y%m", "%Y%m%d")
    short = r"\d\d" if is_joined else r"\d{1,2}"
    return re.sub("%(.)", lambda found: parts.get(found[1], short), form.replace(".", r"\."))


def _numbers(text: pd.Series, share: np.ndarray) -> tuple[np.ndarray, str, str]:
    """Which cells are numbers, and the marks they show."""
    is_plain = text.str.fullmatch(PLAIN_NUMBER)
    bare = text.where(is_plain, text[~is_plain].map(unsigned_money)).str.strip().astype("string")
    met = {
        name: bare.str.fullmatch(pattern).fillna(False).to_numpy(dtype=bool)
        for name, pattern in _PATTERNS.items()
    }
    by_point = met["point"] & ~met["plain"] & ~met["grouped"]
    by_comma = met["comma"] & ~met["plain"] & ~met["grouped"]
    weight = {",": float(share[by_comma].sum()), ".": float(share[by_point].sum())}
    decimal = max(weight, key=lambda mark: weight[mark]) if any(weight.values()) else ""
    grouped = met["grouped"] & ~met["plain"]
    if not decimal and grouped.any():
        # `1.234` may be either; one cell of two groups, or all with the mark, tell.
        marks = bare[grouped].str.extract(r"([.,])", expand=False).dropna()
        long = bare[grouped].str.count(r"[.,]").gt(1).any()
        if len(marks) and not long and share[met["plain"]].sum() < 0.05:
            decimal, grouped = str(marks.iloc[0]), np.zeros(len(bare), dtype=bool)
            return met["plain"] | met["point" if decimal == "." else "comma"], decimal, ""
    of_decimal = met["comma"] if decimal == "," else met["point"]
    groups = bare[grouped | (of_decimal & ~met["plain"])]
    found = groups.str.extract(rf"\d([.,{_GAP}])\d{{3}}(?!\d)", expand=False).dropna()
    found = found[found != decimal].replace({"\u00a0": " ", "\u202f": " ", "\u2009": " "})
    thousands = str(found.mode().iloc[0]) if len(found) else ""
    is_number = met["plain"] | of_decimal
    if thousands:
        is_number |= grouped & ~bare.str.contains(decimal or "\0", regex=False).to_numpy(dtype=bool)
    return is_number, decimal, thousands


def _dates(
    cells: pd.Series, share: np.ndarray
) -> tuple[dict[str, float], np.ndarray, frozenset[str]]:
    """The share of the cells that each format reads, which of them the best reads, the steady."""
    nothing: tuple[dict[str, float], np.ndarray, frozenset[str]] = (
        {},
        np.zeros(len(cells), bool),
        frozenset(),
    )
    has_digits = cells.str.contains(r"\d\d", regex=True).to_numpy(dtype=bool)
    if not len(cells) or share[has_digits].sum() < 0.3:
        return nothing
    read: dict[str, pd.Series] = {}
    for form in ("", *_FORMS):
        looked_at = cells[cells.str.fullmatch(_looks(form))]
        if looked_at.empty:
            continue
        moments, _, _ = convert(looked_at, "date", dates=form)
        moments = moments[moments.between(_FIRST, _LAST)]
        if len(moments):
            read[form] = moments
        if form == "" and len(moments) > 0.5 * len(cells):
            break
    if not read:
        days = dates_of_day_numbers(cells)
        days = days[days.between(pd.Timestamp("1990-01-01"), _LAST)]
        read = {DAY_NUMBERS: days} if len(days) == len(cells) > 1 else {}
    if not read:
        return nothing
    shares = {form: float(share[moments.index].sum()) for form, moments in read.items()}
    steady = frozenset(form for form, moments in read.items() if _is_steady(moments))
    best = max(shares, key=lambda form: (shares[form], form in steady))
    return shares, cells.index.isin(read[best].index), steady


def _is_steady(moments: pd.Series) -> bool:
    days = moments.dt.day
    return len(days) > 1 and bool(days.min() == days.max() or moments.dt.is_month_end.all())
