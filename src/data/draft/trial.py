"""A draft put through the reader: what it refuses becomes a line of the draft, or a CHECK."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Sequence
from pathlib import Path

import pandas as pd
import yaml

from src.data.building import read_tables
from src.data.calendar.timeline import in_time
from src.data.cells.packed import unpacked
from src.data.draft.guesses import CHECK, Draft, Guess, TableGuess
from src.data.draft.matching import TableDraft
from src.data.draft.sampling import ROWS, Sample, limited_query
from src.data.draft.texts import write_part
from src.data.manifest import Manifest, parse
from src.data.problems import InputError, Problem
from src.data.training import compare_rates

_ROUNDS = 5
# What a message of the reader may ask for that follows from what was read.
_TAKEN = (
    "repeated",
    "unknown_customers",
    "footer_rows",
    "header_row",
    "history",
    "limits",
    "missing",
    "units",
    "period",
)
_LINE = re.compile(r"write under tables\.(\w+): `([^`]+)`")
_STRAY = "is not in the table customers"


def tried(draft: Draft, tables: Sequence[TableDraft]) -> dict[str, pd.DataFrame]:
    """Mend `draft` by what the reader says of the samples; returns the frames that it reads.

    A line that a message of the reader asks for is written, marked CHECK with the message. Other
    refusals become a CHECK at the column that they name. Of a sample that is not the whole file
    months and references are not judged.
    """
    is_whole = all(table.sample.is_whole for table in tables)
    with tempfile.TemporaryDirectory(prefix="cvm-draft-") as folder:
        for table in tables:
            _lay_out(table.sample, Path(folder))
        for _ in range(_ROUNDS):
            manifest = _manifest(draft)
            frames, problems = _read(manifest, Path(folder), is_whole)
            mended = [_mend(draft, problem) for problem in problems]
            if not any(mended):
                break
    for problem in problems:
        _mark(draft, problem)
    return frames


def _lay_out(sample: Sample, folder: Path) -> None:
    """The files of a sample in `folder`, parts of large ones in their place."""
    for path in sample.paths:
        place = folder / path.name
        if place.exists():
            continue
        if sample.is_whole or path.suffix.lower() in (".xlsx", ".xlsm"):
            place.symlink_to(path.resolve())
        elif ".parquet" in path.name.lower():
            import pyarrow.parquet as pq

            with pq.ParquetFile(path) as file:
                pq.write_table(file.read_row_group(0).slice(0, ROWS), place)
        else:
            write_part(path, place)


def _manifest(draft: Draft) -> Manifest:
    content = draft.content()
    for table in content["tables"].values():
        if "query" in table:
            table["query"] = limited_query(table["query"])
    return parse(yaml.safe_dump(content, allow_unicode=True, sort_keys=False))


def _read(
    manifest: Manifest, folder: Path, is_whole: bool
) -> tuple[dict[str, pd.DataFrame], list[Problem]]:
    try:
        frames, problems, _ = read_tables(folder, manifest)
        if not is_whole:
            problems = [problem for problem in problems if _STRAY not in problem.rule]
        if is_whole and not problems:
            in_time(frames, manifest)
            if manifest.kind == "snapshot":
                compare_rates(frames, manifest)
    except InputError as error:
        table = str(error).partition(":")[0].partition(".")[0]
        rule = str(error).removeprefix(f"{table}: ")
        known = table in manifest.tables
        return {}, [Problem(table if known else "", "", rule if known else str(error))]
    return {table: unpacked(frame) for table, frame in frames.items()}, problems


def _mend(draft: Draft, problem: Problem) -> bool:
    """Write the line that the reader asks for; whether there was one to write."""
    for name, line in _LINE.findall(str(problem)):
        if name not in draft.tables or "..." in line:
            continue
        try:
            asked = yaml.safe_load(line)
        except yaml.YAMLError:
            continue
        key = next(iter(asked)) if isinstance(asked, dict) else ""
        if key in _TAKEN and _add(draft.tables[name], key, asked[key], str(problem)):
            return True
    return False


def _add(table: TableGuess, key: str, value: object, message: str) -> bool:
    check = f"the reader said: {message}"
    if isinstance(value, dict):
        part = table.part(key)
        new = {name: Guess(one, "", check) for name, one in value.items() if name not in part}
        part.update(new)
        return bool(new)
    entry = table.keys.get(key)
    if isinstance(value, list) and isinstance(entry, Guess):
        more = [word for word in value if word not in entry.value]
        table.keys[key] = Guess([*entry.value, *more], entry.evidence, check)
        return bool(more)
    if entry is not None:
        return False
    table.keys[key] = Guess(value, "", check)
    return True


def _mark(draft: Draft, problem: Problem) -> None:
    """A CHECK at the guess that the reader refused."""
    message = f"the reader said: {problem}"
    table = draft.tables.get(problem.table)
    if table is None:
        draft.remarks.append(f"{CHECK} {message}")
        return
    columns = table.part("columns")
    names = [name for name in problem.column.split(" + ") if name in columns]
    if not names:
        table.remarks.append(f"{CHECK} {message}")
    for name in names[-1:]:
        columns[name] = columns[name].doubted(message)
