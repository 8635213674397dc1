"""Harder operators: long pauses, a price war nobody could know of, offers that nobody recorded."""

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

from src.data.building import build_base
from src.data.operator import generate
from src.data.operator.generate import settings_of, simulate
from src.data.operator.lives import simulate_block
from src.data.operator.settings import SCENARIOS, Settings, scenario_settings
from src.data.operator.world import make_world
from src.data.problems import InputError
from src.features.lifecycle import lives_as_of
from src.models.value.backtest import hidden_margin, realised_margin

SETTINGS = Settings(b2c_customers=8_000, b2b_customers=2_000)
LAST = SETTINGS.first_month + pd.DateOffset(months=SETTINGS.months - 1)
SEGMENTS = ("B2C", "B2B")
# Without the truth of months ahead, which takes most of the time; bills arrive in time.
OF_BILLS = replace(SETTINGS, hidden_months=0, late_share=0.0)


@pytest.fixture(scope="module")
def operators():
    """Tables and truth of the default operator and of every scenario."""
    found = {"default": simulate(SETTINGS)}
    for name in SCENARIOS:
        found[name] = simulate(scenario_settings(SETTINGS, name))
    return found


def true_months_left(lives: pd.DataFrame) -> pd.Series:
    """Months from the end of the panel to the end of the life of then, by customer."""
    own = lives.set_index("customer_id")
    end = own["return_end"].where(own["return_month"] <= LAST, own["end_month"])
    return (12 * (end.dt.year - LAST.year) + end.dt.month - LAST.month).fillna(999)


def number(months: pd.Series) -> pd.Series:
    return 12 * months.dt.year + months.dt.month


def test_every_scenario_can_be_a_base():
    for name in SCENARIOS:
        assert settings_of(f"operator_{name}") == scenario_settings(Settings(), name)
        assert settings_of(f"operator_{name}", 500, 24).months == 24
    assert settings_of("operator") == Settings()
    message = r"^there is no scenario 'flood'; known: pauses, price_war, unseen_offers$"
    with pytest.raises(InputError, match=message):
        scenario_settings(Settings(), "flood")


def test_a_scenario_is_built_by_its_name(tmp_path):
    for name in SCENARIOS:
        folder = tmp_path / name
        folder.mkdir()
        (folder / "base.yml").write_text(
            "title: Harder\nkind: panel\norigin: simulated\ncurrency: EUR\n"
            f"simulator: operator_{name}\ncustomers: 50\nmonths: 8\n"
        )
        base = build_base(str(folder))
        customers = base.table("customers").groupby("segment").size()
        assert customers.to_dict() == {"B2B": 10, "B2C": 40}


@pytest.mark.parametrize("name", SCENARIOS)
def test_the_same_seed_gives_the_same_bytes_in_chunks_of_any_size(name, tmp_path):
    settings = replace(SETTINGS, b2c_customers=1_200, b2b_customers=300, months=12)
    settings = scenario_settings(replace(settings, hidden_months=0), name)
    prints, frames = [], []
    for place, chunk in enumerate((1_000, 1_000, 5_000)):
        folder = tmp_path / str(place)
        folder.mkdir()
        generate.generate(folder, settings, {}, chunk=chunk, processes=1)
        prints.append(json.loads((folder / "built.json").read_text())["fingerprint"])
        frames.append({path.name: pd.read_parquet(path) for path in folder.glob("t*/*.parquet")})
    assert prints[0] == prints[1]
    assert frames[0].keys() == frames[2].keys()
    for table, frame in frames[0].items():
        assert_frame_equal(frames[2][table], frame)


# Pauses.


def silences(bills: pd.DataFrame, lives: pd.DataFrame) -> pd.DataFrame:
    """Months without revenue within a life: `customer_id`, `month`, `length` of the silence.

    Of silences that begin and end inside a life of the truth.
    """
    own = lives.set_index("customer_id")
    rows = bills.sort_values(["customer_id", "month"])
    month = number(rows["month"])
    end = number(rows["customer_id"].map(own["end_month"])).fillna(10**6)
    back = number(rows["customer_id"].map(own["return_month"])).fillna(10**6)
    gone = number(rows["customer_id"].map(own["return_end"])).fillna(10**6)
    rows = rows[(month < end) | ((month >= back) & (month < gone))]
    is_silent = rows["revenue"] <= 0
    run = (~is_silent).groupby(rows["customer_id"]).cumsum()
    silent = rows.loc[is_silent, ["customer_id", "month"]].assign(run=run[is_silent])
    length = silent.groupby(["customer_id", "run"])["month"].transform("size")
    last_run = run.groupby(rows["customer_id"]).max()
    is_inside = silent["run"].between(1, silent["customer_id"].map(last_run) - 1)
    return silent.assign(length=length)[is_inside]


def test_by_default_a_pause_is_one_month():
    tables, truth = simulate(replace(OF_BILLS, b2c_customers=2_000, b2b_customers=500))
    found = silences(tables["billing"], truth["lives"]).groupby(["customer_id", "run"])
    lengths = found["length"].first().value_counts(normalize=True)

    # Two pauses in a row are as rare as 0.4 % says; none is as long as a freeze.
    assert lengths[1] > 0.97
    assert lengths.index.max() <= 2


def test_pauses_last_one_to_four_months_as_their_shares_say():
    settings = replace(OF_BILLS, b2c_customers=4_000, b2b_customers=1_000)
    tables, truth = simulate(scenario_settings(settings, "pauses"))
    found = silences(tables["billing"], truth["lives"])
    each = found.groupby(["customer_id", "run"])["length"].first()
    lengths = each.value_counts(normalize=True)

    # Every hundredth month begins one; of two that overlap one long silence comes.
    assert lengths[[1, 2, 3, 4]].to_numpy() == pytest.approx([0.4, 0.3, 0.2, 0.1], abs=0.03)
    assert (each >= 3).mean() == pytest.approx(0.3, abs=0.03)
    assert lengths[lengths.index > 4].sum() < 0.05
    # Who does not pause begins one with 1 % a month.
    harder = scenario_settings(SETTINGS, "pauses")
    paused = simulate_block(harder, make_world(harder), "B2C", 0, 1_000).pause
    begins, could = paused[:, 1:] & ~paused[:, :-1], ~paused[:, :-1]
    assert begins.sum() / could.sum() == pytest.approx(0.01, rel=0.12)


def test_nothing_is_used_in_a_pause():
    settings = replace(OF_BILLS, b2c_customers=1_500, b2b_customers=400)
    measures = ["data_gb", "call_minutes", "messages"]
    for name, share in (("pauses", 0.0), ("default", 0.3)):
        changed = scenario_settings(settings, name) if name in SCENARIOS else settings
        tables, truth = simulate(changed)
        paused = silences(tables["billing"], truth["lives"])[["customer_id", "month"]]
        usage = tables["usage"].merge(paused.assign(is_paused=True), "left")
        is_paused = usage["is_paused"].notna()
        assert is_paused.sum() > 100
        known = [column for column in measures if column in usage]
        usual = usage[~is_paused].groupby("customer_id")[known].median()
        ratio = usage[known] / usual.reindex(usage["customer_id"]).to_numpy()
        assert (usage.loc[is_paused, known].fillna(0) == 0).all(axis=None) == (share == 0)
        # A factor of 0.3, whatever a customer uses else.
        assert ratio[is_paused].median().to_numpy() == pytest.approx(share, abs=0.04)


# The price war.


def test_a_price_war_begins_after_the_panel(operators):
    tables, truth = operators["price_war"]
    before, true_before = operators["default"]

    for name, frame in before.items():
        assert_frame_equal(tables[name], frame)
    assert (truth["lives"]["end_month"] != true_before["lives"]["end_month"]).any()
    world, usual = make_world(scenario_settings(SETTINGS, "price_war")), make_world(SETTINGS)
    months = SETTINGS.months
    assert (world.price_index[:, :months] == usual.price_index[:, :months]).all()
    change = world.price_index[:, 1:] / world.price_index[:, :-1]
    later = change[:, months - 1 :]
    assert later.min(axis=1) == pytest.approx(0.92)
    assert later.max() == 1
    # A fall is no rise: nobody leaves because of it.
    assert not world.price_rise[:, months:].any()
    assert usual.price_rise[:, months:].any()
    assert (world.wave[:, :months] == usual.wave[:, :months]).all()
    assert (world.wave >= usual.wave).all()
    # Five regions in 36 months: twice 10 %.
    assert world.wave[:, months:].mean() == pytest.approx(0.2, abs=0.08)


def test_a_price_war_costs_money_that_no_model_can_foresee(operators):
    came = {}
    for name in ("default", "price_war"):
        truth = operators[name][1]
        margin = hidden_margin(truth["hidden_billing"], truth["lives"], LAST, 24)
        came[name] = margin.groupby(margin.index.str[:3]).sum()
    # Two falls of 8 % instead of two rises of 7 %.
    assert (came["price_war"] < 0.9 * came["default"]).all()


# Offers that nobody recorded.


def test_seven_in_ten_offers_are_not_on_record_and_nothing_else_changes(operators):
    tables, truth = operators["unseen_offers"]
    before, true_before = operators["default"]

    for name, frame in before.items():
        if name != "events":
            assert_frame_equal(tables[name], frame)
    for name, frame in true_before.items():
        assert_frame_equal(truth[name], frame)
    events, all_events = tables["events"], before["events"]
    columns = ["customer_id", "kind", "value"]
    other, all_other = (
        each.loc[each["kind"] != "competitor_offer", columns].reset_index(drop=True)
        for each in (events, all_events)
    )
    assert_frame_equal(other, all_other)
    offers, all_offers = (
        each[each["kind"] == "competitor_offer"].assign(month=lambda f: f["date"].dt.to_period("M"))
        for each in (events, all_events)
    )
    share = len(offers) / len(all_offers)
    assert share == pytest.approx(0.3, abs=4 * np.sqrt(0.21 / len(all_offers)))
    keys = ["customer_id", "month"]
    assert len(offers.merge(all_offers[keys])) == len(offers)


# The truth of each of them against what came.


@pytest.mark.parametrize("name", ["default", *SCENARIOS])
def test_the_truth_of_every_scenario_is_what_comes(operators, name):
    """Of everybody on the list, by segment: within four standard errors of sampling."""
    _, truth = operators[name]
    snapshot = truth["snapshot"].set_index("customer_id")
    left = true_months_left(truth["lives"]).reindex(snapshot.index)
    came = hidden_margin(truth["hidden_billing"], truth["lives"], LAST, 24)
    came = came.reindex(snapshot.index).fillna(0)
    for segment in SEGMENTS:
        rows = snapshot.index.str.startswith(segment)
        for suffix in ("", "_fair"):
            for months in (0, 1, 3, 6, 12):
                chance = snapshot.loc[rows, f"churn_{months}{suffix}"]
                error = np.sqrt((chance * (1 - chance)).sum())
                assert abs(chance.sum() - (left[rows] <= months).sum()) <= 4 * error
            apart = (came - snapshot[f"margin_24{suffix}"])[rows]
            assert abs(apart.mean()) < 4 * apart.std() / np.sqrt(rows.sum())


def as_read(operator) -> tuple[pd.DataFrame, pd.Series, pd.DataFrame]:
    """Lives as bills of the panel and of the hidden months show them, months left, all bills."""
    tables, truth = operator
    bills = pd.concat([tables["billing"], truth["hidden_billing"]], ignore_index=True)
    own = truth["lives"].set_index("customer_id")
    closes = own["end_month"].where(own["how"] == "closed")
    people = tables["customers"].set_index("customer_id")
    closed = people["closed_month"].fillna(closes.reindex(people.index))
    told = lives_as_of(bills, closed.rename("closed_month").reset_index(), bills["month"].max())
    begun = told[told["start"] <= LAST].drop_duplicates("customer_id", keep="last")
    end = begun.set_index("customer_id")["end"]
    left = (12 * (end.dt.year - LAST.year) + end.dt.month - LAST.month).fillna(999)
    return told, left, bills


@pytest.mark.parametrize("name", ["default", "price_war", "unseen_offers"])
def test_where_pauses_are_short_bills_show_what_is_true(operators, name):
    _, truth = operators[name]
    snapshot = truth["snapshot"].set_index("customer_id")
    left = true_months_left(truth["lives"]).reindex(snapshot.index)
    _, read, _ = as_read(operators[name])
    for months in (0, 3, 12):
        lost, seen = left <= months, read.reindex(snapshot.index) <= months
        assert (lost != seen).mean() < 0.003


def test_a_long_pause_reads_as_a_freeze(operators):
    """What nobody can tell from bills: how much too often customers seem to leave.

    Three in ten pauses last three months or more, 0.3 % of those who are there begin one in any
    month: those who began one in the last two months of the panel read as gone already, the others
    as leaving in the month in which it begins.
    """
    _, truth = operators["pauses"]
    snapshot = truth["snapshot"].set_index("customer_id")
    told, read, bills = as_read(operators["pauses"])
    read = read.reindex(snapshot.index)
    left = true_months_left(truth["lives"]).reindex(snapshot.index)
    # Never later than it is; of the last months it is not known yet.
    assert (read <= left)[left <= 33].mean() > 0.998
    came = realised_margin(bills, told, pd.Series(snapshot.index), LAST, 24)
    true = hidden_margin(truth["hidden_billing"], truth["lives"], LAST, 24)
    true = true.reindex(snapshot.index).fillna(0)
    for segment in SEGMENTS:
        rows = snapshot.index.str.startswith(segment)
        for months in (0, 3, 6, 12):
            # Against who left indeed, so that the luck of leaving is in neither.
            too_many = (read[rows] <= months).mean() - (left[rows] <= months).mean()
            stays = 1 - snapshot.loc[rows, [f"churn_{k}" for k in range(months)]].mean()
            expected = 0.003 * (2 + stays.sum())
            error = np.sqrt(expected / rows.sum())
            assert abs(too_many - expected) < 4 * error
        # In a year: three to five of a hundred customers who never left.
        assert 0.03 < too_many < 0.05
        # Money after a pause that was taken for a freeze is of another life, and not counted; nor
        # are the costs of the pause.
        assert -0.05 < came[rows].sum() / true[rows].sum() - 1 < -0.01


def test_of_the_silent_in_long_pauses_only_the_odds_are_known(operators):
    """Nobody sees who is gone: the fair chance is neither 0 nor 1, and right on average."""
    tables, truth = operators["pauses"]
    snapshot = truth["snapshot"].set_index("customer_id")
    bills = tables["billing"].query("revenue > 0").groupby("customer_id")["month"].max()
    silence = number(pd.Series(LAST, snapshot.index)) - number(bills.reindex(snapshot.index))
    gone, fair = snapshot["gone"], snapshot["gone_fair"]

    assert (fair[silence == 0] == 0).all()
    is_silent = silence > 0
    assert fair[is_silent].between(0, 1, inclusive="neither").mean() > 0.95
    for segment in SEGMENTS:
        rows = is_silent & snapshot.index.str.startswith(segment)
        assert rows.sum() > 40
        error = np.sqrt((fair * (1 - fair))[rows].sum())
        assert abs(fair[rows].sum() - gone[rows].sum()) < 4 * error
    # The longer the silence, the fewer pauses last as long.
    assert fair[silence == 2].mean() > fair[silence == 1].mean()
