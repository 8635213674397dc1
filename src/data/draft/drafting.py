"""A draft of base.yml from samples of files."""

from __future__ import annotations

import re
from collections.abc import Sequence

from src.data.bases import LEARNED, SCORED, TRIAL
from src.data.contracts import NEEDED_TABLES, TABLES
from src.data.draft.columns import add_columns, add_drop, add_personal
from src.data.draft.guesses import Draft, Guess, TableGuess
from src.data.draft.matching import Matched, TableDraft, match
from src.data.draft.reading_keys import add_reading
from src.data.draft.sampling import Sample
from src.data.draft.segments import add_segment_of_rows, segment_of, segment_of_buyers
from src.data.draft.wide import apart
from src.data.problems import InputError

_CURRENCIES = {
    "EUR": r"€|\beur(os?)?\b", "USD": r"\$|\busd\b|dollar", "GBP": r"£|\bgbp\b",
    "RUB": r"₽|\b\u0440\u0443\u0431|\brub\b", "PLN": r"zł|\bpln\b",
    "CHF": r"\bchf\b", "CZK": r"Kč|\bczk\b",
    "SEK": r"\bsek\b", "TRY": r"₺|\btry\b", "UAH": r"₴|\buah\b", "KZT": r"₸|\bkzt\b",
}  # fmt: skip
_KINDS = {
    "panel": "customers and their bills by month",
    "snapshot": "one row per customer, with who left",
    "orders": "a log of purchases",
    "experiment": "one row per customer, with the arm drawn and what came after",
}


def draft_of(samples: Sequence[Sample], name: str) -> tuple[Draft, list[TableDraft]]:
    """The draft of base.yml for these tables, and the tables as they were recognised.

    Raises `InputError` where no kind of base can be made of them, and says what was looked for.
    """
    matched = match([part for sample in samples for part in apart(sample)])
    if matched is None:
        raise InputError(_unknown(samples))
    tables: dict[str, TableGuess] = {}
    segment: Guess | None = None
    for draft in matched.tables:
        table = tables[draft.table] = TableGuess()
        add_reading(table, draft)
        used: list[str] = []
        add_columns(table, draft)
        is_told = draft.table == TRIAL and "segment" in draft.columns
        if draft.table in ("customers", "snapshot") or is_told:
            segment, used = segment_of(table, draft)
        elif draft.table == "orders" and matched.kind == "orders":
            segment, used = segment_of_buyers(table, draft)
        elif draft.table in ("orders", "deals"):
            add_segment_of_rows(table, draft)
        add_personal(table, draft)
        add_drop(table, draft, used)
        if draft.table == SCORED:
            _drop_alike(table, tables[LEARNED], draft)
        if draft.is_history_by:
            table.part("history").update(
                by=Guess(draft.is_history_by, "the customers are those of the bills"),
                keep=Guess("last"),
            )
    top = {
        "title": Guess(name.replace("_", " ").replace("-", " ").capitalize()),
        "kind": Guess(matched.kind, _why(matched)),
        "currency": _currency(matched.tables),
    }
    if segment:
        top["segment"] = segment
    remarks = [
        f"not read: {sample.name}, which is no table of this kind of base"
        for sample in matched.left
    ]
    return Draft(top, tables, remarks), matched.tables


def _drop_alike(scored: TableGuess, learned: TableGuess, draft: TableDraft) -> None:
    """Rows to be scored lack the same columns as those to learn from, and a label nobody knows."""
    dropped = learned.keys.get("drop", Guess([]))
    assert isinstance(dropped, Guess)  # it is a list of names
    label = learned.part("columns")["churned"].value
    unknown = [] if "churned" in draft.columns else [label]
    names = [name for name in [*dropped.value, *unknown] if name in draft.traits]
    scored.keys.pop("drop", None)
    if names:
        scored.keys["drop"] = Guess(names, "as in the table snapshot")


def _why(matched: Matched) -> str:
    needed = {
        draft.table: draft for draft in matched.tables if draft.table in NEEDED_TABLES[matched.kind]
    }
    files = ", ".join(f"{table} in {draft.sample.name}" for table, draft in needed.items())
    return f"{_KINDS[matched.kind]}: {files}"


def _currency(tables: Sequence[TableDraft]) -> Guess:
    """The currency whose sign or code stands in cells or names of money."""
    for draft in tables:
        for name, origin in draft.columns.items():
            column = TABLES[draft.table].columns[name]
            if column.kind != "number" or "money" not in column.meaning:
                continue
            told = (
                [origin.replace("_", " "), *draft.traits[origin].first]
                if origin in draft.traits
                else []
            )
            for text in told:
                for code, pattern in _CURRENCIES.items():
                    if re.search(pattern, text, re.IGNORECASE):
                        return Guess(code, f"{origin} shows it")
    return Guess("EUR", "", "no cell and no name shows a currency")


def _unknown(samples: Sequence[Sample]) -> str:
    has = "; ".join(
        f"{sample.name} has {', '.join(map(str, list(sample.cells)[:8]))}" for sample in samples[:6]
    )
    return (
        "no kind of base was recognised: a panel needs customers and bills by month, a snapshot "
        "one row per customer with a column that says who left, orders a buyer, a date and an "
        "amount, an experiment one row per customer with the arm drawn and an outcome. "
        f"{has}. Write base.yml by hand: docs/bring-your-own-base.md shows how"
    )
