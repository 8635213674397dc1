"""The feature tables of a base on disk: written by `make features`, opened by everyone."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import narwhals as nw
import pandas as pd

from src.data.bases import Base
from src.data.privacy import HASHED
from src.data.problems import InputError
from src.data.provenance import DamagedError, read_record, sealed
from src.data.publishing import replace_folder, side_folder
from src.features.building import feature_frame, plan
from src.features.catalogue import AT, COLUMNS, KEY, listing
from src.features.engines import Engine, open_engine
from src.features.leaks import LATEST, refuse_later_rows
from src.features.months import Month

FOLDER = "features"
ROWS_AT_ONCE = 4_000_000  # customers times snapshots


@dataclass(frozen=True)
class FeatureTables:
    """The feature tables of a base; `read` opens some of them.

    `catalogue` has one row per feature: name, family, meaning, unit, window, source. `left_out` has
    `what` and `why`: families whose table the base lacks, columns that are no feature. `order` has
    every customer once, in the order that all rows and draws follow; see `customer_order`.
    """

    folder: Path
    snapshots: tuple[pd.Timestamp, ...]
    catalogue: pd.DataFrame
    left_out: pd.DataFrame
    engine: str
    freeze_months: int
    order: pd.Index

    def read(
        self,
        snapshots: Iterable[pd.Timestamp] | None = None,
        columns: Iterable[str] | None = None,
    ) -> pd.DataFrame:
        """The features at these snapshots (all by default), one row per snapshot and customer.

        Columns `customer_id`, `snapshot`, the features (or those in `columns`) and `latest_source`.
        Numbers are float64, texts categorical. Sorted by snapshot, then customer in `order`.

        Raises `InputError` for a snapshot that was not built, an unknown feature, and no snapshot.
        """
        chosen = self.snapshots if snapshots is None else tuple(sorted(set(snapshots)))
        for at in chosen:
            if at not in self.snapshots:
                raise InputError(
                    f"there are no features of {at:%Y-%m}; built are "
                    f"{self.snapshots[0]:%Y-%m} to {self.snapshots[-1]:%Y-%m} "
                    f"({len(self.snapshots)} snapshots)"
                )
        if not chosen:
            raise InputError("name one snapshot at least")
        names = list(self.catalogue["name"]) if columns is None else list(columns)
        unknown = [name for name in names if name not in set(self.catalogue["name"])]
        if unknown:
            raise InputError(f"there is no feature {unknown[0]!r}; see the catalogue")
        parts = []
        for at in chosen:
            part = pd.read_parquet(self.folder / _file(at), columns=[KEY, *names, LATEST])
            place = pd.Series(self.order.get_indexer(part[KEY])).replace(-1, len(self.order))
            part = part.iloc[place.argsort(kind="stable").to_numpy()]
            part.insert(1, "snapshot", pd.Timestamp(at).as_unit("ns"))
            parts.append(part)
        frame = pd.concat(parts, ignore_index=True)
        starts = {number: Month(number).start for number in frame[LATEST].unique().tolist()}
        frame[LATEST] = pd.to_datetime(frame[LATEST].map(starts)).astype("datetime64[ns]")

        texts = [name for name in names if frame[name].dtype == "object"]
        return frame.astype(dict.fromkeys(texts, "category"))


def build_features(
    base: Base,
    engine: str = "duckdb",
    snapshots: Iterable[Month] = (),
    families: Iterable[str] = (),
) -> FeatureTables:
    """Compute the feature tables and put them in place of those before: all, or nothing.

    See `src.features.building.plan` for the defaults and what is refused.
    """
    started = time.monotonic()
    with side_folder(base.folder) as side:
        made = side / FOLDER
        made.mkdir()
        with open_engine(engine, side) as runs:
            planned = plan(base, runs, snapshots, families)
            for some in _batches(planned.snapshots, base.rows["customers"]):
                features = feature_frame(base, runs, planned, some)
                _write(runs, features.frame, some, made)
        left_out = [
            *(
                (family, f"the base has no table {table}")
                for family, table in planned.missing.items()
            ),
            *((f"customers.{name}", why) for name, why in features.left_out.items()),
        ]
        record = {
            "base": base.name,
            "fingerprint": base.fingerprint,
            "engine": engine,
            "freeze_months": base.freeze_months,
            "first_bills": _rule_of_bills(base),
            "snapshots": [at.text for at in planned.snapshots],
            "families": list(planned.families),
            "catalogue": listing(features.families).to_numpy().tolist(),
            "left_out": left_out,
            "seconds": round(time.monotonic() - started, 1),
        }
        (made / "built.json").write_text(sealed(made, ["."], record), encoding="utf-8")
        replace_folder(made, base.folder / FOLDER, side)
    return open_features(base)


def _batches(snapshots: tuple[Month, ...], customers: int) -> Iterator[tuple[Month, ...]]:
    """Snapshots that are computed together: as many as keep the memory within bounds."""
    size = max(1, ROWS_AT_ONCE // max(customers, 1))
    for place in range(0, len(snapshots), size):
        yield snapshots[place : place + size]


def _write(engine: Engine, frame: nw.LazyFrame, snapshots: tuple[Month, ...], folder: Path) -> None:
    """One file per snapshot, checked for rows that read a later record."""
    if len(snapshots) > 1:
        frame = engine.keep(frame)
    for at in snapshots:
        path = folder / _file(at.start)
        engine.write(frame.filter(nw.col(AT) == at.number).drop(AT), path, by=KEY)
        refuse_later_rows(path, at)


def open_features(base: Base) -> FeatureTables:
    """The feature tables of a base.

    Raises `InputError` naming the command when they are not built, of older data, or damaged.
    """
    folder = base.folder / FOLDER
    command = f"run `make features BASE={base.name}`"
    try:
        record = read_record(folder / "built.json")
    except FileNotFoundError:
        raise InputError(f"the features of base {base.name!r} are not built; {command}") from None
    except DamagedError as damaged:
        raise InputError(
            f"the features of base {base.name!r}: {damaged} is not as it was built; {command}"
        ) from None
    if record["fingerprint"] != base.fingerprint:
        raise InputError(f"the features of base {base.name!r} are of older data; {command}")
    if record["freeze_months"] != base.freeze_months:
        raise InputError(
            f"the features of base {base.name!r} are made with a freeze of "
            f"{record['freeze_months']} months, base.yml now says {base.freeze_months}; {command}"
        )
    if record.get("first_bills") != _rule_of_bills(base):
        raise InputError(
            f"the features of base {base.name!r} are made with another rule for segments than "
            f"base.yml now has; {command}"
        )
    return FeatureTables(
        folder=folder,
        snapshots=tuple(pd.Timestamp(Month.of(text).start) for text in record["snapshots"]),
        catalogue=pd.DataFrame(record["catalogue"], columns=COLUMNS),
        left_out=pd.DataFrame(record["left_out"], columns=["what", "why"]),
        engine=record["engine"],
        freeze_months=record["freeze_months"],
        order=customer_order(base),
    )


def _rule_of_bills(base: Base) -> list[float] | None:
    """How first bills tell the segments, which snapshots before the last of them follow."""
    if base.first_bills is None or base.b2b_from is None:
        return None
    return [base.first_bills, base.b2b_from[1]]


def customer_order(base: Base) -> pd.Index:
    """Every customer of a panel once, in an order that no key of the hashes decides.

    It is that of the source. Identifiers that are no hashes, as those of a simulated operator, have
    an order of their own, which is kept.
    """
    ids = pd.Index(base.table("customers", columns=[KEY])[KEY].drop_duplicates())
    is_hashed = ids.astype("str").str.fullmatch(HASHED).all()
    return ids if is_hashed else ids.sort_values()


def _file(at: pd.Timestamp | Any) -> str:
    return f"{at:%Y-%m}.parquet"
