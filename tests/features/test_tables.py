from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

from src.data.bases import base_folder, open_base
from src.data.building import build_base
from src.data.problems import InputError
from src.data.provenance import read_record, sealed
from src.features import building
from src.features.building import SOURCES
from src.features.months import Month, number_of
from src.features.tables import build_features, open_features

DECEMBER = Month.of("2024-12")
EVENTS = "customer_id,date,kind\na,2024-12-05,ticket\nb,2025-01-31,ticket\n"


@pytest.fixture
def base(tmp_path, write_base, bills):
    billing = bills("2025-01", a="9 " * 14, b="5 5 5 5", c="7 . . .")
    return write_base(tmp_path / "toy", billing=billing, events=EVENTS)


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_what_is_built_is_what_is_opened(base):
    built = build_features(base, snapshots=[DECEMBER, DECEMBER.back(1)], families=["tenure"])

    opened = open_features(base)
    assert opened.snapshots == (pd.Timestamp("2024-11-01"), pd.Timestamp("2024-12-01"))
    assert (opened.engine, opened.freeze_months) == ("duckdb", 3)
    expected = pd.DataFrame(
        [
            ("life_months", "tenure", "months of the present life, 12 for 12 or more", "months"),
            ("has_returned", "tenure", "came back after a freeze", "yes or no"),
        ],
        columns=["name", "family", "meaning", "unit"],
    ).assign(window="12 months", source="billing")
    assert_frame_equal(opened.catalogue, expected)
    assert opened.read().equals(built.read())
    months = opened.read().groupby("snapshot")["life_months"].agg(list)
    assert months.tolist() == [[12.0, 2.0, 2.0], [12.0, 3.0, 3.0]]


def test_some_snapshots_and_columns_can_be_read(base):
    tables = build_features(base, families=["tenure", "attributes"])
    assert [f"{at:%Y-%m}" for at in tables.snapshots] == ["2024-11", "2024-12", "2025-01"]

    found = tables.read([pd.Timestamp("2024-12-01")], ["segment"])

    december = pd.Timestamp("2024-12-01")
    expected = pd.DataFrame(
        {
            "customer_id": ["a", "b", "c"],
            "snapshot": december,
            "segment": pd.Categorical(["B2C"] * 3),
            "latest_source": [december, december, pd.Timestamp("2024-10-01")],
        }
    ).astype({"snapshot": "datetime64[ns]", "latest_source": "datetime64[ns]"})
    assert_frame_equal(found, expected)
    message = "^there are no features of 2024-10; built are 2024-11 to 2025-01 \\(3 snapshots\\)$"
    with pytest.raises(InputError, match=message):
        tables.read([pd.Timestamp("2024-10-01")])


def test_what_the_base_lacks_is_left_out_and_listed(base):
    tables = build_features(base, snapshots=[DECEMBER])

    lacking = ("usage", "contract", "lines", "holdings", "campaigns", "shop")
    expected = pd.DataFrame(
        [(family, f"the base has no table {SOURCES[family]}") for family in lacking],
        columns=["what", "why"],
    )
    assert_frame_equal(tables.left_out, expected)
    families = tables.catalogue["family"].unique().tolist()
    assert families == ["attributes", "tenure", "money", "value", "events"]


def test_a_family_that_reads_the_future_is_refused_and_the_old_features_stay(base, monkeypatch):
    build_features(base, snapshots=[DECEMBER])
    before = contents(base.folder)

    def uncut(table, rows, snapshots):
        number = number_of(building.nw.col("date")).alias("number")
        days = building.nw.col("end_day").alias("days")
        return rows.with_columns(number).join(snapshots, how="cross").with_columns(days)

    monkeypatch.setattr(building, "known", uncut)
    with pytest.raises(InputError) as refusal:
        build_features(base, snapshots=[DECEMBER])

    assert str(refusal.value) == (
        "the features of 2024-12 were refused, nothing was written: of 1 of 3 customers a record "
        "dated after that month was read, the latest in 2025-01"
    )
    assert contents(base.folder) == before
    assert not list(base.folder.glob(".building-*"))


def test_a_build_that_breaks_off_leaves_the_old_features(base, monkeypatch):
    build_features(base, snapshots=[DECEMBER])
    before = contents(base.folder)

    def broken(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr("src.features.tables.refuse_later_rows", broken)
    with pytest.raises(KeyboardInterrupt):
        build_features(base, snapshots=[DECEMBER.back(1)])

    assert contents(base.folder) == before
    assert not list(base.folder.glob(".building-*"))


def test_snapshots_computed_in_batches_are_the_same(base, monkeypatch):
    at_once = build_features(base).read()

    monkeypatch.setattr("src.features.tables.ROWS_AT_ONCE", 1)
    assert_frame_equal(build_features(base).read(), at_once)


def test_bills_in_any_order_give_the_same_features(tmp_path, write_base, bills):
    billing = bills("2024-12", a="5/1 6/2 . 7/3 -1/0 9/4", b="8/1 . . . 9/2", c="3/1 " * 14)
    parts = []
    for seed in range(3):
        shuffled = billing.sample(frac=1, random_state=seed, ignore_index=True)
        base = write_base(tmp_path / str(seed), billing=shuffled)
        parts.append(build_features(base, snapshots=[DECEMBER]).read())

    for part in parts[1:]:
        assert_frame_equal(part, parts[0], rtol=1e-12)


def test_two_bills_for_a_month_are_refused(tmp_path, write_base, bills):
    billing = bills("2024-12", a="5 5 5", b="4 4 4")
    base = write_base(tmp_path / "toy", billing=pd.concat([billing, billing.iloc[[1]]]))

    message = "^billing has two rows for one month for 1 customers; the key of billing is"
    with pytest.raises(InputError, match=message):
        build_features(base, snapshots=[DECEMBER])
    assert not list(base.folder.glob(".building-*"))
    assert not (base.folder / "features").exists()


def test_two_bills_for_a_month_are_refused_at_the_door(build):
    billing = "customer_id,month,revenue\na,2024-12,5\na,2024-12,6\n"
    with pytest.raises(
        InputError, match=r"billing\.customer_id \+ month: must be unique, but is repeated"
    ):
        build("panel", customers="customer_id,segment\na,B2C\n", billing=billing)


def test_features_that_are_not_built_or_of_other_data_are_refused(base):
    command = "run `make features BASE=toy`"
    with pytest.raises(InputError, match=f"^the features of base 'toy' are not built; {command}$"):
        open_features(base)

    build_features(base, snapshots=[DECEMBER])
    path = base.folder / "built.json"
    path.write_text(sealed(base.folder, ["tables"], read_record(path) | {"fingerprint": "another"}))
    message = f"^the features of base 'toy' are of older data; {command}$"
    with pytest.raises(InputError, match=message):
        open_features(open_base(str(base.folder)))


def test_features_that_are_damaged_are_refused_with_the_command(base):
    build_features(base, snapshots=[DECEMBER])
    path = base.folder / "features/2024-12.parquet"
    path.write_bytes(path.read_bytes()[:-1])
    message = "2024-12.parquet is not as it was built; run `make features BASE=toy`$"
    with pytest.raises(InputError, match=message):
        open_features(base)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"engine": "dask"}, "there is no engine 'dask'; known: duckdb, spark"),
        ({"families": ["mony"]}, "there is no feature family 'mony'; known: attributes, tenure,"),
        (
            {"families": ["shop"]},
            "the family 'shop' needs the table orders, which base 'toy' does not have",
        ),
        (
            {"snapshots": [Month.of("2025-02")]},
            "snapshot 2025-02 is outside the data, which goes from 2023-12 to 2025-01",
        ),
        (
            {"snapshots": [Month.of("2023-11"), DECEMBER]},
            "snapshot 2023-11 is outside the data, which goes from 2023-12 to 2025-01",
        ),
    ],
)
def test_what_cannot_be_built_is_refused(base, options, message):
    before = contents(base.folder)

    with pytest.raises(InputError) as refusal:
        build_features(base, **options)

    assert str(refusal.value).startswith(message)
    assert contents(base.folder) == before
    assert not list(base.folder.glob(".building-*"))


def test_a_base_shorter_than_a_year_has_its_last_month(tmp_path, write_base, bills):
    base = write_base(tmp_path / "toy", billing=bills("2024-12", a="5 5 5"))
    assert build_features(base, families=["tenure"]).snapshots == (pd.Timestamp("2024-12-01"),)


def test_a_longer_freeze_keeps_the_silent_longer(base):
    count = {}
    for freeze_months in (1, 3, 4):
        patient = replace(base, freeze_months=freeze_months)
        tables = build_features(patient, snapshots=[Month.of("2025-01")], families=["tenure"])
        assert tables.freeze_months == freeze_months
        count[freeze_months] = tables.read()["customer_id"].tolist()
    assert count == {1: ["a", "b"], 3: ["a", "b"], 4: ["a", "b", "c"]}


def test_features_of_another_freeze_are_not_opened(base):
    build_features(base, families=["tenure"])
    message = "made with a freeze of 3 months, base.yml now says 6; run `make features BASE=toy`$"
    with pytest.raises(InputError, match=message):
        open_features(replace(base, freeze_months=6))


@pytest.mark.parametrize("freeze_months", [0, 13])
def test_a_freeze_beyond_the_window_of_features_is_refused(base, freeze_months):
    message = f"^freeze_months must be 1 to 12, not {freeze_months}$"
    with pytest.raises(InputError, match=message):
        build_features(replace(base, freeze_months=freeze_months))


# The tables of the simulated operator.


@pytest.fixture(scope="module")
def operator(tmp_path_factory):
    """The features of the operator at three months, without touching those in use."""
    folder = tmp_path_factory.mktemp("bases") / "operator"
    folder.mkdir()
    (folder / "base.yml").write_text((base_folder("operator") / "base.yml").read_text())
    try:
        shipped = open_base("operator")
    except InputError:
        base = build_base(str(folder))
    else:
        for part in ("tables", "truth"):
            (folder / part).symlink_to(shipped.folder / part)
        (folder / "built.json").write_text((shipped.folder / "built.json").read_text())
        base = open_base(str(folder))
    months = [Month.of(text) for text in ("2024-09", "2024-12", "2025-08")]
    return base, build_features(base, snapshots=months)


@pytest.fixture(scope="module")
def frame(operator):
    return operator[1].read()


def test_every_family_of_the_operator_is_there(operator):
    tables = operator[1]
    assert tables.left_out.empty
    assert tables.catalogue["family"].unique().tolist() == list(SOURCES)
    assert len(tables.catalogue) >= 80
    assert tables.catalogue["name"].is_unique
    assert (tables.catalogue[["meaning", "source"]] != "").all(axis=None)


def test_no_feature_of_the_operator_is_constant(operator, frame):
    base, tables = operator
    features = frame[tables.catalogue["name"]]

    constant = [name for name in features if features[name].nunique(dropna=False) < 2]

    # This operator bills and never takes back: there is nothing to count.
    assert not (base.table("billing")["revenue"] < 0).any()
    assert "credit_notes_12m" not in features
    assert constant == []
    assert not features.isna().all().any()
    numbers = features.select_dtypes("number")
    assert not np.isinf(numbers).any(axis=None)


def test_the_tables_of_the_operator_are_sorted_typed_and_of_their_time(operator, frame):
    tables = operator[1]
    assert not frame.duplicated(["customer_id", "snapshot"]).any()
    in_order = frame.sort_values(["snapshot", "customer_id"], kind="stable")
    assert in_order.index.equals(frame.index)
    assert tuple(frame["snapshot"].unique()) == tables.snapshots
    assert (frame["latest_source"] <= frame["snapshot"]).all()
    # Everybody in the base had revenue in the last three months.
    assert (frame["latest_source"] > frame["snapshot"] - pd.DateOffset(months=3)).all()

    units = tables.catalogue.set_index("name")["unit"]
    for name, unit in units.items():
        is_text = unit in ("category", "class", "product")
        assert frame[name].dtype == ("category" if is_text else "float64"), name
    shares = frame[units[units == "yes or no"].index]
    assert shares.isin([0, 1]).where(shares.notna(), other=True).all(axis=None)
    counts = units[units.isin(["contacts", "lines", "products", "purchases", "events"])].index
    counts = counts[~counts.str.startswith("lines_change")]
    assert (frame[counts] >= 0).all(axis=None)
    assert frame["life_months"].between(1, 12).all()


def test_no_snapshot_and_unknown_features_are_refused(base):
    tables = build_features(base, families=["tenure"])
    with pytest.raises(InputError, match="name one snapshot at least"):
        tables.read([])
    with pytest.raises(InputError, match="there is no feature 'nope'; see the catalogue"):
        tables.read(columns=["life_months", "nope"])
