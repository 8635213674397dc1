import pandas as pd

from src.reporting.page import leaks


def test_columns_to_look_at_are_listed_with_the_figures_with_and_without_all_of_them():
    found = pd.DataFrame(
        [
            ("remaining", "AUC 0.92 alone, of 250 customers with 0 99.6% left", 0.93, 0.71),
            ("duration", "56% of all contributions", 0.93, 0.71),
        ],
        columns=["column", "why", "with_them", "without"],
    )
    assert leaks.suspicion_sentence(found, "`drop: [remaining, duration]`") == (
        "**Look first at remaining (AUC 0.92 alone, of 250 customers with 0 99.6% left); duration "
        "(56% of all contributions).** Boosted trees have an AUC of 0.930 with them and 0.710 "
        "without. If they are known only when a customer has left, write `drop: [remaining, "
        "duration]` under tables.snapshot of base.yml."
    )
    assert leaks.suspicion_sentence(found.head(0), "`drop: []`") == ""


def test_what_is_too_good_to_be_true_has_its_line():
    found = pd.DataFrame({"columns": [("a", "b")], "why": ["AUC 1.000 together"]})
    assert leaks.too_good_sentence(found, "`drop: [a, b]`") == (
        "**Too good to be true:** a and b (AUC 1.000 together). Look whether this holds the label, "
        "or was written after the customer left; if so, write `drop: [a, b]` under "
        "tables.snapshot of base.yml."
    )
    assert leaks.too_good_sentence(found.iloc[:0], "") == ""
