"""How well names fit the phrases of the vocabulary."""

import pytest

from src.data.contracts import CONTACTS, TABLES
from src.data.draft.names import columns_phrases, fit, means, phrases_of, words_of
from src.data.draft.words import meaning, value_map


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("KÜNDIGUNGSDATUM", ("kundigungs", "datum")),
        ("KDNR", ("kd", "nr")),
        ("Дата_расторжения", ("data", "rastorzheniya")),
        ("CustomerID", ("customer", "id")),
        ("Payment Delay", ("payment", "delay")),
    ],
)
def test_a_name_is_taken_apart(name, words):
    assert words_of(name) == words


# What is looked up by hand, and what is personal, no draft takes for granted.
@pytest.mark.parametrize(
    "table", [name for name in TABLES if name not in ("scored", "link_checks")]
)
def test_every_column_of_the_contract_has_its_own_name_among_its_phrases(table):
    for column in [name for name in TABLES[table].columns if name not in CONTACTS]:
        least = 0.75 if column == "customer_value" else 0.8  # always doubtful
        assert fit(column, columns_phrases(table, column)) >= least, column


@pytest.mark.parametrize(
    ("name", "table", "column", "at_least", "at_most"),
    [
        ("cust_rev_amt", "billing", "revenue", 0.5, 0.8),
        ("cstmr_nbr", "customers", "customer_id", 0.8, 0.9),
        ("total day charge", "snapshot", "monthly_revenue", 0.0, 0.55),
        ("TotalCharges", "snapshot", "monthly_revenue", 0.0, 0.55),
        ("EstimatedSalary", "snapshot", "monthly_revenue", 0.0, 0.0),
        ("Current Equipment Days", "snapshot", "tenure_months", 0.0, 0.55),
    ],
)
def test_what_a_name_explains_counts(name, table, column, at_least, at_most):
    assert at_least <= fit(name, columns_phrases(table, column)) <= at_most


def test_words_of_companies_and_consumers():
    phrases = {"B2B": phrases_of("cells", "b2b"), "B2C": phrases_of("cells", "b2c")}
    companies = ["gewerblich", "ЮЛ", "юр. лицо", "Pyme", "Corporate", "Geschäftskunde", "GK"]
    consumers = ["privat", "ФЛ", "частное лицо", "Hogar", "Home Office", "Privatkunde", "PK"]
    assert [means(word, phrases) for word in companies] == ["B2B"] * 7
    assert [means(word, phrases) for word in consumers] == ["B2C"] * 7
    assert means("tariff 3", phrases) is None


def test_words_of_a_label():
    left = ["Churned", "gekündigt", "ушёл", "baja", "Attrited Customer", "J"]
    stayed = ["Joined", "aktiv", "остался", "vigente", "Existing Customer", "no churn", "N"]
    assert [meaning("churned", word) for word in left] == ["yes"] * 6
    assert [meaning("churned", word) for word in stayed] == ["no"] * 7


def test_a_value_map_says_only_what_the_contract_does_not():
    assert value_map("churned", ["Yes", "No"]) == ({}, [])
    assert value_map("churned", ["Ja", "Nein"]) == ({"Ja": "yes", "Nein": "no"}, [])
    assert value_map("arm", ["Kontrolle", "discount"]) == ({"Kontrolle": "control"}, [])
    assert value_map("user_role", ["ЛПР", "??"]) == ({"ЛПР": "decision_maker"}, ["??"])
