"""base.yml: the one file that describes a base."""

from __future__ import annotations

import codecs
import re
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    field_validator,
    model_validator,
)

from src.data.contracts import NEEDED_TABLES, SEGMENTS, TABLES
from src.data.histories import History
from src.data.limits import Limits, Unit
from src.data.problems import InputError

ROW_NUMBER = "#row"
SIMULATED_TABLES = tuple(name for name in TABLES if name != "snapshot")


class _Yaml12Loader(yaml.SafeLoader):
    """YAML 1.2 booleans only: `Yes` and `No` are words of a base, not true and false."""


_Yaml12Loader.yaml_implicit_resolvers = {
    letter: [(tag, pattern) for tag, pattern in rules if tag != "tag:yaml.org,2002:bool"]
    for letter, rules in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_Yaml12Loader.add_implicit_resolver(
    "tag:yaml.org,2002:bool", re.compile(r"^(?:true|false)$"), list("tf")
)


def _words(mapping: Any) -> Any:
    """Keys of a value map as the text of the cells they stand for."""
    if not isinstance(mapping, dict):
        return mapping
    return {
        str(key).lower() if isinstance(key, bool) else str(key): mapping[key] for key in mapping
    }


ValueMap = Annotated[dict[str, Any], BeforeValidator(_words)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, coerce_numbers_to_str=True)


class SegmentRule(_Strict):
    """How a customer's segment is known: one `value` for all, a mapped `column`, or a threshold.

    `column` with `values` maps words to B2B and B2C (`otherwise` takes the rest); `column` with
    `b2b_from` makes B2B of every customer whose number in that column is at least so large.
    """

    value: Literal["B2B", "B2C"] | None = None
    column: str | None = None
    values: ValueMap | None = None
    otherwise: Literal["B2B", "B2C"] | None = None
    b2b_from: float | None = None

    @model_validator(mode="after")
    def _one_way(self) -> SegmentRule:
        by_map, by_size = self.values is not None, self.b2b_from is not None
        if (self.value is None) == (self.column is None):
            raise ValueError("give either `value`, or `column`")
        if self.value is not None and (by_map or by_size or self.otherwise):
            raise ValueError("`value` is for all customers and stands alone")
        if self.column is not None and by_map == by_size:
            raise ValueError("`column` needs either `values` or `b2b_from`")
        if by_size and self.otherwise:
            raise ValueError("`otherwise` goes with `values`; `b2b_from` leaves nobody out")
        unknown = [word for word in (self.values or {}).values() if word not in SEGMENTS]
        if unknown:
            words = ", ".join(map(str, unknown))
            raise ValueError(f"`values` must lead to B2B or B2C, not to {words}")
        return self


class Source(_Strict):
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
    dates: str = ""
    missing: tuple[str, ...] = ()
    header: bool = True
    columns: dict[str, str] = Field(default_factory=dict)
    values: dict[str, ValueMap] = Field(default_factory=dict)
    drop: tuple[str, ...] = ()
    personal: dict[str, Literal["drop", "hash", "keep"]] = Field(default_factory=dict)
    units: dict[str, Unit] = Field(default_factory=dict)
    limits: dict[str, Limits] = Field(default_factory=dict)
    history: History | None = None

    @field_validator("dates")
    @classmethod
    def _is_date_format(cls, form: str) -> str:
        day = datetime(2024, 1, 31)
        try:
            understood = not form or datetime.strptime(day.strftime(form), form).year == day.year
        except ValueError:
            understood = False
        if not understood:
            raise ValueError("takes a strptime format with a year, such as %d.%m.%Y or %Y%m")
        return form

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
            codecs.lookup(name)
        except LookupError:
            raise ValueError("is not known; try utf-8, cp1251, latin-1 or utf-16") from None
        return name

    @model_validator(mode="after")
    def _one_place(self) -> Source:
        if (self.file is None) == (self.database is None):
            raise ValueError(
                "give either `file` (with `package`, if it is inside one) or `database`"
            )
        if (self.database is None) != (self.query is None):
            raise ValueError("`database` and `query` belong together")
        if self.database and not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", self.database):
            raise ValueError(
                "`database` takes the name of an environment variable that holds the address; "
                "never write an address or a password into this file"
            )
        if self.decimal == self.thousands:
            raise ValueError("`decimal` and `thousands` are the same mark")
        return self


class Manifest(_Strict):
    """What base.yml says: title, kind, tables, maps."""

    title: str
    kind: Literal["panel", "snapshot", "orders"]
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
        if any(table.history for name, table in self.tables.items() if name != "customers"):
            raise ValueError("`history` is for the table customers alone")
        missing = [name for name in NEEDED_TABLES[self.kind] if name not in self.table_names]
        if missing:
            raise ValueError(f"kind {self.kind!r} needs the table {' and '.join(missing)}")
        return self


def parse(text: str) -> Manifest:
    """A manifest from the text of base.yml.

    Raises `InputError` that lists every mistake with its place in the file.
    """
    try:
        content = yaml.load(text, Loader=_Yaml12Loader)  # noqa: S506  (a SafeLoader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        place = f" at line {mark.line + 1}" if mark else ""
        raise InputError(f"base.yml is not valid YAML{place}") from error
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
        return "there is no such key"
    return str(item["msg"]).removeprefix("Value error, ")
