import json
import shutil
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
import pytest
from pandas.testing import assert_frame_equal

from src.data import building
from src.data.bases import base_folder, base_names, open_base
from src.data.building import build_base
from src.data.contracts import TABLES
from src.data.privacy import pseudonymise
from src.data.problems import InputError

KEY, OTHER_KEY = b"one key", b"another key"
SHIPPED = ("cdnow", "cdnow_sample", "ibm_telco", "mlc_churn", "tv_subscription")
CUSTOMERS = "customer_id,segment,signup_month\nc1,B2C,2024-01\nc2,B2B,2024-02\n"
BILLING = "customer_id,month,revenue\nc1,2024-01,10.5\nc1,2024-02,11\nc2,2024-02,200\n"
SNAPSHOT = "customer_id,churned,tenure_months,plan\na,yes,3,x\nb,no,,y\nc,no,12,\n"


def files(folder: Path) -> dict[str, bytes]:
    """Every file below a folder with its bytes, and every folder."""
    return {
        str(path.relative_to(folder)): path.read_bytes() if path.is_file() else b"folder"
        for path in sorted(folder.rglob("*"))
    }


# --- the bases that come with the project -------------------------------------------------------


@pytest.fixture(scope="module")
def shipped(tmp_path_factory):
    """Every shipped base, built from scratch in a copy of its folder, under two keys."""

    def built(name, key):
        folder = tmp_path_factory.mktemp("bases") / name
        folder.mkdir()
        shutil.copy(base_folder(name) / "base.yml", folder)
        return build_base(str(folder), key)

    return {name: (built(name, KEY), built(name, OTHER_KEY)) for name in SHIPPED}


def test_the_shipped_bases_are_known_by_name():
    assert set(SHIPPED) <= set(base_names())


def test_ibm_telco(shipped):
    base, _ = shipped["ibm_telco"]
    snapshot = base.table("snapshot")
    without_bill = snapshot[snapshot["total_charges"].isna()]

    assert base.rows == {"snapshot": 7043}
    assert snapshot["churned"].sum() == 1869
    assert snapshot["churned"].mean() == pytest.approx(1869 / 7043)
    assert without_bill["tenure_months"].tolist() == [0.0] * 11
    assert set(snapshot["segment"]) == {"B2C"}
    assert base.notes == ()


def test_mlc_churn(shipped):
    base, _ = shipped["mlc_churn"]

    assert base.rows == {"snapshot": 5000}
    assert base.table("snapshot")["churned"].sum() == 707


def test_cdnow(shipped):
    base, _ = shipped["cdnow"]
    orders = base.table("orders")

    assert base.rows == {"orders": 69_659}
    assert orders["buyer_key"].nunique() == 23_570
    assert orders["order_id"].is_unique
    assert (orders["date"].min(), orders["date"].max()) == (
        pd.Timestamp("1997-01-01"),
        pd.Timestamp("1998-06-30"),
    )


def test_cdnow_sample(shipped):
    base, _ = shipped["cdnow_sample"]
    orders = base.table("orders")

    assert base.rows == {"orders": 6_919}
    assert orders["buyer_key"].nunique() == 2_357
    assert orders["date"].max() == pd.Timestamp("1998-06-30")


def test_tv_subscription(shipped):
    base, _ = shipped["tv_subscription"]
    snapshot = base.table("snapshot")

    assert base.rows == {"snapshot": 9379}
    assert snapshot["churned"].sum() == 449
    assert not {"C_FP", "C_FN", "C_TP", "C_TN"} & set(snapshot)


@pytest.mark.parametrize("name", SHIPPED)
def test_the_key_changes_the_identifiers_and_nothing_else(shipped, name):
    one, other = shipped[name]

    assert one.fingerprint == other.fingerprint
    for table in one.rows:
        left, right = one.table(table), other.table(table)
        identifiers = [
            column
            for column in left
            if getattr(TABLES[table].columns.get(column), "kind", "") == "id"
        ]
        assert_frame_equal(left.drop(columns=identifiers), right.drop(columns=identifiers))
        for column in identifiers:
            # The same rows share an identifier, in the same order.
            assert (pd.factorize(left[column])[0] == pd.factorize(right[column])[0]).all()
            assert not set(left[column]) & set(right[column])


# --- building -----------------------------------------------------------------------------------


def test_a_base_is_what_its_sources_say(write_base):
    folder = write_base(segment={"column": "segment", "values": {"B2C": "B2C"}, "otherwise": "B2B"})

    base = build_base(str(folder), KEY)

    c1, c2 = pseudonymise(pd.Series(["c1", "c2"]), KEY)
    january, february = pd.Timestamp("2024-01-01"), pd.Timestamp("2024-02-01")
    assert_frame_equal(
        base.table("customers"),
        pd.DataFrame(
            {
                "customer_id": [c1, c2],
                "segment": ["B2C", "B2B"],
                "signup_month": [january, february],
            }
        ),
    )
    assert_frame_equal(
        base.table("billing"),
        pd.DataFrame(
            {
                "customer_id": [c1, c1, c2],
                "month": [january, february, february],
                "revenue": [10.5, 11.0, 200.0],
            }
        ),
    )
    assert (base.name, base.title, base.kind, base.currency) == ("toy", "Toy", "panel", "EUR")
    assert (base.origin, base.notes, base.folder) == ("real", (), folder)
    assert base.rows == {"customers": 2, "billing": 3}
    assert open_base(str(folder)) == base


def test_the_files_of_a_built_base(write_base):
    folder = write_base(origin="simulated")

    base = build_base(str(folder), KEY)

    assert base.origin == "simulated"
    assert set(files(folder)) == {
        "base.yml",
        "billing.csv",
        "built.json",
        "customers.csv",
        "tables",
        "tables/billing.parquet",
        "tables/customers.parquet",
    }
    assert json.loads((folder / "built.json").read_text())["rows"] == {"customers": 2, "billing": 3}
    assert (folder / "tables").stat().st_mode & 0o777 == 0o755


def test_a_table_is_read_by_its_columns_and_refused_by_its_name(write_base):
    base = build_base(str(write_base()), KEY)

    assert list(base.table("billing", ["revenue"])) == ["revenue"]
    assert base.has("customers", "billing")
    assert not base.has("customers", "usage")
    with pytest.raises(
        InputError, match=r"^base 'toy' has no table 'usage'; it has customers, billing$"
    ):
        base.table("usage")


def test_rows_keep_the_order_of_the_source_whatever_the_key(write_base):
    rows = [f"{name},no,{number}" for number, name in enumerate("zaymbx")]
    folder = write_base({"snapshot": "\n".join(["customer_id,churned,tenure_months", *rows])})

    for key in (KEY, OTHER_KEY):
        snapshot = build_base(str(folder), key).table("snapshot")
        assert (
            snapshot["customer_id"].tolist()
            == pseudonymise(pd.Series(list("zaymbx")), key).tolist()
        )
        assert snapshot["tenure_months"].tolist() == [0, 1, 2, 3, 4, 5]


def test_without_a_key_the_environment_is_asked(write_base):
    base = build_base(str(write_base()))

    [expected] = pseudonymise(pd.Series(["c1"]), b"key of the tests")
    assert base.table("customers").loc[0, "customer_id"] == expected


def test_without_any_key_one_is_made_beside_the_bases(write_base, tmp_path, monkeypatch):
    monkeypatch.delenv("CVM_KEY")
    monkeypatch.setattr(building, "DATA", tmp_path / "data")

    base = build_base(str(write_base()))

    key = (tmp_path / "data" / ".key").read_bytes()
    [expected] = pseudonymise(pd.Series(["c1"]), key)
    assert base.table("customers").loc[0, "customer_id"] == expected


def test_personal_columns_are_hashed_dropped_or_noted(write_base):
    content = "customer_id,churned,Mobile,fio,inn\na,no,4915112345678,Ann,7\nb,no,,Bob,8\n"
    personal = {"Mobile": "hash", "fio": "drop", "customer_id": "hash"}
    folder = write_base(
        {"snapshot": content},
        {"snapshot": {"columns": {"contact": "Mobile"}, "personal": personal}},
    )

    base = build_base(str(folder), KEY)

    a, b, mobile = pseudonymise(pd.Series(["a", "b", "4915112345678"]), KEY)
    assert_frame_equal(
        base.table("snapshot"),
        pd.DataFrame({"customer_id": [a, b], "churned": [False, False], "contact": [mobile, None]}),
    )
    assert base.notes == (
        "snapshot.inn looks like personal data (tax number) and was left out; to have it write "
        "under tables.snapshot: `personal: {inn: hash}`, or `keep` in place of `hash`",
    )


def test_no_personal_value_is_written_anywhere(write_base):
    content = "customer_id,churned,e-mail\n4915112345678,no,ann@example.org\n"
    folder = write_base({"snapshot": content})

    build_base(str(folder), KEY)

    written = files(folder)
    del written["snapshot.csv"]
    assert not [name for name, raw in written.items() if b"49151" in raw or b"ann@" in raw]


def test_the_same_input_gives_the_same_bytes(write_base):
    folder = write_base()

    build_base(str(folder), KEY)
    first = files(folder)
    build_base(str(folder), KEY)

    assert files(folder) == first


def test_a_rebuilt_base_holds_the_new_tables_only(write_base):
    both = write_base(
        {"snapshot": SNAPSHOT, "orders": "order_id,buyer_key,date,amount\n1,b,2024-01-01,5\n"}
    )
    build_base(str(both), KEY)
    folder = write_base({"snapshot": SNAPSHOT.replace("a,yes", "a,no")})

    base = build_base(str(folder), KEY)

    assert base.rows == {"snapshot": 3}
    assert not base.table("snapshot")["churned"].any()
    assert [path.name for path in (folder / "tables").iterdir()] == ["snapshot.parquet"]


def test_a_folder_may_be_named_from_where_one_stands(write_base, monkeypatch):
    folder = write_base()
    monkeypatch.chdir(folder.parent)

    assert build_base("./toy", KEY).rows == {"customers": 2, "billing": 3}
    assert open_base("./toy").table("customers").shape == (2, 3)


# --- the fingerprint ----------------------------------------------------------------------------


def fingerprint(folder: Path, key: bytes = KEY) -> str:
    return build_base(str(folder), key).fingerprint


def test_the_fingerprint_does_not_know_the_file_format(write_base):
    plans = {
        "customer_id": ["007", "b"],
        "churned": [True, False],
        "tenure_months": [3, None],
        "monthly_revenue": [10.25, 7],
        "since": ["2024-01", "2023-12"],
        "plan": ["x", None],
    }
    typed = pd.DataFrame(plans)
    csv = write_base({"snapshot": typed.to_csv(index=False)}, name="csv")
    semicolons = write_base(
        {"snapshot": typed.to_csv(index=False, sep=";", decimal=",")},
        {"snapshot": {"decimal": ","}},
        name="semicolons",
    )
    parquet = write_base({"snapshot": ""}, {"snapshot": {"file": "t.parquet"}}, name="parquet")
    typed.to_parquet(parquet / "t.parquet")
    excel = write_base({"snapshot": ""}, {"snapshot": {"file": "t.xlsx"}}, name="excel")
    typed.to_excel(excel / "t.xlsx", index=False)

    found = {fingerprint(folder) for folder in (csv, semicolons, parquet, excel)}

    assert len(found) == 1
    assert_frame_equal(
        open_base(str(csv)).table("snapshot"), open_base(str(excel)).table("snapshot")
    )
    assert_frame_equal(
        open_base(str(csv)).table("snapshot"), open_base(str(parquet)).table("snapshot")
    )


def test_months_have_the_same_fingerprint_as_text_and_as_dates(write_base):
    csv = write_base(name="csv")
    parquet = write_base(sources={"billing": {"file": "billing.parquet"}}, name="parquet")
    billing = pd.read_csv(csv / "billing.csv", parse_dates=["month"])
    billing.astype({"month": "datetime64[us]"}).to_parquet(parquet / "billing.parquet")

    assert fingerprint(csv) == fingerprint(parquet)


def test_the_fingerprint_does_not_know_the_key_but_every_cell(write_base):
    original = fingerprint(write_base())

    assert fingerprint(write_base(), OTHER_KEY) == original
    header, *rows = BILLING.splitlines(keepends=True)
    changed = {
        "an identifier": (CUSTOMERS, BILLING.replace("c1,2024-02", "c2,2024-01")),
        "a word": (CUSTOMERS.replace("B2C", "B2B"), BILLING),
        "a month": (CUSTOMERS.replace("2024-01", "2024-03"), BILLING),
        "a number": (CUSTOMERS, BILLING.replace("10.5", "10.6")),
        "an empty cell": (CUSTOMERS.replace("2024-02", ""), BILLING),
        "a column": (CUSTOMERS, BILLING.replace("\n", ",\n").replace("revenue,", "revenue,extra")),
        "a row less": (CUSTOMERS, BILLING.replace("c2,2024-02,200\n", "")),
        "an order": (CUSTOMERS, "".join([header, *reversed(rows)])),
    }
    found = {
        what: fingerprint(write_base({"customers": customers, "billing": billing}))
        for what, (customers, billing) in changed.items()
    }
    assert original not in found.values()
    assert len(set(found.values())) == len(found)


def test_flags_with_gaps_have_a_fingerprint_of_their_own(write_base):
    table = "deal_id,created,stage,amount,won\n1,2024-01-01,a,5,{}\n2,2024-01-01,a,5,no\n"
    orders = "order_id,buyer_key,date,amount\n1,b,2024-01-01,5\n"
    found = {
        word: fingerprint(write_base({"orders": orders, "deals": table.format(word)}))
        for word in ("yes", "no", "")
    }

    assert len(set(found.values())) == 3


def test_the_expected_fingerprint_is_kept_to(write_base):
    right = fingerprint(write_base())
    assert fingerprint(write_base(fingerprint=right)) == right
    built = files(write_base(fingerprint=right))

    built = files(write_base(fingerprint=right))
    folder = write_base(fingerprint="0123456789abcdef")
    with pytest.raises(InputError) as caught:
        build_base(str(folder), KEY)

    assert str(caught.value) == (
        f"Base 'toy' has changed: its fingerprint is {right}, base.yml expects 0123456789abcdef. "
        f"If the new data is right, write `fingerprint: {right}`"
    )
    assert {**files(folder), "base.yml": b""} == {**built, "base.yml": b""}


# --- what is refused ----------------------------------------------------------------------------


def test_rows_of_unknown_customers_are_refused(write_base):
    folder = write_base(
        {
            "customers": CUSTOMERS,
            "billing": BILLING + "c3,2024-01,1\nC1,2024-01,1\n",
            "orders": "order_id,buyer_key,date,amount,customer_id\n"
            "1,b,2024-01-01,5,\n2,b,2024-01-01,5,x\n",
        }
    )

    with pytest.raises(InputError) as caught:
        build_base(str(folder), KEY)

    assert str(caught.value).splitlines() == [
        "Base 'toy' was refused, nothing was loaded: 2 rules are broken.",
        "  - billing.customer_id: is not in the table customers, whose ids are such as 'c1' "
        "(2 rows; first: row 4 'c3', row 5 'C1')",
        "  - orders.customer_id: is not in the table customers, whose ids are such as 'c1' "
        "(1 row; first: row 2 'x')",
    ]


def test_without_a_table_of_customers_nobody_is_unknown(write_base):
    orders = "order_id,buyer_key,date,amount,customer_id\n1,b,2024-01-01,5,x\n"

    assert build_base(str(write_base({"orders": orders})), KEY).rows == {"orders": 1}


def test_customers_without_a_segment_are_refused(write_base):
    folder = write_base({"customers": "customer_id\nc1\nc2\n", "billing": BILLING})

    with pytest.raises(
        InputError, match=r"1 rule is broken\.\n  - customers\.segment: is missing$"
    ):
        build_base(str(folder), KEY)


BROKEN = {
    "missing file": (None, r"the file snapshot\.csv does not exist in"),
    "empty file": ("", r"is empty"),
    "header only": (SNAPSHOT.splitlines()[0], r"snapshot: has no rows"),
    "missing column": (SNAPSHOT.replace("churned", "left"), r"snapshot\.churned: is missing"),
    "duplicate column": (SNAPSHOT.replace("plan", "churned"), r"stand twice.*: churned"),
    "duplicate key": (SNAPSHOT + "a,no,1,z\n", r"must be unique.*row 4 'a'"),
    "negative tenure": (SNAPSHOT.replace("12", "-12"), r"must be 0 or more.*row 3 '-12'"),
    "text in a number": (SNAPSHOT.replace("12", "dozen"), r"must be a number.*row 3 'dozen'"),
    "mixed dates": (
        "order_id,buyer_key,date,amount\n1,b,2024-01-31,5\n2,b,31/01/2024,5\n",
        r"orders\.date: must be a date.*row 2 '31/01/2024'",
    ),
    "more cells than columns": (SNAPSHOT + "d,no,1,x,y\n", r"Expected 4 fields in line 5, saw 5"),
    "million characters": (
        SNAPSHOT.replace("12", "x" * 1_000_000),
        r"more than 10,000 characters.* 1,000,000 characters",
    ),
    "wrong encoding": (SNAPSHOT.replace("x", "Ж").encode("cp1251"), r"not written in utf-8-sig"),
}


@pytest.mark.parametrize("case", BROKEN)
def test_bad_input_leaves_what_was_built_before_as_it_was(write_base, case):
    content, message = BROKEN[case]
    table = "orders" if case == "mixed dates" else "snapshot"
    good = {"snapshot": SNAPSHOT, "orders": "order_id,buyer_key,date,amount\n1,b,2024-01-31,5\n"}
    folder = write_base(good)
    build_base(str(folder), KEY)
    if content is None:
        (folder / f"{table}.csv").unlink()
    else:
        write_base({**good, table: content})
    before = files(folder)

    with pytest.raises(InputError, match=message):
        build_base(str(folder), OTHER_KEY)

    assert files(folder) == before
    assert not list(folder.glob(".building-*"))
    assert open_base(str(folder)).rows == {"snapshot": 3, "orders": 1}


def test_a_write_that_fails_leaves_what_was_built_before(write_base, monkeypatch):
    folder = write_base()
    build_base(str(folder), KEY)
    before = files(folder)

    def full(*_args, **_keys):
        raise OSError("No space left on device")

    monkeypatch.setattr(pq.ParquetWriter, "write_table", full)
    with pytest.raises(OSError, match="No space left"):
        build_base(str(folder), OTHER_KEY)

    assert files(folder) == before


def test_a_swap_that_fails_brings_the_earlier_tables_back(write_base, monkeypatch):
    folder = write_base()
    build_base(str(folder), KEY)
    before = files(folder)
    rename = Path.rename

    def refuse_the_new(self, target):
        if self.parent.name.startswith(".building-"):
            raise OSError("Device is busy")
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", refuse_the_new)
    with pytest.raises(OSError, match="busy"):
        build_base(str(folder), OTHER_KEY)

    assert files(folder) == before


@pytest.mark.parametrize("action", [open_base, build_base])
def test_an_unknown_base_is_refused(action):
    with pytest.raises(InputError, match=r"^there is no base 'nowhere'"):
        action("nowhere")


def test_an_unknown_base_is_answered_with_the_known_ones():
    with pytest.raises(InputError) as caught:
        open_base("nowhere")

    assert str(caught.value) == (
        f"there is no base 'nowhere'; known bases: {', '.join(base_names())}"
    )


def test_a_base_that_is_not_built_is_answered_with_the_command(write_base):
    folder = write_base()

    with pytest.raises(InputError) as caught:
        open_base(str(folder))

    assert str(caught.value) == f"base '{folder}' is not built yet; run `make data BASE={folder}`"


def test_a_base_is_found_by_its_name_or_its_path():
    assert base_folder("cdnow") == building.DATA / "bases" / "cdnow"
    assert base_folder("/some/where") == Path("/some/where")
