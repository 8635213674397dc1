import numpy as np
import pandas as pd
import pytest

from src.studies.of_campaigns import null


def row(seed, earned):
    """What one seed says; `earned` of each way over the oracle's 2 EUR, in either size."""
    told = {f"null.qini.{name}": float(seed > 1) for name in null._JUDGED}
    told |= {"null.better": 0.0, "null.better_free": 1.0}
    for size, cost, way in null._KEYS:
        told[f"earned.{size}{cost}{way}"] = 2.0 if way == "oracle" else earned[size]
    return told


def test_shares_are_of_all_that_is_earned_and_seeds_without_it_do_not_count():
    rows = [row(1, {"": 1.0, "large.": 1.8}), row(2, {"": 1.4, "large.": 1.9})]
    rows.append({key: np.nan if "earned" in key else 1.0 for key in rows[0]})

    told = null.summarise(rows)

    assert told["policy.oracle_share"] == pytest.approx(0.6)
    assert told["policy.large.dear_oracle_share"] == pytest.approx(3.7 / 4)
    assert told["null.qini_includes_zero"] == pytest.approx(2 / 3)
    assert told["null.policy_called_better"] == pytest.approx(1 / 3)


def test_every_eighth_seed_earns_something(monkeypatch):
    monkeypatch.setattr(null, "MEMBERS", 1_500)
    monkeypatch.setattr(null, "MEMBERS_WITH_EFFECT", {"": 3_000, "large.": 4_000})
    some, none = pd.Series(null.replicate(8)), pd.Series(null.replicate(9))

    earned = some.filter(like="earned.")
    assert earned.notna().all()
    for key in ("", "dear_", "large.", "large.dear_"):
        of_key = earned[[f"earned.{key}{way}" for way in null._EARN]]
        assert (of_key <= of_key[f"earned.{key}oracle"]).all()
    assert none.filter(like="earned.").isna().all()
    assert none.index.tolist() == some.index.tolist()
