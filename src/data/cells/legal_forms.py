"""Legal forms of companies in their names: how a B2B customer is told where no column says it."""

from __future__ import annotations

import re

# Forms that no surname or first name is: they count wherever they stand.
_SURE = (
    "gmbh, mbh, ggmbh, ohg, gbr, kgaa, e.kfm., ltd, limited, llc, l.l.c., llp, plc, "
    "inc, incorporated, corp, corporation, pty, pvt, pte, gesellschaft, aktiengesellschaft, "
    "s.a.s., sarl, s.a.r.l., eurl, s.l.u., s.l.l., s.p.a., spa, s.r.l., srl, "
    "srls, s.n.c., snc, s.a.p.a., bv, nv, v.o.f., vof, bvba, aps, a/s, oyj, kft, zrt, "
    "nyrt, sp. z o.o., sp. j., sp. k., s.r.o., v.o.s., d.o.o., j.d.o.o., ood, eood, "
    "lda, ltda, unipessoal, eireli, a.ş., şti, & co, & cie, & söhne, & sons, "
    "ооо, оао, зао, пао, нпао, ао, ип, тоо, чп, фоп, тов, пат, прат, оод, еоод, ад"  # noqa: RUF001
)
# Two letters that initials are too: only at the end, after another word.
_DOTTED_AT_THE_END = "s.a., s.l., s.c., b.v., n.v., a.s., d.d."
_GERMAN = r"(?<![\w.])e\.?\s?[KV](?!\w)"  # e.K., e. V.: with these letters large and small
# Two letters that initials may be: only at the end, in capitals, after another word.
_AT_THE_END = "AG, KG, SE, UG, EG, SA, SL, SLU, SAS, SC, AB, AS, ASA, OY, KS, BT, DD, AD, KK, CO"


def has_legal_form(name: str) -> bool:
    """Whether a name holds the legal form of a company.

    A form is a word of its own; those that initials may be count at the end alone, in capitals.
    Companies that are written without their form, and the self-employed, are not told; initials
    behind a surname, `Petrov S.A.`, are taken for a form.

    >>> has_legal_form("Müller GmbH & Co. KG"), has_legal_form("Anna Müller")
    (True, False)
    >>> has_legal_form("Volvo AB"), has_legal_form("Ab Hansson")
    (True, False)
    """
    plain, end = f" {name.casefold()} ", name.strip(" .,")
    return bool(
        _SURE_FORM.search(plain)
        or re.search(_GERMAN, name)
        or _LAST_FORM.search(end)
        or _LAST_DOTTED_FORM.search(end.casefold())
    )


def _pattern(form: str) -> str:
    """The form with its dots and blanks as people write them or leave them out."""
    letters = re.escape(form.strip().casefold())
    return letters.replace(r"\.", r"\.?\s?").replace(r"\ ", r"\s*")


_SURE_FORM = re.compile(
    r"(?<![\w.])(?:" + "|".join(_pattern(form) for form in _SURE.split(",")) + r")\.?(?![\w])"
)
_LAST_FORM = re.compile(
    r"\w\W+(?:" + "|".join(form.strip() for form in _AT_THE_END.split(",")) + r")$"
)
_LAST_DOTTED_FORM = re.compile(
    r"\w{2}\W+(?:"
    + "|".join(_pattern(form.rstrip(".")) for form in _DOTTED_AT_THE_END.split(", "))
    + r")$"
)
