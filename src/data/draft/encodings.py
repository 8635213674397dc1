"""In which encoding a text is written that is no UTF-8: by the letters that each reading gives."""

from __future__ import annotations

import re

_LONG_RUNS = 2.5  # letters beyond ASCII in a row, on average: no Latin alphabet has so many
_CYRILLIC = ("cp1251", "koi8_r", "cp866")
_LATIN = {
    "cp1252": "ÄÖÜäöüßàáâãåæçèéêëìíîïñòóôõøùúûÀÁÂÃÅÆÇÈÉÊËÌÍÎÏÑÒÓÔÕØÙÚÛœŒ€ºª¿¡§°«»"
    "\u2013\u2018\u2019\u201c\u201d",
    "cp1250": "ąćęłńóśźżĄĆĘŁŃÓŚŹŻáčďéěíňřšťúůýžÁČĎÉĚÍŇŘŠŤÚŮÝŽäöüÄÖÜőűŐŰßăâîșțđ€§°",
    "iso8859_9": "ğışçöüĞİŞÇÖÜâîû",
}
# Italian has these at the end of words; in front of a letter they are Czech, read wrong.
_ODD = re.compile("[\u00ec\u00f9\u00f2\u00c8](?=[a-z\u00e0-\u00ff])")
_HEAD = 200_000  # bytes


def encoding_of(data: bytes) -> tuple[str, str]:
    """The encoding of some bytes of a file, its first ones at the start, and how it shows."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16", "the file begins with the mark of UTF-16"
    head = data[:_HEAD]
    if head and head[1::2].count(0) > 0.4 * len(head[1::2]):
        return "utf-16-le", "every second byte is 0"
    if head and head[::2].count(0) > 0.4 * len(head[::2]):
        return "utf-16-be", "every second byte is 0"
    try:
        data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        if error.reason != "unexpected end of data":  # a letter cut at the end of a block
            return _code_page(data)
    return "utf-8-sig", "every byte read is valid UTF-8"


def _code_page(data: bytes) -> tuple[str, str]:
    high = b" ".join(re.findall(rb"[A-Za-z]*[\x80-\xff][A-Za-z\x80-\xff]*", data)[:20_000])
    letters = sum(byte > 0x7F for byte in high)
    # Each once: codes of two letters in every row would speak for a Latin alphabet.
    runs = set(re.findall(rb"[\x80-\xff]+", high))
    if sum(map(len, runs)) / len(runs) >= _LONG_RUNS:
        best = max(_CYRILLIC, key=lambda page: _regular_words(high.decode(page, "replace")))
    else:
        best = max(_LATIN, key=lambda page: _share(high.decode(page, "replace"), _LATIN[page]))
    return best, f"no UTF-8; the {letters:,} letters beyond ASCII give words as {best}"


def _regular_words(text: str) -> float:
    """The share of the words in Cyrillic letters whose case is as people write it."""
    words = text.split()
    return sum(bool(re.fullmatch("[А-ЯЁ]?[а-яё]+|[А-ЯЁ]+", word)) for word in words) / len(words)  # noqa: RUF001


def _share(text: str, letters: str) -> float:
    beyond = [letter for letter in text if ord(letter) > 0x7F]
    good = sum(letter in letters for letter in beyond) - len(_ODD.findall(text))
    return good / len(beyond)
