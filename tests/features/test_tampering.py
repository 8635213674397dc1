import pandas as pd
import pytest

from src.features.months import Month
from src.features.tables import build_features
from src.features.tampering import moved_cells

CUSTOMERS = "customer_id,segment,signup_month,closed_month\na,B2C,2023-01,\nb,B2B,2023-01,2024-08\n"
BILLING = "customer_id,month,revenue\n" + "".join(
    f"{who},{year}-{month:02d},{10 + month}\n"
    for who in "ab"
    for year in (2023, 2024)
    for month in range(1, 13)
    if (who, year, month) < ("b", 2024, 8) or who == "a"
)
EVENTS = "customer_id,date,kind\na,2024-03-05,ticket\na,2024-09-01,ticket\n"
AT = pd.Timestamp("2024-06-01")


@pytest.fixture
def base(build):
    return build("panel", customers=CUSTOMERS, billing=BILLING, events=EVENTS)


def test_honest_features_do_not_move(base):
    built = build_features(base, snapshots=[Month.of("2024-06"), Month.of("2024-09")])
    assert moved_cells(base, built.read([AT]), AT).empty


def test_a_feature_that_reads_the_future_is_named(base):
    features = build_features(base, snapshots=[Month.of("2024-06")]).read()
    features.loc[0, "revenue_mean_3m"] += 1
    features["months_to_exit"] = 2.0
    found = moved_cells(base, features, AT)
    assert set(found["feature"]) == {"revenue_mean_3m", "months_to_exit"}
    assert found.set_index("feature")["cells"].to_dict() == {
        "revenue_mean_3m": 1,
        "months_to_exit": 2,
    }


def test_a_customer_known_only_later_is_found(base):
    features = build_features(base, snapshots=[Month.of("2024-06")]).read()
    found = moved_cells(base, features.iloc[:1], AT)
    assert found.to_numpy().tolist() == [["customer_id", 1]]
