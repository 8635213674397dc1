"""What would be read wrong or lost without a word is said when a base is built, or refused."""

import numpy as np
import pytest

from src.data.building import build_base
from src.data.problems import InputError

KEY = b"key"


def snapshot(write_base, rows: list[str], header: str, **keys):
    text = "\n".join([f"customer_id,churned,{header}", *rows]) + "\n"
    folder = write_base({"snapshot": text}, {"snapshot": keys.pop("source", {})}, **keys)
    return build_base(str(folder), KEY)


def test_cells_in_per_cent_are_numbers(write_base):
    rows = [f"c{n},{'yes' if n % 3 else 'no'},{n}%" for n in range(1, 12)]
    base = snapshot(write_base, [*rows, "c99,no,n/a"], "discount")
    assert base.table("snapshot")["discount"].tolist()[:3] == [1.0, 2.0, 3.0]
    assert np.isnan(base.table("snapshot")["discount"].iloc[-1])
    assert "snapshot.discount: cells in per cent are read as the number before the sign" in (
        " ".join(base.notes)
    )


def test_a_tenure_in_days_is_asked_about(write_base):
    rows = [f"c{n},{'yes' if n % 3 else 'no'},{200 * n}" for n in range(1, 12)]
    with pytest.raises(InputError, match=r"`units: \{tenure_months: days\}`"):
        snapshot(write_base, rows, "tenure_months")
    source = {"units": {"tenure_months": "days"}}
    base = snapshot(write_base, rows, "tenure_months", source=source)
    assert base.table("snapshot")["tenure_months"].max() == pytest.approx(2200 / (365.25 / 12))
    source = {"units": {"tenure_months": "months"}}
    base = snapshot(write_base, rows, "tenure_months", source=source)
    assert base.table("snapshot")["tenure_months"].max() == 2200


def test_a_column_whose_place_the_segment_takes_is_named(write_base):
    rows = [f"c{n},{'yes' if n % 3 else 'no'},{'old' if n % 2 else 'new'}" for n in range(1, 12)]
    base = snapshot(write_base, rows, "segment ", segment={"value": "B2C"})
    assert "snapshot.segment of the source is not read" in " ".join(base.notes)
    source = {"columns": {"other_segment": "segment"}}
    base = snapshot(write_base, rows, "segment ", segment={"value": "B2C"}, source=source)
    assert base.notes == ()
    assert base.table("snapshot")["other_segment"].tolist()[:2] == ["old", "new"]


def test_the_line_for_a_label_of_three_words_names_all_of_them(write_base):
    rows = [f"c{n},{['yes', 'no', 'pending'][n % 3]},{n}" for n in range(1, 12)]
    with pytest.raises(InputError) as caught:
        snapshot(write_base, rows, "tenure_months")
    assert "`values: {churned: {'no': 'no', 'yes': 'yes', pending: ...}}`" in str(caught.value)
