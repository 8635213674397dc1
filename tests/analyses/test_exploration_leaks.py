"""01 says which columns to look at first, by the rules and in the words of 03."""

import numpy as np
import pandas as pd
import pytest

from src.analyses.exploration import open_study
from src.data.building import build_base
from src.reporting import exploration as show

ROWS = 900


@pytest.fixture
def study(tmp_path):
    def opened(**columns):
        rng = np.random.default_rng(2)
        churned = np.arange(ROWS) % 3 == 0
        frame = pd.DataFrame({"churned": churned, "usage": rng.normal(size=ROWS) - 0.4 * churned})
        for name, make in columns.items():
            frame[name] = make(churned, rng)
        frame.rename_axis("customer_id").to_csv(tmp_path / "a.csv")
        (tmp_path / "base.yml").write_text(
            "title: A base\nkind: snapshot\ncurrency: EUR\nsegment: {value: B2C}\n"
            "tables: {snapshot: {file: a.csv}}\n"
        )
        build_base(str(tmp_path), key=b"key")
        return open_study(str(tmp_path))

    return opened


def remaining(churned, rng):
    """Months that remain, near nothing for who left."""
    return np.where(churned, rng.integers(0, 9, len(churned)), rng.integers(4, 25, len(churned)))


def test_a_column_known_only_at_the_end_is_said_before_anything_else(study):
    summary = study(remaining_contract=remaining).summary()

    assert summary.leaks.suspicions["column"].tolist() == ["remaining_contract"]
    assert summary.leaks.suspects.empty
    headline = show.answer(summary).headline
    assert headline.startswith("**Look first at remaining_contract (AUC 0.")
    assert "write `drop: [remaining_contract]` under tables.snapshot of base.yml." in headline


def test_the_label_under_another_name_is_too_good_to_be_true(study):
    summary = study(cancelled=lambda churned, rng: churned.astype(int)).summary()

    assert show.answer(summary).headline.startswith(
        "**Too good to be true:** cancelled (AUC 1.000 alone). Look whether this holds the label"
    )
    assert summary.leaks.suspicions.empty


def test_honest_columns_are_not_spoken_of(study):
    assert show.answer(study().summary()).headline.startswith("**33.3%")
