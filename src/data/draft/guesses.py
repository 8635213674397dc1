"""What a draft of base.yml says, each guess with its evidence, and as the text of the file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from src.data.lines import one_line, word

CHECK = "CHECK"
_WIDTH = 34  # where comments begin


@dataclass(frozen=True)
class Guess:
    """A value of base.yml, why it was guessed, and what has to be looked at; empty where sure."""

    value: Any
    evidence: str = ""
    check: str = ""

    @property
    def comment(self) -> str:
        """What stands behind the value in the file."""
        doubt = f"{CHECK} {self.check}" if self.check else ""
        return "; ".join(part for part in (doubt, self.evidence) if part)

    def doubted(self, check: str) -> Guess:
        """The same guess with one more thing to look at."""
        return Guess(self.value, self.evidence, "; ".join(filter(None, (self.check, check))))


Entry = Guess | dict[str, Guess]


@dataclass
class TableGuess:
    """One table of the draft: its keys of base.yml, and remarks that stand above them."""

    keys: dict[str, Entry] = field(default_factory=dict)
    remarks: list[str] = field(default_factory=list)

    def part(self, key: str) -> dict[str, Guess]:
        """The guesses under a key that holds several, made where it is not there."""
        entry = self.keys.setdefault(key, {})
        assert isinstance(entry, dict)  # keys of one guess are set, not asked for
        return entry


@dataclass
class Draft:
    """A whole base.yml."""

    top: dict[str, Guess]
    tables: dict[str, TableGuess]
    remarks: list[str] = field(default_factory=list)

    def content(self) -> dict[str, Any]:
        """What base.yml says, without the comments."""
        tables = {name: _plain(table.keys) for name, table in self.tables.items()}
        return {**{key: guess.value for key, guess in self.top.items()}, "tables": tables}

    def checks(self) -> list[tuple[str, str]]:
        """Every doubt: where it stands, and what to look at."""
        places = [(key, guess) for key, guess in self.top.items()]
        for name, table in self.tables.items():
            places += [(f"tables.{name}.{place}", guess) for place, guess in _places(table.keys)]
        found = [(place, guess.check) for place, guess in places if guess.check]
        said = [(f"tables.{n}", line) for n, t in self.tables.items() for line in t.remarks]
        said += [("base.yml", line) for line in self.remarks]
        found += [
            (at, line.removeprefix(f"{CHECK} ")) for at, line in said if line.startswith(CHECK)
        ]
        return found

    def text(self, head: str) -> str:
        """base.yml as it is written; `head` stands above it as a comment."""
        lines = [f"# {line}" for line in [*head.splitlines(), *self.remarks]]
        for key, guess in self.top.items():
            lines += _line(0, key, guess)
        lines.append("tables:")
        for name, table in self.tables.items():
            lines.append(f"  {name}:")
            lines += [f"    # {' '.join(remark.split())}" for remark in table.remarks]
            for key, entry in table.keys.items():
                if isinstance(entry, Guess):
                    lines += _line(4, key, entry)
                elif entry:
                    lines.append(f"    {key}:")
                    for part, guess in entry.items():
                        lines += _line(6, part, guess)
        return "\n".join([*lines, ""])


def _plain(keys: Mapping[str, Entry]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, entry in keys.items():
        if isinstance(entry, Guess):
            found[key] = entry.value
        elif entry:
            found[key] = {part: guess.value for part, guess in entry.items()}
    return found


def _places(keys: Mapping[str, Entry]) -> Iterator[tuple[str, Guess]]:
    for key, entry in keys.items():
        if isinstance(entry, Guess):
            yield key, entry
        else:
            yield from ((f"{key}.{part}", guess) for part, guess in entry.items())


def _line(indent: int, key: str, guess: Guess) -> list[str]:
    blank = " " * indent
    if isinstance(guess.value, list) and len(guess.value) > 3:
        items = [f"{blank}  - {word(str(item))}" for item in guess.value]
        return [_commented(f"{blank}{word(key)}:", guess), *items]
    return [_commented(f"{blank}{one_line({key: guess.value})}", guess)]


def _commented(text: str, guess: Guess) -> str:
    comment = " ".join(guess.comment.split())
    return f"{text:<{_WIDTH}}  # {comment}" if comment else text
