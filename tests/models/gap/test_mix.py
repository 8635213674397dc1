import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

from src.data.problems import InputError
from src.models.gap.mix import mix_and_rate

customers = st.lists(
    st.tuples(st.sampled_from("NSWE"), st.floats(-1_000, 10_000)), min_size=2, max_size=12
)


def worth_of(first: list[tuple[str, float]], second: list[tuple[str, float]]) -> pd.DataFrame:
    """B2B and B2C customers from their regions and margins."""
    region, margin = zip(*first, *second, strict=True)
    group = ["B2B"] * len(first) + ["B2C"] * len(second)
    return pd.DataFrame(
        {"customer_id": np.arange(len(group)), "group": group, "region": region, "margin": margin}
    )


B2B = [("N", 100.0), ("N", 200.0), ("S", 50.0), ("S", 50.0)]
B2C = [("N", 60.0), ("S", 20.0), ("S", 20.0), ("S", 20.0)]


def split(rows: pd.DataFrame, first: str = "B2B", **given):
    return mix_and_rate(
        rows,
        first,
        "region",
        np.random.default_rng(1),
        **{"min_cell": 1, "replicates": 50, **given},
    )


def test_two_regions_by_hand():
    found = split(worth_of(B2B, B2C))

    # The groups have means of 100 and 30, so c = 65; of N the shares are 1/2 and 1/4.
    expected = pd.DataFrame(
        {
            "sub_segment": ["S", "N", "S", "N"],
            "effect": ["mix", "mix", "rate", "rate"],
            "value": [-0.25 * (35 - 65), 0.25 * (105 - 65), 30 * 0.625, 90 * 0.375],
        }
    )
    assert_frame_equal(found.effects[["sub_segment", "effect", "value"]], expected)
    assert list(found.effects)[3:] == ["low", "high", "in_noise"]
    totals = pd.DataFrame(
        {"effect": ["mix", "rate", "only_in_one", "gap"], "value": [17.5, 52.5, 0.0, 70.0]}
    )
    assert_frame_equal(found.totals[["effect", "value"]], totals)
    assert_frame_equal(
        found.sub_segments,
        pd.DataFrame(
            {
                "sub_segment": ["S", "N"],
                "first_customers": [2, 2],
                "second_customers": [3, 1],
                "first_share": [0.5, 0.5],
                "second_share": [0.75, 0.25],
                "first_mean": [50.0, 150.0],
                "second_mean": [20.0, 60.0],
            }
        ),
    )


def test_a_region_of_one_group_only_has_an_effect_of_its_own():
    found = split(worth_of([*B2B, ("W", 400.0)], B2C))

    assert found.totals["value"].tolist() == pytest.approx([17.5, 52.5, 60, 130])
    only = found.effects[found.effects["sub_segment"] == "W"]
    # A fifth of the group, worth 300 more than the others of it.
    assert only[["effect", "value"]].to_numpy().tolist() == [["only_in_one", pytest.approx(60)]]
    assert found.sub_segments.loc[2, "first_mean"] == 400
    assert np.isnan(found.sub_segments.loc[2, "second_mean"])


def test_more_of_a_poor_region_is_a_mix_below_zero():
    found = split(worth_of([("N", 100.0), ("S", 10.0), ("S", 10.0)], [("N", 100.0), ("S", 10.0)]))

    assert (found.effects["value"][:2] < 0).all()
    assert found.totals["value"].tolist() == pytest.approx([-15, 0, 0, -15])


def test_small_regions_are_pooled():
    found = split(
        worth_of(
            [("N", 1.0)] * 5 + [("S", 2.0)] * 2 + [("W", 3.0)] + [("E", 9.0)] * 3,
            [("N", 1.0)] * 3 + [("S", 2.0)] * 4,
        ),
        min_cell=3,
    )

    # S has only 2 customers of one group, W 1; E has 3 of one group and is kept apart.
    expected = pd.DataFrame(
        {
            "sub_segment": ["N", "E", "other"],
            "first_customers": [5, 3, 3],
            "second_customers": [3, 0, 4],
        }
    )
    assert_frame_equal(found.sub_segments.iloc[:, :3], expected)
    assert found.sub_segments["first_mean"].tolist() == pytest.approx([1, 9, 7 / 3])


@settings(deadline=None, max_examples=40)
@given(customers, customers, st.floats(0.01, 100), st.randoms(use_true_random=False))
def test_effects_add_up_and_are_those_of_kitagawa(first, second, rate, order):
    first, second = [("N", 1.0), *first], [("N", 2.0), *second]
    rows = worth_of(first, second)
    places = list(range(len(rows)))
    order.shuffle(places)
    found, swapped, shuffled, converted = (
        split(given, name, replicates=2)
        for given, name in (
            (rows, "B2B"),
            (rows, "B2C"),
            (rows.iloc[places], "B2B"),
            (rows.assign(margin=rate * rows["margin"]), "B2B"),
        )
    )
    totals = found.totals.set_index("effect")["value"]
    by_effect = found.effects.groupby("effect")["value"].sum()
    means = rows.groupby("group")["margin"].mean()
    near = {"rel": 1e-9, "abs": 1e-6}

    assert totals["gap"] == pytest.approx(means["B2B"] - means["B2C"], **near)
    assert totals[:3].sum() == pytest.approx(totals["gap"], **near)
    assert by_effect.reindex(totals.index[:3], fill_value=0).tolist() == pytest.approx(
        totals[:3].tolist(), **near
    )
    # Kitagawa's mix, of the customers in regions that both groups have, without a centre.
    held = rows[rows["region"].isin(set(next(zip(*first, strict=True))) & {*dict(second)})]
    share = pd.crosstab(held["region"], held["group"], normalize="columns")
    mean = held.pivot_table("margin", "region", "group")
    mix = ((share["B2B"] - share["B2C"]) * mean.mean(axis=1)).sum()
    assert totals["mix"] == pytest.approx(mix, **near)
    assert swapped.totals["value"].to_numpy() == pytest.approx(-totals.to_numpy(), **near)
    assert converted.totals["value"].to_numpy() == pytest.approx(rate * totals.to_numpy(), **near)
    assert_frame_equal(shuffled.effects, found.effects)


def test_groups_with_the_same_mix_differ_by_rate_only():
    rows = worth_of([("N", 10.0), ("S", 30.0)] * 20, [("N", 5.0), ("S", 8.0)] * 20)
    found = split(rows).totals.set_index("effect")

    assert found.loc["mix", "value"] == 0
    assert found.loc["rate", "value"] == pytest.approx(13.5)
    assert found.loc["only_in_one", ["value", "low", "high", "in_noise"]].tolist() == [
        0,
        0,
        0,
        True,
    ]


def test_the_acquisition_cost_counts_where_it_should():
    rows = worth_of(B2B, B2C).assign(acquisition_cost=[40.0] * 4 + [0.0] * 4)

    assert split(rows).totals["value"].iloc[-1] == 70
    assert split(rows, count_acquisition=True).totals["value"].iloc[-1] == 30


REGIONS = ["N", "S", "W"]
POPULATION = {  # shares and mean LTV by region
    "B2B": ([0.5, 0.3, 0.2], [3_000, 2_000, 1_000]),
    "B2C": ([0.2, 0.3, 0.5], [300, 200, 250]),
}


def simulated(count: int, rng: np.random.Generator) -> pd.DataFrame:
    parts = []
    for name, (shares, means) in POPULATION.items():
        place = rng.choice(3, count, p=shares)
        margin = np.array(means)[place] * np.exp(rng.standard_normal(count) - 0.5)
        parts.append(
            pd.DataFrame({"group": name, "region": np.take(REGIONS, place), "margin": margin})
        )
    return pd.concat(parts, ignore_index=True).rename_axis("customer_id").reset_index()


def test_nine_in_ten_intervals_hold_the_effects_of_the_population():
    (p1, v1), (p2, v2) = (np.array(each, float) for each in POPULATION.values())
    truth = [((p1 - p2) * (v1 + v2) / 2).sum(), ((v1 - v2) * (p1 + p2) / 2).sum(), 0]
    truth.append(p1 @ v1 - p2 @ v2)
    hits = []
    for seed in range(200):
        rng = np.random.default_rng(seed)
        found = mix_and_rate(
            simulated(300, rng), "B2B", "region", rng, replicates=200, confidence=0.9
        ).totals
        hits.append((found["low"] <= truth) & (truth <= found["high"]))
    mix, rate, only_in_one, gap = np.mean(hits, axis=0)

    assert only_in_one == 1  # there is none
    assert 0.85 <= min(mix, rate, gap) <= max(mix, rate, gap) <= 0.95


def test_intervals_are_repeatable_and_follow_groups_not_rows():
    rows = simulated(60, np.random.default_rng(1))
    found, again, shuffled = (
        split(given) for given in (rows, rows, rows.sample(frac=1, random_state=1))
    )
    swapped = split(rows, "B2C")

    for name in ("totals", "effects", "sub_segments"):
        assert_frame_equal(getattr(found, name), getattr(again, name))
        assert_frame_equal(getattr(found, name), getattr(shuffled, name))
    assert swapped.totals["low"].to_numpy() == pytest.approx(-found.totals["high"].to_numpy())


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        (worth_of(B2B, B2C).drop(columns="region"), r"^the frame has no column region$"),
        (worth_of(B2B, [*B2C, (None, 1.0)]), r"^region is missing in 1 rows$"),
        (
            worth_of([("N", 1.0)] * 2, [("S", 1.0)] * 2),
            r"^no value of region has customers of both groups, B2B and B2C$",
        ),
        (worth_of(B2B, B2C[:1]), r"^the group B2C has one customer"),
        (worth_of(B2B, [*B2C, ("N", np.nan)]), r"^margin is missing or infinite in 1 of 9 rows$"),
        (worth_of(B2B, B2C).assign(customer_id=1), r"^each customer has one row; 7 rows repeat"),
    ],
)
def test_rows_that_cannot_be_split_are_refused(rows, message):
    with pytest.raises(InputError, match=message):
        split(rows)
