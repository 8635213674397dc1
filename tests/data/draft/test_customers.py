"""Customers and their bills: what dates are, and names in other languages of Europe."""

import numpy as np
import pandas as pd
import pytest
import yaml

from src.data.draft.drafting import draft_of
from src.data.draft.sampling import samples_of
from src.data.draft.trial import tried
from src.data.rules import SegmentRule


def drafted(tmp_path, **files):
    for name, frame in files.items():
        frame.to_csv(tmp_path / f"{name}.csv", index=False)
    draft, tables = draft_of(samples_of([tmp_path / f"{name}.csv" for name in files]), "try")
    tried(draft, tables)
    return draft, draft.content()


def test_two_forms_of_dates_in_one_table_and_names_of_companies(tmp_path):
    number = range(60)
    customers = pd.DataFrame(
        {
            "Kundennummer": np.arange(60) + 1_000,
            "Bezeichnung": [f"Firma {n} {'GmbH' if n % 5 == 0 else ''}" for n in number],
            "Vertragsbeginn": [f"{n % 27 + 1:02d}.03.2022" for n in number],
            "Kündigung": [f"2024{n % 9 + 1:02d}{n % 27 + 1:02d}" * (n % 3 == 0) for n in number],
        }
    )
    bills = pd.DataFrame(
        [(1_000 + n, f"{m:02d}.2023", m + 9.5) for n in number for m in range(1, 13)],
        columns=["Kundennummer", "Monat", "Umsatz"],
    )
    draft, said = drafted(tmp_path, kunden=customers, rechnungen=bills)
    dates = said["tables"]["customers"]["dates"]
    assert dates == {"signup_month": "%d.%m.%Y", "closed_month": "%Y%m%d"}
    assert said["segment"] == {"column": "Bezeichnung", "legal_forms": True}
    assert draft.top["segment"].check == "companies without their form count as B2C"


def test_a_date_of_customers_that_nobody_knows_is_said(tmp_path):
    number = range(40)
    customers = pd.DataFrame(
        {"account": np.arange(40) + 500, "xyz": [f"2022-03-{n % 28 + 1:02d}" for n in number]}
    )
    bills = pd.DataFrame(
        [(500 + n, f"2023-{m:02d}", m + 9.5) for n in number for m in range(1, 13)],
        columns=["account", "month", "revenue"],
    )
    draft, _ = drafted(tmp_path, customers=customers, billing=bills)
    assert draft.tables["customers"].remarks == [
        "CHECK xyz may be signup_month or closed_month; if so, write under columns: "
        "`signup_month: xyz`"
    ]


def test_bills_alone_of_customers_with_five_digits(tmp_path):
    bills = pd.DataFrame(
        [(40_200 + n, f"2023-{m:02d}", m + 9.5) for n in range(40) for m in range(1, 13)],
        columns=["account", "month", "revenue"],
    )
    _, said = drafted(tmp_path, billing=bills)
    assert said["tables"]["customers"]["columns"] == {"customer_id": "account"}
    assert said["tables"]["customers"]["history"] == {"by": "month", "keep": "last"}


@pytest.mark.parametrize(
    ("names", "words"),
    [
        (("N° client", "Type de client", "Date de souscription"), ("Particulier", "Professionnel")),
        (("Numer klienta", "Typ klienta", "Data umowy"), ("osoba fizyczna", "firma")),
        (("Číslo zákazníka", "Typ zákazníka", "Datum zahájení"), ("fyzická osoba", "firma")),
        (("Müşteri No", "Müşteri Tipi", "Başlangıç Tarihi"), ("Bireysel", "Kurumsal")),  # noqa: RUF001
        (("Código do cliente", "Tipo de cliente", "Data de adesão"), ("PF", "PJ")),
        (("Codice cliente", "Tipo cliente", "Data attivazione"), ("Privato", "Azienda")),
    ],
)
def test_customers_in_other_languages_of_europe(names, words, tmp_path):
    number = range(40)
    customers = pd.DataFrame(
        {
            names[0]: np.arange(40) + 500,
            names[1]: [words[n % 4 == 0] for n in number],
            names[2]: [f"{n % 28 + 1:02d}.03.2022" for n in number],
        }
    )
    bills = pd.DataFrame(
        [(500 + n, f"2023-{m:02d}", m + 9.5) for n in number for m in range(1, 13)],
        columns=[names[0], "month", "revenue"],
    )
    _, said = drafted(tmp_path, customers=customers, billing=bills)
    columns = said["tables"]["customers"]["columns"]
    assert columns == {"customer_id": names[0], "signup_month": names[2]}
    assert said["segment"]["values"] == {words[0]: "B2C", words[1]: "B2B"}


def test_where_nothing_tells_the_segment_first_bills_are_offered(tmp_path):
    customers = pd.DataFrame({"account": np.arange(40) + 500})
    bills = pd.DataFrame(
        [(500 + n, f"2023-{m:02d}", m + 9.5) for n in range(40) for m in range(1, 13)],
        columns=["account", "month", "revenue"],
    )
    draft, said = drafted(tmp_path, customers=customers, billing=bills)
    assert said["segment"] == {"value": "B2C"}
    told, _, offered = draft.top["segment"].check.partition("; to tell them by what they paid at ")
    assert told == "no column tells companies from consumers"
    rule = yaml.safe_load(offered.removeprefix("first: ").replace("...", "15"))
    assert SegmentRule(**rule) == SegmentRule(first_bills=3, b2b_from=15)
