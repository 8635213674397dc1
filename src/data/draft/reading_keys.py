"""How the cells of a table are written: marks of numbers, forms of dates, words for a gap."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from src.data.contracts import TABLES
from src.data.draft.cells import DAY_NUMBERS, READ, Traits, agreed, is_gap
from src.data.draft.guesses import Guess, TableGuess
from src.data.draft.matching import TableDraft

_ALIKE = 0.002  # shares that differ by less are the same


def add_reading(table: TableGuess, draft: TableDraft) -> None:
    """Where the table is and how its file is read, then how its cells are written."""
    for key, value in draft.sample.reading.items():
        table.keys[key] = Guess(value, draft.sample.evidence.get(key, ""))
    columns = {
        name: draft.traits[origin]
        for name, origin in draft.columns.items()
        if origin in draft.traits
    }
    kinds = TABLES[draft.table].columns
    numbers = [traits for name, traits in columns.items() if kinds[name].kind == "number"]
    moments = {
        name: traits for name, traits in columns.items() if kinds[name].kind in ("date", "month")
    }
    if draft.is_history_by:
        moments["history"] = draft.traits[draft.is_history_by]
    if draft.sample.paths or "database" not in draft.sample.reading:
        _add_marks(table, numbers, draft.attributes)
        _add_dates(table, moments, [traits for traits in draft.attributes if traits.is_date])
    _add_missing(table, [*numbers, *moments.values()], draft)


def _add_marks(table: TableGuess, numbers: Sequence[Traits], attributes: Sequence[Traits]) -> None:
    shown = [t for t in (*numbers, *attributes) if t.is_number and not t.is_date]
    sure = [t for t in numbers if t.number >= 0.5] or shown
    decimal = agreed([t.decimal for t in sure]) or agreed([t.decimal for t in shown])
    thousands = agreed([t.thousands for t in shown])
    if not decimal and thousands == ".":
        decimal = ","
    by = [t for t in shown if t.decimal == decimal]
    if decimal == ",":
        table.keys["decimal"] = Guess(",", _of_columns("show it", by))
    if thousands and thousands != (decimal or "."):
        of = [t for t in shown if t.thousands == thousands]
        table.keys["thousands"] = Guess(thousands, _of_columns("show it", of))
    others = [t for t in shown if t.decimal and t.decimal != decimal]
    if others and decimal:
        names = ", ".join(t.name for t in others[:3])
        entry = table.keys.get("decimal", Guess("."))
        assert isinstance(entry, Guess)
        table.keys["decimal"] = entry.doubted(f"{names} shows the mark {others[0].decimal!r}")


def _add_dates(
    table: TableGuess, moments: Mapping[str, Traits], attributes: Sequence[Traits]
) -> None:
    """One format for all dates of the table: that which reads most cells of the contract's."""
    forms = {form for traits in moments.values() for form in traits.dates}
    if not forms:
        return
    weights = [*((traits, 1.0) for traits in moments.values()), *((t, 0.2) for t in attributes)]
    read = {
        form: sum(weight * t.filled * t.dates.get(form, 0.0) for t, weight in weights)
        for form in forms
    }
    steady = {form: all(form in t.steady for t in moments.values() if t.filled) for form in forms}
    best = max(sorted(forms, key=_usual), key=lambda form: (read[form], steady[form]))
    filled = sum(traits.filled for traits in moments.values())
    cells = sum(traits.filled * traits.dates.get(best, 0.0) for traits in moments.values())
    rivals = [
        form
        for form in forms - {best}
        if read[form] >= (1 - _ALIKE) * read[best] and steady[form] == steady[best]
    ]
    # Days and months turned round, or two digits of a year: both read every cell.
    check = f"`{rivals[0]}` reads as many cells" if rivals else ""
    own = {name: t.best_form[0] for name, t in moments.items() if _has_its_own(t, best)}
    if own:
        of_all = {name: best for name in moments if name not in own} | own
        forms_of = {name: form for name, form in of_all.items() if form not in ("", DAY_NUMBERS)}
        table.keys["dates"] = Guess(forms_of, "dates of several forms", check)
    elif best not in ("", DAY_NUMBERS) or check:
        share = f"{cells / filled:.1%} of {filled:,} cells are dates as {best}" if filled else ""
        table.keys["dates"] = Guess(best, share, check)


def _has_its_own(traits: Traits, form: str) -> bool:
    """Whether another form than that of the table reads the column."""
    read = max(traits.dates.get(form, 0.0), traits.dates.get("", 0.0))
    return traits.filled > 0 and read < READ <= traits.best_form[1]


def _usual(form: str) -> tuple[bool, bool, str]:
    """Days before months, but for American slashes nobody knows: days first as in Europe."""
    return (form.startswith("%m/%d") or form.startswith("%m.%d"), "%y" in form, form)


def _add_missing(table: TableGuess, read: Sequence[Traits], draft: TableDraft) -> None:
    """Words that stand for a gap among numbers and dates, where they stand for nothing else."""
    words: dict[str, str] = {}
    for traits in read:
        share = (
            traits.best_form[1] if traits.is_date or traits.best_form[1] >= 0.5 else traits.number
        )
        if share < 1 and traits.others:
            words |= dict.fromkeys(traits.others, traits.name)
    meaning_words = {
        word for traits in draft.traits.values() if traits not in read for word in traits.words
    }
    gaps = {word: name for word, name in words.items() if word not in meaning_words}
    sure = [word for word in gaps if is_gap(word)]
    doubtful = [word for word in gaps if not is_gap(word) and not any(map(str.isdigit, word))]
    if sure or doubtful:
        stand = f"among the cells of {next(iter(gaps.values()))}"
        check = f"whether {doubtful[0]!r} stands for an empty cell" if doubtful else ""
        table.keys["missing"] = Guess([*sure, *doubtful], stand, check)


def _of_columns(what: str, columns: Sequence[Traits]) -> str:
    cells = sum(traits.filled for traits in columns)
    names = ", ".join(traits.name for traits in columns[:3])
    return f"the {cells:,} numbers of {names} {what}" if columns else ""


def unread_share(traits: Traits, kind: str, form: str) -> float:
    """The share of the filled cells that are not read as the contract's kind."""
    if kind == "number":
        return 1 - traits.number
    if kind in ("date", "month"):
        return 1 - max(
            traits.dates.get(form, 0.0),
            traits.dates.get("", 0.0),
            traits.dates.get(DAY_NUMBERS, 0.0),
        )
    return 0.0
