import pandas as pd
import pytest

from src.data.calendar.averages import averages
from src.data.calendar.timeline import _usage
from src.data.manifest import parse
from src.data.problems import InputError


@pytest.mark.parametrize(
    "name",
    ["avg_speed", "AvgSpeed", "drop_rate", "share_of_lte", "mean latency", "Durchschnitt_MB"],
)
def test_names_of_averages(name):
    assert averages([name], ()) == [name]


@pytest.mark.parametrize("name", ["data_mb", "calls", "minutes", "meaning", "sharepoint_mb"])
def test_sums_are_no_averages_unless_base_yml_says_so(name):
    assert averages([name], ()) == []
    assert averages([name], (name,)) == [name]


def test_where_usage_is_spread_averages_stay_as_they_are():
    months = pd.to_datetime(["2024-01-01", "2024-04-01", "2024-07-01"])
    usage = pd.DataFrame({"customer_id": "a", "month": months, "mb": [30.0, 60, 90]})
    usage = usage.assign(avg_speed=[5.0, 6, 7], load=[1.0, 2, 3])
    spread, said = _usage(usage, pd.Series({"a": 3}), ("load",))

    assert spread["mb"].tolist()[:4] == [10.0, 10.0, 10.0, 20.0]
    assert spread["avg_speed"].tolist()[:4] == [5.0, 5.0, 5.0, 6.0]
    assert spread["load"].tolist()[:4] == [1.0, 1.0, 1.0, 2.0]
    assert said[0].endswith(
        "; avg_speed, load as averages, which stay as they are. Which measures are averages "
        "base.yml can say: write under tables.usage: `averages: [avg_speed, load]`"
    )


def test_averages_are_of_usage_alone():
    text = "{title: T, kind: panel, currency: EUR, tables: {customers: {file: a.csv}, billing: "
    with pytest.raises(InputError, match=r"under tables\.usage, not under billing"):
        parse(text + "{file: b.csv, averages: [x]}}}")
