from itertools import permutations, product

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal
from scipy.special import expit

from src.data.problems import InputError
from src.models.gap.bars import bars, gap_bars, gap_intervals, group_means, replicate_intervals

FACTORS = ["lifetime", "arpu", "margin_share", "association"]
TINY = pd.DataFrame(
    {
        "customer_id": ["a", "b", "c", "d"],
        "group": ["B2B", "B2B", "B2C", "B2C"],
        "lifetime": [10, 30, 10, 10],
        "revenue": [100, 900, 100, 100],
        "margin": [50, 270, 40, 40],
        "acquisition_cost": [30, 10, 5, 5],
    }
)

amount = st.floats(0.1, 1_000)
sides = st.lists(
    st.tuples(st.floats(0.5, 30), amount, st.floats(0.05, 0.9)), min_size=2, max_size=6
)


def worth_of(first: list[tuple], second: list[tuple]) -> pd.DataFrame:
    """Customers from lifetimes, revenues per month and margin shares."""
    lifetime, monthly, share = np.array([*first, *second]).T
    return pd.DataFrame(
        {
            "customer_id": np.arange(len(lifetime)),
            "group": ["B2B"] * len(first) + ["B2C"] * len(second),
            "lifetime": lifetime,
            "revenue": monthly * lifetime,
            "margin": monthly * share * lifetime,
            "acquisition_cost": monthly,
        }
    )


def means_of(first: list[float], second: list[float]) -> pd.DataFrame:
    """A frame of means with these values of FACTORS."""
    rows = []
    for lifetime, arpu, share, association in (first, second):
        monthly = arpu * share
        rows.append([lifetime, arpu, monthly, lifetime * monthly * association])
    return pd.DataFrame(rows, columns=["lifetime", "arpu", "monthly_margin", "margin"])


def over_all_orders(first: list[float], second: list[float]) -> np.ndarray:
    """The Shapley values of a product by their definition."""
    moves = np.zeros(4)
    for order in permutations(range(4)):
        factors = list(second)
        for place in order:
            before = np.prod(factors)
            factors[place] = first[place]
            moves[place] += np.prod(factors) - before
    return moves / 24


def simulated(
    count: int, rng: np.random.Generator, *, sigma: float = 1.0, tail: float | None = None
) -> pd.DataFrame:
    """B2B: lognormal or Pareto revenue, the valuable stay longer; B2C: less, and unrelated."""
    parts = []
    for name, size, slope, share in (("B2B", 1_500.0, 0.3, 0.45), ("B2C", 500.0, 0.0, 0.35)):
        log = (sigma if name == "B2B" else 0.5) * rng.standard_normal(count)
        if tail and name == "B2B":
            log = rng.exponential(1 / tail, count)
        lifetime = 2 + 26 * expit(slope * log + rng.standard_normal(count))
        revenue = size * np.exp(log) * lifetime
        margin = revenue * rng.beta(10 * share, 10 * (1 - share), count)
        parts.append(
            pd.DataFrame(
                {
                    "group": name,
                    "lifetime": lifetime,
                    "revenue": revenue,
                    "margin": margin,
                    "acquisition_cost": rng.gamma(2, size / 4, count),
                }
            )
        )
    return pd.concat(parts, ignore_index=True).rename_axis("customer_id").reset_index()


def test_group_means_by_hand():
    found = group_means(TINY, "B2B", count_acquisition=True)

    expected = pd.DataFrame(
        {
            "group": ["B2B", "B2C"],
            "customers": [2, 2],
            "is_small": [True, True],
            "lifetime": [20.0, 10],
            "arpu": [20.0, 10],  # of 10 and 30; of 10 and 10
            "monthly_margin": [7.0, 4],  # of 5 and 9; of 4 and 4
            "margin": [160.0, 40],
            "acquisition_cost": [20.0, 5],
            "margin_share": [0.35, 0.4],
            "association": [160 / (20 * 7), 1],
            "mean_ltv": [140.0, 35],
            "median_ltv": [140.0, 35],
        }
    )
    assert_frame_equal(found, expected)
    without = expected.drop(columns="acquisition_cost")
    without[["mean_ltv", "median_ltv"]] = [[160.0, 160.0], [40.0, 40.0]]
    assert_frame_equal(group_means(TINY, "B2B"), without)


def test_bars_of_two_factors_by_hand():
    means = means_of([20, 30, 0.5, 1], [10, 10, 0.5, 1]).assign(acquisition_cost=[40, 10])

    expected = pd.DataFrame(
        {
            "factor": [*FACTORS, "acquisition", "gap"],
            "first": [20, 30, 0.5, 1, 40, 260],
            "second": [10, 10, 0.5, 1, 10, 40],
            # 10 months more at the mean of 15 and 5 a month; 20 more at the mean of 20 and 10
            # months and half of it margin.
            "bar": [100.0, 150, 0, 0, -30, 220],
        }
    )
    assert_frame_equal(bars(means), expected)


@given(*[st.tuples(*[st.floats(0.01, 100)] * 4)] * 2)
def test_a_bar_is_the_mean_move_over_all_orders(first, second):
    found = bars(means_of(first, second))

    largest = max(np.prod(first), np.prod(second))
    oracle = over_all_orders(list(first), list(second))
    assert found["bar"][:4].to_numpy() == pytest.approx(oracle, abs=1e-9 * largest, rel=1e-9)


def test_margins_below_zero_keep_the_account_exact():
    means = means_of([20, 30, -0.2, 1.5], [10, 10, 0.5, 0.8])
    found = bars(means).set_index("factor")["bar"]

    assert found[FACTORS].sum() == pytest.approx(20 * 30 * -0.2 * 1.5 - 10 * 10 * 0.5 * 0.8)
    assert found["margin_share"] < 0


@settings(deadline=None, max_examples=40)
@given(sides, sides, st.booleans())
def test_bars_add_up_and_swap_their_signs(first, second, count_acquisition):
    worth = worth_of(first, second)
    found, swapped = (
        gap_bars(worth, name, count_acquisition=count_acquisition) for name in ("B2B", "B2C")
    )
    ltv = worth["margin"] - count_acquisition * worth["acquisition_cost"]
    size = np.abs(found[["first", "second"]].iloc[-1]).max() + worth["margin"].max()

    gap = ltv[worth["group"] == "B2B"].mean() - ltv[worth["group"] == "B2C"].mean()
    assert found["factor"].tolist() == swapped["factor"].tolist()
    assert ("acquisition" in list(found["factor"])) == count_acquisition
    assert found["bar"].iloc[-1] == pytest.approx(gap, abs=1e-9 * size)
    assert found["bar"].iloc[:-1].sum() == pytest.approx(gap, abs=1e-9 * size)
    assert swapped["bar"].to_numpy() == pytest.approx(-found["bar"].to_numpy(), abs=1e-9 * size)
    assert swapped["error"].to_numpy() == pytest.approx(found["error"].to_numpy(), abs=1e-6 * size)


@settings(deadline=None, max_examples=40)
@given(sides, sides, st.floats(0.01, 100), st.randoms(use_true_random=False))
def test_rows_may_be_shuffled_or_doubled_and_money_has_any_unit(first, second, rate, order):
    worth = worth_of(first, second)
    means, found = group_means(worth, "B2B"), gap_bars(worth, "B2B")
    places = list(range(len(worth)))
    order.shuffle(places)
    money = ["revenue", "margin"]
    size = worth["margin"].max()

    assert_frame_equal(group_means(worth.iloc[places], "B2B"), means)
    twice = group_means(pd.concat([worth, worth]), "B2B")
    assert_frame_equal(
        twice.drop(columns=["customers", "is_small"]),
        means.drop(columns=["customers", "is_small"]),
    )
    converted = gap_bars(worth.assign(**{name: rate * worth[name] for name in money}), "B2B")
    assert converted["bar"].to_numpy() == pytest.approx(
        rate * found["bar"].to_numpy(), rel=1e-9, abs=1e-9 * rate * size
    )


@pytest.mark.parametrize("factor", range(4))
def test_an_equal_factor_has_no_bar(factor):
    first, second = [20.0, 30.0, 0.3, 1.2], [10.0, 10.0, 0.4, 0.9]
    second[factor] = first[factor]

    found = bars(means_of(first, second))["bar"][:4]
    assert found[factor] == pytest.approx(0, abs=1e-12)
    assert (found.drop(factor).abs() > 1).all()


def test_a_factor_that_is_equal_for_all_has_neither_bar_nor_interval():
    rng = np.random.default_rng(1)
    worth = simulated(100, rng)
    worth["margin"] = 0.4 * worth["revenue"]

    found = gap_intervals(worth, "B2B", rng, replicates=200).bars.set_index("factor")
    assert found.loc["margin_share", ["bar", "low", "high"]].tolist() == [0, 0, 0]
    assert found.loc["margin_share", "in_noise"]


def test_errors_are_those_of_the_jackknife():
    worth = simulated(80, np.random.default_rng(2))
    found = gap_bars(worth, "B2B", count_acquisition=True)
    variance = np.zeros(len(found))
    for name in ("B2B", "B2C"):
        without = np.array(
            [
                gap_bars(worth.drop(index=row), "B2B", count_acquisition=True)["bar"]
                for row in worth.index[worth["group"] == name]
            ]
        )
        variance += ((without - without.mean(axis=0)) ** 2).sum(axis=0) * 79 / 80

    assert found["error"].to_numpy() == pytest.approx(np.sqrt(variance), rel=0.1)
    ltv = (worth["margin"] - worth["acquisition_cost"]).groupby(worth["group"])
    assert found["error"].iloc[-1] == pytest.approx(np.sqrt((ltv.var(ddof=0) / 80).sum()))


def test_the_result_has_everything_with_its_interval():
    worth = simulated(100, np.random.default_rng(3))
    found = gap_intervals(worth, "B2B", np.random.default_rng(1), count_acquisition=True)

    assert_frame_equal(found.groups, group_means(worth, "B2B", count_acquisition=True))
    points = gap_bars(worth, "B2B", count_acquisition=True)
    assert_frame_equal(found.bars[["factor", "first", "second"]], points.iloc[:, :3])
    assert found.bars["bar"].to_numpy() == pytest.approx(points["bar"].to_numpy())
    assert list(found.bars) == ["factor", "first", "second", "bar", "low", "high", "in_noise"]
    assert found.bars["in_noise"].tolist() == [
        low <= 0 <= high for low, high in zip(found.bars["low"], found.bars["high"], strict=True)
    ]
    one, other = found.groups.to_dict("records")
    expected = pd.DataFrame(
        {
            "figure": ["mean"] * 4 + ["median"] * 4,
            "of": ["B2B", "B2C", "difference", "ratio"] * 2,
            "value": [
                value
                for name in ("mean_ltv", "median_ltv")
                for value in (
                    one[name], other[name], one[name] - other[name], one[name] / other[name]
                )
            ],
        }
    )  # fmt: skip
    assert_frame_equal(found.ltv[["figure", "of", "value"]], expected)
    for frame, value in ((found.ltv, "value"), (found.bars, "bar")):
        assert (frame["low"] < frame[value]).all()
        assert (frame["high"] > frame[value]).all()
    difference, gap = found.ltv.iloc[2], found.bars.iloc[-1]
    assert difference[["low", "high"]].tolist() == gap[["low", "high"]].tolist()


def test_intervals_are_repeatable_and_follow_groups_not_rows():
    worth = simulated(60, np.random.default_rng(4))
    found, again, shuffled = (
        gap_intervals(rows, "B2B", np.random.default_rng(1), replicates=300)
        for rows in (worth, worth, worth.sample(frac=1, random_state=1))
    )
    swapped = gap_intervals(worth, "B2C", np.random.default_rng(1), replicates=300)
    other = gap_intervals(worth, "B2B", np.random.default_rng(2), replicates=300)

    for name in ("groups", "ltv", "bars"):
        assert_frame_equal(getattr(found, name), getattr(again, name))
        assert_frame_equal(getattr(found, name), getattr(shuffled, name))
    assert swapped.bars["low"].to_numpy() == pytest.approx(-found.bars["high"].to_numpy())
    assert swapped.ltv["low"][[3, 7]].to_numpy() == pytest.approx(1 / found.ltv["high"][[3, 7]])
    assert not np.allclose(other.bars["low"], found.bars["low"])


def test_a_wider_confidence_and_a_unit_of_money():
    worth = simulated(60, np.random.default_rng(5))
    money = ["revenue", "margin"]
    narrow, wide, converted = (
        gap_intervals(rows, "B2B", np.random.default_rng(1), replicates=300, confidence=confidence)
        for rows, confidence in (
            (worth, 0.8),
            (worth, 0.95),
            (worth.assign(**{name: 70 * worth[name] for name in money}), 0.8),
        )
    )

    assert (wide.bars["low"] < narrow.bars["low"]).all()
    assert (wide.ltv["high"] > narrow.ltv["high"]).all()
    ends = ["low", "high"]
    assert converted.bars[ends].to_numpy() == pytest.approx(70 * narrow.bars[ends].to_numpy())
    ratios = narrow.ltv["of"] == "ratio"
    assert converted.ltv.loc[ratios, ends].to_numpy() == pytest.approx(
        narrow.ltv.loc[ratios, ends].to_numpy()
    )


@pytest.mark.parametrize("margins", [[1.0, 2, 4, 8, 16], [1.0, 2, 4, 8]])
def test_medians_have_the_percentiles_of_all_possible_draws(margins):
    worth = worth_of([(1.0, margin, 1.0) for margin in margins], [(1.0, 1.0, 1.0)] * 2)
    found = gap_intervals(
        worth, "B2B", np.random.default_rng(1), replicates=20_000, confidence=0.8
    ).ltv.set_index(["figure", "of"])

    every = [np.median(draw) for draw in product(margins, repeat=len(margins))]
    expected = np.quantile(every, [0.1, 0.9])
    assert found.loc[("median", "B2B"), ["low", "high"]].tolist() == expected.tolist()
    assert found.loc[("median", "ratio"), ["low", "high"]].tolist() == expected.tolist()


def test_a_ratio_needs_means_above_zero_in_every_draw():
    worth = simulated(40, np.random.default_rng(6))
    is_b2c = worth["group"] == "B2C"
    near_zero = worth.assign(margin=worth["margin"].where(~is_b2c | (worth.index % 2 == 0), -1_700))
    losing = worth.assign(margin=worth["margin"].where(~is_b2c, -worth["margin"]))
    of_near_zero, of_losing = (
        gap_intervals(rows, "B2B", np.random.default_rng(1), replicates=300)
        for rows in (near_zero, losing)
    )

    ratio = of_near_zero.ltv.iloc[3]
    assert ratio["value"] == pytest.approx(np.divide(*of_near_zero.groups["mean_ltv"]))
    assert ratio[["low", "high"]].isna().all()
    assert of_losing.ltv.loc[[3, 7], ["value", "low", "high"]].isna().all(axis=None)
    assert np.isfinite(of_losing.bars[["bar", "low", "high"]]).all(axis=None)


def test_a_small_group_is_flagged_and_its_interval_may_have_no_end():
    rng = np.random.default_rng(7)
    worth = simulated(30, rng)
    two = pd.concat([worth[worth["group"] == "B2C"], worth[worth["group"] == "B2B"].head(2)])

    found = gap_intervals(worth, "B2B", np.random.default_rng(1), replicates=300)
    assert not found.groups["is_small"].any()
    found = gap_intervals(two, "B2B", np.random.default_rng(1), replicates=300)
    assert found.groups["is_small"].tolist() == [True, False]
    # Half of the draws hold one of the two customers only, and no error of it.
    of_two = found.ltv.iloc[0]
    assert (of_two["low"], of_two["high"]) == (-np.inf, np.inf)


def test_intervals_from_replicates_by_hand():
    found = pd.DataFrame(
        {"factor": ["lifetime"], "first": [2.0], "second": [1.0], "bar": [10.0], "error": [4.0]}
    )
    # Their variance, 8.25, is below the squared error: the models add nothing. t from -5 to 4.
    replicates = pd.DataFrame(
        {"replicate": range(10), "factor": "lifetime", "bar": 10 + np.arange(-5, 5), "error": 1.0}
    )

    expected = found.drop(columns="error").assign(low=10 - 4 * 4.0, high=10 + 4 * 5.0)
    expected["in_noise"] = True
    assert_frame_equal(replicate_intervals(found, replicates, confidence=0.9), expected)


def test_what_the_models_add_is_in_every_scale_alike():
    found = pd.DataFrame(
        {"factor": ["lifetime"], "first": [2.0], "second": [1.0], "bar": [10.0], "error": [1.5]}
    )
    replicates = pd.DataFrame(
        {"replicate": range(10), "factor": "lifetime", "bar": 10 + np.arange(-5, 5), "error": 1.0}
    )

    # Variance 8.25, of which 2.25 is the error: 6 more in both, so t is -5 to 4 over sqrt(7).
    scale = np.sqrt(8.25) / np.sqrt(7)
    row = replicate_intervals(found, replicates, confidence=0.9).iloc[0]
    assert (row["low"], row["high"]) == pytest.approx((10 - 4 * scale, 10 + 5 * scale))
    # An error of the found bar that is all of the variance leaves the plain bootstrap-t.
    plain = found.assign(error=np.sqrt(8.25))
    row = replicate_intervals(plain, replicates, confidence=0.9).iloc[0]
    assert row["high"] == pytest.approx(10 + 5 * np.sqrt(8.25))


def lifetimes_from_a_model(seen: pd.DataFrame) -> pd.DataFrame:
    """`worth` of a chain: one rate of leaving per group, estimated from months and exits."""
    totals = seen.groupby("group")[["months", "left"]].transform("sum")
    lifetime = totals["months"] / totals["left"]
    monthly = seen["monthly"]
    return seen.assign(
        lifetime=lifetime, revenue=lifetime * monthly, margin=0.5 * lifetime * monthly
    )


def test_intervals_of_the_chain_know_what_the_model_does_not_know():
    rng = np.random.default_rng(8)
    stay = rng.exponential(np.repeat([20, 10], 200))
    seen = pd.DataFrame(
        {
            "customer_id": np.arange(400),
            "group": np.repeat(["B2B", "B2C"], 200),
            "months": np.minimum(stay, 12),
            "left": stay < 12,
            "monthly": np.repeat([200, 50], 200) * np.exp(0.5 * rng.standard_normal(400)),
        }
    )
    found = gap_bars(lifetimes_from_a_model(seen), "B2B")
    replicates = []
    for replicate in range(200):
        drawn = np.concatenate([rng.integers(0, 200, 200), rng.integers(200, 400, 200)])
        again = gap_bars(lifetimes_from_a_model(seen.iloc[drawn]), "B2B")
        replicates.append(again.assign(replicate=replicate))
    chain = replicate_intervals(found, pd.concat(replicates), confidence=0.9)

    # A lifetime is months per exit, with a relative variance of one over the exits.
    groups = seen.groupby("group")
    relative = groups["monthly"].var() / groups["monthly"].mean() ** 2 / 200
    values = found.loc[4, ["first", "second"]].to_numpy(float)
    with_model = np.sqrt((values**2 * (relative + 1 / groups["left"].sum())).sum())
    widths = (chain["high"] - chain["low"]) / (2 * 1.645)
    assert widths[4] == pytest.approx(with_model, rel=0.2)
    assert found.loc[4, "error"] < 0.7 * with_model


def covered(count: int, samples: int, replicates: int, **population: float) -> pd.Series:
    """The share of 90 % intervals that contain the bar of the population, by factor."""
    everyone = simulated(2_000_000, np.random.default_rng(0), **population)
    truth = bars(group_means(everyone, "B2B", count_acquisition=True))
    hits = []
    for seed in range(samples):
        rng = np.random.default_rng(seed)
        rows = simulated(count, rng, **population)
        found = gap_intervals(
            rows, "B2B", rng, count_acquisition=True, replicates=replicates, confidence=0.9
        ).bars
        hits.append((found["low"] <= truth["bar"]) & (truth["bar"] <= found["high"]))
    return pd.DataFrame(hits).mean().set_axis(truth["factor"])


@pytest.mark.slow
def test_nine_in_ten_intervals_hold_the_truth_of_heavy_tailed_customers():
    shares = covered(count=1_000, samples=300, replicates=200)

    assert shares.between(0.85, 0.95).all(), shares


@pytest.mark.slow
@pytest.mark.parametrize(
    ("population", "count", "least"),
    [
        ({"sigma": 1.0}, 300, 0.84),
        ({"sigma": 1.0}, 3_000, 0.86),
        ({"sigma": 1.5}, 300, 0.77),
        ({"sigma": 1.5}, 3_000, 0.84),
        ({"tail": 2.5}, 300, 0.84),
        ({"tail": 2.5}, 3_000, 0.84),
        # Without a finite variance: what is left of nine in ten, as the docstring says.
        ({"tail": 1.5}, 300, 0.62),
    ],
)
def test_coverage_by_the_heaviness_of_the_tail(population, count, least):
    shares = covered(count=count, samples=400, replicates=1_000, **population)

    assert shares.between(least, 0.95).all(), shares


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        (TINY.drop(columns="revenue"), r"^the frame has no column revenue$"),
        (TINY.assign(lifetime=[0, 1, -1, 1]), r"^lifetime must be above 0 months; 2 are not$"),
        (TINY.assign(margin=[1, np.inf, 1, 1]), r"^margin is missing or infinite in 1 of 4 rows$"),
        (TINY.assign(revenue=[1, 1, 0, 0]), r"^the group B2C has no revenue, so it has no margin"),
        (
            TINY.assign(margin=[10, -30, 4, 4]),
            r"^the mean margin per month of the group B2B is 0, so whether the valuable",
        ),
        (
            TINY.assign(group="B2B"),
            r"^all customers are of the group B2B; the other group has none$",
        ),
    ],
)
def test_worth_that_cannot_be_compared_is_refused(rows, message):
    for function in (group_means, gap_bars, lambda *given: gap_intervals(*given, rng=None)):
        with pytest.raises(InputError, match=message):
            function(rows, "B2B")


def test_the_acquisition_cost_is_read_only_where_it_counts():
    rows = TINY.assign(acquisition_cost=np.nan)

    assert_frame_equal(gap_bars(rows, "B2B"), gap_bars(TINY, "B2B"))
    with pytest.raises(InputError, match=r"^acquisition_cost is missing or infinite in 4 of 4"):
        gap_bars(rows, "B2B", count_acquisition=True)


def test_a_customer_with_two_rows_is_refused_by_intervals():
    rows = TINY.assign(customer_id=["a", "a", "c", "d"])
    with pytest.raises(InputError, match=r"^each customer has one row; 1 rows repeat"):
        gap_intervals(rows, "B2B", np.random.default_rng(1))


def test_replicates_need_every_bar():
    found = gap_bars(TINY, "B2B")
    replicates = pd.concat([found.assign(replicate=1), found.iloc[1:].assign(replicate=2)])

    with pytest.raises(InputError, match=r"^the frame has no column replicate$"):
        replicate_intervals(found, found)
    with pytest.raises(InputError, match=r"^every replicate needs a bar and an error of lifetime"):
        replicate_intervals(found, replicates)
