import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

from src.data.manifest import SegmentRule, Source
from src.data.mapping import contract_frame
from src.data.naming import by_new_name


def mapped(raw, table="snapshot", segment=None, **keys):
    """The frame, the problems as text, and the notes."""
    frame = pd.DataFrame(raw)
    source = Source(file="table.csv", **keys)
    result, problems, notes = contract_frame(frame, table, source, segment)
    return result, [str(problem) for problem in problems], notes


def snapshot(**more):
    return {"customer_id": ["a", "b"], "churned": ["yes", "no"], **more}


EXPECTED = pd.DataFrame({"customer_id": ["a", "b"], "churned": [True, False]})


def test_columns_of_the_contract_are_found_by_their_names():
    frame, problems, notes = mapped(snapshot())

    assert_frame_equal(frame, EXPECTED)
    assert (problems, notes) == ([], [])


def test_columns_are_renamed_converted_and_put_first():
    raw = {"Plan": ["x", "y"], "Left": ["no", "no"], "Bill": ["1,5", "2"], "Code": ["7", "8"]}

    frame, problems, _ = mapped(
        raw,
        decimal=",",
        columns={"monthly_revenue": "Bill", "churned": "Left", "customer_id": "Code"},
    )

    assert problems == []
    assert_frame_equal(
        frame,
        pd.DataFrame(
            {
                "customer_id": ["7", "8"],
                "churned": [False, False],
                "monthly_revenue": [1.5, 2.0],
                "Plan": ["x", "y"],
            }
        ),
    )


def test_a_column_whose_name_is_given_to_another_is_left_out_and_said():
    raw = snapshot(monthly_revenue=["7", "8"], fee=["1", "2"])
    columns = {"monthly_revenue": "fee"}
    frame, problems, notes = mapped(raw, columns=columns)
    assert_frame_equal(frame, EXPECTED.assign(monthly_revenue=[1.0, 2.0]))
    assert problems == []
    assert notes == [
        "snapshot: the column monthly_revenue of the source is left out, as base.yml calls fee so; "
        "if that is meant, write under tables.snapshot: `drop: [monthly_revenue]`"
    ]
    again, _, notes = mapped(raw, columns=columns, drop=["monthly_revenue"])
    assert_frame_equal(again, frame)
    assert notes == []


def test_rows_keep_their_order_and_their_index():
    raw = pd.DataFrame(snapshot(), index=[5, 2])

    frame, _, _ = contract_frame(raw, "snapshot", Source(file="a.csv"), None)

    assert_frame_equal(frame, EXPECTED.set_axis([5, 2]))


def test_dropped_columns_are_gone_even_when_the_contract_knows_them():
    raw = snapshot(tenure_months=["1", "2"], leak=["1", "0"])

    frame, problems, notes = mapped(raw, drop=["leak", "tenure_months"])

    assert_frame_equal(frame, EXPECTED)
    assert (problems, notes) == ([], [])


def test_a_row_number_stands_in_for_a_missing_identifier():
    frame, problems, _ = mapped({"churned": ["yes", "no"]}, columns={"customer_id": "#row"})

    assert problems == []
    assert_frame_equal(frame, EXPECTED.assign(customer_id=["1", "2"]))


def test_one_source_column_may_serve_twice():
    raw = {"day": ["2024-01-05"], "sum": ["3"], "id": ["x"]}

    frame, problems, _ = mapped(
        raw,
        "orders",
        columns={"order_id": "id", "buyer_key": "id", "date": "day", "amount": "sum"},
    )

    assert problems == []
    assert_frame_equal(
        frame,
        pd.DataFrame(
            {
                "order_id": ["x"],
                "buyer_key": ["x"],
                "date": pd.to_datetime(["2024-01-05"]),
                "amount": [3.0],
            }
        ),
    )


@pytest.mark.parametrize(
    ("keys", "messages"),
    [
        (
            {"columns": {"tenure_months": "Months"}},
            [
                "snapshot.Months: base.yml names this column, but the source has only: "
                "customer_id, churned"
            ],
        ),
        (
            {"drop": ["leak"]},
            [
                "snapshot.leak: base.yml names this column, but the source has only: "
                "customer_id, churned"
            ],
        ),
        (
            {"personal": {"phone": "hash"}},
            [
                "snapshot.phone: base.yml names this column, but the source has only: "
                "customer_id, churned"
            ],
        ),
        (
            {"values": {"Left": {"J": "yes"}}},
            ["snapshot.Left: `values` maps a column that is not there"],
        ),
        (
            {"drop": ["churned"]},
            [
                "snapshot.churned: is missing; map it under tables.snapshot: "
                "`columns: {churned: ...}`, the source has: customer_id, churned"
            ],
        ),
        (
            # the only customer_id of the source now goes by another name
            {"columns": {"account": "customer_id"}},
            [
                "snapshot.customer_id: is missing; map it under tables.snapshot: "
                "`columns: {customer_id: ...}`, the source has: customer_id, churned"
            ],
        ),
    ],
)
def test_a_column_that_is_not_there_is_named(keys, messages):
    _, problems, _ = mapped(snapshot(), **keys)

    assert problems == messages


def test_required_columns_must_be_in_the_source_and_only_twelve_are_listed():
    columns = [f"x{number}" for number in range(14)]

    _, problems, _ = mapped({column: ["1"] for column in columns})

    has = "x0, x1, x2, x3, x4, x5, x6, x7, x8, x9, x10, x11 ..."
    assert problems == [
        f"snapshot.{column}: is missing; map it under tables.snapshot: "
        f"`columns: {{{column}: ...}}`, the source has: {has}"
        for column in ("customer_id", "churned")
    ]


@pytest.mark.parametrize("name", ["churned", "Left"])
def test_values_are_mapped_by_the_new_name_or_by_the_name_of_the_source(name):
    raw = {"customer_id": ["a", "b"], "Left": [" J", "N "]}

    frame, problems, _ = mapped(
        raw, columns={"churned": "Left"}, values={name: {"J": "yes", "N": "no"}}
    )

    assert problems == []
    assert_frame_equal(frame, EXPECTED)


def test_cells_that_cannot_be_read_are_all_listed():
    raw = {
        "order_id": ["1", "2", "3", "4"],
        "buyer_key": ["b", "b", "b", "b"],
        "date": ["2024-01-01", "01.02.2024", "2024-01-03", "4/1/24"],
        "amount": ["1", "2", "three", "4"],
    }

    _, problems, _ = mapped(raw, "orders")

    assert problems == [
        "orders.date: must be a date from 1970 to 2100 written as YYYY-MM-DD; name another form "
        "under `dates`, or a word for an empty cell under `missing` "
        "(2 rows; first: row 2 '01.02.2024', row 4 '4/1/24')",
        "orders.amount: must be a number (decimal mark '.') (1 row; first: row 3 'three')",
    ]


def test_a_flag_in_unknown_words_is_refused():
    _, problems, _ = mapped({"customer_id": ["a"], "churned": ["left"]})

    assert problems == [
        "snapshot.churned: must be yes or no (also true/false, 1/0); name other words under "
        "`values`; write under tables.snapshot: `values: {churned: {left: ...}}` "
        "(1 row; first: row 1 'left')"
    ]


def test_a_cell_of_a_million_characters_is_refused():
    _, problems, _ = mapped(snapshot(note=["short", "x" * 1_000_000]))

    shown = repr("x" * 60)
    assert problems == [
        "snapshot.note: a cell holds more than 10,000 characters "
        f"(1 row; first: row 2 {shown} ... 1,000,000 characters)"
    ]


def test_missing_markers_of_the_base_become_empty_cells():
    frame, problems, _ = mapped(snapshot(tenure_months=["-", "3"]), missing=["-"])

    assert problems == []
    assert_frame_equal(frame, EXPECTED.assign(tenure_months=[None, 3.0]))


def test_attributes_take_the_type_of_their_cells():
    raw = snapshot(
        calls=["1", "2"],
        code=["01", "2"],
        plan=["a", None],
        is_vip=[True, False],
        since=pd.to_datetime(["2024-01-01", "2024-01-02"]),
    )

    frame, problems, _ = mapped(raw)

    assert problems == []
    assert_frame_equal(
        frame,
        EXPECTED.assign(
            **{**raw, "customer_id": ["a", "b"], "churned": [True, False], "calls": [1.0, 2.0]}
        ),
    )


# --- segment ------------------------------------------------------------------------------------


def segments(rule, sizes, table="customers", **keys):
    raw = {"customer_id": [f"c{row}" for row in range(len(sizes))], "Size": sizes}
    frame, problems, _ = mapped(raw, table, SegmentRule(**rule), **keys)
    return frame.get("segment", pd.Series()).tolist(), problems


def test_one_segment_for_all():
    assert segments({"value": "B2B"}, ["1", "2"]) == (["B2B", "B2B"], [])


def test_a_segment_rule_overrides_a_column_of_that_name():
    frame, _, _ = mapped(snapshot(segment=["B2C", "B2C"]), segment=SegmentRule(value="B2B"))

    assert frame["segment"].tolist() == ["B2B", "B2B"]


def test_a_segment_rule_is_for_customers_snapshots_and_orders():
    raw = {"customer_id": ["c"], "month": ["2024-01"], "revenue": ["1"]}

    frame, _, _ = mapped(raw, "billing", SegmentRule(value="B2B"))

    assert list(frame) == ["customer_id", "month", "revenue"]


WORDS = {"column": "Size", "values": {"firm": "B2B", "home": "B2C"}}


def test_segments_by_words():
    assert segments(WORDS, ["firm", " home"]) == (["B2B", "B2C"], [])


def test_a_word_without_a_segment_is_refused():
    assert segments(WORDS, ["firm", "farm", None])[1] == [
        "customers.Size: the segment rule has no word for this value; add it, or write under "
        "segment: `otherwise: B2C` "
        "(2 rows; first: row 2 'farm', row 3 (empty))"
    ]


def test_otherwise_takes_the_words_without_a_segment():
    rule = {**WORDS, "otherwise": "B2C"}

    assert segments(rule, ["firm", "farm", None]) == (["B2B", "B2C", "B2C"], [])


def test_segments_by_size_start_at_the_threshold():
    rule = {"column": "Size", "b2b_from": 10}

    assert segments(rule, ["9,9", "10", "1 000"], decimal=",", thousands=" ") == (
        ["B2C", "B2B", "B2B"],
        [],
    )


def test_a_size_that_is_not_a_number_is_refused():
    assert segments({"column": "Size", "b2b_from": 10}, ["5", "many", None])[1] == [
        "customers.Size: the segment rule needs a number here: must be a number "
        "(decimal mark '.') (2 rows; first: row 2 'many', row 3 (empty))"
    ]


@pytest.mark.parametrize("name", ["Size", "size"])
def test_the_column_of_a_segment_rule_goes_by_either_name(name):
    rule = {**WORDS, "column": name}

    found, problems = segments(rule, ["firm", "home"], columns={"size": "Size"})

    assert (found, problems) == (["B2B", "B2C"], [])


def test_the_column_of_a_segment_rule_must_be_there():
    assert segments({"column": "Kind", "b2b_from": 1}, ["5"])[1] == [
        "customers.Kind: the segment rule needs this column, the source has: customer_id, Size; "
        "write under segment: `column: ...`"
    ]


# --- personal data ------------------------------------------------------------------------------


def test_personal_columns_are_left_out_with_a_note():
    raw = snapshot(**{"Mobile No": ["1", "2"], "contact": ["a@b.de", "c@d.org"]})

    frame, problems, notes = mapped(raw)

    assert problems == []
    assert_frame_equal(frame, EXPECTED)
    assert notes == [
        "snapshot.Mobile No looks like personal data (phone) and was left out; to have it write "
        "under tables.snapshot: `personal: {Mobile No: hash}`, or `keep` in place of `hash`",
        "snapshot.contact looks like personal data (e-mail) and was left out; to have it write "
        "under tables.snapshot: `personal: {contact: hash}`, or `keep` in place of `hash`",
    ]


@pytest.mark.parametrize("declared", ["Mobile No", "mobile"])
@pytest.mark.parametrize("fate", ["hash", "keep", "drop"])
def test_declared_personal_columns_meet_their_fate_by_either_name(declared, fate):
    frame, problems, notes = mapped(
        snapshot(**{"Mobile No": ["4915112345678901234", "4915112345678901235"]}),
        columns={"mobile": "Mobile No"},
        personal={declared: fate},
    )

    assert (problems, notes) == ([], [])
    # Text, or two numbers would become the same float. Hashing itself happens in `build_base`.
    numbers = ["4915112345678901234", "4915112345678901235"]
    assert_frame_equal(frame, EXPECTED if fate == "drop" else EXPECTED.assign(mobile=numbers))


def test_a_personal_column_to_hash_is_text_even_when_it_looks_like_a_number():
    frame, _, _ = mapped(snapshot(inn=["7700", "12"]), personal={"inn": "hash"})

    assert_frame_equal(frame, EXPECTED.assign(inn=["7700", "12"]))


def test_a_column_that_only_sounds_personal_can_be_kept():
    frame, _, notes = mapped(snapshot(phone=["1", "0"]), personal={"phone": "keep"})

    assert_frame_equal(frame, EXPECTED.assign(phone=[1.0, 0.0]))
    assert notes == []


def test_what_is_declared_goes_by_the_name_after_renaming():
    source = Source(file="a.csv", columns={"a": "x", "b": "x", "y": "z"})

    assert by_new_name({"x": 1, "y": 2, "other": 3}, source) == {"a": 1, "b": 1, "y": 2, "other": 3}


def test_a_new_name_wins_over_a_name_of_the_source_in_a_swap():
    source = Source(file="a.csv", columns={"a": "b", "b": "a"})

    assert by_new_name({"a": 1}, source) == {"a": 1}


# --- usage --------------------------------------------------------------------------------------


def usage(**measures):
    return {"customer_id": ["c"], "month": ["2024-01"], **measures}


def test_every_further_column_of_usage_is_a_measure():
    frame, problems, _ = mapped(
        usage(Min=["12,5"], sms=["3"]), "usage", columns={"minutes": "Min"}, decimal=","
    )

    assert problems == []
    assert_frame_equal(
        frame,
        pd.DataFrame(
            {
                "customer_id": ["c"],
                "month": pd.to_datetime(["2024-01-01"]),
                "minutes": [12.5],
                "sms": [3.0],
            }
        ),
    )


@pytest.mark.parametrize("columns", [{}, {"minutes": "minutes"}])
def test_a_measure_counts_whether_it_is_mapped_or_not(columns):
    assert mapped(usage(minutes=["1"]), "usage", columns=columns)[1] == []


@pytest.mark.parametrize(
    ("measures", "keys"), [({}, {}), ({"minutes": ["1"]}, {"drop": ["minutes"]})]
)
def test_usage_needs_a_measure(measures, keys):
    assert mapped(usage(**measures), "usage", **keys)[1] == [
        "usage: needs at least one column with a measure"
    ]


def test_a_measure_must_be_a_number():
    assert mapped(usage(minutes=["many"]), "usage")[1] == [
        "usage.minutes: must be a number (decimal mark '.') (1 row; first: row 1 'many')"
    ]
