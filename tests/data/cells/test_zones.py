"""Moments with a zone: a month is the month of the clocks at the source."""

import pandas as pd
import pytest

from src.data.building import build_base
from src.data.cells.zones import without_zones
from src.data.manifest import Source

DAYS = ["2024-01-01", "2024-07-01", "2024-12-01"]
BERLIN = pd.Series(pd.to_datetime(DAYS)).dt.tz_localize("Europe/Berlin")
IN_UTC = BERLIN.dt.tz_convert("UTC")


def read(months, **source):
    """The months as dates in text, and the remarks."""
    frame, remarks = without_zones(
        pd.DataFrame({"month": months}), "billing", Source(file="a.csv", **source)
    )
    return pd.to_datetime(frame["month"]).dt.strftime("%Y-%m-%d").tolist(), remarks


def texts(moments):
    return [moment.isoformat() for moment in moments]


@pytest.mark.parametrize(
    "months",
    [
        BERLIN,
        IN_UTC,
        texts(BERLIN),
        texts(IN_UTC),
        [text.replace("+00:00", "Z") for text in texts(IN_UTC)],
        [moment.to_pydatetime() for moment in IN_UTC],
    ],
    ids=["its own zone", "in UTC", "own offset", "offset of UTC", "Z", "of a database"],
)
def test_midnight_in_berlin_is_that_day_however_it_is_told(months):
    found, remarks = read(months)
    assert found == DAYS
    assert read(months, timezone="Europe/Berlin") == (DAYS, [])
    assert len(remarks) == (months is not BERLIN and "+01:00" not in str(months[0]))


def test_a_guess_is_said_with_the_line_to_write():
    assert read(IN_UTC)[1] == [
        "billing.month: all moments are midnight of one zone told in UTC, and 2023-12-31 23:00 is "
        "read as 2024-01-01; to name the zone, write under tables.billing: "
        "`timezone: Europe/Berlin`, or `timezone: UTC` to read the day in UTC"
    ]


def test_a_zone_of_base_yml_decides():
    assert read(IN_UTC, timezone="UTC")[0] == ["2023-12-31", "2024-06-30", "2024-11-30"]
    assert read(["2024-01-01T03:00:00Z"], timezone="America/New_York")[0] == ["2023-12-31"]


@pytest.mark.parametrize(
    "zone", ["Europe/London", "America/New_York", "Asia/Kolkata", "Pacific/Auckland"]
)
def test_midnight_of_other_zones(zone):
    moments = pd.Series(pd.to_datetime(DAYS)).dt.tz_localize(zone).dt.tz_convert("UTC")
    assert read(moments)[0] == DAYS


def test_moments_at_any_hour_and_those_without_a_zone_stay_as_written():
    late = ["2024-01-31T23:30:00Z", "2024-02-01T12:31:00Z", "2024-03-01T08:00:00Z"]
    assert read(late) == (["2024-01-31", "2024-02-01", "2024-03-01"], [])
    assert read(["2024-01-31 23:00", "2024-02-29 23:00"]) == (["2024-01-31", "2024-02-29"], [])


def test_an_offset_can_be_part_of_a_form_of_dates():
    form = "%d.%m.%Y %H:%M %z"
    assert read(["01.02.2024 00:00 +0100"], dates=form) == (["2024-02-01"], [])
    found, remarks = read(["31.01.2024 23:00 +0000"], dates=form)
    assert (found, len(remarks)) == (["2024-02-01"], 1)


def test_a_cell_that_is_no_moment_stays_for_the_message():
    frame, _ = without_zones(
        pd.DataFrame({"month": ["2024-01-01T00:00:00+01:00", "n/b", None]}),
        "billing",
        Source(file="a.csv"),
    )
    assert frame["month"].tolist() == [pd.Timestamp("2024-01-01"), "n/b", None]


def test_bills_at_local_midnight_are_of_their_month(write_base):
    bills = "customer_id,month,revenue\n" + "".join(
        f"c{n % 2 + 1},{text},5\n" for n, text in enumerate(texts(IN_UTC))
    )
    customers = "customer_id,segment\nc1,B2C\nc2,B2B\n"
    base = build_base(str(write_base({"customers": customers, "billing": bills})))

    assert base.table("billing")["month"].dt.strftime("%Y-%m-%d").tolist() == DAYS
    assert [note for note in base.notes if "midnight of one zone" in note]


def test_an_unknown_zone_is_refused(write_base):
    from src.data.problems import InputError

    folder = write_base(sources={"billing": {"timezone": "Europe/Berlim"}})
    with pytest.raises(InputError, match="timezone: is not a time zone; write one such as"):
        build_base(str(folder))


def test_moments_outside_the_contract_keep_their_own_clock():
    moments = texts(pd.Series(pd.date_range("2024-01-01", periods=2, tz="Europe/Berlin")))
    objects = pd.Series(pd.to_datetime(moments).map(pd.Timestamp.to_pydatetime), dtype="object")
    for since in (moments, objects):
        frame, _ = without_zones(pd.DataFrame({"since": since}), "customers", Source(file="a.csv"))
        days = pd.to_datetime(frame["since"])
        assert days.tolist() == [pd.Timestamp("2024-01-01"), pd.Timestamp("2024-01-02")]
    mixed = pd.DataFrame({"since": [moments[0], "never"]})
    assert without_zones(mixed, "customers", Source(file="a.csv"))[0].equals(mixed)
