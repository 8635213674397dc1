"""How a customer's segment is told: words of a column, a number, or one for all."""

from __future__ import annotations

from src.data.cells.legal_forms import has_legal_form
from src.data.contracts import SEGMENTS
from src.data.draft.cells import Traits
from src.data.draft.guesses import Guess, TableGuess
from src.data.draft.matching import SURE, TableDraft
from src.data.draft.names import fit
from src.data.draft.words import value_map

_SIZES = "<company> <size>, employee*, <size> 0.7, number <line>, <line> number, <size> <number>"
_FROM_LINES = 5
_NAMES = 3_000  # that are looked at
_FEWEST_NAMES = 0.5  # of the rows, that differ
_FEWEST_FORMS = 0.02


def segment_of(table: TableGuess, draft: TableDraft) -> tuple[Guess | None, list[str]]:
    """The rule for base.yml, None where the source has the contract's own column; what it uses up.

    `draft`: the table customers or snapshot.
    """
    if "segment" in draft.columns:
        return _by_words(table, draft)
    if sized := _by_size(draft):
        return sized, []
    if named := _by_legal_form(draft):
        return named, []
    company = next((c for c in ("industry", "size") if c in draft.columns), None)
    if company:
        traits = draft.traits[draft.columns[company]]
        if traits.words and 0 < traits.filled < traits.rows:
            rule = {
                "column": traits.name,
                "values": dict.fromkeys(traits.words, "B2B"),
                "otherwise": "B2C",
            }
            return Guess(rule, "filled in a part of the rows", "whether only companies have it"), []
    check = "no column tells companies from consumers"
    if draft.table == "customers":
        check += "; to tell them by what they paid at first: {first_bills: 3, b2b_from: ...}"
    return Guess({"value": "B2C"}, "", check), []


def _by_legal_form(draft: TableDraft) -> Guess | None:
    """A rule by names that hold the legal form of a company."""
    for traits in draft.attributes:
        if traits.is_number or traits.is_date or traits.distinct < _FEWEST_NAMES * traits.rows:
            continue
        share = draft.sample.cells[traits.name].dropna().head(_NAMES).map(has_legal_form).mean()
        if share >= _FEWEST_FORMS:
            told = f"{share:.0%} of its names hold the legal form of a company"
            rule = {"column": traits.name, "legal_forms": True}
            return Guess(rule, told, "companies without their form count as B2C")
    return None


def _by_words(table: TableGuess, draft: TableDraft) -> tuple[Guess | None, list[str]]:
    traits = draft.traits[draft.columns["segment"]]
    evidence = f"its words {', '.join(traits.words[:4])}"
    check = "" if draft.fits["segment"] >= 0.7 else f"is {traits.name} the segment?"
    if set(traits.words) <= set(SEGMENTS) and traits.filled == traits.rows:
        table.part("columns")["segment"] = Guess(traits.name, evidence, check)
        return None, []
    words, strange = value_map("segment", traits.words)
    known = words or {word: word for word in traits.words if word in SEGMENTS}
    rule = {"column": traits.name, "values": known}
    if strange or traits.filled < traits.rows:
        rule["otherwise"] = "B2C"
        unknown = [
            *map(repr, strange[:3]),
            *(["empty cells"] if traits.filled < traits.rows else []),
        ]
        check = f"{', '.join(unknown)} counted as B2C"
    return Guess(rule, evidence, check), [] if traits.name == "segment" else [traits.name]


def _by_size(draft: TableDraft) -> Guess | None:
    """A rule by a number of employees or lines, which every row has."""
    for traits in [
        *draft.attributes,
        *(draft.traits[n] for n in draft.columns.values() if n in draft.traits),
    ]:
        if traits.is_number and traits.filled == traits.rows and fit(traits.name, _SIZES) >= SURE:
            has_none = "0" in traits.words or "0" in traits.first
            start = 1 if has_none else _FROM_LINES
            check = f"no column names the segment; from {start} on is a guess"
            return Guess({"column": traits.name, "b2b_from": start}, "", check)
    return None


def segment_of_buyers(table: TableGuess, draft: TableDraft) -> tuple[Guess | None, list[str]]:
    """The rule for a log of orders with a column of segments; else a remark on how to make one."""
    if "segment" in draft.columns:
        return _by_words(table, draft)
    table.remarks.append(
        "no column tells companies from consumers; by how buyers order: segment: {measure: median "
        "order value, b2b_from: ...}"
    )
    return None, []


def add_segment_of_rows(table: TableGuess, draft: TableDraft) -> None:
    """The segment of a deal, or of an order in a panel, is a column with words, not a rule."""
    if "segment" not in draft.columns:
        return
    traits: Traits = draft.traits[draft.columns["segment"]]
    words, strange = value_map("segment", traits.words)
    told = {**words, **dict.fromkeys(strange, "B2C")}
    check = f"nobody knows the word {strange[0]!r}" if strange else ""
    table.part("columns")["segment"] = Guess(
        traits.name, f"its words {', '.join(traits.words[:4])}"
    )
    if told:
        table.part("values")["segment"] = Guess(told, "", check)
