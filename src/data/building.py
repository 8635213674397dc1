"""Building a base: read from its sources, checked, pseudonymised, written as Parquet."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd

from src.data.bases import DATA, Base, base_folder, open_base
from src.data.calendar.timeline import in_time
from src.data.cells.conversion import as_text, expanded
from src.data.cells.limits import gaps
from src.data.checks import violations
from src.data.contracts import TABLES
from src.data.keys import added_up, unknown_customers, without_copies, without_unknown
from src.data.manifest import Manifest, Source, read_manifest
from src.data.mapping import as_named, by_new_name, contract_frame
from src.data.operator.generate import generate, settings_of
from src.data.privacy import pseudonymise, read_key
from src.data.problems import InputError, Problem, refuse
from src.data.provenance import made_from
from src.data.publishing import publish, side_folder
from src.data.reading.months_in_columns import months_as_rows
from src.data.reading.sources import read_source

_FINGERPRINT_LENGTH = 16


def build_base(name: str, key: bytes | None = None) -> Base:
    """Read every table that base.yml names, check all rows, pseudonymise, write Parquet.

    Either the whole base is replaced, or nothing is: bad input raises one `InputError` that lists
    every broken rule, and what was built before stays as it is. `key` is the key of the hashes;
    by default that of `read_key`. A base with a `simulator` is generated instead; its identifiers
    are made, so nothing is hashed.
    """
    folder = base_folder(name)
    manifest = read_manifest(folder)
    described = _description(folder, manifest)  # before anything is read: what changes later shows
    if manifest.simulator:
        settings = settings_of(manifest.simulator, manifest.customers, manifest.months)
        generate(folder, settings, described)
        return open_base(name)
    frames: dict[str, pd.DataFrame] = {}
    customers: dict[str, pd.Series] = {}
    problems: list[Problem] = []
    notes: list[str] = []
    for table, source in manifest.tables.items():
        raw = months_as_rows(read_source(source, table, folder, notes.append), table, source)
        frame, broken, remarks = contract_frame(raw, table, source, manifest.segment)
        problems += broken
        notes += remarks
        if len(frame.columns):
            frame, copies = without_copies(frame, raw, table)
            notes += copies
            frame, remarks = added_up(frame, table, source)
            notes += remarks
            unread = {problem.column for problem in broken}
            cells, _ = as_named(raw, table, source)
            problems += violations(frame, table, unread, cells, source.repeated != "keep")
            if "customer_id" in cells:
                customers[table] = expanded(cells["customer_id"])
        notes += gaps(frame, table)
        frames[table] = frame
    frames, remarks = without_unknown(frames, manifest.tables)
    notes += remarks
    problems += unknown_customers(frames, customers)
    refuse(f"Base {folder.name!r}", problems)
    frames, remarks = in_time(frames, manifest)
    notes += remarks

    fingerprint = _fingerprint(frames)
    if manifest.fingerprint not in (None, fingerprint):
        raise InputError(
            f"Base {folder.name!r} has changed: its fingerprint is {fingerprint}, base.yml expects "
            f"{manifest.fingerprint}. If the new data is right, write `fingerprint: {fingerprint}`"
        )
    if key is None:
        DATA.mkdir(exist_ok=True)
        key = read_key(DATA / ".key")
    for table, frame in frames.items():
        _pseudonymise_in_place(frame, table, manifest.tables[table], key)
    _write(folder, frames, described, fingerprint, notes)
    return open_base(name)


def _description(folder: Path, manifest: Manifest) -> dict[str, Any]:
    """What built.json says of the base whatever its rows are."""
    named = ("title", "kind", "currency", "origin")
    tables = manifest.tables.items()
    files = [(source.package, source.file) for _, source in tables if source.file]
    return {
        "name": folder.name,
        "freeze_months": manifest.freeze,
        **{field: getattr(manifest, field) for field in named},
        "notes": [],
        "read": {table: f"{date.today()}" for table, source in tables if source.database},
        "made_from": made_from(folder, files, bool(manifest.simulator)),
    }


def _fingerprint(frames: dict[str, pd.DataFrame]) -> str:
    """A digest of names and cells, the same for every file format and every hash key."""
    digest = hashlib.sha256()
    for table in sorted(frames):
        frame = frames[table]
        digest.update(f"{table} {len(frame)}".encode())
        for column in sorted(frame.columns):
            values = frame[column]
            cells = values if values.dtype != "boolean" else values.astype("object").map(str)
            digest.update(f"{column}".encode())
            digest.update(pd.util.hash_pandas_object(cells, index=False).to_numpy().tobytes())
    return digest.hexdigest()[:_FINGERPRINT_LENGTH]


def _pseudonymise_in_place(frame: pd.DataFrame, table: str, source: Source, key: bytes) -> None:
    identifiers = [name for name, column in TABLES[table].columns.items() if column.kind == "id"]
    personal = by_new_name(source.personal, source)
    hashed = [column for column, fate in personal.items() if fate == "hash"]
    for column in dict.fromkeys([*identifiers, *hashed]):  # each once: hashed twice joins nothing
        if column in frame:
            frame[column] = pseudonymise(as_text(frame[column]), key)


def _write(
    folder: Path,
    frames: dict[str, pd.DataFrame],
    described: dict[str, Any],
    fingerprint: str,
    notes: Iterable[str],
) -> None:
    """Write tables and built.json beside the old ones, then swap."""
    rows = {table: len(frame) for table, frame in frames.items()}
    found = {"fingerprint": fingerprint, "rows": rows, "notes": list(notes)}
    built = {**described, **found}
    with side_folder(folder) as side:
        for table, frame in frames.items():
            path = side / "tables" / f"{table}.parquet"
            frame.to_parquet(path, index=False, compression="zstd")
        publish(side, folder, built)
