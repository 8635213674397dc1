import numpy as np
import pandas as pd

from src.features.redundancy import correlation_clusters


def frame() -> pd.DataFrame:
    rng = np.random.default_rng(3)
    a, b = rng.normal(size=(2, 300))
    return pd.DataFrame({"a": a, "b": b, "a_cubed": a**3, "minus_a": -a, "flat": 1.0, "text": "x"})


def test_monotone_copies_make_one_cluster():
    found = correlation_clusters(frame(), ["a", "b", "a_cubed", "minus_a", "flat", "text"])
    expected = pd.DataFrame(
        {
            "cluster": [1, 1, 1, 2],
            "feature": ["a", "a_cubed", "minus_a", "b"],
            "closest": [1.0, 1.0, 1.0, np.nan],
            "size": [3, 3, 3, 1],
        }
    )
    pd.testing.assert_frame_equal(found, expected, check_dtype=False)


def test_a_single_feature_is_a_cluster_of_its_own():
    found = correlation_clusters(frame(), ["a"])
    assert found[["cluster", "feature", "size"]].to_numpy().tolist() == [[1, "a", 1]]


def test_stricter_likeness_makes_more_clusters():
    rng = np.random.default_rng(5)
    a = rng.normal(size=500)
    loose = pd.DataFrame({"a": a, "near": a + 0.5 * rng.normal(size=500)})
    assert correlation_clusters(loose, ["a", "near"], 0.7)["cluster"].tolist() == [1, 1]
    assert correlation_clusters(loose, ["a", "near"], 0.99)["cluster"].tolist() == [1, 2]
