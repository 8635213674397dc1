"""Counts as pages may tell them: of fewer than ten customers no page says how many."""

from __future__ import annotations

import re

LEAST = 10
_COUNTED = (
    "accounts?|bills?|buyers?|cells?|churners?|compan(?:y|ies)|controls?|customers?|exits?"
    "|identifiers?|leavers?|lines?(?! end)|li(?:fe|ves)|orders?|people|person|purchases?|records?"
    "|rows?|silences?|stayers?|subscribers?|tickets?|users?"
)
_COUNT = r"(?<![\w.,'-])([1-9]\d{0,2})"
_OF_THEM = re.compile(
    rf"(?<!than )(?<![\w.,'-])([1-9][\d,]*) of ([1-9][\d,]*)(?= (?:\w+ )?(?:{_COUNTED})\b)"
)
_THEM = re.compile(rf"{_COUNT}( (?:(?:further|other|exact|empty|filled) )?)({_COUNTED})\b")
_ONE = re.compile(rf"{_COUNT} (of [\d,]+ )?(\w+) (is|was|has)\b([^;]* and was\b)?")
_MONEY = re.compile(r"-?[\d,]+\.\d\d \S+ of ([1-9]\d{0,2}) customers?\b")
_ALONE = re.compile(r"(?<=rows \()([1-9]\d{0,2})(?=\))")
_QUOTED = r"'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\""
_EXAMPLES = re.compile(rf" \((?:such as|row|line) (?:{_QUOTED}|[^()'\"])*\)")
_WORDS = re.compile(r"`missing: \[.*?\]`")
_PLURAL = {"is": "are", "was": "were", "has": "have"}


def many(number: float, noun: str = "", least: int = LEAST) -> str:
    """How many customers, or what belongs to them, as a page may say it.

    >>> many(7043, "customer"), many(3, "customer"), many(0, "row"), many(9)
    ('7,043 customers', 'fewer than 10 customers', '0 rows', 'fewer than 10')
    """
    few = f"fewer than {least}"
    text = few if 0 < number < least else f"{number:,.0f}"
    return f"{text} {noun}s" if noun else text


def tells_few(part: float, whole: float, least: int = LEAST) -> bool:
    """Whether a part told beside its whole counts out a small group: the part, or all others.

    >>> tells_few(3, 100), tells_few(97, 100), tells_few(50, 100), tells_few(0, 100)
    (True, True, False, False)
    """
    return 0 < part < least or 0 < whole - part < least


def for_pages(text: str, least: int = LEAST) -> str:
    """A sentence of those who hold the data as a page may have it: without small counts and cells.

    What is quoted from single rows, `(row 3 'n/a')`, is left out, and so are words to write under
    `missing`, and the money of few customers.

    >>> for_pages("3 of 400 cells are no numbers (row 3 'n/a', row 9 'x'), left empty")
    'fewer than 10 of 400 cells are no numbers, left empty'
    >>> for_pages("1 row was added to another; 12 rows after 2024-12 left out")
    'fewer than 10 rows were added to another; 12 rows after 2024-12 left out'
    """
    few = f"fewer than {least}"

    def is_few(found: re.Match[str]) -> bool:
        return int(found[1]) < least

    def plural(found: re.Match[str]) -> str:
        _, whole, noun, verb, second = found.groups()
        if not re.fullmatch(_COUNTED, noun):
            return found[0]
        further = f"{second.removesuffix('was')}were" if second else ""
        return f"{found[1]} {whole or ''}{noun} {_PLURAL[verb]}{further}"

    def of_them(found: re.Match[str]) -> str:
        part, whole = (int(number.replace(",", "")) for number in found.groups())
        if not tells_few(part, whole, least):
            return found[0]
        return f"{few if part < least else f'all but {few}'} of {found[2]}"

    text = re.sub(r"\bonly (?=[1-9] of )", "", text)  # what follows reads "fewer than"
    text = _WORDS.sub("`missing: [...]`", _EXAMPLES.sub("", text))
    text = _ONE.sub(plural, text)
    text = _MONEY.sub(
        lambda found: f"revenue of {few} customers" if is_few(found) else found[0], text
    )
    text = _OF_THEM.sub(of_them, text)
    text = _ALONE.sub(lambda found: few if is_few(found) else found[0], text)
    return _THEM.sub(
        lambda found: f"{few}{found[2]}{_plural(found[3])}" if is_few(found) else found[0], text
    )


def _plural(noun: str) -> str:
    known = {"life": "lives", "company": "companies", "person": "people"}
    return known.get(noun, noun if noun.endswith(("s", "people")) else f"{noun}s")
