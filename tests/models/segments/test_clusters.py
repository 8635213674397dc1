"""Clusters are found where they were planted, and nowhere else."""

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import adjusted_rand_score

from src.data.problems import InputError
from src.models.segments.cluster_profiles import profiles
from src.models.segments.clusters import STABLE, find_clusters, valley_depth
from src.models.segments.scales import Scales

CENTRES = 3.5 * np.eye(4)


def named(values):
    return pd.DataFrame(values, columns=[f"h{place}" for place in range(values.shape[1])])


def planted(number, rows, rng):
    """Unequal clusters of habits that are ratios: 5 standard deviations apart."""
    share = np.arange(1, number + 1) + 1.0
    label = rng.choice(number, rows, p=share / share.sum())
    return named(np.exp((CENTRES[label] + rng.standard_normal((rows, 4))) / 2)), label


def found_in(habits, seed=0, most=4, logs=frozenset()):
    return find_clusters(habits, logs, np.random.default_rng(seed), most)


def test_planted_clusters_are_found_and_told():
    habits, label = planted(3, 1_500, np.random.default_rng(1))
    found = found_in(habits, logs=frozenset(habits))
    cluster = found.assign(habits)
    assert found.number == 3
    assert found.stability > 0.9
    assert adjusted_rand_score(label, cluster) > 0.9
    # The largest is the first, and what marks it is what was planted.
    assert pd.Series(cluster).value_counts().index.tolist() == [1, 2, 3]
    marks = profiles(habits, cluster, found.scales).groupby("cluster").first()
    assert marks["habit"].tolist() == ["h2", "h1", "h0"]
    assert (marks["difference"] > 1).all()
    # A row is assigned by itself: the order and the others do not matter.
    assert (found.assign(habits.iloc[::-1])[::-1] == cluster).all()


@pytest.mark.parametrize("cloud", ["long", "heavy", "counts"])
def test_one_cloud_has_none_however_stable_the_cut(cloud):
    rng = np.random.default_rng(2)
    normal = rng.standard_normal((1_000, 3))
    habits = {
        "long": normal + 5 * rng.standard_normal((1_000, 1)),
        "heavy": normal / np.sqrt(rng.chisquare(2, (1_000, 1)) / 2),
        "counts": rng.poisson(np.exp(0.5 + 0.5 * normal)).astype(float),
    }[cloud]
    found = found_in(named(habits), most=3)
    assert found.number == 0
    assert (found.assign(named(habits)) == 0).all()
    assert found.stability == found.tried["stability"].max()
    if cloud == "long":
        assert found.stability > STABLE  # agreement alone would have taken it


def draw(kind, rows, rng):
    habits = int(rng.integers(2, 9))
    mix = rng.standard_normal((habits, habits))
    normal = rng.standard_normal((rows, habits)) @ mix
    if kind == "normal":
        return normal
    if kind == "skewed":
        return rng.exponential(size=(rows, habits)) @ np.abs(mix)
    return normal / np.sqrt(rng.chisquare(2, (rows, 1)) / 2)


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["normal", "skewed", "heavy"])
def test_one_cloud_has_none_in_19_of_20(kind):
    rng = np.random.default_rng(3)
    draws = [found_in(named(draw(kind, 1_500, rng)), seed, 4).number for seed in range(40)]
    assert sum(number > 0 for number in draws) <= 2


@pytest.mark.slow
@pytest.mark.parametrize("number", [2, 3, 4])
def test_planted_clusters_are_found_in_most_draws(number):
    rng, right = np.random.default_rng(4), []
    for seed in range(20):
        habits, label = planted(number, 1_500, rng)
        found = found_in(habits, seed, 6, frozenset(habits))
        is_true = adjusted_rand_score(label, found.assign(habits)) > 0.8
        right.append(found.number == number and is_true)
    assert sum(right) >= 18


def test_the_depth_of_a_valley():
    rng = np.random.default_rng(5)
    one = rng.normal(0, 0.2, 4_000)
    two = rng.normal(1, 0.2, 4_000)
    # Of two normal clusters 5 spreads apart: twice the density at 2.5 over that at 0.
    assert valley_depth(one, two) == pytest.approx(1 - 2 * np.exp(-(2.5**2) / 2), abs=0.06)
    cut = rng.normal(0.5, 0.6, 8_000)
    assert valley_depth(cut[cut < 0.5], cut[cut >= 0.5]) < 0.1
    assert valley_depth(one[:9], two) == 0.0
    assert valley_depth(np.zeros(20), np.ones(20)) == 0.0


def test_few_customers_are_refused():
    with pytest.raises(InputError, match=r"^clusters need 500 customers, not 499$"):
        found_in(named(np.random.default_rng(0).random((499, 3))))


def test_profiles_by_hand():
    habits = pd.DataFrame({"a": np.arange(40.0), "b": np.arange(40.0) % 7, "same": 1.0})
    scales = Scales.fitted(habits)
    found = profiles(habits, np.repeat([1, 2], [30, 10]), scales)
    first = found[found["cluster"] == 1].set_index("habit")
    assert first.index.tolist() == ["a", "b", "same"]
    assert first["customers"].tolist() == [30] * 3
    assert first["share"].tolist() == [0.75] * 3
    assert first["inside"].tolist() == [14.5, 3.0, 1.0]
    assert first.loc["a", "outside"] == 34.5
    assert first.loc["a", "difference"] == pytest.approx(-20 / (10 / 0.6373))
    assert np.isnan(first.loc["same", "difference"])
