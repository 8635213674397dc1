"""Segments that first bills tell: what a snapshot knew of them, and no more."""

import numpy as np
import pandas as pd
import pytest
import yaml
from pandas.testing import assert_frame_equal

from src.data.building import build_base
from src.data.problems import InputError
from src.features.months import Month
from src.features.tables import build_features, open_features

AT = Month.of("2024-03")
ATTRIBUTES = "customer_id,region\na,north\nb,south\nc,north\nd,south\ne,north\nf,south\n"
BILLS = (
    # Old: the first three bills are over at the snapshot.
    ("a", "2023-09 2023-10 2023-11 2024-01 2024-02 2024-03 2024-04", "20 20 20 500 500 500 500"),
    ("b", "2023-09 2023-10 2023-11 2024-01 2024-02 2024-03", "200 200 200 10 10 10"),
    # Young: two bills, one bill, and a third bill that comes later or never.
    ("c", "2024-02 2024-03 2024-04", "10 150 900"),
    ("d", "2024-03 2024-04 2024-05", "150 10 10"),
    ("e", "2024-03", "30"),
    ("f", "2024-01 2024-02 2024-03", "10 300 300"),
)
SEGMENTS_THEN = ["B2C", "B2B", "B2C", "B2B", "B2C", "B2B"]
SEGMENTS_NOW = ["B2C", "B2B", "B2B", "B2C", "B2C", "B2B"]


def base_of(folder, until="2099-12", first_bills=3, b2b_from=100):
    """The base of the bills up to a month."""
    folder.mkdir(exist_ok=True)
    rows = [
        f"{who},{month},{money}\n"
        for who, months, amounts in BILLS
        for month, money in zip(months.split(), amounts.split(), strict=True)
        if month <= until
    ]
    (folder / "billing.csv").write_text("customer_id,month,revenue\n" + "".join(rows))
    (folder / "customers.csv").write_text(ATTRIBUTES)
    content = {
        "title": "T",
        "kind": "panel",
        "currency": "EUR",
        "last_month": min(until, "2024-05"),
        "period": "month",
        "segment": {"first_bills": first_bills, "b2b_from": b2b_from},
        "tables": {name: {"file": f"{name}.csv"} for name in ("customers", "billing")},
    }
    (folder / "base.yml").write_text(yaml.safe_dump(content))
    return build_base(str(folder), key=b"key of the tests")


@pytest.fixture(scope="module")
def base(tmp_path_factory):
    return base_of(tmp_path_factory.mktemp("bases") / "whole")


def test_a_snapshot_has_the_segment_that_could_be_told_then(base):
    features = build_features(base, snapshots=[AT, Month.of("2024-05")]).read()

    customers = base.table("customers")
    assert customers["segment"].tolist() == SEGMENTS_NOW
    then, now = (
        features[features["snapshot"] == at].set_index("customer_id")["segment"].astype(str)
        for at in (pd.Timestamp("2024-03-01"), pd.Timestamp("2024-05-01"))
    )
    assert then.reindex(customers["customer_id"]).tolist() == SEGMENTS_THEN
    told = customers.set_index("customer_id")["segment"].reindex(now.index)
    assert now.tolist() == told.tolist()


def test_features_are_those_of_a_base_that_ends_with_the_snapshot(base, tmp_path):
    past = base_of(tmp_path / "past", until=AT.text)

    known_then = build_features(past, snapshots=[AT]).read()
    known_now = build_features(base, snapshots=[AT]).read()

    assert np.any(past.table("customers")["segment"] != base.table("customers")["segment"])
    assert_frame_equal(known_now, known_then)


def test_the_number_itself_is_no_feature_and_the_report_says_so(base):
    tables = build_features(base, snapshots=[AT])

    assert "first_bills" not in set(tables.catalogue["name"])
    assert {"segment", "region"} <= set(tables.catalogue["name"])
    left_out = tables.left_out.set_index("what")["why"]
    assert left_out["customers.first_bills"] == "it tells the segment, and may be of later bills"


def test_features_of_another_bound_are_refused_though_nobody_changed_sides(tmp_path):
    base = base_of(tmp_path / "toy")
    build_features(base, snapshots=[AT])
    moved = base_of(tmp_path / "toy", b2b_from=101)

    assert moved.fingerprint == base.fingerprint
    with pytest.raises(InputError, match="made with another rule for segments"):
        open_features(moved)
