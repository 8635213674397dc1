"""What a base was made of, and whether all that was built of it is still as it was built.

built.json names every file that went in and every file that came out, each with its SHA-256, and
seals itself. This module loads nothing that takes time: Make asks it about all bases at each start.
"""

from __future__ import annotations

import glob
import hashlib
import json
import os
import sys
from collections.abc import Callable, Iterable
from functools import lru_cache
from pathlib import Path
from typing import Any

CODE = Path(__file__).parent
# A simulated base is made again when its simulator changes, not when a reader of files does.
_SIMULATING = ("operator/*.py", "building.py", "provenance.py", "publishing.py")
_READING = ("*.py", "reading/*.py", "cells/*.py", "calendar/*.py", "personal/*.py")
Digest = Callable[[Path], str]


class DamagedError(Exception):
    """A record, or a file that it names, is not as it was written."""


def digest(path: Path) -> str:
    """SHA-256 of a file: 0.15 s for 100 MB; empty when it is not there or cannot be read."""
    stamp = signature(path)
    return _digest_at(path, stamp) if stamp else ""


def signature(path: Path) -> tuple[int, ...]:
    """What changes when a file does: size, times, place on the disk; empty when it is not there."""
    try:
        now = os.stat(path)
    except (OSError, ValueError):
        return ()
    return (now.st_size, now.st_mtime_ns, now.st_ctime_ns, now.st_ino)


@lru_cache(maxsize=4096)
def _digest_at(path: Path, stamp: tuple[int, ...]) -> str:  # noqa: ARG001  (of the file as it is)
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return ""


def made_from(
    folder: Path,
    sources: Iterable[tuple[str | None, str]],
    is_simulated: bool,
    digest: Digest = digest,
) -> dict[str, Any]:
    """What decides how the base in `folder` is built, for built.json.

    `sources`: package (or none) and file of each table, as base.yml names them. A pattern or a
    folder stands for the files that are there now.
    """
    named = [(package, file) for package, file in sources]
    return {
        "base.yml": digest(folder / "base.yml"),
        "code": code_of(is_simulated, digest),
        "simulated": is_simulated,
        "sources": [list(each) for each in named],
        "files": {
            label: digest(path)
            for package, file in named
            for label, path in _files(folder, package, file)
        },
    }


def code_of(is_simulated: bool, digest: Digest = digest) -> str:
    """A digest of the code that makes a simulated base, or that reads any other."""
    patterns = _SIMULATING if is_simulated else _READING
    files = sorted(path for pattern in patterns for path in CODE.glob(pattern))
    return _joined([f"{path.relative_to(CODE)} {digest(path)}" for path in files])


def _files(folder: Path, package: str | None, file: str) -> list[tuple[str, Path]]:
    """The files that base.yml names here, each under what tells it apart."""
    if package:
        places = (Path(place) / file for place in sys.path)
        found = next((place for place in places if os.path.isfile(place)), Path(file))
        return [(f"{package}: {file}", found)]
    place = folder / file
    if os.path.isdir(place):
        return [(f"{file}/{path.relative_to(place)}", path) for path in _below(place)]
    if os.path.isfile(place) or not glob.has_magic(file):
        return [(file, place)]
    return [
        (name, folder / name) for name in sorted(glob.glob(file, root_dir=folder, recursive=True))
    ]


def _below(folder: Path) -> list[Path]:
    """The files of a folder and of those in it; what goes meanwhile is none of them."""
    places = (Path(place) / name for place, _, names in os.walk(folder) for name in names)
    return sorted(path for path in places if path.is_file())


def sealed(folder: Path, parts: Iterable[str], record: dict[str, Any]) -> str:
    """The text of a record of what was built: it names the files of these parts of `folder`."""
    paths = [path for part in parts for path in _below(folder / part)]
    files = {str(path.relative_to(folder)): digest(path) for path in paths}
    whole = {**record, "files": files}
    return json.dumps({**whole, "seal": _seal(whole)}, indent=1) + "\n"


def read_record(path: Path, digest: Digest = digest) -> dict[str, Any]:
    """The record at `path`, and nothing that it names is damaged.

    Raises `FileNotFoundError` when there is none, and `DamagedError`, with the name of the file,
    when the record or a file beside it is not as it was written.
    """
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
        seal = record.pop("seal")
    except (ValueError, KeyError, TypeError, AttributeError):
        raise DamagedError(path.name) from None
    if seal != _seal(record):
        raise DamagedError(path.name)
    for name, written in record.pop("files").items():
        if digest(path.parent / name) != written:
            raise DamagedError(name)
    return dict(record)


def is_right(folder: Path, digest: Digest = digest) -> bool:
    """Whether the built base is of what base.yml, its files and the code say now, and whole."""
    try:
        record = read_record(folder / "built.json", digest)
        made = record["made_from"]
        now = made_from(folder, made["sources"], made["simulated"], digest)
    except (FileNotFoundError, DamagedError, KeyError):
        return False
    return bool(made == now)


def _seal(record: dict[str, Any]) -> str:
    return _joined([json.dumps(record, sort_keys=True)])


def _joined(lines: Iterable[str]) -> str:
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()
