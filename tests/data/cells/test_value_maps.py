"""Words of base.yml that do not meet the cells are refused: labels would turn round in silence."""

import pandas as pd
import pytest

from src.data.cells.value_maps import one_line
from src.data.manifest import SegmentRule, Source
from src.data.mapping import contract_frame


def mapped(cells, segment=None, kind="plan", **keys):
    """The column, the problems and the notes of a snapshot with these cells."""
    raw = pd.DataFrame({"customer_id": range(len(cells)), "churned": "no", kind: cells})
    source = Source(file="a.csv", **keys)
    frame, problems, notes = contract_frame(raw, "snapshot", source, segment)
    return frame.get(kind), [str(problem) for problem in problems], notes


@pytest.mark.parametrize("cells", [["1.0", "0.0"], ["1", "0"], [1.0, 0.0], [1, 0], ["1.00", "0"]])
@pytest.mark.parametrize("mapping", [{"1": "no", "0": "yes"}, {"1.0": "no", "0.0": "yes"}])
def test_numbers_match_however_they_are_written(cells, mapping):
    churned, problems, _ = mapped(cells, kind="churned", values={"churned": mapping})

    assert (churned.tolist(), problems) == ([False, True], [])


def test_true_and_false_match_in_any_case():
    churned, problems, _ = mapped(
        ["True", "FALSE"], kind="churned", values={"churned": {"true": "no", "false": "yes"}}
    )

    assert (churned.tolist(), problems) == ([False, True], [])


def test_codes_match_by_their_text_alone():
    plan, problems, _ = mapped(["01", "1"], values={"plan": {"1": "x"}})

    assert (plan.tolist(), problems) == (["01", "x"], [])


@pytest.mark.parametrize(
    ("cells", "mapping", "message"),
    [
        (
            ["1", "0"],
            {"J": "yes", "N": "no"},
            "snapshot.churned: `values` has no word for these cells, and no cell is 'J' or 'N'; "
            "write under tables.snapshot: `values: {churned: {'1': ..., '0': ...}}` "
            "(2 rows; first: row 1 '1', row 2 '0')",
        ),
        (
            ["J", "no", "no"],
            {"J": "yes"},
            "snapshot.churned: `values` has no word for these cells; write under tables.snapshot: "
            "`values: {churned: {J: 'yes', 'no': ...}}` (2 rows; first: row 2 'no')",
        ),
    ],
)
def test_a_map_of_a_flag_that_leaves_cells_alone_is_refused(cells, mapping, message):
    assert mapped(cells, kind="churned", values={"churned": mapping})[1] == [message]


def test_a_map_of_text_may_leave_cells_alone_unless_a_word_of_it_is_idle():
    assert mapped(["n", "s", None], values={"plan": {"n": "north"}})[1] == []
    assert mapped(["n", "N"], values={"plan": {"n": "north", "m": "middle", "N": "north"}})[1] == []
    assert mapped(["n", "S"], values={"plan": {"n": "north", "s": "south"}})[1] == [
        "snapshot.plan: `values` has no word for these cells, and no cell is 's'; write under "
        "tables.snapshot: `values: {plan: {n: north, S: ...}}` (1 row; first: row 2 'S')"
    ]


def test_a_segment_rule_that_meets_no_cell_does_not_send_all_to_otherwise():
    rule = SegmentRule(column="plan", values={"Firma": "B2B"}, otherwise="B2C")

    assert mapped(["firma", "privat"], rule)[1] == [
        "snapshot.plan: the segment rule names 'Firma', but no cell is so; write under segment: "
        "`values: {firma: ..., privat: ...}` (2 rows; first: row 1 'firma', row 2 'privat')"
    ]


def test_a_segment_rule_matches_numbers_however_they_are_written():
    rule = SegmentRule(column="plan", values={"1": "B2B"}, otherwise="B2C")

    _, problems, _ = mapped(["1.0", "2.0"], rule)

    assert problems == []


def test_missing_words_match_as_numbers_and_are_named_when_they_meet_no_cell():
    plan, problems, notes = mapped(["-1", "5"], missing=["-1.0", "?"])

    assert plan.isna().tolist() == [True, False]
    assert (problems, notes) == ([], ["snapshot: `missing` names '?', which stands in no cell"])


def test_cells_are_quoted_as_the_file_has_them(write_base):
    from src.data.building import build_base
    from src.data.problems import InputError

    folder = write_base({"snapshot": "customer_id,churned,tenure_months\na,no,-1\nb,no,2\n"})

    with pytest.raises(InputError, match=r"must be 0 or more \(1 row; first: row 1 '-1'\)"):
        build_base(str(folder), b"key")


def test_a_line_of_base_yml():
    assert one_line({"missing": ["n/a", "-"]}) == "missing: [n/a, '-']"
    assert one_line({"dates": "%d.%m.%Y"}) == "dates: '%d.%m.%Y'"
