from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal
from scipy.stats import chisquare

from src.data.checks import violations
from src.data.operator.shop import ShopSettings, simulate_orders, simulate_strangers
from src.data.problems import InputError

FIRST, MONTHS = pd.Timestamp("2023-01-01"), 24
# Whose orders they are is always known: every buyer linked, none to somebody else.
TRACED = ShopSettings(linked_share=1.0, wrong_share=0.0)
EVERYBODY = replace(TRACED, buyer_share=1.0)
KINDS = {
    "order_id": "object",
    "buyer_key": "object",
    "date": "datetime64[ns]",
    "amount": "float64",
    "customer_id": "object",
    "sku": "object",
    "category": "object",
    "margin": "float64",
}


def block(count: int, start: int = 0, **columns: object) -> pd.DataFrame:
    """Subscribers who are active throughout, unless `columns` says otherwise."""
    rng = np.random.default_rng(start + 5)
    given = {
        "customer_id": [f"C{number:07d}" for number in range(start, start + count)],
        "first": -3,
        "last": 99,
        "engagement": rng.standard_normal(count),
        "chain_month": -1,
    }
    return pd.DataFrame(given | columns)


def simulate(customers: pd.DataFrame, settings: ShopSettings, seed: int = 1) -> pd.DataFrame:
    return simulate_orders(customers, settings, MONTHS, FIRST, np.random.default_rng(seed))


def strangers(count: int, settings: ShopSettings, seed: int = 1) -> pd.DataFrame:
    return simulate_strangers(count, settings, MONTHS, FIRST, np.random.default_rng(seed))


def month_index(orders: pd.DataFrame) -> pd.Series:
    return (orders["date"].dt.year - FIRST.year) * 12 + orders["date"].dt.month - FIRST.month


def counts_by(customers: pd.DataFrame, orders: pd.DataFrame) -> np.ndarray:
    """Orders of each customer, zeros included."""
    counts = orders["customer_id"].value_counts()
    return counts.reindex(customers["customer_id"], fill_value=0).to_numpy()


def log_ratio(counts: np.ndarray, base: np.ndarray) -> tuple[float, float]:
    """Logarithm of the ratio of two means over customers, and its standard error."""
    error = sum(part.var() / part.mean() ** 2 / len(part) for part in (counts, base))
    return float(np.log(counts.mean() / base.mean())), float(np.sqrt(error))


@pytest.fixture(scope="module")
def customers() -> pd.DataFrame:
    rng = np.random.default_rng(4)
    first = rng.integers(-30, MONTHS, 8_000)
    is_treated = rng.random(8_000) < 0.3
    return block(
        8_000,
        first=first,
        last=first + rng.integers(1, 60, 8_000),
        chain_month=np.where(is_treated, rng.integers(0, MONTHS, 8_000), -1),
    )


@pytest.fixture(scope="module")
def orders(customers) -> pd.DataFrame:
    return simulate(customers, ShopSettings())


@pytest.mark.parametrize("settings", [ShopSettings(), ShopSettings.null(), EVERYBODY])
def test_orders_obey_the_contract(customers, settings):
    found = simulate(customers, settings)

    assert violations(found, "orders") == []
    assert found.dtypes.astype(str).to_dict() == KINDS


def test_orders_of_strangers_obey_the_contract():
    found = strangers(500, ShopSettings())

    assert violations(found, "orders") == []
    assert found.dtypes.astype(str).to_dict() == KINDS
    assert found["customer_id"].isna().all()


@pytest.mark.parametrize(
    "found",
    [
        simulate(block(0), ShopSettings()),
        simulate(block(10), ShopSettings(buyer_share=0.0)),
        simulate(block(10), ShopSettings(order_rate=0.0)),
        strangers(0, ShopSettings()),
    ],
    ids=["no customers", "no buyers", "no orders", "no strangers"],
)
def test_without_buyers_there_is_an_empty_table(found):
    assert len(found) == 0
    assert found.dtypes.astype(str).to_dict() == KINDS


def test_the_same_generator_state_gives_the_same_orders(customers, orders):
    before = customers.copy()
    assert_frame_equal(simulate(customers, ShopSettings()), orders)
    assert_frame_equal(customers, before)
    assert_frame_equal(strangers(200, ShopSettings()), strangers(200, ShopSettings()))
    assert not simulate(customers, ShopSettings(), seed=2).equals(orders)


def test_the_index_of_the_block_does_not_matter(customers, orders):
    same_labels = customers.set_index(np.zeros(len(customers), dtype=int))

    assert_frame_equal(simulate(same_labels, ShopSettings()), orders)


def test_keys_are_unique_across_blocks_and_strangers():
    parts = [
        simulate(block(4_000), ShopSettings()),
        simulate(block(4_000, start=4_000), ShopSettings()),
        strangers(2_000, ShopSettings()),
    ]

    everything = pd.concat(parts, ignore_index=True)
    assert violations(everything, "orders") == []
    accounts = [set(part["buyer_key"]) for part in parts]
    assert len(set().union(*accounts)) == sum(map(len, accounts))


def test_the_keys_do_not_show_the_customer(customers, orders):
    shown = orders["order_id"] + orders["buyer_key"]

    assert not shown.str.contains("C0", regex=False).any()
    assert set(orders["buyer_key"]).isdisjoint(customers["customer_id"])
    number = orders.groupby("buyer_key").cumcount() + 1
    assert orders["order_id"].tolist() == [
        f"{key}-{count}" for key, count in zip(orders["buyer_key"], number, strict=True)
    ]
    assert orders.groupby("buyer_key")["date"].is_monotonic_increasing.all()


def test_no_order_lies_outside_the_active_months(customers):
    found = simulate(customers, EVERYBODY)
    lives = customers.set_index("customer_id").loc[found["customer_id"]]
    months = month_index(found).to_numpy()

    assert (months >= lives["first"].to_numpy()).all()
    assert (months < lives["last"].to_numpy()).all()
    assert found["date"].min() >= FIRST
    assert found["date"].max() <= pd.Timestamp("2024-12-31")


def test_the_first_and_the_last_active_month_have_orders():
    one_month = block(3_000, first=5, last=6)
    found = simulate(one_month, EVERYBODY)

    assert (month_index(found) == 5).all()
    assert found["date"].dt.day.min() == 1
    assert found["date"].dt.day.max() == 30
    assert len(simulate(block(3_000, first=6, last=6), EVERYBODY)) == 0


def test_months_count_from_the_first_of_the_month():
    found = simulate_orders(
        block(5_000), EVERYBODY, 1, pd.Timestamp("2024-02-15"), np.random.default_rng(1)
    )

    assert found["date"].min() == pd.Timestamp("2024-02-01")
    assert found["date"].max() == pd.Timestamp("2024-02-29")


def test_a_quarter_of_the_subscribers_buys():
    subscribers = block(20_000)
    counts = counts_by(subscribers, simulate(subscribers, TRACED))

    assert (counts > 0).mean() == pytest.approx(0.25, abs=0.015)


def test_rates_differ_between_buyers_as_a_gamma_does():
    subscribers = block(40_000)
    flat = replace(EVERYBODY, engagement_effect=0.0)
    counts = counts_by(subscribers, simulate(subscribers, flat))

    # Poisson given gamma(shape 1.2, mean 0.3 x 24): the negative binomial distribution.
    mean = 0.30 * MONTHS
    assert counts.mean() == pytest.approx(mean, rel=0.03)
    assert counts.var() == pytest.approx(mean + mean**2 / 1.2, rel=0.05)
    assert (counts == 0).mean() == pytest.approx((1.2 / (1.2 + mean)) ** 1.2, abs=0.006)


def test_the_rate_grows_with_engagement_and_keeps_its_mean():
    levels = np.repeat([-1.0, 1.0], 40_000)
    pair = block(80_000, engagement=levels)
    counts = counts_by(pair, simulate(pair, EVERYBODY))
    ratio, error = log_ratio(counts[levels > 0], counts[levels < 0])

    assert error < 0.02
    assert abs(ratio - 2 * 0.30) < 3 * error
    normal = block(40_000)
    average = counts_by(normal, simulate(normal, EVERYBODY)).mean()
    assert average == pytest.approx(0.30 * MONTHS, rel=0.04)


def test_december_is_high_and_the_season_follows_the_calendar():
    found = simulate(block(30_000), TRACED)
    months = found.groupby(found["date"].dt.month).size()
    expected = np.asarray(ShopSettings().season)

    assert months.idxmax() == 12
    assert (months / months.sum()).to_numpy() == pytest.approx(expected / 12, rel=0.06)
    from_june = simulate_orders(
        block(30_000), TRACED, 12, pd.Timestamp("2023-06-01"), np.random.default_rng(1)
    )
    assert from_june["date"].dt.month.value_counts().idxmax() == 12


def test_the_chain_lifts_the_rate_for_three_months_without_decay():
    is_treated = np.arange(120_000) % 2 == 0
    pair = block(120_000, chain_month=np.where(is_treated, 6, -1))
    found = simulate(pair, replace(EVERYBODY, chain_factor=1.4))
    months = month_index(found)

    ratios = {}
    for month in range(4, 12):
        counts = counts_by(pair, found[months == month])
        ratios[month] = log_ratio(counts[is_treated], counts[~is_treated])
    expected = {month: np.log(1.4) if month in (6, 7, 8) else 0.0 for month in ratios}
    for month, (ratio, error) in ratios.items():
        assert error < 0.015
        assert abs(ratio - expected[month]) < 3 * error, month
    counts = counts_by(pair, found[months.between(6, 8)])
    ratio, error = log_ratio(counts[is_treated], counts[~is_treated])
    assert error < 0.01
    assert abs(ratio - np.log(1.4)) < 3 * error


def test_no_chain_is_not_a_chain_before_the_first_month():
    calm = simulate(block(3_000), replace(EVERYBODY, chain_factor=1.0))

    assert_frame_equal(simulate(block(3_000), replace(EVERYBODY, chain_factor=9.0)), calm)


def test_a_chain_in_the_last_month_is_cut_by_the_end():
    found = simulate(block(2_000, chain_month=MONTHS - 1), replace(EVERYBODY, chain_factor=9.0))

    months = month_index(found).value_counts().sort_index()
    assert months.index.tolist() == list(range(MONTHS))
    assert months.iloc[-1] > 5 * months.iloc[-2]


def test_null_engagement_and_chain_change_nothing():
    null = replace(ShopSettings.null(), buyer_share=1.0, linked_share=1.0, wrong_share=0.0)
    subscribers = block(60_000, chain_month=np.where(np.arange(60_000) % 2 == 0, 6, -1))
    found = simulate(subscribers, null)
    counts = counts_by(subscribers, found)
    high = subscribers["engagement"].to_numpy() > 0

    ratio, error = log_ratio(counts[high], counts[~high])
    assert error < 0.01
    assert abs(ratio) < 3 * error
    after = counts_by(subscribers, found[month_index(found).between(6, 8)])
    is_treated = subscribers["chain_month"].to_numpy() == 6
    ratio, error = log_ratio(after[is_treated], after[~is_treated])
    assert error < 0.015
    assert abs(ratio) < 3 * error
    without = simulate(subscribers.assign(engagement=0.0, chain_month=-1), null)
    assert_frame_equal(without, found)


def test_buyers_are_linked_whole_or_not_at_all(orders):
    ids = orders["customer_id"].fillna("none").groupby(orders["buyer_key"]).nunique()

    assert (ids == 1).all()


@pytest.mark.parametrize(("linked_share", "wrong_share"), [(0.85, 0.01), (0.4, 0.3)])
def test_linkage_shares(linked_share, wrong_share):
    subscribers = block(40_000)
    settings = ShopSettings(linked_share=linked_share, wrong_share=wrong_share)
    found = simulate(subscribers, settings).drop_duplicates("buyer_key")
    # The same generator state gives the same orders, whoever they are linked to.
    traced = simulate(subscribers, TRACED).drop_duplicates("buyer_key")
    owner = found["buyer_key"].map(traced.set_index("buyer_key")["customer_id"])
    linked = found["customer_id"].notna()
    wrong = linked & (found["customer_id"] != owner)

    assert owner.notna().all()
    count = len(found)
    error = np.sqrt(linked_share * (1 - linked_share) / count)
    assert abs(linked.mean() - linked_share) < 3 * error
    error = np.sqrt(wrong_share * (1 - wrong_share) / linked.sum())
    assert abs(wrong.sum() / linked.sum() - wrong_share) < 3 * error
    assert found.loc[linked, "customer_id"].isin(subscribers["customer_id"]).all()


def test_a_wrong_link_never_hits_the_buyer_unless_there_is_nobody_else():
    all_wrong = replace(EVERYBODY, wrong_share=1.0)
    right = simulate(block(3), EVERYBODY, seed=3)
    wrong = simulate(block(3), all_wrong, seed=3)

    assert len(right) == len(wrong)
    assert (right["customer_id"] != wrong["customer_id"]).all()
    assert set(simulate(block(1), all_wrong)["customer_id"]) == {"C0000000"}


def test_categories_amounts_and_margins():
    found = simulate(block(60_000), TRACED)
    settings = ShopSettings()
    by_category = found.groupby("category")
    spread = settings.spend_spread**2

    shares = found["category"].value_counts(normalize=True)
    for name, share, mean, shape, margin in zip(
        settings.categories,
        settings.category_shares,
        settings.amounts,
        settings.amount_shapes,
        settings.margin_shares,
        strict=True,
    ):
        rows = by_category.get_group(name)
        assert shares[name] == pytest.approx(share, abs=0.01)
        assert rows["amount"].mean() == pytest.approx(mean, rel=0.03)
        # Of a product of two independent factors: (1 + 1 / shape) (1 + spread) - 1.
        variation = rows["amount"].std() / rows["amount"].mean()
        expected = np.sqrt((1 + 1 / shape) * (1 + spread) - 1)
        assert variation == pytest.approx(expected, rel=0.05)
        margins = rows["margin"] / rows["amount"]
        assert margins.mean() == pytest.approx(margin, abs=0.003)
        large = margins[rows["amount"] > 10]  # where cents do not matter
        assert large.std() == pytest.approx(settings.margin_noise, rel=0.05)
        assert rows["sku"].str.fullmatch(rf"{name}-\d{{3}}").all()
        assert rows["sku"].nunique() == settings.articles
    assert (found["amount"] > 0).all()
    assert (found["margin"] <= found["amount"]).all()


def test_spend_is_a_trait_of_the_buyer_unless_switched_off():
    one_article = {"categories": ("phone",), "category_shares": (1.0,), "amounts": (100.0,)}
    one_article |= {"amount_shapes": (5.0,), "margin_shares": (0.1,)}

    def between_buyers(spread: float) -> float:
        settings = replace(EVERYBODY, spend_spread=spread, **one_article)
        found = simulate(block(6_000), settings)
        buyers = found.groupby("buyer_key")["amount"].agg(["mean", "var", "size"])
        buyers = buyers[buyers["size"] >= 5]
        return float(buyers["mean"].var() - (buyers["var"] / buyers["size"]).mean())

    assert between_buyers(0.35) == pytest.approx(35**2, rel=0.1)
    assert between_buyers(0.0) == pytest.approx(0.0, abs=15)


def test_popular_articles_sell_in_proportion_to_their_rank():
    found = simulate(block(20_000), replace(EVERYBODY, articles=3))
    ranks = found["sku"].str[-3:].value_counts().sort_index()

    assert ranks.index.tolist() == ["001", "002", "003"]
    expected = np.array([6, 3, 2]) / 11 * len(found)
    assert chisquare(ranks, expected).pvalue > 0.01


def test_every_stranger_buys_and_the_number_has_no_trend():
    flat = replace(ShopSettings(), season=(1.0,) * 12)
    found = strangers(20_000, flat)
    months = month_index(found).value_counts().sort_index()

    assert found["buyer_key"].nunique() == 20_000
    assert months.index.tolist() == list(range(MONTHS))
    assert months.iloc[:12].sum() / months.iloc[12:].sum() == pytest.approx(1.0, abs=0.04)


def test_strangers_stop_at_the_set_chance():
    stayers = strangers(5_000, ShopSettings(stranger_exit=0.0))
    leavers = strangers(5_000, ShopSettings(stranger_exit=1.0))

    # Nobody stops: the orders of a buyer are those of a subscriber, with at least one.
    per_buyer = stayers["buyer_key"].value_counts()
    assert per_buyer.mean() == pytest.approx(0.30 * MONTHS, rel=0.06)
    # Everybody stops after the first month.
    months = month_index(leavers).groupby(leavers["buyer_key"])
    assert (months.max() == months.min()).all()


def test_strangers_differ_in_rate_between_buyers():
    counts = strangers(5_000, ShopSettings(stranger_exit=0.0))["buyer_key"].value_counts()

    assert counts.var() / counts.mean() > 4  # Poisson counts of equal rates have 1


@pytest.mark.parametrize(
    ("name", "value", "rule"),
    [
        ("buyer_share", 1.5, r"must lie in 0\.\.1, not 1.5"),
        ("linked_share", -0.1, r"must lie in 0\.\.1, not -0.1"),
        ("wrong_share", float("nan"), r"must lie in 0\.\.1, not nan"),
        ("stranger_exit", 2.0, r"must lie in 0\.\.1, not 2.0"),
        ("order_rate", -0.3, "must be 0 or more, not -0.3"),
        ("chain_factor", -1.0, "must be 0 or more, not -1.0"),
        ("margin_noise", -0.1, "must be 0 or more, not -0.1"),
        ("spend_spread", float("inf"), "must be 0 or more, not inf"),
        ("rate_shape", 0.0, "must be above 0, not 0.0"),
        ("engagement_effect", float("nan"), "must be a finite number, not nan"),
        ("articles", 0, "must be a whole number of 1 or more, not 0"),
        ("articles", 1.5, "must be a whole number of 1 or more, not 1.5"),
        ("season", (1.0,) * 11, "must be 12 factors of 0 or more"),
        ("season", (1.0,) * 11 + (-1.0,), "must be 12 factors of 0 or more"),
        ("categories", (), r"must be different names, not \(\)"),
        ("categories", ("a", "b", "a", "c"), "must be different names"),
        ("category_shares", (0.5, 0.5), "must have one value for each of the 4 categories, not 2"),
        ("category_shares", (0.5, 0.5, 0.5, 0.5), "must sum to 1, not 2"),
        ("category_shares", (1.5, -0.5, 0.0, 0.0), r"must lie in 0\.\.1"),
        ("amounts", (1.0, 1.0, 0.0, 1.0), "must be above 0"),
        ("amounts", (1.0,), "must have one value for each of the 4 categories, not 1"),
        ("amount_shapes", (1.0, 1.0, -2.0, 1.0), "must be above 0"),
        ("margin_shares", (0.1, 0.1, 0.1, 1.1), r"must lie in 0\.\.1"),
    ],
)
def test_settings_that_cannot_be_are_refused_by_name(name, value, rule):
    with pytest.raises(InputError, match=f"^{name} {rule}"):
        replace(ShopSettings(), **{name: value})


def test_months_and_counts_that_cannot_be_are_refused():
    rng = np.random.default_rng(1)
    with pytest.raises(InputError, match=r"^months must be 1 or more, not 0$"):
        simulate_orders(block(3), ShopSettings(), 0, FIRST, rng)
    with pytest.raises(InputError, match=r"^months must be 1 or more, not -1$"):
        simulate_strangers(3, ShopSettings(), -1, FIRST, rng)
    with pytest.raises(InputError, match=r"^count must be 0 or more, not -1$"):
        simulate_strangers(-1, ShopSettings(), MONTHS, FIRST, rng)
