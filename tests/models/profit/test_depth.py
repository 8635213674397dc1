import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from src.data.problems import InputError
from src.models.profit.contact import contact_profit, mpc
from src.models.profit.depth import (
    compare_orderings,
    planned_shares,
    profit_at,
    profit_band,
    profit_by_band,
    profit_curve,
    recommended_depth,
)

contacts = st.lists(
    st.tuples(st.integers(-50, 200), st.integers(0, 5)), min_size=1, max_size=20
).map(lambda drawn: tuple(np.array(column, float) for column in zip(*drawn, strict=True)))


def customers(count: int, seed: int, rate: float = 0.1) -> pd.DataFrame:
    """Calibrated chances, a heavy-tailed value that has nothing to do with them, and what came."""
    rng = np.random.default_rng(seed)
    chance = rng.beta(rate * 2, (1 - rate) * 2, count)
    rows = pd.DataFrame(
        {
            "customer_id": np.arange(count).astype(str),
            "churned": rng.random(count) < chance,
            "value": rng.lognormal(5, 1, count),
            "chance": chance,
            "random": rng.random(count),
        }
    )
    return rows.assign(profit=contact_profit(rows["churned"], rows["value"]))


def test_curve_by_hand():
    found = profit_curve([-11, 56, 20, -10], score=[0.1, 0.9, 0.5, 0.5])

    expected = pd.DataFrame(
        {
            "contacted": [0.0, 1, 2, 3, 4],
            "share": [0, 0.25, 0.5, 0.75, 1],
            "profit": [0.0, 56, 61, 66, 55],
            "next_profit": [56, 5, 5, -11, np.nan],
        }
    )
    pd.testing.assert_frame_equal(found, expected)


def test_recommended_depth_by_hand():
    found = recommended_depth(profit_curve([-11, 56, 20, -10], score=[0.1, 0.9, 0.5, 0.5]))

    assert (found.contacted, found.share, found.profit, found.pays) == (3, 0.75, 66, True)


def test_no_campaign_pays():
    found = recommended_depth(profit_curve([-11, -5], score=[0.1, 0.9]))

    assert (found.contacted, found.share, found.profit, found.pays) == (0, 0, 0, False)


@settings(deadline=None)
@given(contacts, st.randoms(use_true_random=False), st.floats(0.01, 100))
def test_neither_order_of_rows_nor_currency_matter(drawn, order, rate):
    profit, score = drawn
    places = list(range(len(profit)))
    order.shuffle(places)
    curve, shuffled = profit_curve(profit, score), profit_curve(profit[places], score[places])
    scaled = profit_curve(profit * rate, score)

    pd.testing.assert_frame_equal(shuffled, curve)
    assert scaled["profit"].to_numpy() == pytest.approx(curve["profit"] * rate, abs=1e-6)


@settings(deadline=None)
@given(contacts)
def test_the_best_list_is_ordered_by_the_profit_itself(drawn):
    profit, score = drawn
    of_score = recommended_depth(profit_curve(profit, score))
    of_profit = recommended_depth(profit_curve(profit, profit))

    assert of_profit.profit == pytest.approx(profit[profit > 0].sum())
    assert of_score.profit <= of_profit.profit + 1e-9


@settings(deadline=None)
@given(contacts, st.lists(st.integers(1, 3), min_size=20, max_size=20))
def test_a_weight_is_a_repeated_row(drawn, drawn_weight):
    profit, score = drawn
    weight = np.array(drawn_weight[: len(profit)])
    curve = profit_curve(profit, score, weight)
    repeated = profit_curve(np.repeat(profit, weight), np.repeat(score, weight))

    shares = np.linspace(0, 1, 13)
    assert [profit_at(curve, share) for share in shares] == pytest.approx(
        [profit_at(repeated, share) for share in shares]
    )


def test_with_the_same_value_for_all_it_is_the_maximum_profit_measure():
    rows = customers(500, seed=1)
    profit = contact_profit(rows["churned"], np.full(500, 200.0))
    depth = recommended_depth(profit_curve(profit, rows["chance"]))
    found = mpc(rows["churned"], rows["chance"])

    assert (depth.profit / 500, depth.share) == pytest.approx((found.value, found.share))


def test_expected_profit_is_what_is_earned_when_chances_are_calibrated():
    rows = customers(200_000, seed=2)
    expected = contact_profit(rows["chance"], rows["value"])
    depth = recommended_depth(profit_curve(expected, expected))
    realised = profit_curve(rows["profit"], expected)

    assert depth.pays
    assert 0.05 < depth.share < 0.5
    assert profit_at(realised, depth.share) == pytest.approx(depth.profit, rel=0.05)
    # Whom to contact by money is worth more than by risk alone.
    by_risk = profit_curve(rows["profit"], rows["chance"])
    assert recommended_depth(by_risk).profit < 0.95 * profit_at(realised, depth.share)


def test_bands_by_hand():
    curve = profit_curve([60, 40, 20, -10], score=[4, 3, 2, 1])
    found = profit_by_band(curve, edges=(0, 0.25, 0.375, 1))

    expected = pd.DataFrame(
        {
            "from_share": [0, 0.25, 0.375],
            "to_share": [0.25, 0.375, 1],
            "contacts": [1, 0.5, 2.5],
            "profit": [60.0, 20, 30],
            "profit_per_contact": [60.0, 40, 12],
        }
    )
    pd.testing.assert_frame_equal(found, expected)


@settings(deadline=None)
@given(contacts)
def test_bands_add_up(drawn):
    curve = profit_curve(*drawn)

    assert profit_by_band(curve)["profit"].sum() == pytest.approx(curve["profit"].iloc[-1])


def test_orderings_against_the_first():
    rows = customers(4_000, seed=3)
    found = compare_orderings(rows, ["chance", "random"], np.random.default_rng(1), replicates=200)
    by_chance, by_random = found.to_dict("records")

    depth = recommended_depth(profit_curve(rows["profit"], rows["chance"]))
    assert (by_chance["share"], by_chance["profit"]) == pytest.approx((depth.share, depth.profit))
    assert [by_chance[name] for name in ("difference", "difference_low", "difference_high")] == [
        0
    ] * 3
    assert by_chance["low"] < by_chance["profit"] < by_chance["high"]
    assert by_random["difference"] == pytest.approx(by_random["profit"] - by_chance["profit"])
    assert by_random["difference_high"] < 0
    assert found["in_noise"].tolist() == [True, False]
    assert by_chance["pays"]


def test_depths_chosen_beforehand_and_a_list_of_nobody():
    rows = customers(1_000, seed=4)
    shares = {"chance": 0.1, "random": 0.0}
    found = compare_orderings(
        rows, ["chance", "random"], np.random.default_rng(1), shares=shares, replicates=50
    )
    curve = profit_curve(rows["profit"], rows["chance"])

    assert found["share"].tolist() == [0.1, 0]
    assert found["profit"].tolist() == pytest.approx([profit_at(curve, 0.1), 0])
    assert found.loc[1, ["low", "high"]].tolist() == [0, 0]
    assert found["pays"].tolist() == [True, False]


def test_the_interval_covers_the_profit_at_a_depth_chosen_beforehand():
    everyone = customers(200_000, seed=5)
    curve = profit_curve(everyone["profit"], everyone["chance"])
    truth = profit_at(curve, 0.2) / len(everyone) * 1_000
    rng = np.random.default_rng(6)
    covered = []
    for _ in range(150):
        sample = everyone.sample(1_000, random_state=rng)
        found = compare_orderings(sample, ["chance"], rng, shares={"chance": 0.2}, replicates=150)
        covered.append(found["low"][0] <= truth <= found["high"][0])

    assert 0.88 <= np.mean(covered) <= 0.99


def test_rows_of_one_customer_are_drawn_together():
    rows = customers(500, seed=7)
    twice = pd.concat([rows, rows], ignore_index=True)
    shares = {"chance": 0.2}
    once, of_twice, as_others = (
        compare_orderings(frame, ["chance"], np.random.default_rng(1), shares=shares).loc[0]
        for frame in (rows, twice, twice.assign(customer_id=np.arange(1_000)))
    )

    width, of_twice_width, of_others_width = (
        found["high"] - found["low"] for found in (once, of_twice, as_others)
    )
    # The same customers twice is the same knowledge about twice the money.
    assert of_twice_width == pytest.approx(2 * width)
    assert of_others_width == pytest.approx(2 * width / np.sqrt(2), rel=0.15)


LISTING = pd.DataFrame(
    {
        "customer_id": ["a", "b", "c", "d"],
        "profit": [56.0, -11, 29, -11],  # a and c leave: 0.3 x (200 - 10) - 1 and 0.3 x 100 - 1
        "value": [200.0, 20, 110, 10],
        "chance": [0.9, 0.5, 0.4, 0.1],
        "everybody alike": [0.5] * 4,
    }
)


def expected_of(names: dict[str, str], **costs: float) -> dict[str, np.ndarray]:
    """What an order expects of each contact, by the chances in one of the columns."""
    return {
        ordering: contact_profit(LISTING[chance], LISTING["value"], **costs)
        for ordering, chance in names.items()
    }


def test_planned_depths_by_hand():
    # With chance p a contact brings p x 0.3 (value - 10) + p x 10 - 11: 49.3, -4.5, 5 and -10; by
    # chance the sum is highest after three. With 0.5 for everybody it is 22.5, -4.5, 9 and -6.
    orderings = {"chance": "chance", "value": "everybody alike"}

    assert planned_shares(LISTING, expected_of(orderings)) == {"chance": 0.75, "value": 0.5}
    alike = expected_of({"chance": "everybody alike"})
    assert planned_shares(LISTING, alike) == {"chance": 0.75}
    # Contacts at 12 instead of 1 leave the first alone on either list.
    dear = expected_of(orderings, contact=12)
    assert planned_shares(LISTING, dear) == {"chance": 0.25, "value": 0.25}


@pytest.mark.parametrize("costs", [{"contact": 60}, {"offer": 300}, {"accept_rate": 0}])
def test_where_no_contact_is_expected_to_pay_nobody_is(costs):
    orderings = {"chance": "chance", "value": "everybody alike"}
    shares = planned_shares(LISTING, expected_of(orderings, **costs))

    assert shares == {"chance": 0, "value": 0}
    found = compare_orderings(
        LISTING, list(orderings), np.random.default_rng(1), shares=shares, replicates=20
    )
    assert (found[["profit", "low", "high"]] == 0).all(axis=None)


def test_a_plan_does_not_know_what_came():
    rows = customers(500, seed=8)
    expected = {"chance": contact_profit(rows["chance"], rows["value"])}

    turned = rows.assign(churned=~rows["churned"], profit=-rows["profit"])
    assert planned_shares(turned, expected) == planned_shares(rows, expected)


def test_contacts_in_vain_make_a_shorter_list():
    """Who is gone costs a contact: the depth, the plan and the profit count them as such."""
    rows = customers(4_000, seed=12)
    is_gone = np.arange(4_000) % 4 == 0
    economics = {"contact": 5}
    savable = np.where(is_gone, 0, rows["chance"])
    known = contact_profit(savable, rows["value"], is_gone.astype(float), **economics)
    hidden = contact_profit(rows["chance"], rows["value"], **economics)

    shares = planned_shares(rows, {"chance": known}), planned_shares(rows, {"chance": hidden})
    assert 0 < shares[0]["chance"] < shares[1]["chance"]
    came = contact_profit(~is_gone & rows["churned"], rows["value"], is_gone, **economics)
    found = compare_orderings(
        rows.assign(profit=came),
        ["chance"],
        np.random.default_rng(1),
        shares=shares[0],
        replicates=20,
    )
    top = rows["chance"].rank(ascending=False) <= round(shares[0]["chance"] * 4_000)
    assert found["profit"][0] == pytest.approx(came[top].sum())
    assert (came[is_gone] == -5).all()


def test_a_band_by_hand():
    found = profit_band(LISTING, "chance", [0, 0.25, 0.375, 1], np.random.default_rng(1))

    # a leaves and brings 56, b costs 11, c brings 29, d costs 11; half of b is half of its cost.
    assert list(found) == ["share", "profit", "low", "high"]
    assert found["share"].tolist() == [0, 0.25, 0.375, 1]
    assert found["profit"].tolist() == pytest.approx([0, 56, 50.5, 63])
    assert found.loc[0, ["low", "high"]].tolist() == [0, 0]


@pytest.mark.parametrize("depth", [0, 0.07, 0.5, 1])
def test_a_band_is_the_comparison_at_each_of_its_depths(depth):
    rows = customers(300, seed=9)
    drawn = {"replicates": 100, "confidence": 0.9}
    band = profit_band(rows, "chance", [0.01, depth], np.random.default_rng(2), **drawn)
    compared = compare_orderings(
        rows, ["chance"], np.random.default_rng(2), shares={"chance": depth}, **drawn
    )

    columns = ["share", "profit", "low", "high"]
    assert band.loc[1, columns].tolist() == pytest.approx(compared.loc[0, columns].tolist())


def test_the_profits_of_a_band_are_those_of_the_curve_whatever_the_seed():
    rows = customers(300, seed=10)
    curve = profit_curve(rows["profit"], rows["chance"])
    depths = np.linspace(0, 1, 7)
    one, other = (
        profit_band(rows, "chance", depths, np.random.default_rng(seed), replicates=50)
        for seed in (1, 2)
    )

    assert one["profit"].tolist() == pytest.approx([profit_at(curve, share) for share in depths])
    assert other["profit"].tolist() == one["profit"].tolist()
    assert other["low"].tolist() != one["low"].tolist()
    again = profit_band(rows, "chance", depths, np.random.default_rng(1), replicates=50)
    pd.testing.assert_frame_equal(again, one)


def test_a_band_of_the_same_customers_twice_is_twice_as_much_money():
    rows = customers(300, seed=11)
    depths = [0.1, 0.4]
    once, twice = (
        profit_band(frame, "chance", depths, np.random.default_rng(1))
        for frame in (rows, pd.concat([rows, rows], ignore_index=True))
    )

    money = ["profit", "low", "high"]
    pd.testing.assert_frame_equal(twice[money], 2 * once[money])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (([1, 2], [1]), r"^profit has 2 rows, score has 1$"),
        (([1, np.nan], [1, 2]), r"^profit is missing or infinite in 1 of 2 rows$"),
        (([1, 2], [1, None]), r"^score is missing or infinite in 1 of 2 rows$"),
        (([1, 2], [1, 2], [0, 0]), r"^weight must be 0 or more in every row"),
    ],
)
def test_a_curve_needs_profit_and_score_of_every_row(arguments, message):
    with pytest.raises(InputError, match=message):
        profit_curve(*arguments)


@pytest.mark.parametrize("edges", [(0,), (0, 0.5, 0.5), (0.5, 0.1), (-0.1, 1), (0, 5)])
def test_edges_that_are_no_bands_are_refused(edges):
    with pytest.raises(InputError, match=r"^edges must be at least two shares between 0 and 1"):
        profit_by_band(profit_curve([1], [1]), edges)


def test_a_share_outside_0_and_1_is_refused():
    with pytest.raises(InputError, match=r"^share must lie between 0 and 1, not 20$"):
        profit_at(profit_curve([1], [1]), 20)


@pytest.mark.parametrize(
    ("orderings", "shares", "message"),
    [
        (["recency"], None, r"^the frame has no column recency$"),
        ([], None, r"^the frame has no column to order by$"),
        (["chance"], {"random": 0.1}, r"^shares has no depth for chance$"),
        (["chance"], {"chance": 10}, r"^every depth in shares must lie between 0 and 1$"),
    ],
)
def test_orderings_that_cannot_be_compared_are_refused(orderings, shares, message):
    with pytest.raises(InputError, match=message):
        compare_orderings(customers(20, seed=1), orderings, np.random.default_rng(1), shares=shares)
