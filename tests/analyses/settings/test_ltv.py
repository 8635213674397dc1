import pandas as pd
import pytest

from src.analyses import parameters
from src.analyses.settings.ltv import Setting
from src.data.building import build_base
from src.data.problems import InputError


@pytest.fixture(scope="module")
def plans(tmp_path_factory):
    """A snapshot with the plans a and b and one more column; the path of its folder."""
    folder = tmp_path_factory.mktemp("bases") / "plans"
    folder.mkdir()
    rows = {"customer_id": range(20), "churned": [0, 1] * 10, "tenure_months": [1, 2, 3, 4] * 5}
    rows |= {"monthly_revenue": [10, 20] * 10}
    table = pd.DataFrame(rows | {"plan": list("ab") * 10, "town": list("nnss") * 5})
    table.to_csv(folder / "a.csv", index=False)
    (folder / "base.yml").write_text(
        "title: Plans\nkind: snapshot\ncurrency: EUR\ntables: {snapshot: {file: a.csv}}\n"
    )
    build_base(str(folder), key=b"key")
    return str(folder)


def checked(base, **given):
    return parameters.checked("04_ltv", {"BASE": base, **given})


def test_the_defaults_are_allowed_and_frozen():
    setting = Setting()
    assert setting.names == ("B2B", "B2C")
    assert setting.drawn == {"replicates": 2_000, "confidence": 0.95}
    with pytest.raises(ValueError, match="frozen"):
        setting.horizon = 24


def test_the_defaults_are_those_of_the_notebook():
    from src.commands import notebooks

    notebook = notebooks.read_notebook(notebooks.NOTEBOOKS / "04_ltv.ipynb")
    declared = notebooks.declared_parameters(notebook)
    assert declared.pop("VARIANT") == ""
    fields = {name.upper(): value for name, value in Setting().model_dump().items()}
    assert declared == fields


def test_groups_and_columns_of_a_snapshot_are_taken(plans):
    given = {"GROUP": "plan", "FIRST": "a", "SECOND": "b"}
    assert checked(plans, **given).names == ("a", "b")
    assert checked(plans, **given, COLUMNS=["town"], SUB_SEGMENT="town", ALIKE=["town"])


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"GROUP": "Plan"}, "GROUP must be a column of the base, not 'Plan'; did you mean plan"),
        ({"FIRST": "A"}, "FIRST must be a value of plan, not 'A'; did you mean a"),
        ({"SECOND": "premium"}, r"SECOND must be a value of plan, not 'premium'\. It has a, b"),
        ({"SECOND": "a"}, "FIRST and SECOND must be two values of plan"),
        ({"COLUMNS": ["twon"]}, "COLUMNS must be a column of the base, not 'twon'; did you mean t"),
        ({"COLUMNS": ["churned"]}, "COLUMNS must be a column of the base, not 'churned'"),
        ({"SUB_SEGMENT": "twon"}, "SUB_SEGMENT must be a column of the base, not 'twon'"),
        ({"ALIKE": ["region", "twon"]}, "ALIKE must be a column of the base, not 'twon'"),
        ({"HORIZON": 6}, "HORIZON must be months of money that count, 12 or more, not 6"),
        ({"RATE": -0.1}, r"RATE must be yearly discount, 0 to 1, such as .*, not -0\.1"),
        ({"RATE": 12}, r"RATE must be yearly discount, 0 to 1, such as 0\.12 for 12%, not 12"),
        ({"MARGIN_SHARE": 0}, "MARGIN_SHARE must be margin over revenue .*, not 0"),
        ({"BACK": 15}, "BACK must be months between .*, 6 to 14, not 15"),
        ({"SHAPES": 1}, "SHAPES must be hazard models trained again, .* 2 or more, not 1"),
        ({"REPLICATES": 49}, "REPLICATES must be replicates of the bootstrap, 50 or more, not 49"),
        ({"ALIKE": "region"}, r"ALIKE must be columns of .*, such as \[region\], not 'region'"),
    ],
)
def test_what_is_not_allowed_is_refused_in_words(plans, given, words):
    with pytest.raises(InputError, match=words):
        checked(plans, **{"GROUP": "plan", "FIRST": "a", "SECOND": "b"} | given)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"FIRST": "b2b"}, "FIRST must be a value of segment, not 'b2b'; did you mean B2B"),
        ({"GROUP": "region"}, "GROUP must be segment on a panel, not 'region'"),
        ({"COLUMNS": ["region"]}, "COLUMNS is for snapshot bases; leave it empty for a panel"),
        ({"ALIKE": ["regoin"]}, "ALIKE must be a column of the base, not 'regoin'; did you mean r"),
    ],
)
def test_a_panel_is_compared_by_segment(small_operator, given, words):
    assert checked(str(small_operator.folder), ALIKE=["tariff"], SUB_SEGMENT="industry")
    with pytest.raises(InputError, match=words):
        checked(str(small_operator.folder), **given)
