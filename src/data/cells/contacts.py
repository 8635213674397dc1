"""Phone numbers and e-mail addresses in one form, so that one person has one key in two tables.

A key is made for linking, not for dialling: two ways to write one number must come out alike, and
what cannot be told apart for sure must not. Whatever stays unread has no key and links to nobody.
"""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal

_LABEL = re.compile(r"^(tel|phone|mobile|mob|тел|моб|т)[.: ]*", re.IGNORECASE)
_EXTENSION = re.compile(r"(ext|extension|доб|вн|внутр|x|#)[. :]*\d{1,6}\)?\s*$", re.IGNORECASE)
_FLOAT = re.compile(r"\d+(?:[.,]\d+)?[eE]\+?\d{1,2}")
_BETWEEN = re.compile(r"[\s().\-/\u2010-\u2015\u2212']")
_FEWEST, _MOST = 8, 15  # digits; E.164 allows 15
_OF_RUSSIA = 11  # digits with the 7
_ALIKE = re.compile(r"(\d)\1{8}$")  # 999 999 99 99 and its like, typed to get past a form
_LOST = re.compile(r"0{3,}$")  # of 7.92E+10 a spreadsheet has thrown the last digits away

_EMAIL = re.compile(r"[^@\s,;<>\"]+@[^@\s,;<>\".]+(\.[^@\s,;<>\".]+)+")
_IN_BRACKETS = re.compile(r"<([^<>]*@[^<>]*)>")
_GMAIL = ("gmail.com", "googlemail.com")


def phone_key(cell: str) -> str | None:
    """A phone number as digits with the country in front, None where the cell is none.

    A number of ten digits without a country that begins with 3 to 9, and one of eleven that begins
    with 8, is of the plan of +7. Another without a country (`0151 2345678`) stays as it is: it
    links to those written alike only, as its country is not known. Extensions are cut: they are of
    a desk, the number is of the household or the firm. Of several numbers in a cell the first
    counts. Not read are fewer than 8 or more than 15 digits, letters, numbers of +7 that no area
    has, nine like digits at the end, and floats whose last digits a spreadsheet has lost.

    >>> phone_key("8 (916) 123-45-67"), phone_key("+7 916 1234567"), phone_key("7.9161234567E+10")
    ('79161234567', '79161234567', '79161234567')
    >>> phone_key("+49 (0)151 2345678"), phone_key("0151/2345678"), phone_key("by mail")
    ('491512345678', '01512345678', None)
    """
    text = _whole(unicodedata.normalize("NFKC", cell).strip())
    if text is None:
        return None
    text = _LABEL.sub("", _EXTENSION.sub("", re.split(r"[;,|]", text)[0].strip()))
    is_abroad = text.startswith("+")
    if is_abroad:
        text = re.sub(r"\(0\)", "", text[1:])
    digits = _BETWEEN.sub("", text)
    if not (digits.isascii() and digits.isdecimal()):
        return None
    digits, is_abroad = _without_prefix(digits, is_abroad)
    if not is_abroad and len(digits) == _OF_RUSSIA - 1 and digits[0] in "3456789":
        digits = f"7{digits}"
    is_short = not _FEWEST <= len(digits) <= _MOST
    has_no_area = digits.startswith("7") and not re.fullmatch(r"7[3-9]\d{9}", digits)
    if is_short or has_no_area or (is_abroad and digits[0] == "0") or _ALIKE.search(digits):
        return None
    return digits


def email_key(cell: str) -> str | None:
    """An e-mail address in lower case, None where the cell is none.

    Of Gmail (and Googlemail, which is the same) dots and what follows a `+` in front of the @ are
    taken out, as all such addresses are of one mailbox. Elsewhere they stay: a dot may tell two
    people of one domain apart, and whether a `+` does is for the domain to say. Blanks and angle
    brackets around an address, a name before it and `mailto:` are cut.

    >>> email_key(" J.Doe+shop@GoogleMail.com "), email_key("J.Doe@firm.de")
    ('jdoe@gmail.com', 'j.doe@firm.de')
    >>> email_key("Jane <j@firm.de>"), email_key("no mail")
    ('j@firm.de', None)
    """
    text = unicodedata.normalize("NFKC", cell).strip()
    bracketed = _IN_BRACKETS.search(text)
    text = bracketed[1] if bracketed else text
    text = text.strip(" \t<>;,.'\"").casefold().removeprefix("mailto:").strip()
    if not _EMAIL.fullmatch(text):
        return None
    local, domain = text.rsplit("@", 1)
    if domain in _GMAIL:
        local, domain = local.split("+")[0].replace(".", ""), _GMAIL[0]
    return f"{local}@{domain}" if local else None


def _whole(text: str) -> str | None:
    """The digits of a number that a spreadsheet made a float; other text as it is."""
    if _FLOAT.fullmatch(text):
        number = Decimal(text.replace(",", "."))
        digits = f"{number:f}".split(".")[0] if number == number.to_integral_value() else ""
        return None if not digits or _LOST.search(digits) else digits
    return re.sub(r"(?<=\d)[.,]0$", "", text) if re.fullmatch(r"\d{8,}[.,]0", text) else text


def _without_prefix(digits: str, is_abroad: bool) -> tuple[str, bool]:
    """The digits from the country on, and whether a country is there."""
    if not is_abroad and digits.startswith("00"):
        digits, is_abroad = digits[2:], True
    elif not is_abroad and digits.startswith("810") and len(digits) > _OF_RUSSIA + 1:
        digits, is_abroad = digits[3:], True  # dialled from Russia
    # Abroad too: no country has 89, so +8 916 ... is a home number with a plus.
    if digits.startswith("89" if is_abroad else "8") and len(digits) == _OF_RUSSIA:
        return f"7{digits[1:]}", True
    if digits.startswith("78") and len(digits) == _OF_RUSSIA + 1:
        return f"7{digits[2:]}", True  # +7 8 916 ...: both prefixes
    return digits, is_abroad or (len(digits) >= _OF_RUSSIA and not digits.startswith("0"))
