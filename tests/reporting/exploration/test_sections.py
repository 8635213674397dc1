"""Sections of the exploration: which things are shown, with which words."""

from dataclasses import dataclass
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from src.reporting import exploration as show
from src.reporting.page.figures import Figure
from src.reporting.page.results import FIGURE_TYPE, METRICS_TYPE, Absent, Note
from src.reporting.page.tables import Table


@dataclass(frozen=True)
class Lack:
    lacks: str = "months per customer (a panel)"
    adds: str = "how customers leave"


@dataclass(frozen=True)
class Words:
    customer: str = "customer"
    money: str = "monthly charge"
    outcome: str = "churned"
    rate: str = "churn_rate"
    share: str = "are still customers"
    unit: str = "months"
    vintage: str = "tenure in months"
    ends_are_losses: bool = True


WORDS = Words()
LEVELS = pd.DataFrame(
    {
        "attribute": ["plan", "plan"],
        "level": ["a", "b"],
        "customers": [10, 20],
        "rate": [0.3, 0.1],
        "low": [0.2, 0.05],
        "high": [0.4, 0.15],
    }
)
COLUMNS = pd.DataFrame(
    {
        "table": ["snapshot", "snapshot"],
        "column": ["charges", "plan"],
        "type": ["number", "text"],
        "missing": [30, 0],
        "missing_share": [0.1, 0.0],
        "distinct": [20, 2],
    }
)
TABLES = pd.DataFrame(
    {
        "table": ["snapshot"],
        "holds": ["one row per customer"],
        "rows": [300],
        "columns": [2],
        "first": [pd.NaT],
        "last": [pd.NaT],
        "missing_share": [0.05],
    }
)
CURVES = pd.DataFrame(
    {
        "group": ["a", "a", "b", "b"],
        "time": [0.0, 12, 0, 12],
        "at_risk": [20, 18, 40, 36],
        "survival": [1, 0.6, 1, 0.9],
        "low": [1, 0.5, 1, 0.8],
        "high": [1, 0.7, 1, 0.95],
    }
)
MONEY = SimpleNamespace(
    words=WORDS,
    currency="EUR",
    share=0.2,
    top=SimpleNamespace(value=0.5, low=0.45, high=0.55),
    curve=pd.DataFrame({"customers_share": [0, 0.2, 1], "money_share": [0, 0.5, 1.0]}),
    total=300.0,
    mean=10.0,
    median=5.0,
    gini=0.4,
    of="monthly charge",
    below=0,
    unknown=0,
)
STAY = SimpleNamespace(
    words=WORDS,
    confidence=0.95,
    curves=CURVES[CURVES["group"] == "a"].assign(group="all"),
    median=np.nan,
    split_by="plan",
    groups=pd.concat([CURVES.assign(attribute="plan"), CURVES.assign(attribute="region")]),
    marks=CURVES[CURVES["time"] == 12].drop(columns="at_risk"),
    growing=(),
)
LEAVING = SimpleNamespace(
    exits=pd.DataFrame(
        {
            "group": ["B2B", "B2C"],
            "lives": [10, 20],
            "exits": [1, 4],
            "frozen": [0, 2],
            "months": [100, 200],
            "rate": [0.01, 0.02],
            "low": [0.005, 0.015],
            "high": [0.018, 0.028],
            "frozen_share": [0.0, 0.5],
        }
    ),
    before=pd.DataFrame(
        {
            "measure": ["revenue"] * 2 + ["data_gb"] * 2,
            "group": "B2C",
            "before": [2, 1] * 2,
            "share": [1.0, 0.9, 0.8, 0.5],
            "low": [0.9, 0.8, 0.7, 0.4],
            "high": [1.1, 1.0, 0.9, 0.6],
            "customers": 12,
        }
    ),
)
NO_LEAKS = SimpleNamespace(
    suspects=pd.DataFrame(columns=["columns", "why"]),
    suspicions=pd.DataFrame(columns=["column", "why", "with_them", "without"]),
    suspects_line="",
    suspicions_line="",
)
SUMMARY = SimpleNamespace(
    words=WORDS,
    kind="snapshot",
    customers=31,
    judged=300,
    rate=pd.Series({"rate": 0.25, "low": 0.2, "high": 0.3}),
    money=MONEY,
    split_by="plan",
    strongest=LEVELS,
    explained=0.168,
    tables=TABLES,
    columns=COLUMNS,
    reason=("tenure", 0.0),
    aside="",
    leaks=NO_LEAKS,
)
SPLIT_LINE = (
    "What separates most is **plan**: with “a” 30.0% (20.0 to 40.0) churned, with “b” "
    "10.0% (5.0 to 15.0); it explains 16.8% of the variance."
)


def without_money(**changed):
    lack = Lack("money per customer", "how the income is spread")
    return SimpleNamespace(**{**vars(SUMMARY), "money": lack, **changed})


def test_the_answer_is_rate_and_money_with_the_limit_of_the_kind():
    answer = show.answer(SUMMARY)
    assert answer.headline == (
        "**25.0% (20.0 to 30.0)** of 300 customers churned; the top 20% bring "
        "**50.0% (45.0 to 55.0)** of the monthly charge."
    )
    assert answer.detail == SPLIT_LINE
    assert "one labelled row per customer" in answer.limit
    assert show.answer(without_money()).headline == (
        "**25.0% (20.0 to 30.0)** of 300 customers churned."
    )
    told = show.answer(without_money(kind="orders", aside="May 2024 is not whole.")).limit
    assert "nobody closes a contract" in told
    assert told.endswith("associations, not effects. May 2024 is not whole.")


def test_five_facts_in_their_order():
    facts = show.facts(SUMMARY).facts
    assert [fact.split()[0] for fact in facts] == ["The", "The", "Of", "What", "**30"]
    assert facts[0] == "The base holds **31 customers in 300 rows** (snapshot) and no dates."
    assert facts[3] == SPLIT_LINE
    assert "holds no money per customer" in show.facts(without_money()).facts[1]


def test_tables_and_columns_have_headings():
    table = show.tables(TABLES, "toy")
    assert table.caption == "Tables of the base toy"
    assert [heading for heading, _ in table.columns.values()] == [
        *("Table", "Holds", "Rows", "Columns", "From", "To", "Empty cells")
    ]
    long = pd.concat([COLUMNS.assign(column="x" * 50)] * 30)
    columns = show.columns(long)
    assert columns.folded
    assert columns.caption == "Columns, those with gaps first within a table (40 of 60)"
    assert columns.frame["column"].str.len().max() == 40


def test_gaps_are_drawn_where_there_are_any():
    drawn = show.gaps(COLUMNS, ("tenure", 0.0))
    assert isinstance(drawn, Figure)
    assert drawn.finding == (
        "**30 cells** of charges are empty (10.0%), all of them where tenure is 0."
    )
    assert drawn.alt == "Bars of the share of empty cells in charges."
    for missing, said in ((3, "fewer than 10 cells"), (297, "nearly all cells")):
        few = COLUMNS.assign(missing=[missing, 0], missing_share=[missing / 300, 0.0])
        shown = show.gaps(few, ("tenure", 0.0) if missing == 3 else None)
        assert isinstance(shown, Note)
        assert shown.text == f"**{said}** of charges are empty."
    none = show.gaps(COLUMNS.assign(missing=0), None)
    assert isinstance(none, Note)
    assert none.text == "No cell of the base is empty."


def test_money_is_a_curve_and_a_sentence():
    figure, note = show.money(MONEY).parts
    assert figure.finding.startswith("The top 20% of customers bring **50.0% (45.0 to 55.0)**")
    assert note.text == (
        "Half of the customers bring 5.00 EUR or less, the mean is 10.00 EUR; the Gini "
        "coefficient of the monthly charge is 0.40."
    )


def test_curves_of_all_and_by_attributes_one_of_them_for_the_digest():
    section = show.stay(STAY)
    all_of_them, by_plan, by_region, marks = section.parts
    assert all_of_them.finding.endswith("the median is not reached.")
    assert [part.digest for part in (all_of_them, by_plan, by_region)] == [False, True, False]
    assert by_region.alt.startswith("Kaplan-Meier curves by region. After 12 months, 90.0%")
    assert marks.caption == "Share of customers who are still customers, with 95% intervals"
    assert marks.frame["share"].tolist() == ["60.0% (50.0 to 70.0)", "90.0% (80.0 to 95.0)"]
    assert FIGURE_TYPE in section._repr_mimebundle_()


def test_curves_end_where_few_are_watched():
    few = show.stay(STAY, 19)
    assert few.parts[0].finding.startswith("Within the first month, 100.0%")
    [note] = show.stay(STAY, 41).parts
    assert note.text == "Fewer than 41 customers were watched."


def test_without_an_attribute_there_is_one_curve():
    alone = SimpleNamespace(**{**vars(STAY), "split_by": "", "groups": STAY.groups.iloc[:0]})
    assert len(show.stay(alone).parts) == 1


def test_leaving_is_a_table_and_a_figure_per_measure():
    table, revenue, usage = show.leaving(LEAVING).parts
    assert table.caption.startswith("A month, this share of customers leaves: B2B **1.00%")
    assert table.frame["churn"].tolist()[0] == "1.00% (0.50 to 1.80)"
    assert [figure.alt.split()[0] for figure in (revenue, usage)] == ["revenue", "data_gb"]


def test_vintages_are_drawn():
    revenue = pd.DataFrame({"vintage": ["0 to 12", "over 12"], "period": "now", "revenue": [1, 3]})
    revenue["customers"] = [10, 12]
    figure = show.vintages(revenue, WORDS, "EUR")
    assert figure.finding == ("By tenure in months, “over 12” brings most: 75.0% of the revenue.")
    figure = show.vintages(revenue, WORDS, "EUR", 11)
    assert figure.finding.endswith("“over 12” brings most: 75.0% of the revenue.")
    assert show.vintages(revenue, WORDS, "EUR", 13).text == "No tenure in months has 13 customers."


def test_segments_and_months_of_few_are_not_told():
    table, *figures = show.leaving(LEAVING, 12).parts
    assert "B2B" not in table.caption
    assert len(figures) == 2
    assert len(show.leaving(LEAVING, 13).parts) == 1
    [note] = show.leaving(LEAVING, 21).parts
    assert note.text == "No segment has 21 lives."


def test_rates_are_drawn_and_attributes_ranked():
    attributes = pd.DataFrame({"attribute": ["plan", "empty"], "explained": [0.168, 0.0]})
    figure, table = show.rates(LEVELS, attributes, SUMMARY).parts
    assert (figure.finding, figure.alt) == (SPLIT_LINE, "Rates with intervals by plan.")
    assert table.caption == "How much each attribute says about who churned"
    assert table.frame["lowest"].tolist()[0] == "b: 10.0% (5.0 to 15.0)"
    assert isinstance(table, Table)


@pytest.mark.parametrize(
    ("section", "others"),
    [
        (show.money, ()),
        (show.stay, ()),
        (show.leaving, ()),
        (show.vintages, (WORDS, "EUR")),
        (show.rates, (pd.DataFrame(), SUMMARY)),
    ],
)
def test_what_the_base_lacks_is_one_line(section, others):
    line = section(Lack(), *others)
    assert isinstance(line, Absent)
    assert line.text == (
        "This base has no months per customer (a panel). With it, this part would show "
        "how customers leave."
    )


def test_metrics_of_all_that_is_there():
    values = show.metrics(SUMMARY, STAY, LEAVING)._repr_mimebundle_()[METRICS_TYPE]
    assert values["rows"] == values["rows.snapshot"] == 300
    assert values["customers"] == 31
    assert (values["pareto.top20_share"], values["money.mean"]) == (0.5, 10.0)
    assert (values["km.a.12"], values["km.b.12"]) == (0.6, 0.9)
    assert (values["b2c.monthly_churn"], values["exit.frozen_share"]) == (0.02, 0.4)
    least = show.metrics(without_money(), Lack(), Lack())._repr_mimebundle_()[METRICS_TYPE]
    assert {name.split(".")[0] for name in least} == {"rows", "customers", "churn_rate", "missing"}
