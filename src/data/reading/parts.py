"""The files that `file` of base.yml names: one, those of a pattern, or the parts of a folder."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from glob import glob
from pathlib import Path
from urllib.parse import unquote

import pandas as pd

from src.data.lines import one_line
from src.data.problems import InputError

_PARQUET = ".parquet"
_OTHER_FORMS = {".xls", ".xlsb", ".ods", ".html", ".htm", ".xml", ".json", ".jsonl", ".pdf"}
_SAVE_AS = "open it and save it as .xlsx or CSV"
_NO_VALUE = "__HIVE_DEFAULT_PARTITION__"


def parts_of(folder: Path, file: str, table: str) -> list[Path]:
    """The files of one table, sorted by name; `InputError` where there is none.

    `file` names a file beside base.yml, a pattern (`bills_*.csv`), or a folder of Parquet parts;
    each may stand elsewhere, with its full path. A pattern meets no hidden file.
    """
    path = folder / file
    try:
        if path.is_file():
            return [path]
        if path.is_dir():
            return _parts_of_folder(path, file, table)
        if any(mark in file for mark in "*?["):
            matches = glob(file, root_dir=folder, recursive=True)
            matching = sorted(each for name in matches if (each := folder / name).is_file())
            if matching:
                return matching
            raise InputError(f"{table}: no file in {folder} is called like {file}")
    except (OSError, ValueError, NotImplementedError) as error:  # no name of a file at all
        reason = getattr(error, "strerror", None) or str(error)
        raise InputError(f"{table}: {file[:60]!r} is no name of a file: {reason}") from error
    here = [each.name for each in path.parent.glob("*") if each.name != "base.yml"]
    near = difflib.get_close_matches(path.name, here, n=1)
    line = one_line({"file": str(Path(file).with_name(near[0]))}) if near else ""
    hint = f"; write under tables.{table}: `{line}`" if near else ""
    raise InputError(f"{table}: the file {file} does not exist in {path.parent}{hint}")


def _parts_of_folder(path: Path, file: str, table: str) -> list[Path]:
    def is_data(part: Path) -> bool:
        names = part.relative_to(path).parts
        return part.is_file() and not any(name.startswith((".", "_")) for name in names)

    inside = sorted(filter(is_data, path.rglob("*")))
    parts = [part for part in inside if _PARQUET in part.name.lower()]
    if parts:
        return parts
    suffix = inside[0].suffix if inside else ".csv"
    raise InputError(
        f"{table}: {file} is a folder without Parquet files; write under tables.{table}: "
        f"`file: {file.rstrip('/')}/*{suffix}`"
    )


def name_of(part: Path, folder: Path) -> str:
    """A part as base.yml could name it: by its place below the folder of the base, or in full."""
    return str(part.relative_to(folder) if part.is_relative_to(folder) else part)


def partition(part: Path, folder: Path) -> dict[str, str | None]:
    """What the folders above a part say of its rows: `month=2024-01/part-0.parquet`."""
    names = Path(name_of(part, folder)).parent.parts
    pairs = [name.split("=", 1) for name in names if "=" in name]
    return {key: None if value == _NO_VALUE else unquote(value) for key, value in pairs}


def same_columns(frames: Sequence[pd.DataFrame], parts: Sequence[Path], table: str) -> None:
    """`InputError` that names the first part whose columns are not those of the first one."""
    first = set(frames[0].columns)
    for frame, part in zip(frames, parts, strict=True):
        lacks, more = sorted(first - set(frame.columns)), sorted(set(frame.columns) - first)
        if lacks or more:
            told = [f"lacks {', '.join(lacks)}"] if lacks else []
            told += [f"has {', '.join(more)} as well"] if more else []
            raise InputError(
                f"{table}: the columns of {part.name} are not those of {parts[0].name}: "
                f"it {' and '.join(told)}"
            )


def not_a_table(path: Path) -> str | None:
    """What to do with a file that is no CSV, Parquet or .xlsx; None where it may be one."""
    suffix = path.suffix.lower()
    with path.open("rb") as file:
        start = file.read(512)
    text = start.replace(b"\0", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n").lower()
    if not start:
        return "is empty"
    if text.startswith(
        (b"<html", b"<!doctype", b"<table", b"<?xml", b"<meta", b"<head", b"<style")
    ):
        return f"is a web page under another name, not a table; {_SAVE_AS}"
    if suffix in _OTHER_FORMS:
        return f"is not read, as {suffix} is neither CSV, Parquet nor .xlsx; {_SAVE_AS}"
    if start.startswith(b"\xd0\xcf\x11\xe0"):
        return f"is an old or a locked Excel file; {_SAVE_AS}"
    is_excel = start.startswith(b"PK\x03\x04") and b"[Content_Types].xml" in start
    if is_excel and suffix not in (".xlsx", ".xlsm"):
        return "is an Excel file under another name; call it .xlsx"
    if start.startswith(b"PAR1") and _PARQUET not in path.name.lower():
        return "is a Parquet file under another name; call it .parquet"
    return None
