"""Numbers as people write them: marks of thousands, signs of money, minus before or behind."""

from __future__ import annotations

import re
from decimal import Decimal

import numpy as np
import pandas as pd

PLAIN_NUMBER = r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?"
_SPACES = " \u00a0\u2009\u202f"
_CODES = (
    "EUR|USD|GBP|CHF|RUB|RUR|UAH|BYN|KZT|PLN|CZK|HUF|RON|BGN|DKK|SEK|NOK|ISK|TRY|ILS|AED|SAR|INR"
    "|CNY|JPY|KRW|BRL|MXN|ARS|CLP|COP|CAD|AUD|NZD|ZAR|NGN|KES|EGP|RSD|GEL|AMD|AZN"
)
_SIGNS = r"[A-Z]{0,2}[$\u00a3\u00a5\u20a0-\u20cf]|z\u0142|K\u010d|\u0440\u0443\u0431\.?"
_MONEY = rf"(?:{_CODES}|{_SIGNS})"
_MINUS = "\u2212\u2013\u2012\ufe63\uff0d"
_BEFORE = re.compile(rf"^([+-]?)[{_SPACES}]*{_MONEY}[{_SPACES}]*(?=[+\d.,-])", re.IGNORECASE)
_BEHIND = re.compile(rf"(?<=[\d.,-])[{_SPACES}]*{_MONEY}[{_SPACES}]*([+-]?)$", re.IGNORECASE)
_GROUPS = {
    ".": r"[+-]?\d{1,3}(?:([,'\u2019 \u00a0\u2009\u202f])\d{3})(?:\1\d{3})*(?:\.\d+)?",
    ",": r"[+-]?\d{1,3}(?:([.'\u2019 \u00a0\u2009\u202f])\d{3})(?:\1\d{3})*(?:,\d+)?",
}
_GROUP_MARKS = {mark: rf"[{others}'\u2019{_SPACES}]" for mark, others in ((".", ","), (",", "."))}
# A mark before one, two or four digits is a decimal mark; before three it may be either.
_HAS_DECIMALS = {
    mark: rf"[+-]?[\d'\u2019{_SPACES}{other}]*{re.escape(mark)}(?:\d{{1,2}}|\d{{4,}})"
    for mark, other in ((".", ","), (",", "."))
}


def read_numbers(
    cells: pd.Series, decimal: str = ".", thousands: str = "", shows_mark: bool = False
) -> pd.Series:
    """Cells of text, or of text and numbers, as numbers; missing where a cell is none.

    Cells that are numbers already keep their value; text is read with the marks given. Read too:
    a sign or code of money, and minus as accountants write it (`12,50-`, `(12,50)`, `- 12,50`, the
    long dash). Marks of thousands that are not declared are read when groups of three digits leave
    no other reading and a cell of the column shows the decimal mark (see `shows_decimals`), one of
    these cells or, where `shows_mark`, another.

    >>> read_numbers(pd.Series(["$1,889.50", "(12.50)", "ten"])).tolist()
    [1889.5, -12.5, nan]
    """
    is_typed = cells.map(is_number).astype("bool")
    text = cells.mask(is_typed).where(cells.notna(), None).astype("string").str.strip()
    plain = _plain(text, decimal, thousands)
    is_odd = _is_odd(text, plain)
    if is_odd.any():
        odd = text[is_odd].map(unsigned_money)
        read = _plain(odd, decimal, thousands)
        if shows_mark or _has_decimals(text[~is_odd], odd, decimal):
            is_grouped = odd.str.fullmatch(_GROUPS[decimal], na=False).astype("bool")
            grouped = odd[is_grouped].str.replace(_GROUP_MARKS[decimal], "", regex=True)
            read = read.fillna(_plain(grouped, decimal, ""))
        plain = plain.fillna(read)
    numbers = pd.to_numeric(plain, errors="coerce").astype("float64")
    numbers = numbers.mask(is_typed, pd.to_numeric(cells.where(is_typed), errors="coerce"))
    return numbers.where(np.isfinite(numbers))


def shows_decimals(words: pd.Series, decimal: str, thousands: str) -> bool:
    """Whether a cell of text has one, two, or more than three digits behind the decimal mark."""
    text = words.astype("string").str.strip()
    is_odd = _is_odd(text, _plain(text, decimal, thousands))
    return _has_decimals(text[~is_odd], text[is_odd].map(unsigned_money), decimal)


def _is_odd(text: pd.Series, plain: pd.Series) -> pd.Series:
    """The cells with a digit that are no number yet."""
    return plain.isna() & text.notna() & text.str.contains(r"\d", na=False)


def _has_decimals(text: pd.Series, odd: pd.Series, decimal: str) -> bool:
    form = _HAS_DECIMALS[decimal]
    return bool(text.str.fullmatch(form, na=False).any() or odd.str.fullmatch(form, na=False).any())


def is_number(cell: object) -> bool:
    """Whether a cell has a type of numbers; flags have not."""
    return isinstance(cell, (int, float, Decimal, np.number)) and not isinstance(cell, bool)


def unsigned_money(text: str) -> str:
    """A number without signs of money, its minus a hyphen in front.

    >>> [unsigned_money(text) for text in ("\u221212,50 \u20ac", "(12.50)", "12,50-", "19,90 EUR")]
    ['-12,50', '-12.50', '-12,50', '19,90']
    """
    text = text.translate(str.maketrans(_MINUS, "-" * len(_MINUS))).strip(_SPACES)
    is_negative = False
    if text.startswith("(") and text.endswith(")"):
        text, is_negative = text[1:-1].strip(_SPACES), True
    text = _BEHIND.sub(r"\1", _BEFORE.sub(r"\1", text))
    if text.startswith("(") and text.endswith(")") and not is_negative:
        text, is_negative = text[1:-1].strip(_SPACES), True
    if text.endswith("-") and not text.startswith(("-", "+")) and not is_negative:
        text, is_negative = text[:-1].rstrip(_SPACES), True
    if text.startswith(("-", "+")):
        text = text[0] + text[1:].lstrip(_SPACES)
    if not is_negative:
        return text
    return "-" + text if text[:1].isdigit() or text[:1] in ".," else "(" + text + ")"


def _plain(text: pd.Series, decimal: str, thousands: str) -> pd.Series:
    """Text with its marks removed, where what remains is a number; missing elsewhere."""
    if thousands:
        # A space also stands for the no-break spaces that spreadsheets write.
        mark = f"[{_SPACES}]" if thousands == " " else f"[{thousands}]"
        # Only before groups of digits: `12.50` is not 1250.
        before_groups = rf"(?<=\d){mark}(?=(\d{{2,3}}{mark})*\d{{3}}(?!\d))"
        text = text.str.replace(before_groups, "", regex=True)
    if decimal != ".":
        has_other_mark = text.str.contains(".", regex=False, na=False)
        text = text.str.replace(decimal, ".", regex=False).mask(has_other_mark)
    return text.where(text.str.fullmatch(PLAIN_NUMBER, na=False).astype("bool"))


def same_number(word: str, decimal: str = ".") -> float | None:
    """The number a word stands for, None where it is none or a code (`007`).

    >>> same_number("1.0"), same_number("01"), same_number("x")
    (1.0, None, None)
    """
    if re.match(r"[+-]?0\d", word):
        return None
    written = word.replace(decimal, ".") if decimal != "." and "." not in word else word
    if not re.fullmatch(PLAIN_NUMBER, written):
        return None
    number = float(written)
    # Beyond these a float rounds: two long numbers would be the same.
    return number if abs(number) < 2**53 else None
