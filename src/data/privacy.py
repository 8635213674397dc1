"""Personal data stops here: identifiers hashed, personal columns found, small groups hidden."""

from __future__ import annotations

import hmac
import os
import re
import secrets
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from src.data.problems import InputError

KEY_VARIABLE = "CVM_KEY"
HASH_LENGTH = 20  # hex digits, 80 bits: two of ten million customers share a hash with odds 4e-11
MIN_CELL = 10

PERSONAL_NAMES = {
    "phone": r"^(phone|mobile|msisdn|tel|telephone|fax)(_?(no|num|number)?_?\d*)$"
    r"|_(phone|mobile|msisdn)(_?(no|num|number))?$|(^|_)телефон|^(тел|моб)(_|$)",
    "e-mail": r"(^|_)e_?mail(_?addr(ess)?)?_?\d*$|^mail(_?addr(ess)?)?$"
    r"|(^|_)почта$",
    "name": r"^((first|last|middle|full|sur|given|family|maiden|contact|customer|client|company)_?)"
    r"?name$|^fio$|^surname$|^patronymic$|^(фио|фамилия|имя|отчество)(_|$)",
    "address": r"(^|_)address(_?line)?_?\d*$|^street|^ip(_addr(ess)?)?$|(^|_)адрес",
    "passport": r"passport|паспорт",
    "tax number": r"(^|_)(inn|tin|ssn|snils|itin|ein)$|(^|_)(tax|vat)_?(id|no|num|number|code)$"
    r"|(^|_)(инн|снилс|огрнип)$",
    "birth date": r"^(dob|birth(day|date|_date|_day)?|date_?of_?birth)$|(^|_)рождения$",
}
PERSONAL_VALUES = {
    "e-mail": r"[^@\s]+@[^@\s]+\.[A-Za-z]{2,}",
    "phone": r"(\+\d[\d\s().-]{7,17}\d)|(\(?\d{3}\)?[\s.-]\d{3}[\s.-]\d{2}[\s.-]?\d{2})",
}
_SHARE_OF_PATTERN = 0.5


def read_key(key_file: Path) -> bytes:
    """The key of the hashes: from the environment variable CVM_KEY, else from `key_file`.

    A missing file is made with a random key, readable by its owner only (mode 600). Whoever loses
    the key cannot link a new load to an old one; no figure of any report depends on it.
    Raises `InputError` when the file is empty: an empty key hides nothing.
    """
    if key := os.environ.get(KEY_VARIABLE):
        return key.encode()
    try:
        handle = os.open(key_file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        key = key_file.read_text().strip()
        if not key:
            raise InputError(f"{key_file} holds no key; delete the file") from None
        return key.encode()
    key = secrets.token_hex(32)
    with os.fdopen(handle, "w") as file:
        file.write(key)
    return key.encode()


def pseudonymise(values: pd.Series, key: bytes) -> pd.Series:
    """Each distinct text value as the first 20 hex digits of its HMAC-SHA-256 under `key`.

    Missing stays missing. The same value gets the same hash in every table and column, so joins
    survive. Source: RFC 2104.

    >>> pseudonymise(pd.Series(["a", "b", "a", None]), b"key").nunique()
    2
    """
    codes, distinct = pd.factorize(values)
    hashes = [hmac.digest(key, str(value).encode(), "sha256").hex() for value in distinct]
    shortened = pd.Series([value[:HASH_LENGTH] for value in hashes] + [None], dtype="object")
    return pd.Series(shortened.to_numpy()[codes], index=values.index, name=values.name)


def personal_columns(frame: pd.DataFrame, columns: Sequence[str]) -> dict[str, str]:
    """Which of `columns` hold personal data, and what kind: by their name, or by their values.

    Values count when at least half of the filled text cells look like an e-mail address or a
    phone number. A name alone is enough even when the cells are empty.

    >>> personal_columns(pd.DataFrame({"phone_service": ["yes"], "email": ["?"]}),
    ...                  ["phone_service", "email"])
    {'email': 'e-mail'}
    """
    found = {}
    for column in columns:
        name = re.sub(r"\W+", "_", column.lower()).strip("_")
        kinds = [kind for kind, rule in PERSONAL_NAMES.items() if re.search(rule, name)]
        kinds += [
            kind for kind, rule in PERSONAL_VALUES.items() if _looks_like(frame[column], rule)
        ]
        if kinds:
            found[column] = kinds[0]
    return found


def _looks_like(values: pd.Series, rule: str) -> bool:
    cells = values.dropna()
    cells = cells[cells.map(lambda cell: isinstance(cell, str))]
    return len(cells) > 0 and bool(cells.str.fullmatch(rule).mean() >= _SHARE_OF_PATTERN)


def without_small_groups(frame: pd.DataFrame, count: str, min_cell: int = MIN_CELL) -> pd.DataFrame:
    """The rows of a table of groups whose `count` of customers reaches `min_cell`.

    A group of a handful of customers can identify them, and says little anyway.
    """
    return frame[frame[count] >= min_cell].reset_index(drop=True)
