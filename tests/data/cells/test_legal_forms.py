"""Companies told by their names."""

import pandas as pd
import pytest

from src.data.building import build_base
from src.data.cells.legal_forms import has_legal_form
from src.data.problems import InputError

COMPANIES = [
    "Müller GmbH", "MÜLLER GMBH & CO. KG", "Stadtwerke Köln AG", "Bäckerei Schulz e.K.",
    "Verein der Freunde e. V.", "Schmidt & Söhne", "Acme Ltd.", "Acme Limited", "Acme, Inc.",
    "Foo LLC", "Foo L.L.C.", "Bar plc", "Durand SARL", "Dupont S.A.S.", "Dupont SAS",
    "Telefónica S.A.", "Construcciones Pérez, S.L.", "Pérez SL", "Fiat S.p.A.", "Rossi srl",
    "Jansen B.V.", "Jansen BV", "Volvo AB", "Nokia Oyj", "Novo A/S", "Philips N V", "Krka d.d.",
    "Turnverein e.V. Ulm", "Kovács Kft.",
    "Nowak sp. z o.o.", "Nowak Sp.z o.o.", "Škoda a.s.", "Novák s.r.o.", "Horvat d.o.o.",
    'ООО "Ромашка"', "ПАО Сбербанк", "ИП Иванов И. И.", "АО «Почта»", "Silva Lda", "Yılmaz A.Ş.",  # noqa: RUF001
]  # fmt: skip
PEOPLE = [
    "Anna Müller", "Kai Ag", "A. G. Smith", "Li Co", "Иванов Иван Иванович", "Аон Петров",
    "Inca Rodríguez", "Sasha Novak", "Ab Hansson", "Saskia de Vries", "Se Ri Pak",
    "Maria Spano", "Oy Vey", "Jan Smit", "AG", "Corina Limbach", "Pavel Aošč",
    "A. S. Byatt", "S A Khan", "N.V. Raman", "E. V. Smith", "James S. C. Miller", "Sidorova E.V.",
]  # fmt: skip


@pytest.mark.parametrize("name", COMPANIES)
def test_a_company_is_told(name):
    assert has_legal_form(name)


@pytest.mark.parametrize("name", PEOPLE)
def test_a_person_is_not(name):
    assert not has_legal_form(name)


def built(folder, names, rule="{column: Name, legal_forms: true}"):
    ids = range(len(names))
    pd.DataFrame({"customer_id": ids, "churned": 0, "Name": names}).to_csv(
        folder / "a.csv", index=False
    )
    (folder / "base.yml").write_text(
        f"title: T\nkind: snapshot\ncurrency: EUR\nsegment: {rule}\n"
        "tables: {snapshot: {file: a.csv}}\n"
    )
    return build_base(str(folder), key=b"a key of the tests")


def test_the_segment_of_a_name_stays_and_the_name_goes(tmp_path):
    base = built(tmp_path, ["Müller GmbH", "Anna Müller", "ООО Ромашка"])  # noqa: RUF001
    table = base.table("snapshot")
    assert list(table) == ["customer_id", "churned", "segment"]
    assert table["segment"].tolist() == ["B2B", "B2C", "B2B"]


def test_a_customer_without_a_name_is_refused(tmp_path):
    with pytest.raises(InputError, match="the segment rule needs a name here"):
        built(tmp_path, ["Müller GmbH", None])


def test_one_rule_at_a_time(tmp_path):
    with pytest.raises(InputError, match="needs one of `values`, `b2b_from`, `legal_forms`"):
        built(tmp_path, ["a"], "{column: Name, legal_forms: true, b2b_from: 3}")
