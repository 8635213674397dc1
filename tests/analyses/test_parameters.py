"""Parameters of a notebook are checked as a whole: names, types, values, what the base has."""

import pandas as pd
import pytest

from src.analyses import parameters
from src.analyses.settings.model import BaseSetting, allowed, nearest, refuse
from src.data.building import build_base
from src.data.problems import InputError


@pytest.fixture(scope="module")
def panel(tmp_path_factory):
    """A panel of two segments; the path of its folder."""
    folder = tmp_path_factory.mktemp("bases") / "panel"
    folder.mkdir()
    names = ["c1", "c2"]
    people = pd.DataFrame({"customer_id": names, "segment": ["B2B", "B2C"]})
    people.to_csv(folder / "people.csv", index=False)
    months = [f"2024-{month:02d}" for month in range(1, 7)]
    rows = [(name, month, 10) for name in names for month in months]
    bills = pd.DataFrame(rows, columns=["customer_id", "month", "revenue"])
    bills.to_csv(folder / "bills.csv", index=False)
    (folder / "base.yml").write_text(
        "title: Panel\nkind: panel\ncurrency: EUR\n"
        "tables: {customers: {file: people.csv}, billing: {file: bills.csv}}\n"
    )
    build_base(str(folder), key=b"key")
    return str(folder)


@pytest.fixture
def stored(tmp_path, monkeypatch):
    """Store a variant of 03_churn in place of the project's own."""
    monkeypatch.setattr(parameters, "STORED", tmp_path)

    def store(variant, text):
        folder = tmp_path / "03_churn"
        folder.mkdir(exist_ok=True)
        (folder / f"{variant}.yml").write_text(text)

    return store


def test_what_is_not_set_has_its_default(panel):
    read = parameters.read("03_churn", {"BASE": panel, "HORIZON": 6, "other": 1, "OTHER_THING": 2})
    assert read["base"] == panel
    assert (read["horizon"], read["tests"], read["gap"], read["without"]) == (6, 3, None, [])
    assert "variant" not in read


def test_a_misspelt_name_among_the_globals_is_refused(panel):
    with pytest.raises(InputError, match=r"^03_churn has no parameter HORIZN: did you mean HORIZ"):
        parameters.read("03_churn", {"BASE": panel, "HORIZN": 6})


def test_an_unknown_name_is_refused_with_those_there_are(panel):
    with pytest.raises(
        InputError, match=r"03_churn has no parameter 'ZZZ'\. It has VARIANT, BASE, "
    ):
        parameters.checked("03_churn", {"BASE": panel, "ZZZ": 6})
    with pytest.raises(InputError, match=r"no parameter 'SEGMNT'; did you mean SEGMENT\?"):
        parameters.checked("03_churn", {"BASE": panel, "SEGMNT": "B2B"})


def test_all_that_is_wrong_is_said_in_one_message(panel):
    wrong = {"BASE": panel, "HORIZON": 13, "TESTS": "three", "RATE": -0.1, "WITHOUT": "tenure"}
    with pytest.raises(InputError) as refused:
        parameters.checked("03_churn", wrong)
    assert str(refused.value).split("; ") == [
        "HORIZON must be months in which an exit counts, 1 to 12",
        "0: 3, or 6 for B2B, not 13",
        "TESTS must be monthly snapshots that judge, 1 or more, not 'three'",
        "WITHOUT must be columns no model may read, such as [tenure_months], not 'tenure'",
        "RATE must be yearly discount of that margin, 0 to 1, such as 0.12 for 12%, not -0.1",
    ]


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"SEGMENT": "b2b"}, r"SEGMENT must be .*, not 'b2b'; did you mean B2B\? It has B2B, B2C"),
        ({"SEGMENT": "zz"}, r"SEGMENT must be a segment of the base, not 'zz'\. It has B2B, B2C"),
        ({"CLV": 5}, "CLV must be above OFFER, not 5 and 10"),
        ({"RULE": "tenure"}, "RULE must be the rule of thumb: \"low <column>\", .*, not 'tenure'"),
        ({"TESTS": True}, "TESTS must be monthly snapshots that judge, 1 or more, not True"),
        ({"CONFIDENCE": 1}, "CONFIDENCE must be the level of intervals, .*, not 1"),
    ],
)
def test_what_a_churn_study_cannot_be_is_refused(panel, given, message):
    with pytest.raises(InputError, match=message):
        parameters.checked("03_churn", {"BASE": panel, **given})


def test_a_snapshot_has_no_segments():
    with pytest.raises(
        InputError, match="SEGMENT is for panels, not snapshot bases; leave it empt"
    ):
        parameters.checked("03_churn", {"BASE": "ibm_telco", "SEGMENT": "B2B"})


def test_an_unknown_base_is_refused_with_those_there_are():
    with pytest.raises(InputError, match=r"there is no base 'operatr'; .*nown bases: .*operator"):
        parameters.checked("03_churn", {"BASE": "operatr"})


def test_a_whole_number_will_do_for_a_fraction(panel):
    assert parameters.checked("03_churn", {"BASE": panel, "CLV": 300}).clv == 300


def test_a_variant_is_loaded_and_what_is_set_by_hand_goes_before_it(panel, stored):
    stored("of_b2b", f"BASE: {panel}\nSEGMENT: B2B\nHORIZON: 6\nGAP: 1\n")
    read = parameters.read("03_churn", {"VARIANT": "of_b2b"})
    assert (read["base"], read["segment"], read["horizon"], read["gap"]) == (panel, "B2B", 6, 1)
    # The cell as it stands sets every constant to its default, and one of them by hand.
    cell = {"VARIANT": "of_b2b", "BASE": "operator", "SEGMENT": "", "GAP": None, "HORIZON": 2}
    read = parameters.read("03_churn", cell)
    assert (read["base"], read["segment"], read["horizon"], read["gap"]) == (panel, "B2B", 2, 1)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("BASE: [", "is not valid YAML"),
        ("SEGMENT: B2B", "must hold parameters, BASE among them"),
        ("- a", "must hold parameters, BASE among them"),
        ("BASE: operator\nHORIZN: 3", "03_churn has no parameter 'HORIZN'; did you mean HORIZON?"),
        ("BASE: operator\nHORIZON: 30", "HORIZON must be months in which .*, not 30"),
    ],
)
def test_a_wrong_parameter_file_is_refused(stored, text, message):
    stored("bad", text)
    with pytest.raises(InputError, match=message):
        parameters.read("03_churn", {"VARIANT": "bad"})


def test_an_unknown_variant_is_refused_with_those_there_are(stored):
    stored("of_b2b", "BASE: operator\n")
    message = r"^VARIANT must be a parameter file of 03_churn, not 'cdnow'\. It has of_b2b$"
    with pytest.raises(InputError, match=message):
        parameters.read("03_churn", {"VARIANT": "cdnow"})
    with pytest.raises(InputError, match=r"not 'of_b2c'; did you mean of_b2b\? It has of_b2b"):
        parameters.read("03_churn", {"VARIANT": "of_b2c"})


def test_a_notebook_has_a_schema_or_not():
    assert parameters.has_schema("03_churn")
    assert not parameters.has_schema("03_nothing_such")
    assert not parameters.has_schema("notebook")
    assert set(parameters.schema_of("03_churn").model_fields) >= {"base", "segment", "seed"}


class Small(BaseSetting):
    share: float = allowed(0.5, "a share, above 0 and below 1", gt=0, lt=1)


def test_a_setting_is_frozen_strict_and_has_no_other_fields():
    setting = Small()
    assert (setting.base, setting.share) == ("operator", 0.5)
    with pytest.raises(ValueError, match="frozen"):
        setting.share = 0.1
    for wrong in ({"share": "0.1"}, {"share": 1}, {"shares": 0.1}):
        with pytest.raises(ValueError, match="validation error"):
            Small(**wrong)


def test_defaults_are_checked_as_well():
    class Wrong(BaseSetting):
        share: float = allowed(2.0, "a share", lt=1)

    with pytest.raises(ValueError, match="less than 1"):
        Wrong()


def test_a_refusal_lists_twenty_names_at_most():
    text = str(refuse("GROUP", "x", "a column", [f"column{n:02d}" for n in range(25)]))
    assert text.endswith("column19 and 5 more")
    assert str(refuse("GROUP", "x", "a column", [])) == (
        "GROUP must be a column, not 'x'. It has none"
    )


def test_the_nearest_word_is_found_whatever_its_case():
    assert nearest("b2b", ["B2B", "B2C"]) == "B2B"
    assert nearest("zebra", ["B2B", "B2C"]) == ""
    assert nearest("anything", []) == ""


def test_yes_and_no_in_a_parameter_file_are_words(stored, tmp_path):
    path = tmp_path / "given.yml"
    path.write_text("BASE: plans\nFIRST: Yes\nSECOND: no\nFLAG: true\nN: 3\n")
    assert parameters.read_file(path) == {
        "BASE": "plans",
        "FIRST": "Yes",
        "SECOND": "no",
        "FLAG": True,
        "N": 3,
    }


def test_a_number_where_a_word_is_asked_for_is_the_word(panel):
    with pytest.raises(InputError, match="SEGMENT must be a segment of the base, not '1'"):
        parameters.checked("03_churn", {"BASE": panel, "SEGMENT": 1})
