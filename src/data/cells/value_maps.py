"""Whether the words of base.yml meet the cells they are written for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from src.data.cells.conversion import as_text, word_of
from src.data.cells.packed import expanded
from src.data.lines import one_line
from src.data.problems import EXAMPLES, Problem, broken_rows

_SHOWN = 6


def map_problem(
    cells: pd.Series,
    mapping: Mapping[str, Any],
    where: tuple[str, str],
    decimal: str,
    is_whole: bool,
) -> Problem | None:
    """What is wrong with a value map of one column, None where it fits.

    A map that meets no cell is wrong, and so is one that leaves cells alone while a word of it
    meets none; a map that `is_whole` (of a flag) leaves no cell alone. `where`: table and column.
    """
    text = as_text(expanded(cells)).dropna()
    words = word_of(text, mapping, decimal)
    alone = text[words.isna()]
    idle = [word for word in mapping if word not in set(words.dropna())]
    if alone.empty or not (is_whole or idle):
        return None
    table, column = where
    targets = {word: mapping.get(word_met, "...") for word, word_met in _distinct(text, words)}
    line = one_line({"values": {column: targets}})
    told = "`values` has no word for these cells"
    if idle:
        told += f", and no cell is {' or '.join(map(repr, idle[:EXAMPLES]))}"
    return _problem(table, column, f"{told}; write under tables.{table}: `{line}`", alone)


def segment_problem(
    cells: pd.Series,
    words: pd.Series,
    mapping: Mapping[str, str],
    otherwise: str,
    where: tuple[str, str],
) -> Problem | None:
    """What is wrong with the words of a segment rule that has an `otherwise`.

    Words for another segment that meet no cell, while other cells fall to `otherwise`, would turn
    segments round. `words`: for each cell the word it is.
    """
    text = as_text(cells).dropna()
    alone = text[words.reindex(text.index).isna()]
    met = set(words.dropna())
    idle = [word for word in mapping if word not in met and mapping[word] != otherwise]
    if alone.empty or not idle:
        return None
    targets = {word: mapping.get(met, "...") for word, met in _distinct(text, words)}
    told = f"the segment rule names {' and '.join(map(repr, idle[:EXAMPLES]))}, but no cell is so"
    line = one_line({"values": targets})
    return _problem(*where, f"{told}; write under segment: `{line}`", alone)


def idle_words(words: Mapping[str, bool], table: str) -> list[str]:
    """One remark on the words of `missing` that stand in no cell; `words`: whether each does."""
    idle = [repr(word) for word, is_met in words.items() if not is_met]
    if not idle:
        return []
    stands = "which stands" if len(idle) == 1 else "which stand"
    return [f"{table}: `missing` names {', '.join(idle)}, {stands} in no cell"]


def _distinct(text: pd.Series, words: pd.Series) -> list[tuple[str, str]]:
    pairs = pd.DataFrame({"text": text, "word": words.reindex(text.index)})
    pairs = pairs.drop_duplicates("text").head(_SHOWN)
    return list(zip(pairs["text"], pairs["word"], strict=True))


def _problem(table: str, column: str, rule: str, alone: pd.Series) -> Problem:
    shown = broken_rows(table, column, rule, alone.drop_duplicates())
    return Problem(table, column, rule, len(alone), shown.examples)
