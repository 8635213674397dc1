import pandas as pd
import pytest

from src.analyses import parameters
from src.analyses.settings.exploration import Setting
from src.data.building import build_base
from src.data.problems import InputError


@pytest.fixture(scope="module")
def base(tmp_path_factory):
    """A snapshot with one attribute; the path of its folder."""
    folder = tmp_path_factory.mktemp("bases") / "toy"
    folder.mkdir()
    rows = pd.DataFrame({"customer_id": range(4), "churned": [0, 1, 0, 1], "plan": list("abab")})
    rows.to_csv(folder / "a.csv", index=False)
    (folder / "base.yml").write_text(
        "title: Toy\nkind: snapshot\ncurrency: EUR\ntables: {snapshot: {file: a.csv}}\n"
    )
    build_base(str(folder), key=b"key")
    return str(folder)


def test_the_defaults_are_allowed_and_frozen():
    setting = Setting()
    assert setting.base == "operator"
    with pytest.raises(ValueError, match="frozen"):
        setting.curves = 4


def test_an_attribute_of_the_base_is_taken_and_another_refused(base):
    assert parameters.checked("01_exploration", {"BASE": base, "CURVES_BY": "plan"})
    message = (
        r"CURVES_BY must be an attribute of the base, not 'Plan'; did you mean plan\? It has plan"
    )
    with pytest.raises(InputError, match=message):
        parameters.checked("01_exploration", {"BASE": base, "CURVES_BY": "Plan"})


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("TOP_SHARE", 1, "TOP_SHARE must be the share of customers .*, not 1"),
        ("CURVES", 0, "CURVES must be the number of attributes .*, 1 or more, not 0"),
        ("FREEZE_MONTHS", 2.5, r"FREEZE_MONTHS must be months without revenue .*, not 2\.5"),
        ("CONFIDENCE", "high", "CONFIDENCE must be the level of intervals, .*, not 'high'"),
        ("MIN_CELL", 0, "MIN_CELL must be the least customers of a group .*, not 0"),
    ],
)
def test_what_is_not_allowed_is_refused_in_words(base, name, value, words):
    with pytest.raises(InputError, match=words):
        parameters.checked("01_exploration", {"BASE": base, name: value})
