"""Identifiers of any form are found in both files of a panel."""

import uuid

import numpy as np
import pandas as pd
import pytest

from src.data.draft.drafting import draft_of
from src.data.draft.sampling import samples_of
from src.data.draft.trial import tried

MANY = 60
FORMS = {
    "from one on": lambda n: n + 1,
    "five digits, as day numbers of a spreadsheet": lambda n: 40_200 + n,
    "six digits, as months": lambda n: 201_901 + n,
    "eight digits, as days": lambda n: 20_240_101 + n,
    "ten digits": lambda n: 1_000_000_007 + n,
    "letters and digits": lambda n: f"K-{n:05d}",
    "uuids": lambda n: str(uuid.UUID(int=n + 2**90)),
    "hex": lambda n: f"{n * 7919 % 2**20:08x}",
    "with zeros before": lambda n: f"{n:07d}",
    "as floats": lambda n: f"{n + 700}.0",
}


@pytest.mark.parametrize("form", FORMS)
def test_customers_and_their_bills_are_told(form, tmp_path):
    ids = [FORMS[form](number) for number in range(MANY)]
    customers = pd.DataFrame(
        {"customer_no": ids, "type": np.where(np.arange(MANY) % 4, "private", "business")}
    )
    bills = pd.DataFrame(
        [
            (customer, f"{month:%Y-%m}", round(10 + number % 7 + month.month / 8, 2))
            for number, customer in enumerate(ids)
            for month in pd.date_range("2023-01-01", periods=12, freq="MS")
        ],
        columns=["account", "billing_month", "net_amount"],
    )
    for name, rows in (("customers", customers), ("bills", bills)):
        rows.to_csv(tmp_path / f"{name}.csv", index=False)
    draft, tables = draft_of(samples_of(sorted(tmp_path.iterdir())), "base")
    tried(draft, tables)
    found = draft.content()
    assert found["kind"] == "panel"
    assert found["tables"]["customers"]["columns"] == {"customer_id": "customer_no"}
    assert found["tables"]["billing"]["columns"] == {
        "customer_id": "account",
        "month": "billing_month",
        "revenue": "net_amount",
    }
    # At most the currency is a doubt.
    assert [place for place, _ in draft.checks()] == ["currency"]
