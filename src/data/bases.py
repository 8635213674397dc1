"""A built base, as everyone opens it; `src.data.building` builds it."""

from __future__ import annotations

import difflib
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from src.data.problems import InputError
from src.data.provenance import DamagedError, read_record

if TYPE_CHECKING:
    import pandas as pd

DATA = Path(__file__).parents[2] / "data"
FREEZE_MONTHS = 3
LEARNED, SCORED = "snapshot", "scored"  # tables: rows to learn from, and rows to be listed
TRIAL = "trial"  # table of an experiment


@dataclass(frozen=True)
class BuyerRule:
    """A buyer is B2B whose measure (`src.data.rules.MEASURES`) is so large; see `by_rule`."""

    measure: str
    b2b_from: float


@dataclass(frozen=True)
class Base:
    """A built base. `table` reads one of its tables."""

    name: str
    title: str
    kind: str
    currency: str
    origin: str
    fingerprint: str
    rows: dict[str, int] = field(repr=False)
    notes: tuple[str, ...] = field(repr=False)
    folder: Path
    freeze_months: int = FREEZE_MONTHS  # months without revenue that end a life
    churn_rate: float | None = None  # the true one, where rows to learn from were resampled
    b2b_from: tuple[str, float] | None = None  # column and number of the rule of segments
    first_bills: int | None = None  # months with a bill that it reads, if it reads any
    ages: tuple[str, ...] = field(default=(), repr=False)  # of tables from databases
    # How buyers of a shop are told apart, by their orders, and which purchases a return reduces.
    segment_rule: BuyerRule | None = field(default=None, repr=False)
    returns: str = field(default="same day", repr=False)

    def has(self, *tables: str) -> bool:
        """Whether the base has every one of these tables."""
        return all(table in self.rows for table in tables)

    def table(self, name: str, columns: list[str] | None = None) -> pd.DataFrame:
        """One table of the contract, rows in the order of the source.

        Raises `InputError` when the base has no such table.
        """
        if name not in self.rows:
            has = ", ".join(self.rows)
            raise InputError(f"base {self.name!r} has no table {name!r}; it has {has}")
        import pandas as pd  # here, as most commands open a base and read no table

        return pd.read_parquet(self.folder / "tables" / f"{name}.parquet", columns=columns)


def base_folder(name: str) -> Path:
    """The folder of a base: a name under data/bases, or a path to a folder with a base.yml."""
    return Path(name) if "/" in name else DATA / "bases" / name


def base_names() -> list[str]:
    """The bases under data/bases, by their base.yml."""
    return sorted(path.parent.name for path in (DATA / "bases").glob("*/base.yml"))


def unknown_base(name: str) -> InputError:
    """What to say of a base that does not exist: the known ones, and the nearest."""
    near = difflib.get_close_matches(name.lower(), base_names(), n=1)
    hint = f"did you mean {near[0]}? Known" if near else "known"
    return InputError(f"there is no base {name!r}; {hint} bases: {', '.join(base_names())}")


def ages(built: dict[str, Any]) -> list[str]:
    """How old the tables of a built base are that came from a database, a sentence each."""
    said = []
    for table, at in built.get("read", {}).items():
        days = (date.today() - date.fromisoformat(at)).days
        ago = "today" if days == 0 else f"{days} {'day' if days == 1 else 'days'} ago"
        said.append(f"{table} was read from its database on {at}, {ago}")
    return said


def open_base(name: str) -> Base:
    """Open a built base by its name under data/bases, or by the path of its folder.

    Raises `InputError` that names the command to run when the base does not exist, is not built, or
    a file of it is not as it was built: all of them are read to know, 0.15 s for 100 MB.
    """
    folder = base_folder(name)
    if not (folder / "base.yml").is_file():
        raise unknown_base(name)
    try:
        built = read_record(folder / "built.json")
    except FileNotFoundError:
        raise InputError(f"base {name!r} is not built yet; run `make data BASE={name}`") from None
    except DamagedError as damaged:
        raise InputError(
            f"base {name!r}: {damaged} is not as it was built; run `make data BASE={name}`, which "
            "builds it again"
        ) from None
    return Base(
        name=built["name"],
        title=built["title"],
        kind=built["kind"],
        currency=built["currency"],
        origin=built["origin"],
        fingerprint=built["fingerprint"],
        rows=built["rows"],
        notes=(*built["notes"], *ages(built)),
        folder=folder,
        freeze_months=built.get("freeze_months", FREEZE_MONTHS),
        churn_rate=built.get("churn_rate"),
        b2b_from=tuple(built["b2b_from"]) if built.get("b2b_from") else None,
        first_bills=built.get("first_bills"),
        ages=tuple(ages(built)),
        segment_rule=BuyerRule(*built["segment_rule"]) if built.get("segment_rule") else None,
        returns=built.get("returns", "same day"),
    )
