"""base.yml: the one file that describes a base."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, Literal

import pandas as pd
from pydantic import (
    Field,
    ValidationError,
    field_validator,
    model_validator,
)

from src.data.bases import FREEZE_MONTHS, LEARNED, SCORED, TRIAL
from src.data.calendar.keys import (
    LONGEST_FREEZE,
    MonthText,
    Period,
    Zone,
    misplaced_months,
)
from src.data.cells.limits import Limits, Unit
from src.data.contracts import NEEDED_TABLES, REPEATED, TABLES
from src.data.histories import History
from src.data.problems import InputError
from src.data.rules import CancelledRule, Rate, SegmentRule, Strict, TrainingRule, ValueMap
from src.data.yaml_files import read_yaml

ROW_NUMBER = "#row"
_LINE = "id;n-1,5\n"
# Python knows them, but no file of a table is written in them.
_NOT_OF_FILES = re.compile(r"idna|punycode|undefined|(raw_)?unicode_escape", re.IGNORECASE)
SIMULATED_TABLES = tuple(name for name in TABLES if name not in ("snapshot", "scored", "trial"))


class Source(Strict):
    """Where one table is and how its columns become the contract's."""

    file: str | None = None
    package: str | None = None
    database: str | None = None
    query: str | None = None
    sheet: str | int = 0
    separator: str | None = None
    encoding: str = "utf-8-sig"
    decimal: Literal[".", ","] = "."
    thousands: Literal["", " ", ",", ".", "'"] = ""
    dates: str | dict[str, str] = ""
    missing: tuple[str, ...] = ()
    header: bool = True
    header_row: int = Field(1, ge=1)
    footer_rows: int = Field(0, ge=0)
    months_in_columns: dict[str, str] = Field(default_factory=dict)
    products: dict[str, Annotated[tuple[str, ...], Field(min_length=2)]] = Field(
        default_factory=dict
    )
    repeated: Literal["sum", "keep", "first"] | None = None
    unknown_customers: Literal["drop"] | None = None
    averages: tuple[str, ...] = ()
    columns: dict[str, str] = Field(default_factory=dict)
    values: dict[str, ValueMap] = Field(default_factory=dict)
    drop: tuple[str, ...] = ()
    personal: dict[str, Literal["drop", "hash", "keep"]] = Field(default_factory=dict)
    period: Period | None = None
    timezone: Zone | None = None
    units: dict[str, Unit] = Field(default_factory=dict)
    limits: dict[str, Limits] = Field(default_factory=dict)
    history: History | None = None
    training: TrainingRule | None = None
    cancelled: CancelledRule | None = None
    returns: Literal["same day", "last purchase"] | None = None

    @field_validator("file")
    @classmethod
    def _is_below_or_beside(cls, file: str | None) -> str | None:
        if file is not None and {*Path(file).parts} <= {".", ".."}:
            raise ValueError(
                f"{file!r} is the folder of the base, or one that holds it; name a file or a "
                "folder beside base.yml, such as `file: bills.csv`"
            )
        return file

    @field_validator("dates")
    @classmethod
    def _is_date_format(cls, forms: str | dict[str, str]) -> str | dict[str, str]:
        for form in [forms] if isinstance(forms, str) else forms.values():
            if form and not _gives_months_back(form):
                raise ValueError(
                    "takes a strptime format with a year and a month, such as %d.%m.%Y or %Y%m"
                )
        return forms

    def form_of(self, column: str) -> str:
        """How the dates of a column are written; it has its name of the contract, or its own."""
        if isinstance(self.dates, str):
            return self.dates
        return self.dates.get(column) or self.dates.get(self.columns.get(column, column), "")

    @field_validator("months_in_columns")
    @classmethod
    def _are_names_of_months(cls, forms: dict[str, str]) -> dict[str, str]:
        if wrong := [form for form in forms.values() if not _gives_months_back(form)]:
            raise ValueError(
                f"takes names of columns with a year and a month in them, such as "
                f"{{revenue: bill_%Y_%m}}, not {wrong[0]!r}"
            )
        return forms

    @field_validator("separator")
    @classmethod
    def _is_separator(cls, mark: str | None) -> str | None:
        if mark is not None and mark not in ("space", "tab") and len(mark) != 1:
            raise ValueError("takes one character, or the words `tab` or `space`")
        return mark

    @field_validator("encoding")
    @classmethod
    def _is_encoding(cls, name: str) -> str:
        try:
            is_text = _LINE.encode(name).decode(name) == _LINE
        except (LookupError, ValueError):
            is_text = False
        if not is_text or _NOT_OF_FILES.fullmatch(name.replace("-", "_")):
            raise ValueError("is not known; try utf-8, cp1251, latin-1 or utf-16")
        return name

    @model_validator(mode="after")
    def _one_place(self) -> Source:
        if (self.file is None) == (self.database is None):
            raise ValueError(
                "give either `file` (with `package`, if it is inside one) or `database`: write "
                "`file: ...`, or `database: NAME_OF_VARIABLE` and `query: select ...`"
            )
        if (self.database is None) != (self.query is None):
            raise ValueError(
                "`database` and `query` belong together: write `database: NAME_OF_VARIABLE` and "
                "`query: select ...`"
            )
        if self.database and not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", self.database):
            raise ValueError(
                "`database` takes the name of an environment variable that holds the address; "
                "never write an address or a password into this file"
            )
        if self.decimal == self.thousands:
            other = "," if self.decimal == "." else "."
            raise ValueError(
                "`decimal` and `thousands` are the same mark; write "
                f"`decimal: '{self.decimal}'` and `thousands: '{other}'`"
            )
        if not self.header and self.header_row != 1:
            raise ValueError("`header_row` names a header, and `header: false` says there is none")
        return self


class Manifest(Strict):
    """What base.yml says: title, kind, tables, maps."""

    title: str
    kind: Literal["panel", "snapshot", "orders", "experiment"]
    currency: str
    origin: Literal["real", "sample", "simulated"] = "real"
    segment: SegmentRule | None = None
    tables: dict[str, Source] = Field(default_factory=dict)
    simulator: (
        Literal[
            "operator",
            "operator_null",
            "operator_pauses",
            "operator_price_war",
            "operator_unseen_offers",
        ]
        | None
    ) = None
    customers: int | None = None
    months: int | None = None
    fingerprint: str | None = None
    first_month: MonthText | None = None
    last_month: MonthText | None = None
    period: Period | None = None
    freeze_months: int | None = Field(None, ge=1, le=LONGEST_FREEZE)
    churn_rate: Rate = None

    @property
    def freeze(self) -> int:
        """Months without revenue that end a life."""
        return self.freeze_months or FREEZE_MONTHS

    @property
    def billed_by(self) -> Period | None:
        """The period that a bill covers, where base.yml says so."""
        billing = self.tables.get("billing")
        return (billing and billing.period) or self.period

    def divides(self, table: str) -> SegmentRule | None:
        """The rule that tells the segment of each row of a table, None where none does."""
        divided = ("orders",) if self.kind == "orders" else ("customers", LEARNED, SCORED, TRIAL)
        by_row = self.segment is not None and not self.segment.measure
        return self.segment if by_row and table in divided else None

    def source_of(self, table: str) -> Source:
        """Where a table comes from; rows to score may be rows of the table snapshot."""
        return self.tables.get(table) or self.tables["snapshot"]

    @property
    def table_names(self) -> tuple[str, ...]:
        """The tables the base has: those it reads, or those its simulator makes."""
        return SIMULATED_TABLES if self.simulator else tuple(self.tables)

    @model_validator(mode="after")
    def _tables_of_the_contract(self) -> Manifest:
        if unknown := [name for name in self.tables if name not in TABLES]:
            raise ValueError(f"no such table: {', '.join(unknown)}; known: {', '.join(TABLES)}")
        if self.simulator and (self.tables or self.segment or self.origin != "simulated"):
            raise ValueError("a `simulator` makes its own tables: `origin: simulated`, no `tables`")
        if not self.simulator and (self.customers or self.months):
            raise ValueError("`customers` and `months` scale a `simulator`; there is none")
        if problem := misplaced_months(self):
            raise ValueError(problem)
        if self.segment and self.segment.first_bills and self.kind != "panel":
            raise ValueError(
                f"`first_bills` reads the bills of a panel, and kind {self.kind!r} has none; tell "
                "the segments of its customers by `column`, or delete `segment`"
            )
        if self.segment and self.segment.measure and self.kind != "orders":
            raise ValueError(
                f"`measure` reads the orders of a shop, and this is kind {self.kind!r}; tell the "
                "segments of its customers by `column`, or delete `segment`"
            )
        for name, source in self.tables.items():
            if source.months_in_columns and "month" not in TABLES[name].columns:
                raise ValueError(f"tables.{name}: `months_in_columns` needs a table with a month")
            if source.averages and name != "usage":
                raise ValueError(f"`averages` stands under tables.usage, not under {name}")
            if (source.cancelled or source.returns) and name != "orders":
                raise ValueError(f"tables.{name}: `cancelled` and `returns` are for table orders")
            if source.repeated and source.repeated not in REPEATED.get(name, ()):
                raise ValueError(_not_repeated(name, source.repeated))
        if misplaced := _misplaced_rows(self):
            raise ValueError(misplaced)
        if any(table.history for name, table in self.tables.items() if name != "customers"):
            raise ValueError("`history` is for the table customers alone")
        missing = [name for name in NEEDED_TABLES[self.kind] if name not in self.table_names]
        if missing:
            lines = " and ".join(f"`{name}: {{file: ...}}`" for name in missing)
            raise ValueError(
                f"kind {self.kind!r} needs the table {' and '.join(missing)}; write under tables: "
                f"{lines}"
            )
        return self


def _misplaced_rows(manifest: Manifest) -> str | None:
    """What is wrong with the rows to learn from and to score."""
    tables = manifest.tables
    if manifest.kind != "snapshot" and (manifest.churn_rate or "scored" in tables):
        return "`churn_rate` and the table scored are for kind snapshot"
    if any(source.training for name, source in tables.items() if name != "snapshot"):
        return "`training` is for the table snapshot alone"
    if "scored" in tables and tables.get("snapshot", tables["scored"]).training:
        return "give either `training` under tables.snapshot, or the table scored"
    return None


def _gives_months_back(form: str) -> bool:
    """Whether a strptime format tells the month of any day, to Python and to pandas."""
    for day in (datetime(2024, 1, 31, tzinfo=UTC), datetime(1999, 11, 5, tzinfo=UTC)):
        try:
            written = day.strftime(form)
            read = (datetime.strptime(written, form), pd.to_datetime(written, format=form))
        except (ValueError, TypeError, re.error):  # what a wrong directive raises
            return False
        if any((moment.year, moment.month) != (day.year, day.month) for moment in read):
            return False
    return True


def _not_repeated(table: str, way: str) -> str:
    ways = REPEATED.get(table)
    can = f"takes `repeated: {ways[0]}`" if ways else "has one row per key and takes no `repeated`"
    return f"tables.{table}: `repeated: {way}` is not for this table; it {can}"


def parse(text: str) -> Manifest:
    """A manifest from the text of base.yml.

    Raises `InputError` that lists every mistake with its place in the file.
    """
    content = read_yaml(text)
    if not isinstance(content, dict):
        raise InputError("base.yml must hold `title`, `kind`, `currency` and `tables`")
    try:
        return Manifest.model_validate(content)
    except ValidationError as error:
        lines = [f"  - {_place(item['loc'])}{_mistake(item)}" for item in error.errors()]
        raise InputError("\n".join(["base.yml has mistakes:", *lines])) from error


def read_manifest(folder: Path) -> Manifest:
    """The manifest of the base in `folder`; `InputError` when there is none or it has mistakes."""
    path = folder / "base.yml"
    if not path.is_file():
        raise InputError(f"there is no base {folder.name!r}: {path} does not exist")
    try:
        return parse(path.read_text(encoding="utf-8"))
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: save it as UTF-8") from error
    except InputError as error:
        raise InputError(f"{path}: {error}") from error


def _place(location: tuple[int | str, ...]) -> str:
    return ".".join(str(part) for part in location) + ": " if location else ""


def _mistake(item: Mapping[str, Any]) -> str:
    if item["type"] == "extra_forbidden":
        keys = {key for model in (Manifest, Source, SegmentRule) for key in model.model_fields}
        near = difflib.get_close_matches(str(item["loc"][-1]), sorted(keys), n=1, cutoff=0.75)
        return (
            f"there is no such key; did you mean `{near[0]}`?" if near else "there is no such key"
        )
    return str(item["msg"]).removeprefix("Value error, ")
