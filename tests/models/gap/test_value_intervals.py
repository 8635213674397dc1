from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

from src.models.gap.bars import gap_bars
from src.models.gap.value_intervals import (
    Members,
    blocks_drawn,
    chain_replicates,
    gap_with_intervals,
    members,
    shape_drawn,
    worth_of_groups,
)
from src.models.value.customer_value import HazardLevels, ValueModel
from src.models.value.discounting import discounts
from src.models.value.money import Evidence, MoneyAhead

SPANS = ((1, 3), (4, 6))
MONTHS = 30
FACTORS = ["lifetime", "arpu", "margin_share", "association", "gap"]


class Own:
    """Stands for a hazard model: the chance to leave is the column `hazard`, in every month.

    The chance to have left unseen is the column `gone`.
    """

    def hazards(self, frame: pd.DataFrame, months: int) -> np.ndarray:
        return np.repeat(frame[["hazard"]].to_numpy(float), months, axis=1)

    def gone(self, frame: pd.DataFrame) -> np.ndarray:
        return frame["gone"].to_numpy(float)


def segment(
    name: str, count: int, seed: int, *, pays: float = 100.0, share: float = 0.4
) -> tuple[ValueModel, pd.DataFrame]:
    """A model of staying and money, and the customers to value: all but the first tenth."""
    rng = np.random.default_rng(seed)
    who = pd.Index([f"{name}{number:04}" for number in range(count)])
    log = rng.normal(0, 0.6, count)
    revenue = pays * np.exp(log)
    margin = revenue * rng.uniform(share - 0.1, share + 0.1, count)
    hazard = 0.05 * np.exp(-0.3 * log)
    expected = hazard[:, None] * [20.0, 12.0]
    ends = rng.poisson(expected * np.exp(-0.2 * log)[:, None] * [1.3, 0.8]).astype(float)
    # Each exit has its month; what was expected is spread over all.
    ends_then = np.stack(
        [rng.multinomial(int(part), [1 / MONTHS] * MONTHS) for part in ends.sum(0)], 1
    )
    expected_then = np.repeat(expected.sum(axis=0, keepdims=True) / MONTHS, MONTHS, axis=0)
    calendar = pd.date_range("2022-01-01", periods=MONTHS, freq="MS")
    sizes = (log / 0.6, np.log(pays), 0.6)
    levels = HazardLevels(who, ends, expected, *sizes, calendar, ends_then, expected_then, SPANS)
    parts = []
    for measure, money in (("revenue", revenue), ("margin", margin)):
        level = np.repeat(money[:, None], 6, axis=1)
        later = level * np.exp(0.01 * np.arange(1, 7)) * rng.lognormal(0, 0.2, (count, 6))
        evidence = Evidence(who, later, level)
        parts.append(MoneyAhead(measure, 1.0, *evidence.drift_of(), 6, evidence))
    today = pd.DataFrame(
        {
            "customer_id": who,
            "hazard": hazard,
            "gone": np.where(np.arange(count) % 10 == 3, 0.4, 0.0),
            "revenue_mean_3m": revenue,
            "revenue_mean_12m": revenue,
            "margin_mean_3m": margin,
            "margin_mean_12m": margin,
        }
    )
    return ValueModel(("hazard", "gone"), Own(), levels, *parts), today.iloc[count // 10 :]


def groups_of(count: int = 150) -> dict[str, Members]:
    return {
        "B2B": members(*segment("B", count, 1, pays=300, share=0.5), months=12),
        "B2C": members(*segment("C", count, 2), months=12),
    }


def twice(model: ValueModel, today: pd.DataFrame) -> tuple[ValueModel, pd.DataFrame]:
    """Every customer has a double, who taught the model as well."""

    def doubled(ids: pd.Index) -> pd.Index:
        return ids.append(ids + "+")

    levels = model.levels
    levels = HazardLevels(
        doubled(levels.customers),
        np.tile(levels.ends, (2, 1)),
        np.tile(levels.expected, (2, 1)),
        np.tile(levels.size, 2),
        levels.centre,
        levels.spread,
        levels.calendar,
        2 * levels.ends_then,
        2 * levels.expected_then,
        levels.spans,
    )
    parts = []
    for money in (model.revenue, model.margin):
        seen = money.evidence
        more = Evidence(
            doubled(seen.customers), np.tile(seen.later, (2, 1)), np.tile(seen.level, (2, 1))
        )
        parts.append(MoneyAhead(money.measure, money.recent, money.start, money.growth, 6, more))
    again = today.assign(customer_id=today["customer_id"] + "+")
    return ValueModel(model.columns, model.hazard, levels, *parts), pd.concat([today, again])


def spread(replicates: pd.DataFrame) -> pd.Series:
    return replicates.groupby("factor")["bar"].std()[FACTORS]


@pytest.fixture(scope="module")
def groups() -> dict[str, Members]:
    return groups_of()


@pytest.fixture(scope="module")
def replicates(groups) -> pd.DataFrame:
    return chain_replicates(groups, "B2B", np.random.default_rng(1), replicates=150)


def test_members_are_what_the_model_says_of_today():
    model, today = segment("B", 20, 1)
    today = pd.concat([today, today.tail(1).assign(customer_id="new")], ignore_index=True)
    found = members(model, today, months=8, annual_rate=0.2)

    assert_frame_equal(found.worth, model.worth(today, model.survival(today, 8), 0.2))
    assert found.hazards == pytest.approx(np.repeat(today[["hazard"]].to_numpy(), 8, axis=1))
    assert found.gone.tolist() == today["gone"].tolist()
    assert found.survival(3) == pytest.approx(model.survival(today, 3))
    logs = np.log1p(today["revenue_mean_12m"].to_numpy())
    assert found.size == pytest.approx((logs - np.log(100)) / 0.6)
    assert list(found.money) == ["revenue", "margin"]
    assert found.money["margin"] == pytest.approx(today["margin_mean_3m"].to_numpy())
    # All twenty taught; eighteen of them and a new one are valued.
    assert found.customers.tolist() == [*model.levels.customers, "new"]


def test_worth_of_groups_by_hand():
    worth = pd.DataFrame({"customer_id": ["a"], "lifetime": [2.0], "revenue": 9.0, "margin": 4.0})
    model, today = segment("B", 20, 1)
    one = members(model, today)
    both = {
        "B2B": replace(one, worth=worth),
        "B2C": replace(one, worth=worth.assign(customer_id="b")),
    }

    expected = pd.DataFrame(
        {
            "customer_id": ["a", "b"],
            "lifetime": [2.0, 2],
            "revenue": [9.0, 9],
            "margin": [4.0, 4],
            "group": ["B2B", "B2C"],
        }
    )
    assert_frame_equal(worth_of_groups(both), expected)


def test_replicates_are_those_of_the_seed(groups, replicates):
    again = chain_replicates(groups, "B2B", np.random.default_rng(1), replicates=20)
    other = chain_replicates(groups, "B2B", np.random.default_rng(2), replicates=20)

    assert_frame_equal(replicates.head(20 * 5), again)
    assert not np.allclose(again["bar"], other["bar"])
    assert list(replicates) == ["factor", "first", "second", "bar", "error", "replicate"]
    assert replicates["factor"].tolist() == FACTORS * 150
    assert replicates["replicate"].tolist() == np.repeat(np.arange(150), 5).tolist()


def test_bars_of_a_replicate_add_up_to_its_gap(replicates):
    wide = replicates.pivot(index="replicate", columns="factor", values="bar")

    assert wide[FACTORS[:4]].sum(axis=1).to_numpy() == pytest.approx(wide["gap"].to_numpy())


def test_replicates_lie_around_the_point_estimate(groups):
    found = gap_bars(worth_of_groups(groups), "B2B").set_index("factor")["bar"][FACTORS]
    drawn = chain_replicates(groups, "B2B", np.random.default_rng(5), replicates=400)
    mean = drawn.groupby("factor")["bar"].mean()[FACTORS]
    error = spread(drawn) / np.sqrt(400)

    # Three errors of the mean of the draws, and a tenth of the spread for what a curve bends.
    assert ((mean - found).abs() < 3 * error + 0.1 * spread(drawn)).all()


def test_the_error_of_the_models_is_in_the_spread(groups, replicates):
    taken_as_given = gap_bars(worth_of_groups(groups), "B2B").set_index("factor")["error"]

    # Nobody knows the level of leaving better than the exits seen: 250 or so in each group.
    assert spread(replicates)["lifetime"] > 1.5 * taken_as_given["lifetime"]
    assert (spread(replicates) > 0.8 * taken_as_given[FACTORS]).all()


def test_twice_the_customers_shrink_the_spread_by_the_root_of_two(groups, replicates):
    parts = {
        "B2B": segment("B", 150, 1, pays=300, share=0.5),
        "B2C": segment("C", 150, 2),
    }
    doubled = {name: members(*twice(*part), months=12) for name, part in parts.items()}
    found = chain_replicates(doubled, "B2B", np.random.default_rng(3), replicates=150)

    bars = [gap_bars(worth_of_groups(each), "B2B")["bar"].to_numpy() for each in (groups, doubled)]
    assert bars[0] == pytest.approx(bars[1])
    ratio = (spread(replicates) / spread(found)).to_numpy()
    # A spread of 150 draws has an error of 6 %, the ratio of two 8 %: here a little over three.
    assert ratio == pytest.approx(np.sqrt(2), rel=0.27)


def test_the_order_of_today_changes_no_bar_and_no_draw(groups, replicates):
    parts = {
        "B2B": segment("B", 150, 1, pays=300, share=0.5),
        "B2C": segment("C", 150, 2),
    }
    shuffled = {
        name: members(model, today.sample(frac=1, random_state=1), months=12)
        for name, (model, today) in parts.items()
    }

    found, expected = (gap_bars(worth_of_groups(each), "B2B") for each in (shuffled, groups))
    assert_frame_equal(found, expected)
    again = chain_replicates(shuffled, "B2B", np.random.default_rng(1), replicates=5)
    assert_frame_equal(again, replicates.head(25))


def test_swapped_groups_flip_the_bars(groups, replicates):
    found = chain_replicates(groups, "B2C", np.random.default_rng(1), replicates=5)

    assert found["bar"].to_numpy() == pytest.approx(-replicates["bar"].head(25).to_numpy())


def test_a_draw_of_everybody_once_is_the_point_estimate(groups):
    class Once:
        """Draws everybody once: customers one by one, months in blocks of three."""

        def integers(self, low: int, high: int, size: int) -> np.ndarray:
            return np.arange(0, high, high // size)

    found = chain_replicates(groups, "B2B", Once(), replicates=1)

    expected = gap_bars(worth_of_groups(groups), "B2B").assign(replicate=0)
    assert_frame_equal(found, expected)


def blocks_of(starts: np.ndarray) -> np.ndarray:
    """How often each month counts when blocks of three begin at these months, on a circle."""
    counts = np.zeros(MONTHS)
    for start in starts:
        for step in range(3):
            counts[(start + step) % MONTHS] += 1
    return counts


def test_blocks_of_months_on_a_circle():
    class These:
        def integers(self, low: int, high: int, size: int) -> np.ndarray:
            assert (low, high) == (0, 8)
            return np.array([6, 0, 7][:size])

    # Months 6, 7, 0; 0, 1, 2; and two of the block that begins at 7: 7, 0.
    assert blocks_drawn(8, These()).tolist() == [3, 1, 1, 0, 0, 0, 1, 2]
    drawn = [blocks_drawn(31, np.random.default_rng(seed)) for seed in range(400)]
    assert {counts.sum() for counts in drawn} == {31}
    # Every month counts once on average; 400 draws have an error of about 0.08.
    assert np.mean(drawn, axis=0) == pytest.approx(np.ones(31), abs=0.35)


def test_months_that_move_together_widen_the_lifetime():
    """The same exits, spread evenly or in two waves that each last three months."""
    parts = {"B2B": segment("B", 150, 1, pays=300, share=0.5), "B2C": segment("C", 150, 2)}
    spreads = {}
    for waves in (False, True):
        groups = {}
        for name, (model, today) in parts.items():
            weight = np.full(MONTHS, 1 / MONTHS)
            if waves and name == "B2C":
                weight[[4, 5, 6, 20, 21, 22]] *= 3
            then = (weight / weight.sum())[:, None] * model.levels.ends.sum(axis=0)
            levels = replace(model.levels, ends_then=then)
            groups[name] = members(replace(model, levels=levels), today, months=12)
        drawn = chain_replicates(groups, "B2B", np.random.default_rng(1), replicates=100)
        spreads[waves] = spread(drawn)["lifetime"]
    assert spreads[True] > 1.5 * spreads[False]


def test_a_draw_takes_the_same_months_for_both_groups():
    """Groups that differ in nothing but their names live equally long, whatever months are drawn.

    All customers are alike, so that months alone move a lifetime; all left in three months.
    """
    weight = np.zeros(MONTHS)
    weight[4:7] = 1 / 3
    groups = {}
    for name, letter in (("B2B", "B"), ("B2C", "C")):
        model, today = segment(letter, 40, 1)
        then = weight[:, None] * model.levels.ends.sum(axis=0)
        levels = replace(model.levels, size=np.zeros(40), ends_then=then)
        alike = today.assign(hazard=0.05, gone=0.0)
        groups[name] = members(replace(model, levels=levels), alike, months=12)
    drawn = chain_replicates(groups, "B2B", np.random.default_rng(1), replicates=20)

    lifetimes = drawn[drawn["factor"] == "lifetime"]
    assert lifetimes["first"].round(6).nunique() > 5
    assert lifetimes["first"].tolist() == pytest.approx(lifetimes["second"].tolist())


def with_others(part: tuple[ValueModel, pd.DataFrame], *factors: float):
    """The model with others, whose hazards are so many times its own."""
    model, today = part

    class Times(Own):
        def __init__(self, factor: float) -> None:
            self.factor = factor

        def hazards(self, frame: pd.DataFrame, months: int) -> np.ndarray:
            return self.factor * super().hazards(frame, months)

    others = tuple((Times(factor), model.levels) for factor in factors)
    return replace(model, others=others), today


def test_shifts_are_lifetimes_of_the_others_less_the_own():
    model, today = with_others(segment("B", 20, 1), 1.0, 2.0)
    found = members(model, today, months=8, annual_rate=0.2)

    own = model.survival(today, 8) @ discounts(8, 0.2)
    factors = model.levels.factors(model.levels.size_of(today), 8)
    stays = np.cumprod(1 - np.minimum(2 * found.hazards * factors, 1), axis=1)
    twice = (1 - found.gone) * (stays @ discounts(8, 0.2))
    assert found.shifts[0] == pytest.approx(np.zeros(18))
    assert found.shifts[1] == pytest.approx(twice - own)
    assert members(*segment("B", 20, 1)).shifts == []


def test_shapes_have_four_times_the_covariance_of_the_models():
    rng = np.random.default_rng(3)
    shifts = list(rng.normal(0, 1, (3, 5)))
    drawn = np.array([shape_drawn(shifts, rng) for _ in range(20_000)])

    spread_of_all = np.cov(np.array([np.zeros(5), *shifts]), rowvar=False)
    # The standard error of a covariance is at most 1 % of the largest variance here.
    assert np.cov(drawn, rowvar=False) == pytest.approx(
        4 * spread_of_all, abs=0.04 * 4 * np.diag(spread_of_all).max()
    )
    assert drawn.mean(axis=0) == pytest.approx(np.zeros(5), abs=0.1)
    assert shape_drawn([], rng) == 0


def test_the_jackknife_of_fifths_finds_the_variance_of_a_mean():
    """Means of four fifths of a sample, as the models are: four times their variance is that."""
    rng = np.random.default_rng(4)
    guesses = []
    for _ in range(2_000):
        sample = rng.normal(0, 1, 100)
        means = [rng.permutation(sample)[:80].mean() for _ in range(4)]
        guesses.append(4 * np.var(means, ddof=1))
    assert np.mean(guesses) == pytest.approx(1 / 100, rel=0.06)


def test_models_that_disagree_widen_the_bars():
    parts = {"B2B": segment("B", 150, 1, pays=300, share=0.5), "B2C": segment("C", 150, 2)}
    spreads = []
    for factors in ((), (1.0, 1.0, 1.0), (0.6, 1.0, 1.4)):
        groups = {
            name: members(*with_others(part, *factors), months=12) for name, part in parts.items()
        }
        drawn = chain_replicates(groups, "B2B", np.random.default_rng(1), replicates=100)
        spreads.append(spread(drawn)["lifetime"])
    assert spreads[1] == pytest.approx(spreads[0], rel=0.3)
    assert spreads[2] > 1.5 * spreads[0]


def test_a_draw_by_hand():
    """Each customer valued today counts as often as drawn, at the levels of all who were drawn."""
    parts = {"B2B": segment("B", 50, 1, pays=300), "B2C": segment("C", 40, 2)}
    groups = {name: members(*part, months=8, annual_rate=0.2) for name, part in parts.items()}
    drawn = {size: np.random.default_rng(7).integers(0, size, size) for size in (50, 40)}
    drawn[MONTHS // 3] = np.array([0, 0, 5, 5, 29, 12, 12, 12, 20, 3])
    calendar = blocks_of(drawn[MONTHS // 3])

    class These:
        """Draws what is to be drawn."""

        def integers(self, low: int, high: int, size: int) -> np.ndarray:
            return drawn[size]

    found = chain_replicates(groups, "B2B", These(), annual_rate=0.2, replicates=1)

    ahead, today = np.arange(1, 9), discounts(8, 0.2)
    worth = []
    for name, (model, features) in parts.items():
        taught = model.levels.customers
        times = np.bincount(drawn[len(taught)], minlength=len(taught)).astype(float)
        rows = features.loc[
            features.index.repeat(times[taught.get_indexer(features["customer_id"])])
        ]
        factors = model.levels.factors(model.levels.size_of(rows), 8, times, calendar)
        stays = np.cumprod(1 - model.hazards(rows, 8) * factors, axis=1)
        survival = stays * (1 - rows["gone"].to_numpy()[:, None])
        money = {}
        for part in (model.revenue, model.margin):
            start, growth = part.evidence.drift_of(times)
            drift = np.exp(start + growth * ahead)
            money[part.measure] = part.level(rows) * (survival @ (today * drift))
        worth.append(rows[["customer_id"]].assign(lifetime=survival @ today, group=name, **money))
    expected = gap_bars(pd.concat(worth), "B2B").assign(replicate=0)
    assert_frame_equal(found, expected)


def test_the_rate_of_the_draws_is_the_one_given():
    model, today = segment("B", 40, 1)
    groups = {
        "B2B": members(model, today, months=6, annual_rate=0),
        "B2C": members(*segment("C", 40, 2), months=6, annual_rate=0),
    }
    at_zero, at_half = (
        chain_replicates(
            groups, "B2B", np.random.default_rng(1), annual_rate=rate, replicates=3
        ).query("factor == 'lifetime'")
        for rate in (0.0, 0.5)
    )

    assert (at_zero["first"] < 6).all()
    assert (at_half["first"] / at_zero["first"]).between(*discounts(6, 0.5)[[-1, 0]]).all()


def test_the_gap_comes_with_intervals_around_it(groups):
    found = gap_with_intervals(groups, "B2B", np.random.default_rng(1), replicates=60)
    narrow = gap_with_intervals(
        groups, "B2B", np.random.default_rng(1), replicates=60, confidence=0.8
    )

    points = gap_bars(worth_of_groups(groups), "B2B").drop(columns="error")
    assert_frame_equal(found[["factor", "first", "second", "bar"]], points)
    assert (found["low"] < found["bar"]).all()
    assert (found["bar"] < found["high"]).all()
    assert (narrow["low"] > found["low"]).all()
    assert found["in_noise"].tolist() == [
        low <= 0 <= high for low, high in zip(found["low"], found["high"], strict=True)
    ]
    # B2B pays three times as much.
    assert not found.set_index("factor").loc["arpu", "in_noise"]
