"""The table of tiers that a business user edits: what it may say, and who is in which tier."""

from pathlib import Path

import pandas as pd
import pytest

from src.data.problems import InputError
from src.features.families.holdings import TIERS as OF_FEATURES
from src.models.segments.tier_rules import Rule, read_rules, refuse_unknown, tiers_of

SHIPPED = Path(__file__).parents[3] / "notebooks/params/tiers.yml"
RULES = """
1: {products: [phone]}
2: {products: [routing, crm], at_least: 2}
3: {products: [analytics], lines: 5}
"""


def test_the_table_is_read_in_order():
    assert read_rules(RULES, "tiers.yml") == (
        Rule("1", ("phone",), 1, 0),
        Rule("2", ("routing", "crm"), 2, 0),
        Rule("3", ("analytics",), 1, 5),
    )


def test_the_shipped_table_is_that_of_the_features():
    rules = read_rules(SHIPPED.read_text(), "tiers.yml")
    shown = {name: place for place, rule in enumerate(rules, 1) for name in rule.products}
    assert shown == OF_FEATURES
    assert {(rule.at_least, rule.lines) for rule in rules} == {(1, 0)}


def test_a_customer_is_in_the_highest_tier_whose_conditions_hold():
    customers = pd.DataFrame({"customer_id": list("abcdef"), "lines": [1, 9, 1, 5, 4, 0]})
    held = pd.DataFrame(
        [
            ("a", "phone"), ("b", "routing"), ("b", "routing"), ("c", "routing"), ("c", "crm"),
            ("d", "analytics"), ("e", "analytics"), ("e", "crm"), ("e", "routing"), ("x", "crm"),
        ],
        columns=["customer_id", "product"],
    )  # fmt: skip
    found = tiers_of(customers, held, read_rules(RULES, "tiers.yml"))
    # b holds one of two, twice; e has four lines of five
    assert found.tolist() == ["1", "1", "2", "3", "2", "1"]
    assert found.cat.categories.tolist() == ["1", "2", "3"]
    shuffled = customers.sample(frac=1, random_state=1)
    again = tiers_of(shuffled, held.iloc[::-1], read_rules(RULES, "tiers.yml"))
    assert again.sort_index().tolist() == found.tolist()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "^tiers.yml is empty: it maps the tiers 1, 2, 3, 3\\+ to products$"),
        ("[a]", "is empty"),
        ("1: {}\n2: {products: [a\n", "^tiers.yml is not valid YAML at line"),
        ("1: {}\n4: {}", "^tiers.yml: there is no tier '4'; tiers are 1, 2, 3, 3\\+$"),
        ("1: {}", "has one tier, and everybody is in it; it needs two or more$"),
        ("1: {}\n3: {products: [a]}", "has a gap: tier 2 is missing below 3$"),
        ("3+: {products: [a]}", "has a gap: tiers 1, 2, 3 are missing below 3\\+$"),
        ("1: {}\n2: {product: [a]}", "tier 2 has no 'product'; did you mean products\\?"),
        ("1: {}\n2: [a]", "tier 2 has products, at_least, lines, not"),
        ("1: {}\n2: {products: a}", "products of tier 2 must be a list of names of products$"),
        ("1: {}\n2: {products: [a], lines: -1}", "lines of tier 2 must be a whole number, 0 or"),
        ("1: {}\n2: {products: [a], at_least: 0}", "at_least of tier 2 must be 1 or more"),
        (
            "1: {products: [a]}\n2: {products: [a]}",
            "'a' stands in tier 1 and in tier 2; a product shows one tier$",
        ),
        (
            "1: {}\n2: {products: [a], at_least: 2}",
            "nobody can reach tier 2: it asks for 2 of 1 products$",
        ),
        ("1: {}\n2: {}", "nobody can reach tier 1: tier 2 asks for no more"),
        (
            "1: {}\n2: {products: [a], lines: 5}\n3: {lines: 4}",
            "nobody can reach tier 2: tier 3 asks for no more",
        ),
    ],
)
def test_a_table_that_cannot_be_used_is_refused_in_words(text, said):
    with pytest.raises(InputError, match=said):
        read_rules(text, "tiers.yml")


def test_a_higher_tier_by_lines_alone_leaves_the_lower_ones():
    rules = read_rules("1: {}\n2: {products: [a], lines: 2}\n3: {lines: 10}", "tiers.yml")
    customers = pd.DataFrame({"customer_id": list("abc"), "lines": [2, 10, 1]})
    held = pd.DataFrame({"customer_id": list("abc"), "product": "a"})
    assert tiers_of(customers, held, rules).tolist() == ["2", "3", "1"]


def test_products_that_nobody_held_are_refused_with_the_nearest():
    rules = read_rules("1: {}\n2: {products: [analytic]}", "tiers.yml")
    said = (
        "^tiers.yml: nobody of this base ever held 'analytic' of tier 2; did you mean analytics\\? "
        "It has analytics, crm$"
    )
    with pytest.raises(InputError, match=said):
        refuse_unknown(rules, ["crm", "analytics", "crm"], "tiers.yml")


def test_lines_that_are_not_there_and_customers_twice_are_refused():
    held = pd.DataFrame({"customer_id": ["a"], "product": ["analytics"]})
    rules = read_rules(RULES, "tiers.yml")
    with pytest.raises(InputError, match=r"ask for lines, and this base has no table lines$"):
        tiers_of(pd.DataFrame({"customer_id": ["a"]}), held, rules)
    with pytest.raises(InputError, match="stands in two rows"):
        tiers_of(pd.DataFrame({"customer_id": ["a", "a"], "lines": [1, 1]}), held, rules)
