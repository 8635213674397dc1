"""The simulated operator: same seed same base, the contract, and published shapes."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.metrics import roc_auc_score

from src.data.bases import open_base
from src.data.building import build_base
from src.data.checks import violations
from src.data.operator import generate, truth
from src.data.operator import tables as made
from src.data.operator.generate import settings_of, simulate
from src.data.operator.lives import cumulative_baseline, expected_frailty, simulate_block
from src.data.operator.settings import B2C, Settings, null_settings
from src.data.operator.world import make_world
from src.data.problems import InputError
from src.features.lifecycle import lives
from src.features.snapshots import HORIZONS
from src.models.churn.oracle import true_outcomes
from src.models.value.backtest import hidden_margin
from src.models.value.concentration import gini, top_share
from src.models.value.money import bill_margins

KINDS = ["ticket", "competitor_offer", "price_change", "incident"]
SMALL = Settings(b2c_customers=2_300, b2b_customers=1_200)
OF_PANEL = replace(SMALL, b2b_customers=0, hidden_months=0)


@pytest.fixture(scope="module")
def small():
    return simulate(SMALL)


@pytest.fixture(scope="module")
def of_panel():
    """Private customers of a panel: no truth of months ahead, which takes most of the time."""
    return simulate(OF_PANEL)[0]


@pytest.fixture(scope="module")
def base(tmp_path_factory):
    """The operator as it ships, built anew."""
    folder = tmp_path_factory.mktemp("bases") / "operator"
    folder.mkdir()
    shipped = Path(__file__).parents[3] / "data/bases/operator/base.yml"
    (folder / "base.yml").write_text(shipped.read_text())
    return build_base(str(folder))


def test_every_table_obeys_the_contract(small):
    tables, _ = small
    assert set(tables) == {
        "customers", "billing", "usage", "lines", "contracts", "holdings", "events", "orders",
        "campaigns", "deals", "link_checks",
    }  # fmt: skip
    for name, frame in tables.items():
        assert [str(problem) for problem in violations(frame, name)] == []
    known = set(tables["customers"]["customer_id"])
    for name in ("billing", "usage", "lines", "contracts", "holdings", "events", "campaigns"):
        assert set(tables[name]["customer_id"]) <= known


def test_nothing_in_the_tables_comes_from_after_the_panel(small):
    tables, _ = small
    end = SMALL.first_month + pd.DateOffset(months=SMALL.months)
    for name, frame in tables.items():
        for column in frame.select_dtypes("datetime"):
            if (name, column) != ("contracts", "end_month"):  # a term runs on
                assert frame[column].max() < end, (name, column)


def test_what_nobody_can_see_is_in_no_table(small):
    tables, _ = small
    columns = {column for frame in tables.values() for column in frame}
    assert not columns & {"frailty", "engagement", "hazard", "decided"}


def test_the_same_seed_gives_the_same_bytes_and_chunks_do_not_matter(tmp_path):
    settings = replace(SMALL, months=12, hidden_months=0)
    prints, frames = [], []
    for place, (chunk, processes) in enumerate(((1_000, 1), (1_000, 2), (5_000, 1))):
        folder = tmp_path / str(place)
        folder.mkdir()
        generate.generate(folder, settings, {}, chunk=chunk, processes=processes)
        prints.append(json.loads((folder / "built.json").read_text())["fingerprint"])
        frames.append({path.name: pd.read_parquet(path) for path in folder.glob("t*/*.parquet")})
    assert prints[0] == prints[1]
    for other in frames[1:]:
        assert set(other) == set(frames[0])
        for name, frame in frames[0].items():
            pd.testing.assert_frame_equal(other[name], frame)


def test_the_shipped_base_is_the_one_of_before(base):
    """Harder scenarios leave the default operator as it was, byte by byte."""
    assert base.fingerprint == "a568e02331e785ee"


def test_another_seed_gives_another_base(of_panel):
    other = simulate(replace(OF_PANEL, seed=1))[0]
    assert not other["billing"].equals(of_panel["billing"])


def test_customers_of_a_block_do_not_depend_on_how_many_there_are(of_panel):
    more = simulate(replace(OF_PANEL, b2c_customers=4_000))[0]["customers"]
    pd.testing.assert_frame_equal(more.head(2_000), of_panel["customers"].head(2_000))


def test_an_interrupted_run_leaves_the_base_as_it_was(tmp_path, monkeypatch):
    settings = replace(SMALL, months=12, hidden_months=0)
    generate.generate(tmp_path, settings, {"name": "x"}, processes=1)
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}

    def broken(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(generate, "_without_customers", broken)
    with pytest.raises(KeyboardInterrupt):
        generate.generate(tmp_path, replace(settings, seed=2), {"name": "x"}, processes=1)
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before
    assert not list(tmp_path.glob(".building-*"))


@pytest.fixture(scope="module")
def segment(base):
    return base.table("customers").set_index("customer_id")["segment"]


@pytest.fixture(scope="module")
def found(base):
    return lives(base.table("billing"), base.table("customers"))


def test_churn_and_freezing_have_the_published_size(found, segment):
    of = found["customer_id"].map(segment)
    ended = found["how"] != "censored"
    churn = ended.groupby(of).sum() / found["months"].groupby(of).sum()
    assert 0.015 < churn["B2C"] < 0.03
    assert 0.005 < churn["B2B"] < 0.012
    frozen = (found["how"] == "frozen")[ended].groupby(of[ended]).mean()
    assert frozen.between(0.30, 0.60).all()


def test_revenue_is_spread_as_published(base, segment):
    billing = base.table("billing")
    year = billing["month"].max() - pd.DateOffset(months=11)
    money = billing[billing["month"] >= year].groupby("customer_id")["revenue"].sum()
    of = segment.reindex(money.index)
    assert gini(money[of == "B2B"]) > 0.7
    assert 0.3 < gini(money[of == "B2C"]) < 0.5
    assert 0.70 < top_share(money[money > 0]).value < 0.85


def test_lines_are_heavy_tailed_and_accounts_lose_lines(base, segment):
    lines = base.table("lines")
    of = lines["customer_id"].map(segment)
    count = lines[of == "B2B"].groupby("customer_id").size()
    assert count.max() <= 600
    assert count.max() > 200
    assert count.median() <= 3
    assert lines[of == "B2C"].groupby("customer_id").size().max() == 1
    customers = base.table("customers").set_index("customer_id")
    alive = lines["customer_id"].map(customers["closed_month"]).isna() & (of == "B2B")
    assert 0.05 < lines.loc[alive, "end_month"].notna().mean() < 0.6


def test_end_users_of_companies_use_lines_as_private_people_do(base, segment):
    lines = base.table("lines")
    of = lines["customer_id"].map(segment)
    private = lines.loc[of == "B2C", "add_ons"].mean()
    staff = lines.loc[(of == "B2B") & (lines["user_role"] == "end_user"), "add_ons"].mean()
    leaders = lines.loc[lines["user_role"] == "decision_maker", "add_ons"].mean()
    assert abs(staff - private) < 0.1
    assert leaders < private - 0.5


def test_b2b_exits_bunch_at_renewal(base):
    decided = truth.open_truth(base, "months").query("is_declining").groupby("customer_id")["month"]
    first = decided.min()
    contracts = base.table("contracts").query("customer_id in @first.index")
    contracts = contracts[contracts["customer_id"].str.startswith("B2B")]
    ends = contracts.assign(decided=contracts["customer_id"].map(first))
    after = (ends["decided"].dt.to_period("M").astype("int64")) - (
        ends["end_month"].dt.to_period("M").astype("int64")
    )
    # Two of twelve or more months hold far more than their share of decisions.
    assert after.isin([1, 2]).groupby(ends["customer_id"]).any().mean() > 0.3


def test_cohorts_show_the_falling_churn_of_an_sbg(base):
    """Retention of a cohort rises with age: a constant churn fits worse than an sBG."""
    from scipy.optimize import minimize
    from scipy.special import betaln

    ends = truth.open_truth(base, "lives")
    customers = base.table("customers").merge(ends, on="customer_id")
    cohort = customers[
        (customers["segment"] == "B2C") & customers["signup_month"].between("2023-02", "2023-12")
    ]
    age = (cohort["end_month"].dt.to_period("M") - cohort["signup_month"].dt.to_period("M")).map(
        lambda gap: gap.n if not pd.isna(gap) else 999
    )
    years = np.minimum((age - 1) // 12, 3)
    lost = years.value_counts().reindex(range(3), fill_value=0).to_numpy()
    stayed = int((years == 3).sum())

    def sbg(log_parameters):
        a, b = np.exp(log_parameters)
        t = np.arange(1, 4)
        log_lost = betaln(a + 1, b + t - 1) - betaln(a, b)
        return -(lost @ log_lost + stayed * (betaln(a, b + 3) - betaln(a, b)))

    at_risk = lost[::-1].cumsum()[::-1] + stayed
    p = lost.sum() / at_risk.sum()
    constant = -(lost.sum() * np.log(p) + (at_risk.sum() - lost.sum()) * np.log(1 - p))
    assert constant - minimize(sbg, [0, 0], method="Nelder-Mead").fun > 10


def test_the_association_of_products_is_confounded(base, found):
    """Raw, customers with more products leave less; at equal engagement much less so."""
    true = truth.open_truth(base, "lives").set_index("customer_id")
    last = found.drop_duplicates("customer_id", keep="last").set_index("customer_id")
    holdings = base.table("holdings")
    early = holdings[holdings["start_month"] <= "2024-06-01"].groupby("customer_id").size()
    watched = last[(last["start"] <= "2024-06-01") & ~(last["end"] <= "2024-06-01")]
    watched = watched[watched.index.str.startswith("B2C")]
    y = (watched["how"] != "censored").astype(float)
    products = early.reindex(watched.index).fillna(0).clip(upper=3)
    engagement = true["engagement"].reindex(watched.index)
    raw = np.polyfit(products, y, 1)[0]
    design = np.column_stack([np.ones(len(y)), products, engagement, engagement**2])
    adjusted = np.linalg.lstsq(design, y, rcond=None)[0][1]
    assert raw < 0
    assert abs(adjusted) < 0.6 * abs(raw)


LAST = SMALL.first_month + pd.DateOffset(months=35)


def months_left(ends: pd.DataFrame, at: pd.Timestamp) -> pd.Series:
    """Months from `at` to the end of the life of then, by customer: 0 or less for who was gone."""
    own = ends.set_index("customer_id")
    end = own["return_end"].where(own["return_month"] <= at, own["end_month"])
    return (12 * (end.dt.year - at.year) + end.dt.month - at.month).fillna(999)


def listed(base, at: pd.Timestamp) -> pd.Index:
    """Who is on the list at the end of a month: a bill in three months, and not closed."""
    bills = base.table("billing").query("revenue > 0 and month <= @at")
    recent = bills.loc[bills["month"] > at - pd.DateOffset(months=3), "customer_id"].unique()
    customers = base.table("customers").set_index("customer_id")
    closed = customers["closed_month"] <= at
    return customers.index[customers.index.isin(recent) & ~closed]


def test_the_truth_of_today_is_of_everybody_on_the_list(base):
    """Gone or not: an analyst sees the silent on the list, and so does the truth."""
    snapshot = truth.open_truth(base, "snapshot").set_index("customer_id")
    assert snapshot.index.sort_values().equals(listed(base, LAST).sort_values())
    left = months_left(truth.open_truth(base, "lives"), LAST).reindex(snapshot.index)
    is_gone = (left <= 0).to_numpy()
    assert is_gone.sum() > 100
    # An insider knows who is gone; so does who sees that nothing is used any more.
    assert ((snapshot["gone"] == 1) == is_gone).all()
    assert snapshot["gone"].isin([0, 1]).all()
    assert snapshot["gone_fair"].equals(snapshot["gone"])
    for suffix in ("", "_fair"):
        assert snapshot[f"churn_0{suffix}"].equals(snapshot["gone"].rename(f"churn_0{suffix}"))
        money = [f"{name}{suffix}" for name in ("margin_12", "margin_36", "lifetime", "revenue")]
        assert (snapshot.loc[is_gone, money] == 0).all(axis=None)
    bills = base.table("billing").query("revenue > 0").groupby("customer_id")["month"].max()
    silent = bills.reindex(snapshot.index) < LAST
    assert silent[is_gone].all()
    assert 0.2 < is_gone[silent].mean() < 0.98  # others pause, or their bill is late


def test_who_came_back_is_in_the_second_life(base):
    snapshot = truth.open_truth(base, "snapshot").set_index("customer_id")
    ends = truth.open_truth(base, "lives")
    back = ends[ends["return_month"] <= LAST].set_index("customer_id")
    own = snapshot[snapshot.index.isin(back.index)]
    left = months_left(ends, LAST).reindex(own.index)
    assert len(own) > 60
    # The first life is over for all of them; most are there.
    assert own["gone"].mean() < 0.2
    assert (own["gone"] == (left <= 0)).all()
    for months in (6, 12):
        expected, happened = own[f"churn_{months}"], left <= months
        error = np.sqrt((expected * (1 - expected)).sum())
        assert abs(expected.sum() - happened.sum()) < 3 * error
    hidden = truth.open_truth(base, "hidden_billing")
    came = hidden_margin(hidden, ends, LAST, 36).reindex(own.index).fillna(0)
    apart = came - own["margin_36"]
    assert came.sum() > 0
    assert abs(apart.mean()) < 3 * apart.std() / np.sqrt(len(own))


@pytest.mark.parametrize("suffix", ["", "_fair"])
def test_chances_of_the_truth_are_what_happens(base, suffix):
    """Calibration by segment, of everybody on the list: within four standard errors."""
    snapshot = truth.open_truth(base, "snapshot").set_index("customer_id")
    ends = truth.open_truth(base, "lives")
    left = months_left(ends, LAST).reindex(snapshot.index)
    hidden = truth.open_truth(base, "hidden_billing")
    came = hidden_margin(hidden, ends, LAST, 36).reindex(snapshot.index).fillna(0)
    apart = came - snapshot[f"margin_36{suffix}"]
    for segment_name in ("B2C", "B2B"):
        rows = snapshot.index.str.startswith(segment_name)
        for horizon in (0, 1, 3, 6, 12):
            expected, happened = (
                snapshot.loc[rows, f"churn_{horizon}{suffix}"],
                left[rows] <= horizon,
            )
            error = np.sqrt((expected * (1 - expected)).sum()) / rows.sum()
            assert abs(expected.mean() - happened.mean()) <= 4 * error
        assert abs(apart[rows].mean()) < 4 * apart[rows].std() / np.sqrt(rows.sum())


def test_true_outcomes_are_as_frequent_as_their_chances(base):
    """Gone already, too late, can be saved, stays: by segment, at the horizons of the project."""
    snapshot = truth.open_truth(base, "snapshot").set_index("customer_id")
    left = months_left(truth.open_truth(base, "lives"), LAST).reindex(snapshot.index)
    for segment_name, horizon in HORIZONS.items():
        rows = snapshot.index.str.startswith(segment_name)
        edges = (0, horizon.gap, horizon.reach)
        came = np.select([left[rows] <= edge for edge in edges], range(3), 3)
        for suffix in ("", "_fair"):
            chances = true_outcomes(snapshot[rows], horizon.months, horizon.gap, suffix=suffix)
            for state in range(4):
                own = chances[:, state]
                error = np.sqrt((own * (1 - own)).sum())
                assert abs(own.sum() - (came == state).sum()) <= 4 * error


def test_hazards_add_up_to_the_ends(base):
    """Ends minus summed hazards is a martingale: within four standard errors, per segment."""
    months = truth.open_truth(base, "months")
    of = months["customer_id"].str[:3]
    ends = (~months["is_alive"]).groupby(of).sum()
    expected = months["hazard"].groupby(of).sum()
    error = np.sqrt((months["hazard"] * (1 - months["hazard"])).groupby(of).sum())
    assert ((ends - expected).abs() < 4 * error).all()
    slow = months[months["is_declining"] | (~months["is_alive"] & of.eq("B2B"))]
    assert slow["hazard"].max() == 1  # the sixth month of a decline is its last


def test_chances_never_cross_and_both_versions_are_there(base):
    snapshot = truth.open_truth(base, "snapshot")
    for suffix in ("", "_fair"):
        chances = snapshot[[f"churn_{months}{suffix}" for months in range(13)]].to_numpy()
        assert (np.diff(chances, axis=1) >= -1e-9).all()
        assert (chances >= -1e-9).all()
        assert (chances <= 1 + 1e-9).all()


def test_discounted_sums_of_the_truth_fit_its_chances_and_its_money(base):
    snapshot = truth.open_truth(base, "snapshot")
    today = 1.12 ** (-np.arange(1, 37) / 12)
    of = snapshot["customer_id"].str[:3]
    for suffix in ("", "_fair"):
        lifetime, revenue, margin = (
            snapshot[f"{name}{suffix}"] for name in ("lifetime", "revenue", "margin")
        )
        # Twelve months are known exactly; later ones hold at most those who are left by then.
        stays = 1 - snapshot[[f"churn_{months}{suffix}" for months in range(1, 13)]].to_numpy()
        year = stays @ today[:12]
        assert (lifetime >= year - 1e-9).all()
        assert (lifetime <= year + stays[:, -1] * today[12:].sum() + 1e-9).all()
        assert lifetime.between(0, today.sum()).all()
        assert (revenue >= margin).all()
        assert (revenue[lifetime > 0] > margin[lifetime > 0]).all()
        # Each year is worth between its last and its first month, of those who always earn.
        ends = snapshot[[f"margin_{months}{suffix}" for months in (12, 24, 36)]].to_numpy()
        years = np.diff(ends, axis=1, prepend=0)
        earns = (years > 0).all(axis=1)
        assert earns.mean() > 0.9
        for values, bound in ((margin, ends[:, -1]), (margin, years @ today[[0, 12, 24]])):
            assert (values[earns] < bound[earns]).mean() > 0.99
            assert (values.groupby(of).sum() < pd.Series(bound).groupby(of).sum()).all()
        assert (margin[earns] > (years @ today[[11, 23, 35]])[earns]).mean() > 0.99


def test_discounted_sums_of_the_truth_are_what_happens(base):
    """Sums of the hidden months within four standard errors."""
    snapshot = truth.open_truth(base, "snapshot").set_index("customer_id")
    left = months_left(truth.open_truth(base, "lives"), LAST)
    today = 1.12 ** (-np.arange(1, 37) / 12)
    there = (left.clip(1, 37) - 1).reindex(snapshot.index).astype(int)
    realised = {"lifetime": pd.Series(np.append(0, np.cumsum(today))[there], snapshot.index)}
    hidden = truth.open_truth(base, "hidden_billing")
    hidden = hidden[hidden["customer_id"].isin(snapshot.index)]
    ahead = (hidden["month"].dt.year - LAST.year) * 12 + hidden["month"].dt.month - LAST.month
    counts = (ahead < hidden["customer_id"].map(left)) * today[ahead - 1]
    money = {"revenue": hidden["revenue"]}
    money["margin"] = bill_margins(hidden)
    for name, values in money.items():
        sums = (values * counts).groupby(hidden["customer_id"]).sum()
        realised[name] = sums.reindex(snapshot.index).fillna(0)
    for segment_name in ("B2C", "B2B"):
        rows = snapshot.index.str.startswith(segment_name)
        for name, happened in realised.items():
            expected, mean = snapshot.loc[rows, name].mean(), happened[rows].mean()
            error = (happened - snapshot[name])[rows].std() / np.sqrt(rows.sum())
            assert abs(expected - mean) < 4 * error


def hidden_over_true(seed: int, folder: Path) -> dict[str, float]:
    """What came of 36 hidden months over what was to be expected, less one, by segment."""
    folder.mkdir()
    (folder / "base.yml").write_text("simulator: operator\n")
    built = {"name": "small", "title": "Small", "kind": "panel", "currency": "EUR", "notes": []}
    built["origin"] = "simulated"
    generate.generate(folder, replace(SMALL, seed=seed), built, processes=1)
    base = open_base(str(folder))
    snapshot = truth.open_truth(base, "snapshot").set_index("customer_id")
    bills, ends = truth.open_truth(base, "hidden_billing"), truth.open_truth(base, "lives")
    came = hidden_margin(bills, ends, LAST, 36)
    sums = pd.DataFrame({"came": came, "expected": snapshot["margin_36"]}).dropna(subset="expected")
    sums = sums.fillna(0).groupby(sums.index.str[:3]).sum()
    return (sums["came"] / sums["expected"] - 1).to_dict()


@pytest.mark.slow
def test_over_many_operators_the_truth_is_what_happens_on_average(tmp_path):
    """Thirty worlds: within three standard errors, which are small enough to see 2 %."""
    found = pd.DataFrame([hidden_over_true(seed, tmp_path / str(seed)) for seed in range(1, 31)])
    error = found.std() / np.sqrt(len(found))
    assert (found.mean().abs() < 3 * error).all()
    assert (3 * error < 0.025).all()


def test_a_model_learns_and_the_truth_stays_above_it(base):
    """Lost within three months, from a few plain features; the label needs the hidden months.

    Of everybody on the list, and of those who have a bill of the last month, which is harder.
    """
    snapshot = truth.open_truth(base, "snapshot").set_index("customer_id")
    ends, last = truth.open_truth(base, "lives"), LAST

    def features(month):
        bills = base.table("billing")
        bills = bills[bills["month"] <= month]
        uses = base.table("usage")
        uses = uses[uses["month"] <= month]
        events = base.table("events")
        events = events[events["date"] < month + pd.DateOffset(months=1)]
        recent = events[events["date"] >= month - pd.DateOffset(months=2)]
        customers = base.table("customers").set_index("customer_id")
        alive = listed(base, month)
        table = pd.DataFrame(index=alive)
        paid = bills[bills["revenue"] > 0].groupby("customer_id")["month"].max()
        table["silent"] = (month.to_period("M") - paid.dt.to_period("M")).map(lambda m: m.n)
        age = (month.to_period("M") - customers["signup_month"].dt.to_period("M")).map(
            lambda m: m.n
        )
        table["age"] = age
        table["is_b2b"] = customers["segment"].eq("B2B")
        for name, frame in (("revenue", bills), ("data_gb", uses)):
            wide = frame[frame["month"] > month - pd.DateOffset(months=12)]
            mean = wide.groupby("customer_id")[name].mean()
            short = frame[frame["month"] > month - pd.DateOffset(months=2)]
            table[name] = mean
            table[f"{name}_ratio"] = short.groupby("customer_id")[name].mean() / mean
        counts = recent.groupby(["customer_id", "kind"]).size().unstack()
        table = table.join(counts.reindex(columns=KINDS))
        contracts = base.table("contracts")
        running = contracts[contracts["start_month"] <= month].groupby("customer_id")["end_month"]
        until = running.max().dt.to_period("M") - month.to_period("M")
        table["until_renewal"] = until.map(lambda gap: gap.n)
        table["has_term"] = table["until_renewal"].notna()
        table["held"] = (
            base.table("holdings").query("start_month <= @month").groupby("customer_id").size()
        )
        return table.astype(float), alive

    def label(month, alive):
        return (months_left(ends, month).reindex(alive) <= 3).to_numpy()

    train = [features(last - pd.DateOffset(months=back)) for back in (12, 9, 6, 4)]
    x = pd.concat([part[0] for part in train])
    y = np.concatenate(
        [
            label(last - pd.DateOffset(months=back), part[1])
            for back, part in zip((12, 9, 6, 4), train, strict=True)
        ]
    )
    model = HistGradientBoostingClassifier(
        max_iter=80, learning_rate=0.06, max_leaf_nodes=12, random_state=0
    ).fit(x, y)
    now, alive = features(last)
    now, happened = now.reindex(snapshot.index), label(last, snapshot.index)
    said = model.predict_proba(now)[:, 1]
    assert 0.80 < roc_auc_score(happened, said) < 0.92
    assert roc_auc_score(happened, snapshot["churn_3"]) > roc_auc_score(happened, said)
    heard = (now["silent"] == 0).to_numpy()
    score = roc_auc_score(happened[heard], said[heard])
    assert 0.75 < score < 0.88
    assert roc_auc_score(happened[heard], snapshot["churn_3"][heard]) > score
    assert sorted(alive) == sorted(snapshot.index)


def test_b2c_leaves_abruptly_and_b2b_slowly(base):
    months = truth.open_truth(base, "months")
    declining = months.loc[months["is_declining"], "customer_id"]
    assert declining.str.startswith("B2B").all()
    length = declining.value_counts()
    assert length.between(1, 6).all()
    assert 3.5 < length[length >= 3].mean() < 5


def test_offers_work_and_differ_between_segments(base):
    effects = truth.open_truth(base, "effects")
    means = effects.groupby(["campaign_id", effects["customer_id"].str[:3]])["effect"].mean()
    for name in ("offer_1", "offer_2", "chain"):
        assert means[name, "B2C"] < means[name, "B2B"] <= 0
    campaigns = base.table("campaigns")
    control = (campaigns.drop_duplicates(["campaign_id", "customer_id"])["arm"] == "control").mean()
    assert 0.18 < control < 0.22
    assert campaigns.query("campaign_id == 'chain'")["step"].max() == 6


def test_the_chance_to_be_lost_in_each_arm_is_that_of_the_lives(base):
    """By arm drawn, exits of six months are as many as the chances say; arms differ as planned."""
    effects = truth.open_truth(base, "effects")
    campaigns = base.table("campaigns").groupby("campaign_id")["date"].min()
    lives = truth.open_truth(base, "lives").set_index("customer_id")["end_month"]
    own = effects[["lost_control", "lost_discount", "lost_bonus"]].to_numpy()[
        np.arange(len(effects)), effects["arm"].map({"control": 0, "discount": 1, "bonus": 2})
    ]
    month = effects["campaign_id"].map(campaigns).dt.to_period("M")
    end = effects["customer_id"].map(lives).dt.to_period("M")
    is_lost = end <= month + truth.EFFECT_MONTHS
    spread = np.sqrt((own * (1 - own)).sum())
    assert abs(is_lost.sum() - own.sum()) < 3 * spread
    chain = effects["campaign_id"] == "chain"
    assert effects["lost_bonus"].isna().eq(chain).all()
    assert (effects["lost_discount"] <= effects["lost_bonus"].fillna(1)).all()
    assert (effects["lost_discount"] <= effects["lost_control"]).all()
    saved = (effects["lost_control"] - effects["lost_discount"]).groupby(
        effects["customer_id"].str[:3]
    )
    assert saved.mean()["B2C"] > 2 * saved.mean()["B2B"] > 0


def test_nps_answers_depend_on_the_hidden_state(base):
    events = base.table("events").query("kind == 'nps'")
    assert events["value"].between(0, 10).all()
    frailty = truth.open_truth(base, "lives").set_index("customer_id")["frailty"]
    hidden = np.log(events["customer_id"].map(frailty).clip(lower=1e-6))
    assert np.corrcoef(events["value"], hidden)[0, 1] < -0.15


def test_systems_have_gaps_late_bills_and_pauses(base):
    assert 0.005 < base.table("billing")["cost_to_serve"].isna().mean() < 0.02
    assert base.table("customers")["region"].isna().any()
    billing = base.table("billing")
    assert 0.001 < (billing["revenue"] == 0).mean() < 0.05


def test_a_late_bill_is_added_to_the_next_one():
    few = replace(SMALL, b2c_customers=60, b2b_customers=40, months=18, hidden_months=0)
    in_time, late = (
        simulate(replace(few, late_share=share))[0]["billing"].pivot(
            index="customer_id", columns="month", values="revenue"
        )
        for share in (0.0, 0.3)
    )
    owed = (in_time.fillna(0).cumsum(axis=1) - late.fillna(0).cumsum(axis=1)).to_numpy()
    own = in_time.fillna(0).to_numpy()
    # What is owed at the end of a month is the bill of that month or nothing, and nothing at last.
    is_owed = np.abs(owed) > 0.2  # cents are rounded, once a month
    assert 0.2 < is_owed[own > 0].mean() < 0.35
    assert owed[is_owed] == pytest.approx(own[is_owed], abs=0.2)
    assert not is_owed[:, -1].any()


def test_fair_chances_do_not_know_the_hidden_factor(base):
    """Who knows the factor tells more of the risky and less of the safe than who does not."""
    found = truth.open_truth(base, "snapshot").set_index("customer_id")
    frailty = truth.open_truth(base, "lives").set_index("customer_id")["frailty"]
    frailty = frailty.reindex(found.index)
    segment_of = found.index.str[:3]
    for months in (1, 6, 12):
        insider, fair = found[f"churn_{months}"], found[f"churn_{months}_fair"]
        told_more = np.log(insider.clip(lower=1e-9)) - np.log(fair.clip(lower=1e-9))
        for name in ("B2C", "B2B"):
            of = segment_of == name
            assert told_more[of].corr(frailty[of], "spearman") > 0.8
            ranks = [each[of].corr(frailty[of], "spearman") for each in (fair, insider)]
            assert ranks[0] < ranks[1]
            thirds = pd.qcut(frailty[of], 3, labels=False)
            apart = (insider - fair)[of].groupby(thirds).mean()
            assert apart[0] < 0 < apart[2]
            assert fair[of].mean() == pytest.approx(insider[of].mean(), rel=0.03)


def test_another_hidden_factor_changes_what_an_insider_knows_and_nothing_else():
    """The fair chances depend on the course of events at factor 1 and on tenure alone."""
    settings = replace(SMALL, b2c_customers=600, b2b_customers=0)
    world = make_world(settings)
    block = simulate_block(settings, world, "B2C", 0, 600)
    rng = np.random.default_rng(1)
    other = replace(
        block,
        frailty=(factor := rng.gamma(2.5, 0.4, 600)),
        hazard=block.hazard / block.frailty[:, None] * factor[:, None],
    )
    _, running = made.lines(settings, block, world.months)
    revenue, margin = made.money(settings, world, block, running)
    seen = made.customers(settings, block), made.billing(settings, block, revenue, margin)
    found, again = (truth.snapshot(settings, world, one, running, *seen) for one in (block, other))

    fair = [name for name in found if name.endswith("_fair")]
    assert len(fair) == 20
    pd.testing.assert_frame_equal(
        found[["customer_id", "gone", *fair]], again[["customer_id", "gone", *fair]]
    )
    is_there = found["gone"] == 0
    for name in ("churn_1", "churn_12", "margin_36", "lifetime"):
        assert (found[name] - again[name])[is_there].abs().min() > 0
    # The larger the factor that was put in the place of the own one, the likelier to leave.
    listed_now = pd.Series(factor / block.frailty, made.customer_ids(block))
    ratio = listed_now.reindex(found["customer_id"]).to_numpy()
    more = (again["churn_6"] > found["churn_6"]).to_numpy()
    assert (more == (ratio > 1))[is_there].all()


def test_who_was_there_before_is_a_survivor():
    ages = np.array([0.0, 12.0, 60.0])
    expected = expected_frailty(B2C, ages)
    assert expected[0] == 1
    assert (np.diff(expected) < 0).all()
    # Against brute force: survivors of 60 months among many simulated customers.
    rng = np.random.default_rng(5)
    frailty = rng.gamma(1 / B2C.frailty_variance, B2C.frailty_variance, 400_000)
    survives = rng.random(400_000) < np.exp(-frailty * cumulative_baseline(B2C, 60.0))
    assert abs(frailty[survives].mean() - expected[2]) < 0.005


def test_the_truth_opens_for_tests_and_not_for_features_or_models(base):
    assert "hazard" in truth.open_truth(base, "months")
    for package in ("src.features.sneaky", "src.models.sneaky"):
        room = {"__name__": package, "open_truth": truth.open_truth, "base": base}
        with pytest.raises(PermissionError, match=f"{package} may not open the truth"):
            exec("open_truth(base, 'months')", room)
    with pytest.raises(InputError, match="has no table 'months'"):
        base.table("months")
    with pytest.raises(InputError, match="has no truth 'nothing'"):
        truth.open_truth(base, "nothing")
    with pytest.raises(InputError, match="base 'cdnow' has no truth 'months'"):
        truth.open_truth(open_base("cdnow"), "months")
    root = Path(__file__).parents[3] / "src"
    asking = [*(root / "features").glob("*.py"), *(root / "models").glob("*.py")]
    assert not [str(path) for path in asking if "data.operator" in path.read_text()]


def test_scaling_keeps_four_to_one_and_has_no_hidden_months():
    settings = settings_of("operator", 1_000, 24)
    assert (settings.b2c_customers, settings.b2b_customers) == (800, 200)
    assert (settings.months, settings.hidden_months) == (24, 0)
    assert settings_of("operator_null") == null_settings(Settings())
    with pytest.raises(InputError, match="months must be 6 or more"):
        settings_of("operator", 1_000, 3)
