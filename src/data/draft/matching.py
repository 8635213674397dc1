"""Which table of the contract a sample is, and which of its columns are the contract's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd
from scipy.optimize import linear_sum_assignment

from src.data.bases import LEARNED, SCORED, TRIAL
from src.data.contracts import CONTACTS, NEEDED_TABLES, TABLES
from src.data.draft.cells import Traits, traits_of
from src.data.draft.names import LEAST, columns_phrases, fit, phrases_of
from src.data.draft.sampling import Sample
from src.data.draft.suiting import FEWEST_CUSTOMERS, fit_of, refers_to
from src.data.draft.words import can_be_label
from src.data.manifest import ROW_NUMBER

SURE = 0.8  # of a fit; below it a column is marked
BY_STRUCTURE = 0.6
_GOOD_KIND = 0.68
_REQUIRED_FIRST = 0.4  # added to the fits of required columns when they are shared out
_DIGITS_OF_A_CODE = 5
_BY_HAND = "link_checks"  # who has such a table knows what it is
_SAME_COLUMNS = 0.8  # of the columns of a table, in another of the same kind
_WORST_RIVAL = 0.05  # between the best and the next column: closer ones are marked


@dataclass(frozen=True)
class TableDraft:
    """One table as it will stand in base.yml.

    `columns`: contract column to source column; `fits`: how well each was recognised, 0 to 1;
    `rivals`: a source column that fits as well; `traits`: of every source column.
    `is_history_by`: the column of months, where the customers are those of the bills.
    """

    sample: Sample
    table: str
    columns: dict[str, str]
    fits: dict[str, float]
    rivals: dict[str, str]
    traits: dict[str, Traits] = field(repr=False)
    score: float = 0.0
    is_history_by: str = ""

    @property
    def attributes(self) -> list[Traits]:
        """The columns that are not of the contract."""
        taken = set(self.columns.values())
        return [trait for name, trait in self.traits.items() if name not in taken]


@dataclass(frozen=True)
class Matched:
    """The kind of base that the samples make, its tables, and the samples that are none."""

    kind: str
    tables: list[TableDraft]
    left: list[Sample]


def match(samples: Sequence[Sample]) -> Matched | None:
    """The best reading of the samples as a base; None where no kind of base can be made."""
    traits = [
        {str(name): traits_of(sample.cells[name]) for name in sample.cells} for sample in samples
    ]
    pairs = list(zip(samples, traits, strict=True))
    first = [_as_table(sample, "customers", of) for sample, of in pairs]
    if not any(first):
        first = [_as_history(sample, of) for sample, of in pairs]
    keys = {id(draft.sample): _keys_of(draft) for draft in first if draft}
    offers = {
        table: [
            draft
            for sample, of in pairs
            if (draft := _as_table(sample, table, of, _others(keys, sample)))
        ]
        for table in TABLES
        if table not in (SCORED, _BY_HAND)
    }
    if not offers["customers"] and len(samples) > 1:
        offers["customers"] = [draft for draft in first if draft]
    kinds = {kind: _shared_out(offers, _tables_of(kind)) for kind in NEEDED_TABLES}
    kinds["panel"] = _with_customers(kinds["panel"])
    worth = {kind: _worth(kind, chosen) for kind, chosen in kinds.items()}
    best = max(worth, key=lambda kind: worth[kind])
    # A base with bills may also have a shop; its customers decide.
    if worth["panel"] >= _GOOD_KIND and worth["snapshot"] < worth["panel"] + 0.1:
        best = "panel"
    if worth[best] <= 0:
        return None
    tables = kinds[best]
    if best == "snapshot":
        tables = [*tables, *_to_be_scored(tables[0], pairs)]
    used = {id(draft.sample) for draft in tables}
    return Matched(best, tables, [sample for sample in samples if id(sample) not in used])


def _as_history(sample: Sample, traits: Mapping[str, Traits]) -> TableDraft | None:
    """Customers with several rows, which a date tells apart."""
    draft = _as_table(sample, "customers", traits, is_history=True)
    if draft is None or draft.columns["customer_id"] == ROW_NUMBER:
        return None
    ids = sample.cells[draft.columns["customer_id"]]
    dates = [name for name, trait in traits.items() if trait.is_date and not trait.is_number]
    is_told = [not sample.cells[[ids.name, date]].duplicated().any() for date in dates]
    return draft if any(is_told) and ids.nunique() > FEWEST_CUSTOMERS * len(ids) else None


def _with_customers(tables: list[TableDraft]) -> list[TableDraft]:
    """The tables of a panel; where only bills are there, the customers are those of the bills."""
    names = [draft.table for draft in tables]
    if "billing" not in names or "customers" in names:
        return tables
    bills = tables[names.index("billing")]
    if not bills.traits[bills.columns["month"]].by_month:
        return tables
    customers = _as_table(bills.sample, "customers", bills.traits, is_history=True)
    if customers is None:
        return tables
    month = bills.columns["month"]
    taken = {*bills.columns.values()} - {bills.columns["customer_id"]}
    kept = {name: origin for name, origin in customers.columns.items() if origin not in taken}
    beside = tuple(name for name in bills.traits if name not in (*kept.values(), month))
    sample = replace(bills.sample, beside=beside)
    return [replace(customers, sample=sample, columns=kept, is_history_by=month), *tables]


def _tables_of(kind: str) -> list[str]:
    needed = list(NEEDED_TABLES[kind])
    of_panels = [name for name in TABLES if name not in (LEARNED, SCORED, TRIAL, _BY_HAND)]
    return of_panels if kind == "panel" else needed


def _to_be_scored(
    learned: TableDraft, pairs: Sequence[tuple[Sample, dict[str, Traits]]]
) -> list[TableDraft]:
    """The sample that has the columns of the rows to learn from, its label or not."""
    drafts = []
    for sample, traits in pairs:
        shared = set(traits) & set(learned.traits)
        if sample is learned.sample or len(shared) < _SAME_COLUMNS * len(learned.traits):
            continue
        columns = {
            name: origin
            for name, origin in learned.columns.items()
            if origin in traits or origin == ROW_NUMBER
        }
        label = columns.get("churned")
        if label and not can_be_label(traits[label]):
            del columns["churned"]
        drafts.append(TableDraft(sample, SCORED, columns, learned.fits, {}, traits, learned.score))
    return drafts[:1]


def _worth(kind: str, chosen: Sequence[TableDraft]) -> float:
    """How well the tables that a kind must have are there: the weakest of them."""
    score = {draft.table: _quality(draft) for draft in chosen}
    return min(score.get(table, 0.0) for table in NEEDED_TABLES[kind])


def _quality(draft: TableDraft) -> float:
    contract = TABLES[draft.table].columns
    required = [
        score for name, score in draft.fits.items() if contract[name].required and name != "segment"
    ]
    return float(np.mean(required)) + 0.1 * min(draft.score, 1)


def _keys_of(customers: TableDraft) -> pd.Index:
    key = customers.columns["customer_id"]
    return pd.Index([] if key == ROW_NUMBER else customers.sample.cells[key].dropna().unique())


def _others(keys: Mapping[int, pd.Index], sample: Sample) -> list[pd.Index]:
    return [ids for of, ids in keys.items() if of != id(sample)]


def _shared_out(
    offers: Mapping[str, Sequence[TableDraft]], tables: Sequence[str]
) -> list[TableDraft]:
    """One sample for each table at most, so that the sum of their scores is the largest."""
    samples = {id(draft.sample): draft.sample for table in tables for draft in offers[table]}
    by_place = {(table, id(draft.sample)): draft for table in tables for draft in offers[table]}
    scores = np.array(
        [
            [by_place[table, of].score if (table, of) in by_place else 0.0 for of in samples]
            for table in tables
        ]
    )
    if not scores.size:
        return []
    rows, places = linear_sum_assignment(-scores)
    names = list(samples)
    return [
        by_place[tables[row], names[place]]
        for row, place in zip(rows, places, strict=True)
        if scores[row, place] > 0
    ]


def _as_table(
    sample: Sample,
    table: str,
    traits: Mapping[str, Traits],
    keys: Sequence[pd.Index] = (),
    *,
    is_history: bool = False,
) -> TableDraft | None:
    """The sample as this table; None where a required column has no like.

    `is_history`: customers may have several rows.
    """
    contract = TABLES[table].columns
    # To keep what is personal, even hashed, is for people to say.
    names, wanted = list(traits), [name for name in contract if name not in CONTACTS]
    referring = {name: refers_to(sample.cells[name], traits[name], keys) for name in names}
    fits = np.array(
        [
            [
                fit_of(table, column, contract[column], traits[name], referring[name], is_history)
                for name in names
            ]
            for column in wanted
        ]
    )
    first = np.array([[_REQUIRED_FIRST * contract[column].required] for column in wanted])
    rows, places = linear_sum_assignment(-np.where(fits >= LEAST, fits + first, 0.0))
    columns, scores, rivals = {}, {}, {}
    for row, place in zip(rows, places, strict=True):
        if fits[row, place] < LEAST:
            continue
        column = wanted[row]
        columns[column], scores[column] = names[place], float(fits[row, place])
    for column in columns:
        free = [other for other in names if other not in columns.values()]
        near = [
            other
            for other in free
            if fits[wanted.index(column), names.index(other)] > scores[column] - _WORST_RIVAL
        ]
        if near:
            rivals[column] = near[0]
    _find_by_structure(columns, scores, traits, table)
    _find_key(columns, scores, traits, table, sample.cells)
    required = [name for name, column in contract.items() if column.required and name != "segment"]
    if not set(required) <= set(columns):
        return None
    if (one := TABLES[table].needs_one) and not set(one) & set(columns):
        return None
    measures = [traits[name].is_number for name in names if name not in columns.values()]
    if TABLES[table].needs_measure and not any(measures):
        return None
    of_file = max(fit(part, phrases_of("files", table)) for part in _names(sample))
    score = (
        sum(scores[name] for name in required) / len(required)
        + 0.12 * sum(score for name, score in scores.items() if name not in required)
        + 0.6 * of_file
        - (0.15 if TABLES[table].needs_measure else 0)
        # Numbers that nothing of the contract explains speak for a table of measures.
        - (0 if table in ("usage", LEARNED, TRIAL) else 0.04 * min(sum(measures), 5))
    )
    return TableDraft(sample, table, columns, scores, rivals, dict(traits), float(score))


def _names(sample: Sample) -> list[str]:
    return [sample.name, sample.name.partition(".")[0]]


def _find_by_structure(
    columns: dict[str, str], scores: dict[str, float], traits: Mapping[str, Traits], table: str
) -> None:
    """What names do not say: date and money of a log, the only columns that can be it; a label.

    A label stands in the last or the first column.
    """
    if table == LEARNED and "churned" not in columns:
        ends = list(traits)[-1:] + list(traits)[:1]
        labels = [
            name for name in ends if len(traits[name].words) > 1 and can_be_label(traits[name])
        ]
        phrases = columns_phrases(table, "churned")
        is_named = any(fit(name, phrases) >= SURE for name in traits)  # but its cells are no label
        if labels and not is_named and labels[0] not in columns.values():
            columns["churned"], scores["churned"] = labels[0], BY_STRUCTURE
        return
    who = {"orders": "buyer_key", "billing": "customer_id"}.get(table, "")
    if who not in columns or traits[columns[who]].is_key:
        return
    for name, column in TABLES[table].columns.items():
        if name in columns or not column.required or column.kind == "id":
            continue
        free = [trait for origin, trait in traits.items() if origin not in columns.values()]
        dates = [t.name for t in free if t.is_date and (t.by_month or table == "orders")]
        money = [t.name for t in free if t.is_number and not t.is_whole and not t.is_date]
        fitting = money if column.kind == "number" else dates
        if len(fitting) == 1:
            columns[name], scores[name] = fitting[0], BY_STRUCTURE


def _find_key(
    columns: dict[str, str],
    scores: dict[str, float],
    traits: Mapping[str, Traits],
    table: str,
    cells: pd.DataFrame,
) -> None:
    """The identifier of a row where no name tells it: one without a repeated cell, or the row."""
    key = TABLES[table].key[0]
    if key in columns or table not in ("customers", LEARNED, TRIAL, "orders"):
        return
    free = [name for name in traits if name not in columns.values()]
    like_keys = [
        name
        for name in free
        if traits[name].is_key
        and traits[name].rows > 1
        and not traits[name].decimal
        and not traits[name].is_date
        and (not traits[name].is_number or _are_codes(cells[name]))
    ]
    if like_keys and table != "orders":
        columns[key], scores[key] = like_keys[0], BY_STRUCTURE
    elif table != "customers":
        columns[key], scores[key] = ROW_NUMBER, SURE


def _are_codes(cells: pd.Series) -> bool:
    """Whether unique numbers are codes: they grow from row to row, or all have the same length."""
    numbers, lengths = pd.to_numeric(cells, errors="coerce"), cells.str.len()
    is_alike = lengths.min() == lengths.max() >= _DIGITS_OF_A_CODE
    return bool(numbers.is_monotonic_increasing or is_alike) and cells.is_unique
