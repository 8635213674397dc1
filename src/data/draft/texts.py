"""A sample of a CSV file: a few blocks of whole lines, and how it has to be read."""

from __future__ import annotations

import csv
import gzip
import io
import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from src.data.draft.encodings import encoding_of
from src.data.keys import total_row_word

_BLOCK = 1 << 20  # bytes of a block; a file is looked at in at most so many blocks
_BLOCKS = 9
_LINES_OF_HEAD = 200
_SEPARATORS = (";", "\t", "|", ",")
_MOST_TITLE_ROWS = 20
_MOST_FOOTER_ROWS = 3
_LOOKED_AT, _FEW_SIGNS = 10_000, 50  # letters, and how many of them may be no letters


@dataclass(frozen=True)
class Text:
    """The rows of a file as text cells, how it is read (keys of base.yml), and why."""

    cells: pd.DataFrame
    reading: dict[str, object]
    evidence: dict[str, str]
    is_whole: bool


def text_of(path: Path) -> Text:
    """At most nine blocks of a megabyte of a file, spread over all of it.

    Raises what a damaged file raises: `OSError`, `ValueError`, `EOFError`, `csv.Error`.
    """
    blocks, is_whole = _blocks(path)
    encoding, why = encoding_of(b"".join(blocks))
    texts = [
        block.decode(_of_block(encoding, blocks[0], n), "replace") for n, block in enumerate(blocks)
    ]
    if not texts[0].strip():
        raise ValueError("it has no line with a word in it")
    if len(re.findall(r"[\x01-\x08\x0e-\x1f\x7f\ufffd]", texts[0][:_LOOKED_AT])) > _FEW_SIGNS:
        raise ValueError("it holds no text")
    lines = texts[0].splitlines()
    evidence = {"encoding": why}
    reading: dict[str, object] = {"encoding": encoding} if encoding != "utf-8-sig" else {}
    if lines and lines[0].lower().strip('"').startswith("sep="):
        lines = lines[1:]
    separator, width, share = _separator([line for line in lines[:_LINES_OF_HEAD] if line.strip()])
    rows = _rows("\n".join(lines), separator)
    place = header_line(rows[:_LINES_OF_HEAD])
    reading |= _named_separator(separator, lines, place)
    evidence["separator"] = f"{share:.0%} of the first lines have {width} cells by it"
    names = unique(rows[place]) if place is not None else [str(n + 1) for n in range(width)]
    reading |= of_header(place)
    body = rows[0 if place is None else place + 1 :]
    for text in texts[1:]:
        body += _rows(text, separator)
    body = [row for row in body if any(map(str.strip, row))]
    footer = footer_rows(body, len(names))
    if footer:
        reading["footer_rows"] = footer
        evidence["footer_rows"] = f"the last rows begin with {body[-footer][0]!r}"
        body = body[:-footer]
    body = [row for row in body if len(row) == len(names)]
    frame = pd.DataFrame(body, columns=names, dtype="object")
    frame = frame.apply(lambda column: column.str.strip()).replace("", None)
    return Text(frame, reading, evidence, is_whole)


def write_part(path: Path, target: Path) -> None:
    """The same blocks as a file of their own, packed as the whole one is."""
    blocks, _ = _blocks(path)
    data = b"".join(blocks)
    target.write_bytes(gzip.compress(data, 1) if path.suffix.lower() == ".gz" else data)


def header_line(rows: list[list[str]]) -> int | None:
    """The place of the row of names: the first one as wide as most; None where it is data."""
    widths = Counter(len(row) for row in rows if any(row))
    if not widths:
        return None
    width = widths.most_common(1)[0][0]
    for place, row in enumerate(rows[:_MOST_TITLE_ROWS]):
        cells = [cell.strip() for cell in row]
        named = sum(map(bool, cells))
        if len(row) != width or (width > 1 and named < max(2, 0.6 * width)):
            continue
        return None if sum(map(_is_number, cells)) > 0.3 * width else place
    return None


def of_header(place: int | None) -> dict[str, object]:
    """What base.yml says of a header in this place."""
    if place is None:
        return {"header": False}
    return {"header_row": place + 1} if place else {}


def footer_rows(rows: list[list[str]], width: int) -> int:
    """How many of the last rows are a total, or what stands below it."""
    for count in range(min(_MOST_FOOTER_ROWS, len(rows) - 1), 0, -1):
        row = rows[-count]
        first = next((cell for cell in row if cell.strip()), "")
        if total_row_word(first) and len(row) <= width:
            return count
    return 0


def unique(names: list[str]) -> list[str]:
    """Names without outer blanks; columns without one are called as pandas calls them."""
    return [name.strip() or f"Unnamed: {place}" for place, name in enumerate(names)]


def _blocks(path: Path) -> tuple[list[bytes], bool]:
    """Blocks of whole lines from the start to the end of a file, and whether they are all of it."""
    if path.suffix.lower() == ".gz":
        with gzip.open(path) as file:
            head = file.read(_BLOCK * _BLOCKS)
            is_whole = not file.read(1)
        return [head if is_whole else head[: head.rfind(b"\n") + 1]], is_whole
    size = path.stat().st_size
    with path.open("rb") as file:
        if size <= _BLOCK * _BLOCKS:
            return [file.read()], True
        start = file.read(2)
        end_of_line, step = {b"\xff\xfe": (b"\n\0", 2), b"\xfe\xff": (b"\0\n", 2)}.get(
            start, (b"\n", 1)
        )
        blocks = []
        for place in np.linspace(0, size - _BLOCK, _BLOCKS).astype(int).tolist():
            file.seek(place - place % step)
            block = file.read(_BLOCK)
            first = block.find(end_of_line) + step if place else 0
            is_last = file.tell() == size
            last = len(block) if is_last else block.rfind(end_of_line) + step
            blocks.append(block[first:last])
    return blocks, False


def _of_block(encoding: str, head: bytes, number: int) -> str:
    """The encoding of a block: only the first has the mark of UTF-16."""
    if encoding != "utf-16" or not number:
        return encoding
    return "utf-16-le" if head.startswith(b"\xff\xfe") else "utf-16-be"


def _rows(text: str, separator: str) -> list[list[str]]:
    if separator == "space":
        return [line.split() for line in text.splitlines()]
    return list(csv.reader(io.StringIO(text), delimiter=separator, skipinitialspace=True))


def _separator(lines: list[str]) -> tuple[str, int, float]:
    """The mark that cuts most lines into the same number of cells, that number, and the share."""
    best = (",", 1, 0.0)
    for mark in (*_SEPARATORS, "space"):
        widths = Counter(len(row) for row in _rows("\n".join(lines), mark) if row)
        several = {width: count for width, count in widths.items() if width > 1}
        if not several or (mark == "space" and best[1] > 1):
            continue
        width, count = max(several.items(), key=lambda item: item[1])
        share = count / sum(widths.values())
        if share >= (0.9 if mark == "space" else 0.5) and (share, width) > (best[2], best[1]):
            best = (mark, width, share)
    return best


def _named_separator(separator: str, lines: list[str], place: int | None) -> dict[str, object]:
    """What base.yml says of a separator: nothing of the most frequent mark of the header."""
    header = lines[place or 0] if lines else ""
    guessed = max(_SEPARATORS, key=lambda mark: (header.count(mark), mark == ","))
    if separator == guessed and not place:
        return {}
    return {"separator": "tab" if separator == "\t" else separator}


def _is_number(cell: str) -> bool:
    return bool(cell) and cell.strip("+-0123456789.,:/ €$") == ""
