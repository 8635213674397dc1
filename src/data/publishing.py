"""Putting a built base in place of the one before: all of it, or nothing."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from src.data.cells.mapped import in_steps, let_go
from src.data.cells.packed import is_packed, packed_of, unpacked
from src.data.provenance import sealed

_PARTS = ("tables", "truth")
_SIDE = ".building-"


@contextmanager
def side_folder(folder: Path) -> Iterator[Path]:
    """A folder beside the base's own, with an empty `tables` in it; gone when the block ends.

    Its name tells the process: what one that was killed left behind goes first.
    """
    for left in folder.glob(f"{_SIDE}*"):
        if not _is_running(left.name.removeprefix(_SIDE).partition("-")[0]):
            shutil.rmtree(left, ignore_errors=True)
    side = Path(tempfile.mkdtemp(prefix=f"{_SIDE}{os.getpid()}-", dir=folder))
    try:
        (side / "tables").mkdir()
        yield side
    finally:
        shutil.rmtree(side, ignore_errors=True)


def _is_running(process: str) -> bool:
    try:
        os.kill(int(process), 0)
    except (ValueError, ProcessLookupError, OverflowError):
        return False
    except PermissionError:
        return True  # of another user
    return True


def write_table(frame: pd.DataFrame, path: Path) -> None:
    """Write a table as Parquet, a row group at a time: what is packed is text there.

    The bytes are those of `unpacked(frame).to_parquet(path, index=False, compression="zstd")`.
    """
    columns = {name: frame[name] for name in frame if not is_packed(frame[name])}
    others = pd.DataFrame(columns, frame.index, copy=False)
    found = pa.Schema.from_pandas(others, preserve_index=False)
    text, gaps = pa.string(), pa.null()
    types = [
        (name, found.field(name).type)
        if name in others
        else (name, text if frame[name].notna().any() else gaps)
        for name in frame
    ]
    none = unpacked(frame.iloc[:0])
    schema = pa.Table.from_pandas(none, pa.schema(types), preserve_index=False).schema
    with pq.ParquetWriter(path, schema, compression="zstd") as file:
        for rows in in_steps(len(frame)):
            arrays = [
                _arrow(frame[name].iloc[rows], kind)
                for name, kind in zip(frame, schema.types, strict=True)
            ]
            file.write_table(pa.Table.from_arrays(arrays, schema=schema))
            let_go(*(frame[name] for name in frame))


def _arrow(cells: pd.Series, kind: pa.DataType) -> pa.Array:
    if is_packed(cells):
        return packed_of(cells).arrow().cast(kind)
    return pa.Array.from_pandas(cells, type=kind)


def publish(side: Path, folder: Path, built: dict[str, Any]) -> None:
    """Move `tables` (and `truth`) from `side` into `folder` and write built.json.

    It is `built`, the digest of every file, and a seal; see `src.data.provenance`.
    A move that fails brings back what was there before.
    """
    (side / "built.json").write_text(sealed(side, _PARTS, built), encoding="utf-8")
    old = side / "old"
    old.mkdir()
    moved: list[str] = []
    try:
        for part in _PARTS:
            if (folder / part).exists():
                (folder / part).rename(old / part)
            moved.append(part)
            if (side / part).exists():
                (side / part).rename(folder / part)
        (side / "built.json").replace(folder / "built.json")
    except OSError:
        for part in moved:
            shutil.rmtree(folder / part, ignore_errors=True)
            if (old / part).exists():
                (old / part).rename(folder / part)
        raise


def replace_folder(made: Path, place: Path, side: Path) -> None:
    """Move the folder `made` to `place`; what was there goes to `side`, or back on failure."""
    old = side / f"{place.name}.old"
    if place.exists():
        place.rename(old)
    try:
        made.rename(place)
    except OSError:
        if old.exists():
            old.rename(place)
        raise
