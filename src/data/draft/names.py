"""How well a name fits what people call something: the phrases of vocabulary.yml."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from src.data.personal.names import name_words

LEAST = 0.55  # of a fit that is worth a look
_FILE = Path(__file__).with_name("vocabulary.yml")
_ABBREVIATED = 0.85  # of a word, of which `rev` or `cstmr` is short for a longer one
_SHORTEST_PART = 3
_LONGEST_NAME = 100  # letters; what is longer is no name
_SHORT_ENDS = ("nr", "no", "id", "jn", "kz", "ts", "at", "am", "to")
_SHORT_BEGINNINGS = ("kd", "ku", "id", "nr", "no")
_LONGEST_ENDING = 5  # letters behind a stem inside a longer word
_UNKNOWN_LETTER, _LETTER_OF_ENDING = 1.5, 0.6  # against 1 for each known part
_MOST_UNKNOWN = 0.34


@dataclass(frozen=True)
class _Phrase:
    items: tuple[str, ...]
    weight: float


@cache
def fit(name: str, phrases: str) -> float:
    """How well `name` fits the best of the phrases, 0 to 1: by the share of it that they explain.

    >>> fit("Kd.-Nr.", "<customer> <number>"), fit("abc", "<customer> <number>")
    (1.0, 0.0)
    """
    words = words_of(name)
    return max((_fit(words, phrase) for phrase in _phrases(phrases)), default=0.0)


def columns_phrases(table: str, column: str) -> str:
    """The phrases for a column of the contract."""
    columns = _vocabulary()["columns"]
    return str(columns[table][column]).format(**columns["shared"])


def phrases_of(subject: str, of: str = "") -> str:
    """The phrases of another list of the vocabulary: `files` or `cells` of something."""
    found = _vocabulary()[subject]
    return str(found[of] if of else found)


def means(word: str, meanings: Mapping[str, str]) -> str | None:
    """Which of the meanings a cell has; None for none, and where two fit alike.

    `meanings`: for each its phrases.

    >>> means("Geschäftskunde", {"B2B": phrases_of("cells", "b2b"),
    ...                          "B2C": phrases_of("cells", "b2c")})
    'B2B'
    """
    fits = {meaning: fit(word, phrases) for meaning, phrases in meanings.items()}
    best = max(fits, key=lambda meaning: fits[meaning])
    is_tied = sum(value == fits[best] for value in fits.values()) > 1
    return best if fits[best] >= LEAST and not is_tied else None


@cache
def words_of(name: str) -> tuple[str, ...]:
    """A name as its words in small Latin letters, compounds taken apart.

    >>> words_of("Rechnungsbetrag_EUR"), words_of("customerid")
    (('rechnungs', 'betrag', 'eur'), ('customer', 'id'))
    """
    return tuple(part for word in name_words(name[:_LONGEST_NAME]) for part in _parts(word))


@cache
def _vocabulary() -> dict[str, Any]:
    content: dict[str, Any] = yaml.safe_load(_FILE.read_text(encoding="utf-8"))
    return content


@cache
def _group(name: str) -> tuple[frozenset[str], tuple[str, ...]]:
    """The words of a group: whole ones, and stems."""
    words = str(_vocabulary()["words"][name]).split()
    whole = {"".join(name_words(word)) for word in words if not word.endswith("*")}
    stems = {"".join(name_words(word[:-1])) for word in words if word.endswith("*")}
    return frozenset(whole), tuple(sorted(stems))


@cache
def _phrases(text: str) -> tuple[_Phrase, ...]:
    return tuple(_read(phrase) for phrase in text.split(","))


def _read(phrase: str) -> _Phrase:
    found = re.fullmatch(r"\s*(.*?)\s*([01]\.\d+)?\s*", phrase)
    assert found is not None  # it matches anything
    items = tuple(
        item if item.startswith("<") else "".join(name_words(item)) + "*" * item.endswith("*")
        for item in found[1].split()
    )
    return _Phrase(items or (found[1],), float(found[2] or 1))


@cache
def _is(word: str, item: str) -> float:
    """How surely a word is what an item of a phrase asks for."""
    if not item.startswith("<"):
        return float(word.startswith(item[:-1]) if item.endswith("*") else word == item)
    whole, stems = _group(item.strip("<>"))
    if word in whole or (stems and word.startswith(stems)):
        return 1.0
    if word in _known_words() or len(word) < _SHORTEST_PART or word.isdecimal():
        return 0.0
    return _ABBREVIATED if any(_is_short_for(word, one) for one in (*whole, *stems)) else 0.0


def _is_short_for(short: str, word: str) -> bool:
    if len(word) < len(short) + 2 or short[0] != word[0]:
        return False
    bones = re.sub("[aeiouy]", "", word)
    return word.startswith(short) or (short == re.sub("[aeiouy]", "", short) == bones[: len(short)])


def _fit(words: tuple[str, ...], phrase: _Phrase) -> float:
    if len(phrase.items) == 1 and "".join(words) == phrase.items[0]:
        return phrase.weight
    if len(words) < len(phrase.items):
        return 0.0
    told = {place: len(word) for place, word in enumerate(words) if not _is(word, "<filler>")}
    if not told and "".join(words) != "".join(phrase.items):
        told = {place: len(word) for place, word in enumerate(words)}
    total = sum(told.values())
    best = 0.0
    for places, sureness in _matches(words, phrase.items):
        explained = sum(told.get(place, 0) for place in places)
        best = max(best, sureness * (0.4 + 0.6 * explained / total) if total else sureness)
    return best * phrase.weight


def _matches(
    words: tuple[str, ...], items: tuple[str, ...], taken: tuple[int, ...] = ()
) -> Iterator[tuple[tuple[int, ...], float]]:
    """The ways in which each item is one word, as places, and how sure each way is."""
    if not items:
        yield taken, 1.0
        return
    for place, word in enumerate(words):
        if place not in taken and (sure := _is(word, items[0])):
            for places, further in _matches(words, items[1:], (*taken, place)):
                yield places, min(sure, further)


@cache
def _known_words() -> frozenset[str]:
    of_groups = {word for name in _vocabulary()["words"] for word in _group(name)[0]}
    return frozenset(of_groups | {word for word in _literals() if not word.endswith("*")})


@cache
def _literals() -> frozenset[str]:
    """The words of phrases that stand for themselves."""
    lists = [*_vocabulary()["columns"].values(), _vocabulary()["files"], _vocabulary()["cells"]]
    lines = [line for of in lists for line in of.values()]
    phrases = [phrase for line in lines for phrase in _phrases(line)]
    items = {item for phrase in phrases for item in phrase.items}
    return frozenset(item for item in items if item.isalpha() or item[:-1].isalpha())


@cache
def _stems() -> dict[str, tuple[str, ...]]:
    """All stems by their first letters."""
    stems = {stem for name in _vocabulary()["words"] for stem in _group(name)[1]}
    stems |= {word[:-1] for word in _literals() if word.endswith("*")}
    by_head: dict[str, tuple[str, ...]] = {}
    for stem in sorted(stem for stem in stems if len(stem) >= _SHORTEST_PART):
        by_head[stem[:_SHORTEST_PART]] = (*by_head.get(stem[:_SHORTEST_PART], ()), stem)
    return by_head


def _parts(word: str) -> list[str]:
    """A long word as the known words it is made of, itself where it is not."""
    best: dict[int, tuple[float, int, list[str]]] = {0: (0.0, 0, [])}
    known, stems = _known_words(), _stems()
    for end in range(1, len(word) + 1):
        offers = []
        for start in range(end):
            cost, unknown, parts = best[start]
            part = word[start:end]
            is_end = end == len(word) and start > 0 and part in _SHORT_ENDS
            is_begin = start == 0 and end < len(word) and part in _SHORT_BEGINNINGS
            if (part in known and len(part) >= _SHORTEST_PART) or is_end or is_begin:
                offers.append((cost + 1, unknown, [*parts, part]))
            elif len(part) >= _SHORTEST_PART:
                alike = stems.get(part[:_SHORTEST_PART], ())
                endings = [len(part) - len(stem) for stem in alike if part.startswith(stem)]
                if endings and min(endings) <= _LONGEST_ENDING:
                    dearer = _LETTER_OF_ENDING * min(endings)
                    offers.append((cost + 1 + dearer, unknown, [*parts, part]))
        cost, unknown, parts = best[end - 1]
        rest = [*parts, word[end - 1]] if not parts or not parts[-1].startswith("?") else None
        loose = [*parts, f"?{word[end - 1]}"] if rest else [*parts[:-1], parts[-1] + word[end - 1]]
        offers.append((cost + _UNKNOWN_LETTER, unknown + 1, loose))
        best[end] = min(offers, key=lambda offer: offer[0])
    _, unknown, parts = best[len(word)]
    if unknown > _MOST_UNKNOWN * len(word) or len(parts) == 1:
        return [word]
    return [part.lstrip("?") for part in parts]
