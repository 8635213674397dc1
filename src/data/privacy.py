"""Personal data stops here: identifiers hashed, small groups hidden."""

from __future__ import annotations

import hmac
import os
import re
import secrets
import time
from collections.abc import Iterable
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd

from src.data.cells.packed import is_packed, once
from src.data.problems import InputError

KEY_VARIABLE = "CVM_KEY"
HASH_LENGTH = 20  # hex digits, 80 bits: two of ten million customers share a hash with odds 4e-11
HASHED = rf"[0-9a-f]{{{HASH_LENGTH}}}"  # the form of a hash
MIN_CELL = 10

_LEAST_LENGTH, _LEAST_DISTINCT = 16, 5  # characters of a key
_LOOKS, _BETWEEN_LOOKS = 20, 0.05  # seconds
_NEW_KEY = 'python -c "import secrets; print(secrets.token_hex(32))"'


def read_key(key_file: Path) -> bytes:
    """The key of the hashes: from the environment variable CVM_KEY, else from `key_file`.

    A missing file is made with a random key, readable by its owner only (mode 600). Whoever loses
    the key cannot link a new load to an old one; no figure of any report depends on it.
    Raises `InputError` for a key that can be guessed: an empty one, one shorter than 16 characters
    or of fewer than 5 different ones. Who guesses the key can undo every pseudonym by trying. So
    is a file refused that others may read.
    """
    if key := os.environ.get(KEY_VARIABLE):
        return _strong(key, f"the environment variable {KEY_VARIABLE}")
    try:
        handle = os.open(key_file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return _strong(_kept(key_file), str(key_file))
    key = secrets.token_hex(32)
    with os.fdopen(handle, "w") as file:
        file.write(key)
    return key.encode()


def _kept(key_file: Path) -> str:
    """What the file holds; another first load may be about to write it."""
    if key_file.stat().st_mode & 0o077:
        raise InputError(
            f"{key_file} can be read by others, and who has the key can undo every pseudonym; "
            f"run `chmod 600 {key_file}`, or set {KEY_VARIABLE} where files have no such rights"
        )
    for _ in range(_LOOKS):
        if key := key_file.read_text().strip():
            return key
        time.sleep(_BETWEEN_LOOKS)
    raise InputError(f"{key_file} holds no key; delete the file")


def _strong(key: str, place: str) -> bytes:
    if len(key) >= _LEAST_LENGTH and len(set(key)) >= _LEAST_DISTINCT:
        return key.encode()
    raise InputError(
        f"{place} holds a key that can be guessed: it needs {_LEAST_LENGTH} characters or more, at "
        f"least {_LEAST_DISTINCT} of them different. Make one with: {_NEW_KEY}"
    )


def pseudonymise(values: pd.Series, key: bytes) -> pd.Series:
    """Each distinct text value as the first 20 hex digits of its HMAC-SHA-256 under `key`.

    Missing stays missing. The same value gets the same hash in every table and column, so joins
    survive. Source: RFC 2104.

    >>> pseudonymise(pd.Series(["a", "b", "a", None]), b"key").nunique()
    2
    """
    if is_packed(values):
        return once(partial(pseudonymise, key=key), values)
    codes, distinct = pd.factorize(values)
    digests = (hmac.digest(key, str(value).encode(), "sha256") for value in distinct)
    hashes = np.array([*(each.hex()[:HASH_LENGTH] for each in digests), None], dtype="object")
    return pd.Series(hashes[codes], index=values.index, name=values.name)


def in_order(levels: Iterable[str], cells: pd.Series) -> list[str]:
    """Levels of text in the order of the alphabet; pseudonyms as they first come among `cells`.

    The alphabet of pseudonyms is that of the key: with another one figures would be others.

    >>> in_order(["b", "a"], pd.Series(["b", "a"]))
    ['a', 'b']
    """
    hashed, others = set(), []
    for level in levels:
        if re.fullmatch(HASHED, level):
            hashed.add(level)
        else:
            others.append(level)
    first = [cell for cell in dict.fromkeys(cells.dropna()) if cell in hashed] if hashed else []
    return [*first, *sorted(others)]


def without_small_groups(frame: pd.DataFrame, count: str, min_cell: int = MIN_CELL) -> pd.DataFrame:
    """The rows of a table of groups whose `count` of customers reaches `min_cell`.

    A group of a handful of customers can identify them, and says little anyway.
    """
    return frame[frame[count] >= min_cell].reset_index(drop=True)
