"""Building a base: read from its sources, checked, pseudonymised, written as Parquet."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Iterable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from src.data.bases import DATA, LEARNED, Base, base_folder, open_base
from src.data.calendar.timeline import in_time
from src.data.cells.conversion import as_text
from src.data.cells.limits import gaps, returns
from src.data.cells.mapped import in_steps, let_go
from src.data.cells.packed import is_packed, packed_of, words_of
from src.data.cells.products import with_products
from src.data.checks import violations
from src.data.contracts import HASHED_KINDS, TABLES
from src.data.first_bills import FIRST_BILLS, with_segments
from src.data.keys import added_up, unknown_customers, without_copies, without_unknown
from src.data.manifest import Manifest, Source, read_manifest
from src.data.mapping import contract_frame
from src.data.naming import as_named, by_new_name
from src.data.operator.generate import generate, settings_of
from src.data.order_log import purchases_of_buyers, said_of_buyers, with_articles
from src.data.privacy import pseudonymise, read_key
from src.data.problems import InputError, Problem, refuse
from src.data.provenance import made_from
from src.data.publishing import publish, side_folder, write_table
from src.data.reading.months_in_columns import months_as_rows
from src.data.reading.sources import read_source
from src.data.training import compare_rates, parted

_FINGERPRINT_LENGTH = 16
_HASH_OF_A_GAP = 2**64 - 1  # as pandas has it


def build_base(
    name: str, key: bytes | None = None, tell: Callable[[str], object] = lambda _: None
) -> Base:
    """Read every table that base.yml names, check all rows, pseudonymise, write Parquet.

    Either the whole base is replaced, or nothing is: bad input raises one `InputError` that lists
    every broken rule, and what was built before stays as it is. `key` is the key of the hashes;
    by default that of `read_key`. `tell` is told what is being done, and is called again when
    something else is. A base with a `simulator` is generated instead; its identifiers
    are made, so nothing is hashed.
    """
    folder = base_folder(name)
    manifest = read_manifest(folder)
    described = _description(folder, manifest)  # before anything is read: what changes later shows
    if manifest.simulator:
        settings = settings_of(manifest.simulator, manifest.customers, manifest.months)
        generate(folder, settings, described)
        return open_base(name)
    frames, problems, notes = read_tables(folder, manifest, tell)
    refuse(f"Base {folder.name!r}", problems)
    tell("looking at months and customers")
    frames, remarks = in_time(frames, manifest)
    notes += remarks
    frames, remarks = with_segments(frames, manifest)
    notes += remarks
    if manifest.kind == "snapshot":
        notes += compare_rates(frames, manifest)

    tell("taking the fingerprint")
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
        tell(f"{table}: hashing identifiers")
        _pseudonymise_in_place(frame, table, manifest.source_of(table), key)
    tell("writing tables")
    _write(folder, frames, described, fingerprint, notes)
    return open_base(name)


def read_tables(
    folder: Path, manifest: Manifest, tell: Callable[[str], object] = lambda _: None
) -> tuple[dict[str, pd.DataFrame], list[Problem], list[str]]:
    """Every table that base.yml names, in the columns and types of the contract, and as it stands.

    Returns the frames, every broken rule, and remarks for the reader; identifiers are not hashed.
    """
    frames: dict[str, pd.DataFrame] = {}
    customers: dict[str, pd.Series] = {}
    problems: list[Problem] = []
    notes: list[str] = []
    for table, source in manifest.tables.items():
        tell(f"{table}: reading")
        raw = months_as_rows(read_source(source, table, folder, notes.append), table, source)
        raw, broken = with_products(raw, table, source)
        problems += broken
        cells, lacking = as_named(raw, table, source)
        tell(f"{table}: looking at cells")
        frame, broken, remarks = contract_frame(raw, table, source, manifest.divides(table))
        problems += broken
        notes += remarks
        if table == "orders":
            frame, remarks = purchases_of_buyers(frame, raw, source)
            notes += remarks
        unread = {problem.column for problem in broken}
        tell(f"{table}: checking rules")
        parts = parted(frame, raw, source) if table == LEARNED else {table: frame}
        for part, rows in parts.items():
            rows, copies = without_copies(rows, raw, part)
            frames[part], broken, remarks = _checked(rows, part, source, unread, cells)
            problems += broken
            notes += [*copies, *remarks]
            if "customer_id" in cells and not lacking:
                customers[part] = cells["customer_id"]
        del raw, cells, frame, parts  # of a large table they take more than what is kept
    frames, remarks = without_unknown(frames, manifest.tables)
    notes += remarks
    problems += unknown_customers(frames, customers)
    return frames, problems, notes


def _checked(
    frame: pd.DataFrame,
    table: str,
    source: Source,
    unread: Collection[str],
    cells: pd.DataFrame,
) -> tuple[pd.DataFrame, list[Problem], list[str]]:
    """A table with its rows added up where base.yml says so, the rules it breaks, and remarks."""
    problems: list[Problem] = []
    notes: list[str] = []
    if len(frame.columns):
        whole, notes = added_up(frame, table, source)
        frame = with_articles(whole, frame) if table == "orders" else whole
        problems = violations(frame, table, unread, cells, source.repeated != "keep")
    if table == "orders":
        notes += [*returns(frame, table), *said_of_buyers(frame)]
    return frame, problems, notes + gaps(frame, table)


def _description(folder: Path, manifest: Manifest) -> dict[str, Any]:
    """What built.json says of the base whatever its rows are."""
    named = ("title", "kind", "currency", "origin")
    tables = manifest.tables.items()
    orders = manifest.tables.get("orders")
    files = [(source.package, source.file) for _, source in tables if source.file]
    return {
        "name": folder.name,
        "freeze_months": manifest.freeze,
        "churn_rate": manifest.churn_rate,
        "b2b_from": _bound(manifest),
        "first_bills": manifest.segment and manifest.segment.first_bills,
        "segment_rule": _measure(manifest),
        "returns": (orders and orders.returns) or "same day",
        **{field: getattr(manifest, field) for field in named},
        "notes": [],
        "read": {table: f"{date.today()}" for table, source in tables if source.database},
        "made_from": made_from(folder, files, bool(manifest.simulator)),
    }


def _bound(manifest: Manifest) -> tuple[str, float] | None:
    """The column, as the built table calls it, and the number from which a customer is B2B."""
    rule = manifest.segment
    if rule is None or rule.b2b_from is None or rule.measure:
        return None
    if rule.column is None:
        return FIRST_BILLS, rule.b2b_from
    table = next(name for name in manifest.tables if manifest.divides(name))
    name = next(iter(by_new_name({rule.column: rule}, manifest.tables[table])))
    return name, rule.b2b_from


def _measure(manifest: Manifest) -> tuple[str, float] | None:
    """What of a buyer's orders tells the segment, and the number from which it is B2B."""
    rule = manifest.segment
    if rule is None or rule.measure is None or rule.b2b_from is None:
        return None
    return rule.measure, rule.b2b_from


def _fingerprint(frames: dict[str, pd.DataFrame]) -> str:
    """A digest of names and cells, the same for every file format and every hash key."""
    digest = hashlib.sha256()
    for table in sorted(frames):
        frame = frames[table]
        digest.update(f"{table} {len(frame)}".encode())
        for column in sorted(frame.columns):
            digest.update(f"{column}".encode())
            for hashes in _hashes(frame[column]):
                digest.update(hashes.data)
            let_go(frame[column])
    return digest.hexdigest()[:_FINGERPRINT_LENGTH]


def _hashes(values: pd.Series) -> Iterator[np.ndarray]:
    """The hashes of the cells, some rows at a time."""
    if is_packed(values):
        gap = np.array([_HASH_OF_A_GAP], "uint64")
        hashed = [pd.util.hash_array(words.to_numpy()) for words in words_of(values)]
        words, codes = np.concatenate([*hashed, gap]), packed_of(values).codes
        for rows in in_steps(len(codes)):
            yield words[codes[rows]]
        return
    for rows in in_steps(len(values)):
        cells = values.iloc[rows]
        cells = cells if cells.dtype != "boolean" else cells.astype("object").map(str)
        yield pd.util.hash_pandas_object(cells, index=False).to_numpy()


def _pseudonymise_in_place(frame: pd.DataFrame, table: str, source: Source, key: bytes) -> None:
    columns = TABLES[table].columns.items()
    identifiers = [name for name, column in columns if column.kind in HASHED_KINDS]
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
            write_table(frame, path)
        publish(side, folder, built)
