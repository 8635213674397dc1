"""Behavioural clusters: whether a base has any, how many, and who is in which."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from sklearn.cluster import KMeans
from sklearn.metrics import adjusted_rand_score
from threadpoolctl import threadpool_limits

from src.data.problems import InputError
from src.models.intervals.numbers import Numbers
from src.models.segments.scales import Scales

STABLE = 0.8  # mean adjusted Rand index that clusters reach
VALLEY = 0.25  # by which density falls between two clusters
SAMPLE = 10_000  # customers that centres are learned from
LEAST_SHARE = 0.02  # of the customers, in the smallest cluster
SPLITS = 6
CLOUDS = 19  # one cloud each; a figure above all of them is one in twenty by chance
FEWEST = 500  # customers
_STARTS, _FIRST = 4, 1_000  # of k-means, and the rows that choose the best start
_RIDGE = 1e-9  # so that one habit may repeat another
_GRID, _MARGIN = 241, 0.15  # points of the density, and how far it goes beyond the centres


@dataclass(frozen=True)
class Clusters:
    """What was found; `number` is 0 where the base has no stable clusters.

    `tried`: a row per number of clusters, see `find_clusters`. `stability` is that of the number
    found, of none the highest of all tried. `centres`, in the scales of `scales`, the largest
    cluster first, has no rows where there are none.
    """

    number: int
    stability: float
    tried: pd.DataFrame
    scales: Scales
    centres: Numbers

    def assign(self, habits: pd.DataFrame) -> np.ndarray:
        """The cluster of each row, 1 the largest: that of the nearest centre, or 0 without any."""
        if not self.number:
            return np.zeros(len(habits), dtype="int64")
        return 1 + _nearest(self.scales.scaled(habits), self.centres)


def find_clusters(
    habits: pd.DataFrame, logs: frozenset[str], rng: np.random.Generator, most: int = 6
) -> Clusters:
    """Clusters of the rows by all columns, if there are any: k-means for 2 to `most` of them.

    `habits`: a number per habit and customer, missing where not known; `logs` are read on the scale
    of logarithms; see `scales.fit_scales` for how columns are made comparable. Centres are learned
    from `SAMPLE` rows. The largest number counts that passes in all of:

    - `stability`: six times the sample is cut in halves, each half is clustered and all rows are
      given to the centres of both; the mean adjusted Rand index of the two is `STABLE` or more.
    - `valley`: along the line between two centres the density of the customers of both, those of
      the half that the centres were not learned from, falls by `VALLEY` or more of the lower of
      its two peaks; the weakest pair of each half, its mean over the halves. Stability alone is
      fooled: a long cloud without any gap is cut at the same place again and again.
    - `cloud`: the valley is deeper than in each of 19 samples of one normal cloud of the same
      covariance, clustered in the same way. Worked out only where the others hold.
    - `least_share`: the smallest cluster has `LEAST_SHARE` of the customers.

    `tried` has `clusters`, `stability`, `stability_low`, `stability_high` (lowest and highest of
    the six), `valley`, `cloud` (missing where not worked out), `least_share`, `is_found`.

    Fails where clusters are no round lumps (rings, chains), overlap by more than a twentieth, or
    differ in a few of many habits: then it says none, or takes two for one. Raises `InputError` for
    fewer than `FEWEST` rows or fewer than two habits that differ.

    Source: stability by Ben-Hur, Elisseeff and Guyon 2002; the reference cloud by Liu, Hayes, Nobel
    and Marron 2008; the gap along the line of centres after Hartigan and Hartigan 1985.
    """
    if len(habits) < FEWEST:
        raise InputError(f"clusters need {FEWEST} customers, not {len(habits):,}")
    scales = Scales.fitted(habits, logs)
    rows = rng.choice(len(habits), min(len(habits), SAMPLE), replace=False)
    sample = scales.scaled(habits.iloc[rows], rng)
    with threadpool_limits(1):
        tried = _tried(sample, rng, most)
        number = (
            int(tried.loc[tried["is_found"], "clusters"].max()) if tried["is_found"].any() else 0
        )
        centres = np.empty((0, sample.shape[1]))
        if number:
            centres = _centres(sample, number, rng)
            size = np.bincount(_nearest(sample, centres), minlength=number)
            centres = centres[np.argsort(-size, kind="stable")]
    stability = tried.set_index("clusters")["stability"]
    best = stability[number] if number else stability.max()
    return Clusters(number, float(best), tried, scales, centres)


def _tried(sample: Numbers, rng: np.random.Generator, most: int) -> pd.DataFrame:
    rows = []
    for number in range(2, most + 1):
        found = np.array([_split(sample, number, rng) for _ in range(SPLITS)])
        stability, valley, share = found.mean(axis=0)
        passes = stability >= STABLE and valley >= VALLEY and share >= LEAST_SHARE
        cloud = np.nan
        if passes:
            spread = np.linalg.cholesky(np.cov(sample.T) + _RIDGE * np.eye(sample.shape[1]))
            shape = sample.shape
            clouds = [
                _split(rng.standard_normal(shape) @ spread.T, number, rng)[1] for _ in range(CLOUDS)
            ]
            cloud = max(clouds)
        low, high = found[:, 0].min(), found[:, 0].max()
        is_found = bool(passes and valley > cloud)
        rows.append((number, stability, low, high, valley, cloud, share, is_found))
    names = [
        *("clusters", "stability", "stability_low", "stability_high", "valley"),
        *("cloud", "least_share", "is_found"),
    ]
    return pd.DataFrame(rows, columns=names)


def _split(sample: Numbers, number: int, rng: np.random.Generator) -> tuple[float, float, float]:
    """Agreement of the two halves, their mean weakest valley, and the share of the smallest."""
    order = rng.permutation(len(sample))
    halves = np.array_split(order, 2)
    centres = [_centres(sample[half], number, rng) for half in halves]
    labels = [_nearest(sample, each) for each in centres]
    agreement = adjusted_rand_score(*labels)
    valleys = [
        _weakest(sample[own], sample[other], label[own], label[other])
        for own, other, label in zip(halves, halves[::-1], labels, strict=True)
    ]
    least = min(np.bincount(label, minlength=number).min() for label in labels)
    return agreement, float(np.mean(valleys)), least / len(sample)


def _centres(rows: Numbers, number: int, rng: np.random.Generator) -> Numbers:
    """The means of k-means; of rows in a random order, the first of which choose where to begin."""
    seed = int(rng.integers(2**31))
    start = KMeans(number, n_init=_STARTS, random_state=seed).fit(rows[:_FIRST]).cluster_centers_
    means: Numbers = KMeans(number, init=start, n_init=1).fit(rows).cluster_centers_
    return means


def _nearest(rows: Numbers, centres: Numbers) -> np.ndarray:
    return np.argmin((centres**2).sum(axis=1) - 2 * rows @ centres.T, axis=1)


def _weakest(own: Numbers, other: Numbers, own_labels: np.ndarray, labels: np.ndarray) -> float:
    """The shallowest valley between any two clusters of one half, in the rows of the other half.

    Along the line on which the two are furthest apart for their spread (Fisher 1936), found in
    their own half.
    """
    groups = [own[own_labels == place] for place in range(own_labels.max() + 1)]
    if min(map(len, groups)) <= own.shape[1]:
        return 0.0
    centres = np.array([group.mean(axis=0) for group in groups])
    spread = np.cov((own - centres[own_labels]).T) + _RIDGE * np.eye(own.shape[1])
    depths = []
    for one in range(len(centres)):
        for two in range(one + 1, len(centres)):
            apart = centres[two] - centres[one]
            line = np.linalg.solve(spread, apart)
            places = (other - centres[one]) @ line / (apart @ line)
            depths.append(valley_depth(places[labels == one], places[labels == two]))
    return min(depths)


def valley_depth(first: Numbers, second: Numbers) -> float:
    """By how much of its lower peak the density falls between two clusters on a line.

    `first` and `second`: the places of their customers, the centres at 0 and 1. 0 where the density
    of all has one peak, 1 where nobody is in between. Kernel density with the bandwidth of
    Silverman 1986 for the smaller cluster. 0 for clusters of fewer than ten.
    """
    if min(len(first), len(second)) < 10:
        return 0.0
    width = 0.9 * min(first.std(), second.std()) * min(len(first), len(second)) ** -0.2
    if width == 0:
        return 0.0
    edges = np.linspace(-_MARGIN - 4 * width, 1 + _MARGIN + 4 * width, 8 * _GRID + 1)
    counts = np.histogram(np.concatenate([first, second]), edges)[0].astype(float)
    step = edges[1] - edges[0]
    reach = np.arange(-int(4 * width / step), int(4 * width / step) + 1) * step
    density = np.convolve(counts, np.exp(-0.5 * (reach / width) ** 2), mode="same")
    middle = (edges[1:] + edges[:-1]) / 2
    density = density[(middle >= -_MARGIN) & (middle <= 1 + _MARGIN)]
    left = np.maximum.accumulate(density)
    right = np.maximum.accumulate(density[::-1])[::-1]
    lower = np.minimum(left, right)
    return float(np.max(1 - density / np.where(lower > 0, lower, 1)))
