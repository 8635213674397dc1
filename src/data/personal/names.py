"""What a column holds by its name, in many languages: personal data, or nothing of it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache

from src.data.personal import europe as personal_europe
from src.data.personal import turkic as personal_turkic
from src.data.personal import words as personal_words
from src.data.personal.beside import BESIDE
from src.data.personal.pairs import pairs

_WORDS = (personal_words, personal_turkic, personal_europe)
_SHORTEST_PART = 3  # letters of a word inside a longer one, but for the numbers at its end
_SHORTENED, _KEPT = 5, 0.65  # letters of a word cut short, and its part of the whole word
_NUMBERS_AT_END = ("no", "nr", "id", "ip")
# Whatever stands before them in one word: `Wohnanschrift`, `rekeninghouder`.
_ENDINGS = {
    "adresse": "address",
    "adres": "address",
    "adresi": "address",
    "anschrift": "address",
    "strasse": "address",
    "straat": "address",
    "telefon": "phone",
    "telefonnummer": "phone",
    "rufnummer": "phone",
    "handynummer": "phone",
    "mobilnummer": "phone",
    "phonenumber": "phone",
    "vorname": "name",
    "nachname": "name",
    "fullname": "name",
    "firstname": "name",
    "lastname": "name",
    "surname": "name",
    "inhaber": "name",
    "houder": "name",
    "geburtsdatum": "birth date",
    "birthdate": "birth date",
    "kontonummer": "bank account",
}

_LETTERS = (
    "а б в г д е ё ж з и й к л м н о п р с т у ф х ц ч ш щ ъ ы ь э ю я ß ł ø đ ı і ї є ґ "  # noqa: RUF001
    "ә ғ қ ң ө ұ ү һ "  # noqa: RUF001
    "α β γ δ ε ζ η θ ι κ λ μ ν ξ ο π ρ σ ς τ υ φ χ ψ ω æ þ ð"  # noqa: RUF001
)
_LATIN = (
    "a b v g d e e zh z i y k l m n o p r s t u f kh ts ch sh shch - y - e yu ya ss l o d i i i e "
    "g a g k n o u u h "
    "a v g d e z i th i k l m n x o p r s s t y f ch ps o a th d"
)
_TRANSLITERATED = {
    ord(letter): "" if latin == "-" else latin
    for letter, latin in zip(_LETTERS.split(), _LATIN.split(), strict=True)
}

_POSTAL = (
    "plz, postleitzahl, zip, zip code, zipcode, post code, postcode, postal code, code postal, "
    "codigo postal, codice postale, kod pocztowy, pochtovyy indeks, indeks, posta kodu"
)

# A column that counts, dates or describes something, whatever else its name says.
MEASURES = (
    "service, services, plan, plans, minute*, mins, call, calls, count*, cnt, length, changes, "
    "change, changed, change date, opened, opens, open, opening, openings, sent, received, "
    "click*, bounce*, rate, share, ratio, percent, pct, avg, average, mean, median, sum, total, "
    "amount, usage, used, traffic, gb, mb, kb, megabyte*, gigabyte*, revenue*, spend*, cost*, "
    "charge*, fee, fees, price*, duration, age, days, months, weeks, years, hours, seconds, "
    "since, until, ago, valid, verified, confirmed, consent*, optin, opt, optout, subscribed, "
    "allowed, permission, has, is, flag, flags, indicator, type, kind, category, class, status, "
    "segment, group, provider, domain, operator, brand, model, manufacturer, os, score, rank, "
    "level, tier, channel, source, support, security, protection, insurance, hash*, pseudonym*, "
    "sha, md, token*, encrypted, available, missing, present, quality, matches, matched, match, "
    "updates, updated, errors, complaints, tickets, frequency, balance, limit, volume, messages, "
    "contract, contracts, tariff, anzahl, dauer, minuten, tarif, umsatz, kosten, art, typ, "
    "anderungen, anderung, vorhanden, nombre de, kolichestvo, kol vo, kolvo, dlitelnost, tip, "
    "izmeneniy, liczba, ilosc, aantal, cantidad, duracion, tipo, cambios, quantita, durata, "
    "cambi, duree, type de, changements, number of, num of, no of, n of, count of, roaming, "
    "internet, bundle, lines, addon, addons, package, upgrade, upgrades, churn, response, "
    "responses, reminder*, campaign*, marketing, newsletter*, bills, paperless, visits, sessions, "
    "attempts, failures, entropy, prefix, area code"
)

# Honest names that hold a personal word.
HONEST = (
    "voice mail, direct mail, i phone, home owner, house owner, last login, first login, last "
    "email, last mail, last e mail, last phone, smart phone, via email, by email, by phone, by "
    "mail, head phone, mobile data, mobile internet, mobile app, mobile plan, mobile line, mobile "
    "lines, mobile voice, mobile only, fixed line, land line, phone line, phone lines, owner "
    "since, name day, per mail, per telefon, first mobile, mobile first, fixed mobile, long "
    "distance, single name, login method, house type, new phone, old phone, second line, has "
    "partner, brand name, mobile user, mobile customer, mobile number portability, mobile number "
    "porting, phone number portability, phone number porting, mobile account, mobile contact, "
    "mobile payment, mobile bill, mobile fixed, mail contact, email contact, phone contact, email "
    "marketing, e mail kontakt, telefon kontakt, id no longer, new address since, serial number "
    "of, mobile subscriber, mobile agent, mobile direct, user of, account holder since, last "
    "contact, first contact, next contact, contact center, contact centre, contact channel, "
    "building type, ad id, ad key, ad campaign, fax line, fax lines, strassenklasse, strassentyp, "
    "account no claims, telefon flat, comment count, whatsapp user, whatsapp users, a domicilio, "
    "fibra domicilio"
)


def kind_of_name(name: str) -> str | None:
    """What personal data a column of this name holds, None for none.

    Languages: English, German, French, Spanish, Italian, Russian, Portuguese, Polish, Dutch,
    Turkish, Kazakh, and with fewer words those of `src.data.personal.europe`.

    >>> kind_of_name("Geschäftsführer"), kind_of_name("Контактный телефон"), kind_of_name("tenure")
    ('name', 'phone', None)
    """
    found, tables = None, _tables()
    # `FIOabonenta` lacks a capital in the middle.
    whole, small = name_words(name), _fold(name).split()
    in_parts = ([part for word in read for part in _parts(word)] for read in (whole, small))
    for words in (whole, *in_parts, [_unshortened(word) for word in whole]):
        words = _without_honest(words)
        for start, end, kind in _matches(words, tables["sure"]):
            if not any(_matches([*words[:start], *words[end:]], tables["measures"])):
                return kind
        for word in words:
            for tail, kind in _ENDINGS.items():
                if word.endswith(tail) and word != tail and not _counts(words):
                    return kind
        common = list(_matches(words, tables["plain"]))
        known = {place for start, end, _ in common for place in range(start, end)}
        known |= {place for place, word in enumerate(words) if word.isdecimal()}
        known |= {
            place
            for start, end, _ in _matches(words, tables["beside"])
            for place in range(start, end)
        }
        if common and known == set(range(len(words))) and not _counts(words):
            kinds = {kind for _, _, kind in common}
            found = found or next(kind for kind in _plain_kinds() if kind in kinds)
    return found


@cache
def _plain_kinds() -> tuple[str, ...]:
    """Kinds in the order in which they name a column of several."""
    return tuple(dict.fromkeys(kind for words in _WORDS for kind in words.PLAIN))


def is_postal_code(name: str) -> bool:
    """Whether a name says postal code and nothing beyond whose it is.

    >>> is_postal_code("Kunden_PLZ"), is_postal_code("plz_strasse")
    (True, False)
    """
    words = name_words(name)
    postal = list(_matches(words, _tables()["postal"]))
    beside = _matches(words, _tables()["beside"])
    told = {place for start, end, _ in [*postal, *beside] for place in range(start, end)}
    return bool(postal) and len(told) == len(words)


def name_words(name: str) -> list[str]:
    """A name as its words in small Latin letters, without accents; digits stand alone.

    >>> name_words("KundenName"), name_words("Дата_рождения"), name_words("straße2")
    (['kunden', 'name'], ['data', 'rozhdeniya'], ['strasse', '2'])
    """
    spaced = "".join(
        f" {letter}" if _begins_word(name[max(place - 1, 0) : place + 2], place) else letter
        for place, letter in enumerate(name)
    )
    return _fold(spaced).split()


def _begins_word(around: str, place: int) -> bool:
    """Whether the second letter of `around` begins a word: nextOne, ANext."""
    if place == 0 or not around[1].isupper():
        return False
    return around[0].islower() or (around[0].isupper() and len(around) > 2 and around[2].islower())


_NO_WORD = re.compile("[^a-z0-9]+")
_BESIDE_DIGITS = re.compile(r"(?<=[a-z])(?=\d)|(?<=\d)(?=[a-z])")


def _fold(text: str) -> str:
    if text.isascii():  # as most of the hundred thousand phrases are: nothing to transliterate
        text = text.lower()
    else:
        text = unicodedata.normalize("NFC", text).casefold().translate(_TRANSLITERATED)
        text = unicodedata.normalize("NFKD", text)
        text = "".join(letter for letter in text if not unicodedata.combining(letter))
        text = text.translate(_TRANSLITERATED)
    text = _NO_WORD.sub(" ", text)
    # Strasse, Geschaeftsfuehrer
    text = text.replace("ue", "u").replace("ae", "a").replace("oe", "o")
    return _BESIDE_DIGITS.sub(" ", text)


class _Vocabulary:
    """Phrases of words, found from a place in a name, the longest first."""

    def __init__(self, entries: Iterable[tuple[str, str]]) -> None:
        self.exact: dict[tuple[str, ...], str] = {}
        self.stems: dict[tuple[str, ...], str] = {}
        for entry, kind in entries:
            words = tuple(_fold(entry).split())
            (self.stems if entry.endswith("*") else self.exact).setdefault(words, kind)
        self.longest = max(map(len, [*self.exact, *self.stems]), default=0)

    def at(self, words: Sequence[str], start: int) -> tuple[int, str] | None:
        """Where the longest phrase from `start` ends, and its kind."""
        for end in range(min(len(words), start + self.longest), start, -1):
            phrase = tuple(words[start:end])
            if phrase in self.exact:
                return end, self.exact[phrase]
            for length in range(len(phrase[-1]), 1, -1):
                if kind := self.stems.get((*phrase[:-1], phrase[-1][:length])):
                    return end, kind
        return None


def _matches(words: Sequence[str], vocabulary: _Vocabulary) -> Iterator[tuple[int, int, str]]:
    start = 0
    while start < len(words):
        if hit := vocabulary.at(words, start):
            yield start, hit[0], hit[1]
            start = hit[0]
        else:
            start += 1


@cache
def _tables() -> dict[str, _Vocabulary]:
    further = (personal_turkic, personal_europe)
    lines = [*BESIDE.values(), *(line for words in further for line in words.BESIDE.values())]
    beside = [(entry, "beside") for line in lines for entry in _entries(line)]
    sure = [entry for words in _WORDS for entry in _by_kind(words.SURE)]
    return {
        "sure": _Vocabulary([*sure, *pairs()]),
        "plain": _Vocabulary(entry for words in _WORDS for entry in _by_kind(words.PLAIN)),
        "beside": _Vocabulary(beside),
        "measures": _Vocabulary((entry, "measure") for entry in _entries(MEASURES)),
        "postal": _Vocabulary((entry, "postal") for entry in _entries(_POSTAL)),
        "honest": _Vocabulary((entry, "honest") for entry in _entries(HONEST)),
    }


def _by_kind(table: Mapping[str, Mapping[str, str]]) -> Iterator[tuple[str, str]]:
    for kind, languages in table.items():
        for line in languages.values():
            for entry in _entries(line):
                yield entry, kind


def _entries(line: str) -> list[str]:
    return [entry.strip() for entry in line.split(",")]


@cache
def _single_words() -> frozenset[str]:
    """Every word of the tables that may be a part of a longer one."""
    words = {
        phrase[0]
        for name in ("sure", "plain", "beside", "measures")
        for group in (_tables()[name].exact, _tables()[name].stems)
        for phrase in group
        if len(phrase) == 1
    }
    words |= {word for phrase in _tables()["sure"].exact for word in phrase}
    return frozenset(word for word in words if len(word) >= _SHORTEST_PART)


def _parts(word: str) -> list[str]:
    """A long word as the known words it is made of, itself where it is not.

    >>> _parts("customername"), _parts("telno"), _parts("tenure")
    (['customer', 'name'], ['tel', 'no'], ['tenure'])
    """
    known = _single_words()
    best: dict[int, list[str]] = {0: []}
    for end in range(1, len(word) + 1):
        for start in range(end):
            part = word[start:end]
            is_end = end == len(word) and start > 0 and part in _NUMBERS_AT_END
            if start in best and (part in known or is_end):
                longer = [*best[start], part]
                if end not in best or len(longer) < len(best[end]):
                    best[end] = longer
    return best.get(len(word), [word])


def _unshortened(word: str) -> str:
    """The shortest word of personal names that an unknown one is cut from, itself where none is.

    >>> _unshortened("kontoinh"), _unshortened("region")
    ('kontoinhaber', 'region')
    """
    is_known = any(table.at([word], 0) for table in _tables().values())
    if len(word) < _SHORTENED or is_known:
        return word
    longest = len(word) / _KEPT
    whole = [other for other in _long_words() if other.startswith(word) and len(other) <= longest]
    return min(whole, key=lambda other: (len(other), other), default=word)


@cache
def _long_words() -> tuple[str, ...]:
    """The words of the phrases that name personal columns by themselves."""
    sure = _tables()["sure"]
    phrases = [*sure.exact, *sure.stems, *_tables()["plain"].exact]
    return tuple(sorted({word for phrase in phrases for word in phrase if len(word) > _SHORTENED}))


def _without_honest(words: list[str]) -> list[str]:
    """Words without the phrases that only look personal."""
    taken = {
        place
        for start, end, _ in _matches(words, _tables()["honest"])
        for place in range(start, end)
    }
    return [word for place, word in enumerate(words) if place not in taken]


def _counts(words: list[str]) -> bool:
    return any(_matches(words, _tables()["measures"]))
