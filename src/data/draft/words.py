"""What the words of a cell mean in the contract: segments, labels, roles, yes and no."""

from __future__ import annotations

from collections.abc import Sequence

from src.data.draft.cells import Traits, is_yes
from src.data.draft.names import means, phrases_of

_LIKE_THE_CONTRACT = {"true", "false", "yes", "no", "y", "n", "t", "f", "1", "0", "1.0", "0.0"}
_MOST_WORDS_OF_A_LABEL = 6
_MOST_ARMS = 12
_MEANINGS = {
    "segment": {"B2B": "b2b", "B2C": "b2c"},
    "user_role": {"decision_maker": "decision_maker", "end_user": "end_user"},
    "arm": {"control": "control"},
    "churned": {"yes": "left", "no": "stayed"},
}


def meaning(column: str, word: str) -> str | None:
    """What a word of this column is in the contract; None where nobody knows."""
    if column == "churned" and (flag := is_yes(word)) is not None:
        return "yes" if flag else "no"
    if column not in _MEANINGS:
        flag = is_yes(word)
        return None if flag is None else "yes" if flag else "no"
    phrases = {to: phrases_of("cells", group) for to, group in _MEANINGS[column].items()}
    if len(phrases) == 1:  # of an arm, only the control has a word of the contract
        phrases[""] = ""
    return means(word, phrases)


def share_known(column: str, words: Sequence[str]) -> float:
    """The share of the words whose meaning is known."""
    return sum(meaning(column, word) is not None for word in words) / len(words) if words else 0.0


def can_be_segment(traits: Traits) -> float:
    """How well the words of a column tell companies from consumers: 1, a part, or 0."""
    known = {word: meaning("segment", word) for word in traits.words}
    if not known or (None in known.values() and len(set(known.values())) < 2):
        return 0.0
    share = sum(one is not None for one in known.values()) / len(known)
    return 1.0 if share == 1 else 0.85 if share >= 0.5 else 0.0


def can_be_label(traits: Traits) -> float:
    """How well the words of a column tell who left: 1, a part, or 0."""
    if traits.is_flag:
        return 1.0
    words = traits.words
    if not 1 < len(words) <= _MOST_WORDS_OF_A_LABEL or traits.number >= 0.5:
        return 0.0  # numbers beyond 0 and 1 count something
    meanings = [meaning("churned", word) for word in words]
    if {"yes", "no"} <= set(meanings):
        return 1.0 if None not in meanings else 0.8
    return 0.0


def can_be_arm(traits: Traits) -> float:
    """Whether the words of a column are arms, the control group one of them: 1 or 0."""
    if not 1 < len(traits.words) <= _MOST_ARMS:
        return 0.0
    return float(traits.is_flag or any(meaning("arm", word) for word in traits.words))


def value_map(column: str, words: Sequence[str]) -> tuple[dict[str, str], list[str]]:
    """The words of a column that the contract has other words for, and those nobody knows."""
    if column == "arm":
        control = [word for word in words if meaning(column, word) and word != "control"]
        return dict.fromkeys(control, "control"), []
    is_flag = column not in _MEANINGS or column == "churned"
    if is_flag and {word.strip().lower() for word in words} <= _LIKE_THE_CONTRACT:
        return {}, []
    read = {word: meaning(column, word) for word in words}
    strange = [word for word, to in read.items() if to is None]
    if all(word == to for word, to in read.items()):
        return {}, []
    return {word: to for word, to in read.items() if to is not None}, strange
