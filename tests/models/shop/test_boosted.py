from pathlib import Path

import lifetimes
import numpy as np
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

from src.data.problems import InputError
from src.features.purchase_windows import bought_between
from src.features.purchases import purchase_days, summaries
from src.models.shop import bg_nbd
from src.models.shop.boosted import Boosted, boosted, median_purchases
from src.models.shop.holdout import Judged, baselines, judge
from src.models.shop.tracking import tracked

UNTIL, END = pd.Timestamp("1997-09-30"), pd.Timestamp("1998-06-30")


@pytest.fixture(scope="module")
def days() -> pd.DataFrame:
    """The 1/10 sample of CDNOW."""
    path = Path(lifetimes.__file__).parent / "datasets" / "CDNOW_sample.txt"
    names = ["master", "buyer_key", "date", "cds", "amount"]
    orders = pd.read_csv(path, sep=r"\s+", header=None, names=names)
    return purchase_days(orders.assign(date=pd.to_datetime(orders["date"], format="%Y%m%d")))


@pytest.fixture(scope="module")
def learnt(days: pd.DataFrame) -> Boosted:
    return boosted(days, UNTIL, 39, bg_nbd.fit)


@pytest.fixture(scope="module")
def judged(days: pd.DataFrame, learnt: Boosted) -> Judged:
    buyers = summaries(days, UNTIL)
    came = bought_between(days, buyers["buyer_key"], UNTIL, END)
    rows = learnt.predictions.reset_index().join(baselines(buyers, 39))
    rows = rows.assign(actual=came["purchases"], money=came["money"])
    return judge(rows, [*learnt.predictions, "all_zero", "naive_rate"], np.random.default_rng(1))


def test_published_holdout_of_cdnow(judged):
    # Recomputed from the published parameters of Fader, Hardie, Lee 2005.
    assert judged.value("model", "total") == pytest.approx(1653, abs=0.5)
    assert judged.value("model", "total_error") == pytest.approx(-0.121, abs=5e-4)
    found = [judged.value(name, "mae") for name in ("model", "all_zero", "naive_rate")]
    assert found == pytest.approx([0.785, 0.798, 1.024], abs=5e-4)


def test_a_model_hardly_beats_nobody_buys_again(judged):
    pair = judged.differences.query("model == 'model' and versus == 'all_zero' and metric == 'mae'")
    assert pair["in_noise"].item()


def test_the_hybrid_gains_in_mae_what_a_median_gains(judged):
    plain = judged.value("model", "mae")
    assert judged.value("hybrid_median", "mae") <= 0.95 * plain
    # All of it comes from asking for the median: the model's own is no worse.
    assert judged.value("model_median", "mae") <= judged.value("hybrid_median", "mae")
    # In expected numbers, habits add nothing that a hold-out would show.
    pair = judged.differences.query(
        "model == 'hybrid_mean' and versus == 'model' and metric == 'rmse'"
    )
    assert pair["in_noise"].item()
    # And a median is far too low in total.
    assert judged.value("hybrid_median", "total_error") < -0.5


def test_boosting_alone_takes_the_rate_of_new_buyers_as_it_is(judged):
    assert judged.value("boosting_mean", "total_error") > 1


def test_lessons_lie_inside_the_calibration(learnt):
    lessons = learnt.lessons
    assert lessons["horizon"].tolist() == [12, 19, 25]
    assert (lessons["day"] < UNTIL).all()
    assert lessons["purchases"].between(0.8 * lessons["expected"], 1.2 * lessons["expected"]).all()
    assert learnt.gains["hybrid_median"].sum() == pytest.approx(1, abs=1e-5)


def test_the_holdout_is_not_seen_and_the_order_of_rows_is_not_read(days):
    few = days[days["buyer_key"] <= 500]
    found = boosted(few, UNTIL, 39, bg_nbd.fit).predictions
    before = few[few["date"] <= UNTIL]
    assert_frame_equal(boosted(before, UNTIL, 39, bg_nbd.fit).predictions, found)
    turned = few.sample(frac=1, random_state=1)
    assert_frame_equal(boosted(turned, UNTIL, 39, bg_nbd.fit).predictions, found)


def test_medians_are_those_of_the_distribution(days):
    buyers = summaries(days, UNTIL)
    model = bg_nbd.fit(buyers)
    some = buyers.nlargest(300, "frequency")
    chances = model.future_chances(some, 39, 80).to_numpy().cumsum(axis=1)
    expected = (chances < 0.5).sum(axis=1)
    assert expected.max() > 10
    assert median_purchases(model, some, 39).tolist() == expected.tolist()
    assert median_purchases(model, buyers[buyers["frequency"] == 0], 39).max() == 0


def test_weeks_of_cdnow_add_up_to_the_totals(days):
    model = bg_nbd.fit(summaries(days, UNTIL))
    weeks = tracked(days, model.expected_new, UNTIL, np.random.default_rng(1), replicates=20)
    last = weeks[~weeks["is_holdout"]].iloc[-1]
    assert last["expected_so_far"] == pytest.approx(last["actual_so_far"], rel=0.03)
    assert weeks["unit"].iloc[-1] == 78
    # 78 weeks end on June 30, 1998: 2,457 repeat purchases and the hold-out's 1,882.
    assert weeks["actual_so_far"].iloc[-1] == 2457 + 1882


def test_a_time_ahead_is_needed(days):
    with pytest.raises(InputError, match="time ahead must be above 0"):
        boosted(days, UNTIL, 0, bg_nbd.fit)
