"""The report of campaigns on a small operator, and on an experiment as published."""

import numpy as np
import pandas as pd
import pytest

from src.data.building import build_base


@pytest.fixture(scope="module")
def ran(report, small_operator):
    metrics, page, _ = report("06_campaigns", "operator", BASE=str(small_operator.folder))
    return metrics, page.read_text()


def test_what_is_undecided_is_said_first(ran):
    metrics, text = ran
    assert metrics["answer"].startswith("**No model is shown to be better than")
    assert metrics["policy.is_better"] == 0
    assert metrics["policy.lead.low"] <= 0
    assert "customers</strong> (power 80%)" in text


def test_figures_have_their_ends_in_order(ran):
    metrics, _ = ran
    for name in ("ate", "ate.margin", "qini", "policy.gain", "chain.income_per_month"):
        assert metrics[f"{name}.low"] <= metrics[name] <= metrics[f"{name}.high"], name
    assert {"budget.shadow_price", "policy.oracle_share", "chain.half_life"} <= set(metrics)


def test_the_truth_is_beside_the_effects(ran):
    metrics, text = ran
    assert "This base is simulated." in text
    assert metrics["policy.oracle_share"] <= 1


@pytest.fixture(scope="module")
def experiment(tmp_path_factory):
    """Letters that half of the customers answer to: those who bought lately, and no others."""
    rng = np.random.default_rng(0)
    size = 4_000
    recency = rng.integers(1, 13, size)
    arm = rng.choice(["none", "letter"], size)
    chance = 0.1 + 0.2 * (arm == "letter") * (recency <= 4)
    table = pd.DataFrame(
        {
            "arm": arm,
            "spend": np.where(rng.random(size) < chance, rng.gamma(4, 15, size), 0.0).round(2),
            "cost": np.where(arm == "letter", 2.0, 0.0),
            "recency": recency,
            "town": rng.choice(["north", "south"], size),
        }
    )
    folder = tmp_path_factory.mktemp("experiment")
    table.to_csv(folder / "a.csv", index=False)
    (folder / "base.yml").write_text(
        "title: Letters\nkind: experiment\ncurrency: EUR\ntables:\n  trial:\n    file: a.csv\n"
        '    columns: {customer_id: "#row"}\n    values: {arm: {none: control}}\n'
    )
    build_base(str(folder), key=b"key")
    return folder


def test_an_experiment_is_a_page_of_its_own(report, experiment):
    metrics, page, _ = report("06_campaigns", "letters", BASE=str(experiment))
    text = page.read_text()
    assert metrics["ate.low"] < 0.2 * 4 / 12 * 60 < metrics["ate.high"]
    assert metrics["qini.low"] > 0
    assert metrics["policy.gain.low"] > 0
    assert metrics["policy.is_better"] == 1
    assert "finds those who gain" in text
    assert "This base has no chain of messages" in text
    assert metrics["budget.shadow_price"] >= 0
