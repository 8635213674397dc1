"""Which columns hold personal data: by their names, or by the shape of their cells."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from ipaddress import ip_address

import numpy as np
import pandas as pd

from src.data.personal.names import is_postal_code, kind_of_name

_CELLS = 2_000  # of a column that are looked at, spread over all of it
_SHARE_OF_PATTERN, _SHARE_OF_SHAPE = 0.5, 0.9

# With the country in front, as text or as a number.
_PHONE_ABROAD = re.compile(
    r"1[2-9]\d{2}[2-9]\d{6}|7[3-9]\d{9}|31[1-9]\d{8}|32[1-9]\d{7,8}|33[1-9]\d{8}|34[5-9]\d{8}"
    r"|351[29]\d{8}|375\d{9}|380\d{9}|39\d{9,10}|41[1-9]\d{8}|420\d{9}|43[1-9]\d{8,11}|44[1-9]\d{9}"
    r"|48\d{9}|49[1-9]\d{7,10}|55[1-9]{2}\d{8,9}"
)
# With the zero or the 8 in front; only text keeps the zero.
_PHONE_AT_HOME = re.compile(r"0[1-9]\d{7,10}|00[1-9]\d{8,13}|89\d{9}")
# Without it. Other numbers look so too: nearly all cells must.
_PHONE_SHORT = re.compile(
    r"[5-9]\d{8}|[2-9]\d{2}[2-9]\d{6}|9\d{9}|7[1-9]\d{8}|3[1-9]\d{8}|1[5-7]\d{9}"
)
_GERMAN_MOBILE = re.compile(r"1(5[0-25-79]|6[023]|7\d)\d{7,8}")
_ABROAD = re.compile(r"[2-9]\d{10,14}")
_MOMENT = re.compile(
    r"(19|20)\d\d(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])([01]\d|2[0-3])[0-5]\d([0-5]\d)?"
)
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[A-Za-z]{2,}")
_WRITTEN_PHONE = re.compile(
    r"(\+\d[\d\s().-]{7,17}\d)|(\(?\d{3}\)?[\s.-]\d{3}[\s.-]\d{2}[\s.-]?\d{2})"
    r"|((0|00|8)[\s(]?[1-9]\d{1,4}[\s)/-]+[\d\s/-]{5,12}\d)"
)
_CARD = re.compile(r"4\d{12}(\d{3})?|5[1-5]\d{14}|2[2-7]\d{14}|3[47]\d{13}|6\d{15}")
_POSTAL_AREA = re.compile(r"\d{3,6}|\d{2}-\d{3}")  # shared by thousands; longer ones name a street
_IBAN = re.compile(r"[A-Z]{2}\d{2}[A-Z0-9]{11,30}")


def personal_columns(frame: pd.DataFrame, columns: Sequence[str]) -> dict[str, str]:
    """Which of `columns` hold personal data, and what kind: by their name, or by their values.

    A name alone is enough even when the cells are empty. Values count when at least half of the
    filled cells are e-mail or IP addresses, phone numbers or IBANs with a right check digit, or
    nine tenths are numbers of cards, SIMs or devices, or digits that could be phone numbers. Whole
    numbers are looked at like text. A postal code of at most six digits is an area, as a region is,
    and no personal data; `AB1 2CD` or `12345-6789` are a street.

    >>> personal_columns(pd.DataFrame({"phone_service": ["yes"], "email": ["?"]}),
    ...                  ["phone_service", "email"])
    {'email': 'e-mail'}
    """
    kinds = {column: _kind(column, frame[column]) for column in columns}
    return {column: kind for column, kind in kinds.items() if kind}


def _kind(name: str, values: pd.Series) -> str | None:
    """What is written plainly, then the name, then what digits could be."""
    cells = _cells(values)
    if cells and is_postal_code(name) and all(map(_POSTAL_AREA.fullmatch, cells)):
        return None
    return _kind_of_text(cells) or kind_of_name(name) or _kind_of_digits(cells)


def kind_of_values(values: pd.Series) -> str | None:
    """What personal data the cells are by their shape, None for none.

    >>> kind_of_values(pd.Series([79161234567, 79261234567]))
    'phone'
    """
    cells = _cells(values)
    return _kind_of_text(cells) or _kind_of_digits(cells)


def _cells(values: pd.Series) -> list[str]:
    """Filled cells as text, at most `_CELLS` of them, whole numbers without a decimal point."""
    if pd.api.types.is_bool_dtype(values) or pd.api.types.is_datetime64_any_dtype(values):
        return []
    filled = pd.Series(values.array[values.notna().to_numpy()])  # an index would take 8 bytes a row
    step = max(1, len(filled) // _CELLS)
    return [_text(cell) for cell in filled.iloc[::step].tolist()]


def _text(cell: object) -> str:
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return re.sub(r"(?<=\d)\.0+$", "", str(cell).strip())


def _is_ip(cell: str) -> bool:
    if cell.count(".") != 3 and cell.count(":") < 2:
        return False
    try:
        ip_address(cell)
    except ValueError:
        return False
    return True


def _is_iban(cell: str) -> bool:
    """Country, two check digits, account: 97 divides the rest of it by 1 (ISO 13616)."""
    text = re.sub(r"[\s-]", "", cell).upper()
    if not _IBAN.fullmatch(text):
        return False
    return int("".join(str(int(sign, 36)) for sign in text[4:] + text[:4])) % 97 == 1


def _is_phone(cell: str) -> bool:
    if _WRITTEN_PHONE.fullmatch(cell):
        return True
    return bool(_PHONE_ABROAD.fullmatch(cell)) and not _MOMENT.fullmatch(cell)


_SHAPES: tuple[tuple[str, Callable[[str], bool]], ...] = (
    ("e-mail", lambda cell: bool(_EMAIL.fullmatch(cell))),
    ("ip address", _is_ip),
    ("bank account", _is_iban),
    ("phone", _is_phone),
)


def luhn(digits: str) -> bool:
    """Whether the last digit is the check digit of the others (ISO/IEC 7812).

    >>> luhn("490154203237518"), luhn("490154203237517")
    (True, False)
    """
    doubled = [2 * int(digit) for digit in digits[-2::-2]]
    total = sum(int(digit) for digit in digits[::-2]) + sum(two // 10 + two % 10 for two in doubled)
    return total % 10 == 0


def _kind_of_text(cells: list[str]) -> str | None:
    for kind, is_one in _SHAPES:
        if cells and np.mean([is_one(cell) for cell in cells]) >= _SHARE_OF_PATTERN:
            return kind
    return None


def _kind_of_digits(of: list[str]) -> str | None:
    """The kind of cells that are digits only; nearly all of a column must look alike."""
    cells = [cell for cell in of if cell.isdecimal()]

    def nearly_all(is_one: Callable[[str], object]) -> bool:
        return sum(bool(is_one(cell)) for cell in cells) >= _SHARE_OF_SHAPE * len(of)

    if not cells or not nearly_all(lambda cell: len(cell) >= 9):
        return None
    if nearly_all(_MOMENT.fullmatch):
        return None
    lengths = {len(cell) for cell in cells}
    if nearly_all(lambda cell: _CARD.fullmatch(cell) and luhn(cell)):
        return "bank account"
    if nearly_all(lambda cell: len(cell) in (18, 19, 20) and cell.startswith("89")):
        return "device"
    if nearly_all(lambda cell: len(cell) == 15 and luhn(cell)):
        return "device"
    if nearly_all(lambda cell: len(cell) == 15 and cell[0] in "234567"):
        return "device" if _share_of_first(cells, 3) >= _SHARE_OF_SHAPE else None
    is_money = np.mean([cell.endswith("000") for cell in cells]) > 0.2
    if is_money:
        return None
    if nearly_all(_PHONE_SHORT.fullmatch) or nearly_all(_PHONE_AT_HOME.fullmatch):
        return "phone"
    if nearly_all(_GERMAN_MOBILE.fullmatch) and len({cell[:2] for cell in cells}) > 1:
        return "phone"
    is_of_one_country = len(lengths) <= 2 and _share_of_first(cells, 2) >= _SHARE_OF_SHAPE
    is_distinct = len(set(cells)) >= _SHARE_OF_SHAPE * len(cells)
    if is_of_one_country and is_distinct and nearly_all(_ABROAD.fullmatch):
        return "phone"
    return None


def _share_of_first(cells: list[str], digits: int) -> float:
    """The share of the most common first digits."""
    counts = pd.Series([cell[:digits] for cell in cells]).value_counts(normalize=True)
    return float(counts.iloc[0])
