"""One export as a company would write it: names, words, marks, dates and bytes of its own."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import yaml

from src.data.contracts import TABLES
from src.studies.exports.tables import PUBLIC, operator_tables, public_tables

LANGUAGES = ("en", "de", "ru", "es")
_NAMES = Path(__file__).with_name("names.yml")
_SEGMENTS: dict[str, tuple[tuple[str, str], ...]] = {
    "en": (("B2B", "B2C"), ("Business", "Consumer"), ("Corporate", "Residential"), ("BUS", "RES")),
    "de": (
        ("gewerblich", "privat"),
        ("Geschäftskunde", "Privatkunde"),
        ("GK", "PK"),
        ("Firma", "Privat"),
    ),
    "ru": (
        ("юр. лицо", "физ. лицо"),
        ("ЮЛ", "ФЛ"),
        ("Корпоративный", "Частный"),
        ("Бизнес", "Население"),
    ),
    "es": (
        ("Empresa", "Particular"),
        ("Empresas", "Hogar"),
        ("Negocio", "Residencial"),
        ("Pyme", "Personal"),
    ),
}
_FLAGS: dict[str, tuple[tuple[str, str], ...]] = {
    "en": (("Yes", "No"), ("1", "0"), ("True", "False"), ("Y", "N")),
    "de": (("Ja", "Nein"), ("1", "0"), ("J", "N"), ("wahr", "falsch")),
    "ru": (("Да", "Нет"), ("1", "0"), ("да", "нет"), ("истина", "ложь")),
    "es": (("Sí", "No"), ("1", "0"), ("S", "N"), ("verdadero", "falso")),
}
_LABELS: dict[str, tuple[tuple[str, str], ...]] = {
    "en": (("Churned", "Stayed"), ("Lost", "Active"), ("Exited", "Retained")),
    "de": (("gekündigt", "aktiv"), ("abgewandert", "Bestand"), ("Kündiger", "Bestandskunde")),
    "ru": (("ушёл", "остался"), ("отключён", "активен"), ("расторгнут", "действующий")),
    "es": (("baja", "activo"), ("perdido", "vigente"), ("abandonó", "permanece")),
}
_ROLES: dict[str, tuple[tuple[str, str], ...]] = {
    "en": (("decision_maker", "end_user"), ("Decision maker", "User")),
    "de": (("Entscheider", "Endnutzer"), ("Entscheidungsträger", "Nutzer")),
    "ru": (("ЛПР", "пользователь"), ("Руководитель", "Конечный пользователь")),
    "es": (("Decisor", "Usuario"), ("Responsable", "Usuario final")),
}
_CONTROL = {"en": "Control", "de": "Kontrolle", "ru": "контроль", "es": "control"}
_DAYS = {
    "en": ("%Y-%m-%d", "%m/%d/%Y", "%d/%m/%Y", "%d-%b-%Y", "%Y%m%d"),
    "de": ("%Y-%m-%d", "%d.%m.%Y", "%d.%m.%y", "%Y%m%d"),
    "ru": ("%Y-%m-%d", "%d.%m.%Y", "%d.%m.%Y %H:%M", "%Y%m%d"),
    "es": ("%Y-%m-%d", "%d/%m/%Y", "%d-%m-%Y", "%Y%m%d"),
}
_MONTHS = ("%Y-%m", "%m.%Y", "%m/%Y", "%Y%m")
_MARKS = {
    "en": ((".", ""), (".", ","), (".", "")),
    "de": ((",", ""), (",", "."), (".", "")),
    "ru": ((",", ""), (",", " "), (",", "\u00a0"), (".", "")),
    "es": ((",", "."), (",", ""), (".", "")),
}
_PERSONAL = {"en": "Email", "de": "E-Mail", "ru": "Электронная почта", "es": "Correo electrónico"}
_CONSTANT = {"en": "Source System", "de": "Mandant", "ru": "Источник данных", "es": "Sistema"}


@dataclass(frozen=True)
class Export:
    """Files in a folder, and what they are.

    `truth`: by table, its file and its contract columns under the names of the file; `frames`: the
    cells as they are; `language` and `is_held_out` say where the names come from.
    """

    kind: str
    files: tuple[Path, ...]
    truth: dict[str, tuple[str, dict[str, str]]]
    frames: dict[str, pd.DataFrame]
    language: str
    is_held_out: bool


def write_export(seed: int, folder: Path) -> Export:
    """The export of this seed: which base, language, names, marks, dates and bytes it has.

    Half of them are operators; every fourth takes all its names from those held out.
    """
    rng = np.random.default_rng([seed, 16])
    language = LANGUAGES[seed % len(LANGUAGES)]
    is_held_out = seed // 4 % 4 == 3
    place = seed // 16 % 8
    tables = public_tables(PUBLIC[place], rng) if place < 4 else operator_tables(seed, rng)
    words: dict[str, dict[Any, str]] = {
        "segment": dict(zip(("B2B", "B2C"), _pick(rng, _SEGMENTS[language]), strict=True)),
        "user_role": dict(
            zip(("decision_maker", "end_user"), _pick(rng, _ROLES[language]), strict=True)
        ),
        "flag": dict(zip((True, False), _pick(rng, _FLAGS[language]), strict=True)),
        "churned": dict(
            zip((True, False), _pick(rng, _LABELS[language] + _FLAGS[language]), strict=True)
        ),
    }
    style, encoding = int(rng.integers(6)), _encoding(language, rng)
    separator = str(rng.choice([";", ",", "\t", "|"]))
    marks = _pick(rng, _MARKS[language])
    names = _names()["held_out" if is_held_out else "seen"]
    files: list[Path] = []
    truth: dict[str, tuple[str, dict[str, str]]] = {}
    frames: dict[str, pd.DataFrame] = {}
    for table, frame in tables.frames.items():
        renamed = _renamed(frame, table, names, language, style, rng)
        truth_of = {column: renamed[column] for column in frame if column in TABLES[table].columns}
        form = _pick(rng, _DAYS[language] + (_MONTHS if _has_months_only(frame, table) else ()))
        cells = pd.DataFrame(
            {
                renamed[column]: _cells(frame[column], column, form, marks, words, language)
                for column in frame
            }
        )
        cells = _with_distractors(cells, language, rng)
        cells = cells[rng.permutation(cells.columns)]
        title = "export" if rng.random() < 0.1 else str(_pick(rng, names["files"][table][language]))
        path = folder / f"{title}_{len(files) + 1}.csv"
        _write(cells, path, separator, encoding, rng)
        files.append(path)
        truth[table] = (path.name, truth_of | dict.fromkeys(tables.made, "#row"))
        frames[table] = frame
    return Export(tables.kind, tuple(files), truth, frames, language, is_held_out)


@cache
def _names() -> dict[str, Any]:
    content: dict[str, Any] = yaml.safe_load(_NAMES.read_text(encoding="utf-8"))
    return content


def _pick(rng: np.random.Generator, options: Any) -> Any:
    return options[int(rng.integers(len(options)))]


def _encoding(language: str, rng: np.random.Generator) -> str:
    code_page = "cp1251" if language == "ru" else "cp1252"
    return str(rng.choice(["utf-8", "utf-8-sig", code_page, code_page, "utf-16"]))


def _has_months_only(frame: pd.DataFrame, table: str) -> bool:
    columns = TABLES[table].columns
    return "date" not in [columns[name].kind for name in frame if name in columns]


def _renamed(
    frame: pd.DataFrame,
    table: str,
    names: Mapping[str, Any],
    language: str,
    style: int,
    rng: np.random.Generator,
) -> dict[str, str]:
    """New names of all columns, none twice; columns beyond the contract keep theirs in style."""
    taken: dict[str, str] = {}
    for column in frame:
        offers = names.get(table, {}).get(column) or names["shared"].get(column)
        is_known = column in TABLES[table].columns and offers
        options = list(offers[language]) if is_known else [str(column)]
        for place in rng.permutation(len(options)).tolist():
            new = _styled(options[place], style)
            if new not in taken.values():
                break
        else:
            new = f"{new}_{len(taken)}"
        taken[str(column)] = new
    return taken


def _styled(name: str, style: int) -> str:
    if style == 1:
        return re.sub(r"[^\w]+", "_", name).strip("_").lower()
    if style == 2:
        return re.sub(r"[^\w]+", "_", name).strip("_").upper()
    if style == 3:
        return "".join(word[:1].upper() + word[1:] for word in re.split(r"[^\w]+|_", name))
    return name


def _cells(
    values: pd.Series,
    column: str,
    form: str,
    marks: tuple[str, str],
    words: Mapping[str, Mapping[Any, str]],
    language: str,
) -> pd.Series:
    """Cells as text, empty where there is none."""
    if pd.api.types.is_datetime64_any_dtype(values):
        return values.dt.strftime(form).fillna("")
    if pd.api.types.is_bool_dtype(values):
        of = "churned" if column == "churned" else "flag"
        return values.map(words[of]).fillna("").astype(str)
    if pd.api.types.is_numeric_dtype(values):
        return values.map(lambda number: _number(number, marks), na_action="ignore").fillna("")
    if column == "arm":
        return values.replace({"control": _CONTROL[language]})
    return values.map(words.get(column, {})).fillna(values).fillna("").astype(str)


def _number(number: float, marks: tuple[str, str]) -> str:
    decimal, thousands = marks
    text = f"{number:,.2f}" if number % 1 else f"{number:,.0f}"
    return text.replace(",", "\0").replace(".", decimal).replace("\0", thousands)


def _with_distractors(cells: pd.DataFrame, language: str, rng: np.random.Generator) -> pd.DataFrame:
    """With columns that mean nothing to the contract: the same in all rows, and addresses."""
    if rng.random() < 0.3:
        cells = cells.assign(**{_CONSTANT[language]: "A1"})
    if rng.random() < 0.3:
        address = [f"user{number}@example.org" for number in rng.integers(1, 10**6, len(cells))]
        cells = cells.assign(**{_PERSONAL[language]: address})
    return cells


def _write(
    cells: pd.DataFrame,
    path: Path,
    separator: str,
    encoding: str,
    rng: np.random.Generator,
) -> None:
    text = io.StringIO()
    writer = csv.writer(text, delimiter=separator, lineterminator=str(rng.choice(["\n", "\r\n"])))
    if rng.random() < 0.06:
        writer.writerow([f"Export {path.stem}"])
        writer.writerow([])
    writer.writerow(cells.columns)
    writer.writerows(cells.itertuples(index=False))
    path.write_bytes(text.getvalue().encode(encoding, errors="replace"))
