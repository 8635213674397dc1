"""Files and queries that nobody has described, as samples of text cells."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from importlib.metadata import PackageNotFoundError, distribution, packages_distributions
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from src.data.draft.texts import footer_rows, header_line, of_header, text_of, unique
from src.data.manifest import Source
from src.data.problems import InputError
from src.data.reading.databases import read_query
from src.data.reading.headers import column_names
from src.data.reading.parts import not_a_table

ROWS = 20_000
_GROUPS = 5  # of rows of a Parquet file
_SUFFIXES = (".csv", ".txt", ".tsv", ".dat", ".gz", ".parquet", ".xlsx", ".xlsm")


@dataclass(frozen=True)
class Sample:
    """Rows of one table as text, None where a cell is empty, and what reading them takes.

    `reading` holds keys of base.yml, `evidence` a sentence for some; `is_whole` says that no row
    was left out. `paths`: the files, none of a query or a file of a package. `beside`: columns of
    the source that are not among the cells, and belong to no table of this sample.
    """

    name: str
    cells: pd.DataFrame
    reading: dict[str, object]
    evidence: dict[str, str] = field(default_factory=dict)
    is_whole: bool = True
    paths: tuple[Path, ...] = ()
    beside: tuple[str, ...] = ()


def samples_of(places: Iterable[Path]) -> list[Sample]:
    """The tables in files and folders; files of the same columns and numbered names are one table.

    Raises `InputError` for what does not exist or is no table; in a folder, other files are left.
    """
    samples: list[Sample] = []
    for place in places:
        if place.is_dir():
            inside = sorted(
                file
                for file in place.iterdir()
                if file.is_file() and file.suffix.lower() in _SUFFIXES and file.name[0] not in "._"
            )
            if not inside:
                raise InputError(f"{place} holds no CSV, Parquet or .xlsx file")
            samples += [sample for file in inside for sample in _of_file(file)]
        else:
            samples += _of_file(place)
    for sample in samples:
        column_names(sample.cells.columns, sample.name)
    return _numbered_as_one(samples)


def sample_of_query(database: str, query: str) -> Sample:
    """The first rows that a query selects."""
    limited = limited_query(query)
    frame = read_query(Source.model_validate({"database": database, "query": limited}), "the query")
    reading: dict[str, object] = {"database": database, "query": query}
    return Sample("query", _as_cells(frame), reading, is_whole=len(frame) < ROWS)


def limited_query(query: str) -> str:
    """The query with a limit of rows."""
    # The reader lets through what is one SELECT, and nothing else.
    return f"select * from ({query.strip().rstrip(';')}) as sampled limit {ROWS}"  # noqa: S608


def _of_file(path: Path) -> list[Sample]:
    if not path.is_file():
        raise InputError(f"the file {path} does not exist")
    if reason := not_a_table(path):
        raise InputError(f"{path} {reason}")
    suffixes = [suffix.lower() for suffix in path.suffixes]
    reading: dict[str, object] = {"file": path.name}
    paths: tuple[Path, ...] = (path,)
    if package := _package_of(path):
        reading, paths = package, ()
    try:
        if ".parquet" in suffixes:
            return [_of_parquet(path, reading, paths)]
        if suffixes[-1:] in ([".xlsx"], [".xlsm"]):
            return _of_excel(path, reading, paths)
        if package and suffixes[-2:] == [".pkl", ".compress"]:
            frame = pd.read_pickle(path, compression="xz")  # noqa: S301  (its hash is locked)
            return [Sample(path.name, _as_cells(frame), reading)]
        text = text_of(path)
    except Exception as error:  # a damaged file can raise anything in the libraries that read it
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise InputError(f"{path} cannot be read: {reason[:200]}") from error
    return [
        Sample(path.name, text.cells, reading | text.reading, text.evidence, text.is_whole, paths)
    ]


def _package_of(path: Path) -> dict[str, object] | None:
    """`package` and `file` of a file that an installed package brought."""
    whole = path.resolve()
    for place, part in enumerate(whole.parts):
        if part != "site-packages" or place + 2 >= len(whole.parts):
            continue
        inside = Path(*whole.parts[place + 1 :])
        for name in packages_distributions().get(inside.parts[0], []):
            try:
                files = {file.as_posix() for file in distribution(name).files or ()}
            except PackageNotFoundError:
                continue
            if inside.as_posix() in files:
                return {"package": name.lower(), "file": inside.as_posix()}
    return None


def _of_parquet(path: Path, reading: dict[str, object], paths: tuple[Path, ...]) -> Sample:
    import pyarrow.parquet as pq

    with pq.ParquetFile(path) as file:
        rows = file.metadata.num_rows
        last = max(file.num_row_groups - 1, 0)
        groups = np.unique(np.linspace(0, last, _GROUPS).astype(int)).tolist()
        frame = file.read_row_groups(groups).to_pandas()
    kept = frame.iloc[:: max(1, len(frame) // ROWS)]
    if any(kept.index.names):
        kept = kept.reset_index()
    return Sample(path.name, _as_cells(kept), reading, {}, len(kept) == rows, paths)


def _of_excel(path: Path, reading: dict[str, object], paths: tuple[Path, ...]) -> list[Sample]:
    with pd.ExcelFile(path, engine="openpyxl") as book:
        sheets = {
            str(name): book.parse(name, header=None, dtype="object", keep_default_na=False)
            for name in book.sheet_names
        }
    samples = []
    for name, sheet in sheets.items():
        sheet = sheet.replace("", None)
        if sheet.dropna(how="all").empty:
            continue
        rows = [["" if pd.isna(cell) else str(cell) for cell in row] for row in sheet.to_numpy()]
        place = header_line(rows)
        footer = footer_rows(rows[0 if place is None else place + 1 :], sheet.shape[1])
        below = {"footer_rows": footer} if footer else {}
        body = sheet.iloc[0 if place is None else place + 1 : len(sheet) - footer]
        names = (
            [str(n + 1) for n in range(sheet.shape[1])] if place is None else unique(rows[place])
        )
        of_sheet = {"sheet": name} if name != next(iter(sheets)) else {}
        title = path.name if len(sheets) == 1 else name
        frame = _as_cells(body.set_axis(names, axis=1))
        samples.append(
            Sample(title, frame, reading | of_sheet | of_header(place) | below, {}, True, paths)
        )
    if not samples:
        raise InputError(f"{path} has no sheet with a cell in it")
    return samples


def _as_cells(frame: pd.DataFrame) -> pd.DataFrame:
    """Typed cells as text: whole numbers without a point, dates as ISO."""

    def text(cell: Any) -> str | None:
        if cell is None or (not isinstance(cell, str) and np.ndim(cell) == 0 and pd.isna(cell)):
            return None
        if isinstance(cell, float) and cell.is_integer() and abs(cell) < 2**53:
            return str(int(cell))
        return str(cell).removesuffix(" 00:00:00").strip() or None

    columns = {str(name).strip(): [text(cell) for cell in frame[name].tolist()] for name in frame}
    return pd.DataFrame(columns, dtype="object")


def _numbered_as_one(samples: Sequence[Sample]) -> list[Sample]:
    """Files of one folder whose names differ in digits and whose columns are the same, as one."""
    groups: dict[object, list[Sample]] = {}
    for place, sample in enumerate(samples):
        path = sample.paths[0] if sample.paths else None
        is_numbered = (
            path is not None and "sheet" not in sample.reading and re.search(r"\d", path.name)
        )
        shape = (path.parent, re.sub(r"\d+", "0", path.name)) if path and is_numbered else place
        groups.setdefault((shape, tuple(sample.cells.columns)), []).append(sample)
    return [group[0] if len(group) == 1 else _joined(group) for group in groups.values()]


def _joined(group: Sequence[Sample]) -> Sample:
    names = [sample.paths[0].name for sample in group]
    pattern = re.sub(r"\d+([-_.]\d+)*", "*", names[0])
    cells = pd.concat([sample.cells for sample in group], ignore_index=True)
    return replace(
        group[0],
        cells=cells,
        reading=group[0].reading | {"file": pattern},
        evidence=group[0].evidence | {"file": f"{len(group)} files of the same columns"},
        is_whole=all(sample.is_whole for sample in group),
        paths=tuple(path for sample in group for path in sample.paths),
    )
