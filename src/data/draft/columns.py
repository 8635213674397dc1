"""Which source column is which of the contract's, and what becomes of the others."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from src.data.contracts import CONTROL, TABLES
from src.data.draft.cells import Traits, is_yes
from src.data.draft.guesses import Guess, TableGuess
from src.data.draft.matching import BY_STRUCTURE, SURE, TableDraft
from src.data.draft.names import columns_phrases, fit, phrases_of, words_of
from src.data.draft.reading_keys import unread_share
from src.data.draft.words import meaning, value_map
from src.data.lines import one_line
from src.data.manifest import ROW_NUMBER
from src.data.personal.columns import personal_columns

_LONGEST_TENURE = 120  # months that a tenure of no unit may have
_LONGEST_YEARS = 30
_AFTER = 0.75  # of a fit to the names of columns that are filled in after the exit
_FEWEST_LEFT = 10
_OF_ONE_PIECE = "<unit>, <piece> <unit>, <piece>"
_STAYED = "<stays>, <customer> <stays>"
_LIKE_AN_IDENTIFIER = 0.6
_MANY = 0.1  # of the rows
_ROUNDING = 1e-6
_TELLS = "tells the label"
_UNITS = {"days": "<days>", "weeks": "<weeks>", "years": "<years>", "months": "<months>"}


def add_columns(table: TableGuess, draft: TableDraft) -> None:
    """`columns`, `values` and `units` of the contract's columns."""
    contract = TABLES[draft.table].columns
    form = table.keys.get("dates")
    dates = form.value if isinstance(form, Guess) else ""
    made = draft.sample.reading.get("months_in_columns", {})
    columns = table.part("columns")
    for name in contract:
        if name not in draft.columns or name == "segment" or name in _made(made):
            continue
        origin = draft.columns[name]
        if origin == ROW_NUMBER:
            columns[name] = _numbered(draft, name)
            continue
        traits = draft.traits[origin]
        if product := _product(draft, name, traits):
            table.part("products")[name] = product
            continue
        guess = Guess(origin, _evidence(draft, name, traits), _doubt(draft, name, traits))
        kind = contract[name].kind
        unread = unread_share(
            traits, kind, dates if isinstance(dates, str) else dates.get(name, "")
        )
        if unread > _ROUNDING and "missing" not in table.keys and traits.filled:
            first = f", such as {traits.others[0]!r}" if traits.others else ""
            guess = guess.doubted(f"{unread:.1%} of its cells are no {kind}{first}")
        columns[name] = guess
        if kind == "flag" or contract[name].one_of or name == "arm":
            _add_values(table, name, traits)
    if "tenure_months" in columns:
        _add_unit(table, draft)
    if draft.table == "customers" and not draft.is_history_by:
        table.remarks += _dates_left(draft)
    for traits in draft.attributes:
        if traits.name in contract and traits.name not in columns:
            evidence = f"not the {traits.name} of the contract"
            columns[f"other_{traits.name}"] = Guess(traits.name, evidence)


def _dates_left(draft: TableDraft) -> list[str]:
    """What is said of dates that may be the first or the last month of a customer."""
    lacking = [name for name in ("signup_month", "closed_month") if name not in draft.columns]
    dates = [t.name for t in draft.attributes if t.is_date and not t.is_number]
    if not lacking or not dates:
        return []
    line = one_line({lacking[0]: dates[0]})
    may_be = f"{', '.join(dates[:3])} may be {' or '.join(lacking)}"
    return [f"CHECK {may_be}; if so, write under columns: `{line}`"]


def _numbered(draft: TableDraft, name: str) -> Guess:
    """The number of the row as its identifier; doubtful where a column is called like one."""
    phrases = columns_phrases(draft.table, name)
    like = [
        t.name
        for t in draft.attributes
        if t.is_whole
        and t.distinct > _MANY * t.rows
        and fit(t.name, phrases) >= _LIKE_AN_IDENTIFIER
    ]
    check = f"or is it {like[0]}, though its cells repeat?" if like else ""
    return Guess(ROW_NUMBER, "no column tells the rows apart: they are numbered", check)


def _product(draft: TableDraft, name: str, traits: Traits) -> Guess | None:
    """The amount of a purchase as quantity and price of one piece, where the file has these."""
    if draft.table != "orders" or name != "amount" or not fit(traits.name, _OF_ONE_PIECE):
        return None
    several = [
        t.name for t in draft.attributes if t.is_number and fit(t.name, "<quantity>") >= SURE
    ]
    if not several:
        return None
    is_sure = fit(traits.name, "<piece> <unit>, <piece>") >= SURE
    check = "" if is_sure else f"is {traits.name} the price of one piece?"
    return Guess([several[0], traits.name], "what is bought times its price", check)


def _made(months_in_columns: object) -> list[str]:
    names = months_in_columns if isinstance(months_in_columns, dict) else {}
    return ["month", *names] if names else []


def _tells(draft: TableDraft, name: str) -> bool:
    """Whether a column says the same as the label."""
    left = _who_left(draft)
    return left is not None and _reason_to_drop(draft, draft.traits[name], left) == _TELLS


def _evidence(draft: TableDraft, name: str, traits: Traits) -> str:
    kind = TABLES[draft.table].columns[name].kind
    if draft.fits[name] <= BY_STRUCTURE and kind != "id":
        return f"by its place and its cells ({kind})"
    if draft.fits[name] <= BY_STRUCTURE:
        return f"each of its {traits.distinct:,} cells stands once"
    told = f"its name says so ({draft.fits[name]:.0%})"
    if (name,) == TABLES[draft.table].key and traits.is_key:
        return f"{told}; {traits.distinct:,} of {traits.rows:,} cells differ"
    return told


def _doubt(draft: TableDraft, name: str, traits: Traits) -> str:
    if not traits.filled:
        return "all cells read are empty"
    rival = draft.rivals.get(name)
    if rival and not (name == "churned" and _tells(draft, rival)):
        return f"or is it {rival}?"
    if draft.fits[name] < SURE:
        is_id = name == "customer_id" and (traits.is_key or draft.table != "snapshot")
        return "" if is_id and draft.fits[name] > BY_STRUCTURE else f"is it the {name}?"
    return ""


def _add_values(table: TableGuess, name: str, traits: Traits) -> None:
    words, strange = value_map(name, traits.words)
    if name == "churned" and traits.is_flag and fit(traits.name, _STAYED) >= SURE:
        turned = {word: "no" if is_yes(word) else "yes" for word in traits.words}
        check = f"turned round, as {traits.name} says who stayed"
        table.part("values")[name] = Guess(turned, "", check)
        return
    if name == "arm" and traits.is_flag:
        told = {word: "treated" if is_yes(word) else CONTROL for word in traits.words}
        check = "who was left alone is taken to be the control group"
        table.part("values")[name] = Guess(told, "", check)
        return
    if not words and not strange:
        return
    told = {**words, **dict.fromkeys(strange, "no" if name != "user_role" else "end_user")}
    check = f"nobody knows the word {', '.join(map(repr, strange[:3]))}" if strange else ""
    table.part("values")[name] = Guess(told, f"its {len(traits.words)} words", check)


def _add_unit(table: TableGuess, draft: TableDraft) -> None:
    """The unit of the tenure: by the name of its column, else by the size of its numbers."""
    origin = draft.columns["tenure_months"]
    numbers = _numbers(draft.sample.cells[origin])
    longest, high = float(numbers.max()), float(numbers.quantile(0.9))
    units = [
        unit for unit, group in _UNITS.items() if any(fit(w, group) == 1 for w in words_of(origin))
    ]
    columns = table.part("columns")
    if units and units != ["months"]:
        table.part("units")["tenure_months"] = Guess(
            units[0], f"its name; the longest is {longest:g}"
        )
    elif units:
        return
    elif fit(origin, "vintage") and longest > _LONGEST_TENURE:
        table.part("units")["tenure_months"] = Guess("days", "", f"the longest is {longest:g}")
    elif high > _LONGEST_TENURE:
        if draft.fits["tenure_months"] < SURE:
            del columns["tenure_months"]
            table.remarks.append(
                f"CHECK {origin} may be tenure_months, up to {longest:g} of no known unit; if so, "
                f"write under columns: `tenure_months: {origin}`, and `units` if it is not months"
            )
            return
        unit = "days" if high > 480 else "months"
        check = f"the unit: nine of ten are below {high:g}"
        table.part("units")["tenure_months"] = Guess(unit, "", check)
    elif longest <= _LONGEST_YEARS and draft.sample.is_whole and len(numbers) > 200:
        check = f"the unit: the longest is {longest:g}, so it may be years"
        table.part("units")["tenure_months"] = Guess(
            "years" if longest <= 15 else "months", "", check
        )


def _numbers(cells: pd.Series) -> pd.Series:
    return pd.to_numeric(cells.str.replace(",", ".", regex=False), errors="coerce").dropna()


def add_personal(table: TableGuess, draft: TableDraft) -> None:
    """Columns that the reader would leave out as personal, said in base.yml."""
    others = [traits.name for traits in draft.attributes]
    for name, kind in personal_columns(draft.sample.cells, others).items():
        table.part("personal")[name] = Guess("drop", f"looks like personal data ({kind})")


def add_drop(table: TableGuess, draft: TableDraft, further: Sequence[str] = ()) -> None:
    """Columns that say nothing, or tell what is known only after the exit."""
    personal = table.part("personal")
    reasons = dict.fromkeys(further, "the segment is made of it")
    reasons |= dict.fromkeys(draft.sample.beside, "read by another table")
    left = _who_left(draft)
    for traits in draft.attributes:
        if traits.name not in personal and traits.name not in reasons:
            reason = _reason_to_drop(draft, traits, left)
            reasons |= {traits.name: reason} if reason else {}
    if reasons:
        told: dict[str, list[str]] = {}
        for name, reason in reasons.items():
            told.setdefault(reason, []).append(name)
        evidence = "; ".join(
            f"{', '.join(names[:3])}{' ...' * (len(names) > 3)}: {reason}"
            for reason, names in told.items()
        )
        table.keys["drop"] = Guess(list(reasons), evidence)


def _who_left(draft: TableDraft) -> pd.Series | None:
    if draft.table == "snapshot":
        label = draft.sample.cells[draft.columns["churned"]]
        return label.map({word: meaning("churned", word) for word in label.dropna().unique()}).eq(
            "yes"
        )
    if draft.table == "customers" and "closed_month" in draft.columns:
        return draft.sample.cells[draft.columns["closed_month"]].notna()
    return None


def _reason_to_drop(draft: TableDraft, traits: Traits, left: pd.Series | None) -> str:
    if not traits.filled:
        return "empty" if draft.sample.is_whole else ""
    if traits.is_constant and draft.sample.is_whole:
        return "the same in all rows"
    if TABLES[draft.table].needs_measure:
        return "" if traits.number >= 0.5 else "no number"
    if left is None:
        return ""
    if fit(traits.name, phrases_of("after_the_exit")) >= _AFTER:
        return "known only after the exit, by its name"
    cells = draft.sample.cells[traits.name]
    if left.sum() < _FEWEST_LEFT or left.all():
        return ""
    if cells.notna().any() and left[cells.notna()].all():
        return "filled only for those who left"
    if traits.words and len(traits.words) > 1:
        by_word = left.groupby(cells, dropna=False).mean()
        if by_word.isin([0, 1]).all() and by_word.nunique() == 2:
            return _TELLS
    return ""
