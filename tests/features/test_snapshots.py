import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

from src.data.problems import InputError
from src.features.snapshots import HORIZONS, Horizon, labelled, training_snapshots, usable

MONTHS = list(pd.date_range("2022-01-01", periods=48, freq="MS"))
horizons = st.builds(Horizon, st.integers(1, 12), st.integers(0, 3))


def test_a_company_gets_more_time_than_a_person():
    assert (HORIZONS["B2C"].reach, HORIZONS["B2B"].reach) == (3, 7)


@pytest.mark.parametrize(
    ("horizon", "last"),
    [(Horizon(1), "2022-11"), (Horizon(3), "2022-09"), (Horizon(3, gap=1), "2022-08")],
)
def test_labels_must_be_over_by_the_end_of_follow_up(horizon, last):
    shuffled = MONTHS[5:20] + MONTHS[:5]

    found = usable(shuffled, horizon, pd.Timestamp("2022-12-01"))

    assert found == list(pd.date_range("2022-01-01", last, freq="MS"))


@given(horizon=horizons, test=st.sampled_from(MONTHS), data=st.data())
def test_no_label_of_training_is_open_at_the_test_snapshot(horizon, test, data):
    built = data.draw(st.lists(st.sampled_from(MONTHS), unique=True))
    latest = MONTHS.index(test) - horizon.gap - horizon.months
    expected = sorted(at for at in built if MONTHS.index(at) <= latest)
    if not expected:
        with pytest.raises(InputError, match=r"^nothing to learn from"):
            training_snapshots(built, test, horizon)
        return

    found = training_snapshots(built, test, horizon)

    assert found == expected
    for at in found:
        last_label_month = at + pd.DateOffset(months=horizon.gap + horizon.months)
        assert last_label_month <= test


def test_no_snapshot_to_use_or_learn_from_is_said_with_the_month_that_is_needed():
    horizon = Horizon(months=6, gap=1)
    with pytest.raises(InputError) as refusal:
        usable(MONTHS[8:], horizon, pd.Timestamp("2022-12-01"))
    assert str(refusal.value) == (
        "no snapshot can be labelled: a gap of 1 and a horizon of 6 months need snapshots up to "
        "2022-05, as exits are known up to 2022-12"
    )
    with pytest.raises(InputError) as refusal:
        training_snapshots(MONTHS[8:], pd.Timestamp("2022-12-01"), horizon)
    assert str(refusal.value) == (
        "nothing to learn from: a model for 2022-12 with a gap of 1 and a horizon of 6 months "
        "needs a snapshot of 2022-05 or before"
    )


def test_features_get_the_label_of_their_own_snapshot():
    month = pd.Timestamp
    lives = pd.DataFrame(
        {
            "customer_id": ["stays", "leaves", "gone", "twice", "twice"],
            "start": [month("2022-01-01")] * 4 + [month("2022-06-01")],
            "end": [
                pd.NaT,
                month("2022-08-01"),
                month("2022-05-01"),
                month("2022-04-01"),
                month("2022-09-01"),
            ],
        }
    )
    features = pd.DataFrame(
        {
            "customer_id": ["leaves", "twice", "stays", "gone", "leaves", "new", "twice", "stays"],
            "snapshot": pd.to_datetime(["2022-03-01"] * 4 + ["2022-07-01"] * 4),
            "value": range(8),
        }
    )

    found = labelled(features, lives, Horizon(2), follow_up=month("2022-10-01"))

    expected = features.iloc[[0, 1, 2, 3, 4, 6, 7]].reset_index(drop=True)
    churned = [False, True, False, True, True, True, False]
    assert_frame_equal(found, expected.assign(churned=churned))

    acting = labelled(features, lives, Horizon(1, gap=1), follow_up=month("2022-10-01"))
    # who leaves in the month to act is not eligible
    assert acting["value"].tolist() == [0, 2, 3, 6, 7]
    assert acting["churned"].tolist() == [False, False, True, True, False]
