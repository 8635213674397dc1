"""Files laid out as those that are published: churn of telephones, banks and shops, orders."""

import numpy as np
import pandas as pd
import pytest

from src.data.draft.drafting import draft_of
from src.data.draft.sampling import samples_of
from src.data.draft.trial import tried
from src.data.problems import InputError

ROWS = 240
RNG = np.random.default_rng(3)


def numbers(low, high, digits=0):
    drawn = np.round(RNG.uniform(low, high, ROWS), digits)
    return drawn.astype(int) if digits == 0 else drawn


def words(*choices):
    return RNG.choice(choices, ROWS)


def codes(form):
    return [form.format(number) for number in RNG.permutation(9_000)[:ROWS]]


LEFT = np.arange(ROWS) % 3 == 0
LABELLED = {
    "iranian churn": (
        {
            "Call  Failure": numbers(0, 36),
            "Complains": numbers(0, 2),
            "Subscription  Length": numbers(3, 48),
            "Charge  Amount": numbers(0, 10),
            "Seconds of Use": numbers(10_000, 17_000),
            "Frequency of use": numbers(0, 255),
            "Distinct Called Numbers": numbers(0, 97),
            "Age Group": numbers(1, 6),
            "Status": numbers(1, 3),
            "Customer Value": numbers(0, 2_000, 3),
            "Churn": LEFT.astype(int),
        },
        {
            "customer_id": "#row",
            "churned": "Churn",
            "tenure_months": "Subscription  Length",
            "customer_value": "Customer Value",
        },
    ),
    "telephone, a unit that nobody knows": (
        {
            "state": words("KS", "OH", "NJ"),
            "account length": numbers(1, 243),
            "area code": words("415", "408", "510"),
            "phone number": codes("382-{:04d}"),
            "international plan": words("yes", "no"),
            "total day minutes": numbers(0, 350, 1),
            "total day charge": numbers(0, 60, 2),
            "customer service calls": numbers(0, 9),
            "churn": np.where(LEFT, "True.", "False."),
        },
        {"customer_id": "phone number", "churned": "churn"},
    ),
    "cell2cell": (
        {
            "CustomerID": 3_000_002 + 4 * np.arange(ROWS),
            "Churn": np.where(LEFT, "Yes", "No"),
            "MonthlyRevenue": numbers(5, 200, 2),
            "MonthlyMinutes": numbers(0, 2_000),
            "TotalRecurringCharge": numbers(10, 90),
            "MonthsInService": numbers(6, 61),
            "CurrentEquipmentDays": numbers(1, 1_500),
            "CreditRating": words("1-Highest", "2-High"),
        },
        {
            "customer_id": "CustomerID",
            "churned": "Churn",
            "tenure_months": "MonthsInService",
            "monthly_revenue": "MonthlyRevenue",
        },
    ),
    "bank, tenure in years": (
        {
            "RowNumber": np.arange(1, ROWS + 1),
            "CustomerId": 15_565_701 + RNG.permutation(9_000)[:ROWS],
            "Surname": words("Hargrave", "Hill"),
            "CreditScore": numbers(350, 850),
            "Geography": words("France", "Spain"),
            "Tenure": numbers(0, 10),
            "Balance": numbers(0, 250_000, 2),
            "IsActiveMember": words("0", "1"),
            "EstimatedSalary": numbers(11, 200_000, 2),
            "Exited": LEFT.astype(int),
        },
        {"customer_id": "CustomerId", "churned": "Exited", "tenure_months": "Tenure"},
    ),
    "credit cards": (
        {
            "CLIENTNUM": 708_082_083 + 17 * np.arange(ROWS),
            "Attrition_Flag": np.where(LEFT, "Attrited Customer", "Existing Customer"),
            "Customer_Age": numbers(26, 73),
            "Months_on_book": numbers(13, 57),
            "Months_Inactive_12_mon": numbers(0, 7),
            "Credit_Limit": numbers(1_438, 34_516, 1),
        },
        {
            "customer_id": "CLIENTNUM",
            "churned": "Attrition_Flag",
            "tenure_months": "Months_on_book",
        },
    ),
    "weeks and no identifier": (
        {
            "Churn": LEFT.astype(int),
            "AccountWeeks": numbers(1, 243),
            "ContractRenewal": words("0", "1"),
            "DataUsage": numbers(0, 5, 2),
            "DayMins": numbers(0, 350, 1),
            "MonthlyCharge": numbers(14, 111, 1),
            "OverageFee": numbers(0, 18, 2),
        },
        {
            "customer_id": "#row",
            "churned": "Churn",
            "tenure_months": "AccountWeeks",
            "monthly_revenue": "MonthlyCharge",
        },
    ),
    "a status of three words": (
        {
            "Customer ID": codes("{:04d}-ORFBO"),
            "Age": numbers(19, 80),
            "Zip Code": words("93225", "91206"),
            "Tenure in Months": numbers(1, 73),
            "Avg Monthly Long Distance Charges": numbers(1, 50, 2),
            "Monthly Charge": numbers(10, 118, 2),
            "Total Charges": numbers(18, 8_600, 2),
            "Customer Status": np.where(LEFT, "Churned", words("Stayed", "Joined")),
            "Churn Category": np.where(LEFT, "Competitor", ""),
            "Why it was": np.where(LEFT, "better devices", ""),
        },
        {
            "customer_id": "Customer ID",
            "churned": "Customer Status",
            "tenure_months": "Tenure in Months",
            "monthly_revenue": "Monthly Charge",
        },
    ),
    "names without a meaning": (
        {**{f"feature_{n}": numbers(-2, 2, 6) for n in range(4)}, "labels": LEFT.astype(int)},
        {"customer_id": "#row", "churned": "labels"},
    ),
}


def drafted(tmp_path, **files):
    for name, frame in files.items():
        frame.to_csv(tmp_path / f"{name}.csv", index=False)
    draft, tables = draft_of(samples_of([tmp_path / f"{name}.csv" for name in files]), "try")
    tried(draft, tables)
    return draft, draft.content()


@pytest.mark.parametrize("name", LABELLED)
def test_a_labelled_file(name, tmp_path):
    columns, expected = LABELLED[name]
    _, said = drafted(tmp_path, churn=pd.DataFrame(columns))
    assert said["kind"] == "snapshot"
    assert said["tables"]["snapshot"]["columns"] == expected


def test_units_of_the_tenure(tmp_path):
    for name, unit in (("weeks and no identifier", "weeks"), ("bank, tenure in years", "years")):
        _, said = drafted(tmp_path, churn=pd.DataFrame(LABELLED[name][0]))
        assert said["tables"]["snapshot"]["units"] == {"tenure_months": unit}


def test_a_length_of_no_known_unit_is_not_read_as_months_and_said(tmp_path):
    columns, _ = LABELLED["telephone, a unit that nobody knows"]
    draft, said = drafted(tmp_path, churn=pd.DataFrame(columns))
    assert "tenure_months" not in said["tables"]["snapshot"]["columns"]
    [remark] = draft.tables["snapshot"].remarks
    assert remark.startswith("CHECK account length may be tenure_months")


def test_words_of_a_label_and_columns_that_are_known_after_the_exit(tmp_path):
    columns, _ = LABELLED["a status of three words"]
    _, said = drafted(tmp_path, churn=pd.DataFrame(columns))
    table = said["tables"]["snapshot"]
    assert table["values"]["churned"] == {"Stayed": "no", "Joined": "no", "Churned": "yes"}
    assert table["drop"] == ["Churn Category", "Why it was"]


def test_a_second_file_of_the_same_columns_is_to_be_scored(tmp_path):
    frame = pd.DataFrame(LABELLED["cell2cell"][0])
    _, said = drafted(tmp_path, train=frame[:160], holdout=frame[160:].assign(Churn=""))
    assert list(said["tables"]) == ["snapshot", "scored"]
    assert "churned" not in said["tables"]["scored"]["columns"]
    assert said["tables"]["scored"]["drop"] == ["Churn"]


def orders(lines=600):
    number = np.sort(RNG.integers(536_365, 536_565, lines))
    day = pd.Timestamp("2010-12-01 08:26") + pd.to_timedelta(number - 536_365, unit="h") * 7
    return number, day


def test_lines_of_invoices_with_a_price_of_one_piece(tmp_path):
    number, day = orders()
    frame = pd.DataFrame(
        {
            "InvoiceNo": number,
            "StockCode": RNG.choice(["85123A", "71053"], len(number)),
            "Description": "LANTERN",
            "Quantity": RNG.integers(1, 24, len(number)),
            "InvoiceDate": day.strftime("%m/%d/%Y %H:%M"),
            "UnitPrice": np.round(RNG.uniform(0.5, 20, len(number)), 2),
            "CustomerID": [f"{12_346 + n % 90}.0" for n in number],
            "Country": RNG.choice(["United Kingdom", "France"], len(number)),
        }
    )
    draft, said = drafted(tmp_path, retail=frame)
    table = said["tables"]["orders"]
    assert said["kind"] == "orders"
    assert table["columns"] == {
        "order_id": "InvoiceNo",
        "buyer_key": "CustomerID",
        "date": "InvoiceDate",
        "sku": "StockCode",
    }
    assert (table["dates"], table["repeated"]) == ("%m/%d/%Y %H:%M", "sum")
    assert table["products"] == {"amount": ["Quantity", "UnitPrice"]}
    assert not draft.tables["orders"].part("products")["amount"].check


def test_purchases_without_a_number_of_their_own(tmp_path):
    frame = pd.DataFrame(
        {
            "customer_id": [f"CS{n}" for n in RNG.integers(1_112, 1_300, 500)],
            "trans_date": pd.date_range("2011-05-16", periods=500).strftime("%d-%b-%y"),
            "tran_amount": RNG.integers(10, 106, 500),
        }
    )
    _, said = drafted(tmp_path, transactions=frame)
    assert said["kind"] == "orders"
    assert said["tables"]["orders"]["dates"] == "%d-%b-%y"
    assert said["tables"]["orders"]["columns"] == {
        "order_id": "#row",
        "buyer_key": "customer_id",
        "date": "trans_date",
        "amount": "tran_amount",
    }


def test_buyers_of_a_log_have_the_segment_of_its_column(tmp_path):
    number, day = orders(300)
    frame = pd.DataFrame(
        {
            "order_id": np.arange(len(number)),
            "buyer_id": [f"B{n % 90}" for n in number],
            "order_date": day.strftime("%Y-%m-%d"),
            "amount": np.round(RNG.uniform(5, 90, len(number)), 2),
            "customer_type": RNG.choice(["business", "private"], len(number)),
        }
    )
    draft, said = drafted(tmp_path, shop=frame)
    assert said["kind"] == "orders"
    assert said["segment"] == {
        "column": "customer_type",
        "values": {"business": "B2B", "private": "B2C"},
    }
    draft, said = drafted(tmp_path, shop=frame.drop(columns="customer_type"))
    assert "segment" not in said
    assert "segment: {measure: median order value" in draft.tables["orders"].remarks[0]


def test_bills_alone_have_the_customers_that_they_name(tmp_path):
    months = pd.date_range("2022-01-01", periods=14, freq="MS").strftime("%m.%Y")
    frame = pd.DataFrame(
        [
            (1_000 + customer, "GK" if customer % 4 == 0 else "PK", month, "19,90")
            for customer in range(30)
            for month in months
        ],
        columns=["Kd-Nr", "Kundengruppe", "Monat", "Umsatz"],
    )
    _, said = drafted(tmp_path, rechnungen=frame)
    assert said["kind"] == "panel"
    assert said["segment"] == {"column": "Kundengruppe", "values": {"PK": "B2C", "GK": "B2B"}}
    customers = said["tables"]["customers"]
    assert customers["history"] == {"by": "Monat", "keep": "last"}
    assert customers["drop"] == ["Kundengruppe", "Umsatz"]
    assert customers["file"] == said["tables"]["billing"]["file"]


def test_one_column_for_each_month(tmp_path):
    wide = pd.DataFrame({"id": codes("K{:05d}"), "segment": words("B2B", "B2C")})
    for month in ("2024_01", "2024_02", "2024_03", "2024_04"):
        wide[f"arpu_{month}"] = numbers(5, 60, 2)
    _, said = drafted(tmp_path, wide=wide)
    assert said["kind"] == "panel"
    customers, billing = said["tables"]["customers"], said["tables"]["billing"]
    assert billing["months_in_columns"] == {"revenue": "arpu_%Y_%m"}
    assert billing["columns"] == {"customer_id": "id"}
    assert customers["columns"] == {"customer_id": "id", "segment": "segment"}
    assert customers["drop"] == ["arpu_*_*"]


def test_a_file_without_a_header_whose_label_stands_last(tmp_path):
    frame = pd.DataFrame(LABELLED["telephone, a unit that nobody knows"][0])
    frame.to_csv(tmp_path / "churn.data.csv", index=False, header=False)
    draft, tables = draft_of(samples_of([tmp_path / "churn.data.csv"]), "try")
    tried(draft, tables)
    said = draft.content()["tables"]["snapshot"]
    assert said["header"] is False
    assert said["columns"] == {"customer_id": "4", "churned": "9"}
    assert said["values"] == {"churned": {"False.": "no", "True.": "yes"}}
    columns = draft.tables["snapshot"].part("columns")
    assert [columns[name].check for name in said["columns"]] == [
        "is it the customer_id?",
        "is it the churned?",
    ]


def test_a_label_of_models_and_a_name_that_says_nothing(tmp_path):
    frame = pd.DataFrame(
        {"v1": numbers(0, 9, 3), "v2": numbers(0, 9, 3), "z": np.where(LEFT, 1, -1)}
    )
    _, said = drafted(tmp_path, train=frame)
    assert said["tables"]["snapshot"]["columns"] == {"customer_id": "#row", "churned": "z"}
    assert said["tables"]["snapshot"]["values"] == {"churned": {"-1": "no", "1": "yes"}}


def test_a_column_that_says_who_stayed_is_turned_round(tmp_path):
    frame = pd.DataFrame(
        {
            "policy id": codes("P{:05d}"),
            "premium": numbers(9, 99, 2),
            "renewed": np.where(LEFT, "n", "y"),
        }
    )
    draft, said = drafted(tmp_path, policies=frame)
    table = said["tables"]["snapshot"]
    assert table["columns"]["churned"] == "renewed"
    assert table["values"] == {"churned": {"y": "no", "n": "yes"}}
    assert draft.tables["snapshot"].part("values")["churned"].check


def test_a_workbook_with_titles_above_and_a_total_below(tmp_path):
    rows = [["Churn report"], [], ["customer id", "churn", "tenure"]]
    rows += [[n, "yes" if n % 3 else "no", n] for n in range(40)] + [["Total", None, 780]]
    pd.DataFrame(rows).to_excel(tmp_path / "report.xlsx", index=False, header=False)
    draft, tables = draft_of(samples_of([tmp_path / "report.xlsx"]), "try")
    assert len(tried(draft, tables)["snapshot"]) == 40
    said = draft.content()["tables"]["snapshot"]
    assert (said["header_row"], said["footer_rows"]) == (3, 1)


def test_a_count_is_no_label(tmp_path):
    frame = pd.DataFrame(
        {"id": codes("P{:05d}"), "fee": numbers(9, 99, 2), "ActiveSubs": numbers(0, 4)}
    )
    with pytest.raises(InputError, match="no kind of base was recognised"):
        drafted(tmp_path, holdout=frame)
