import pytest

from src.analyses import parameters
from src.data.problems import InputError


def checked(base, **given):
    return parameters.checked("02_features", {"BASE": str(base.folder), **given})


def test_a_month_with_features_is_taken(small_operator):
    assert checked(small_operator, SNAPSHOT="2024-06").snapshot == "2024-06"


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"SNAPSHOT": "2024-6"}, "SNAPSHOT must be a month with features, not '2024-6'; did you"),
        ({"SNAPSHOT": "1999-01"}, "SNAPSHOT must be a month with features, not '1999-01'"),
        ({"EARLIER": "operatr"}, "EARLIER must be an earlier load .* did you mean operator?"),
        ({"TOP": 31}, "TOP must be features shown per chart, 1 to 30, not 31"),
        ({"MOST": 0.5}, r"MOST must be the AUC .*, not 0\.5"),
        ({"ALIKE": 1}, "ALIKE must be the absolute rank correlation .*, not 1"),
        ({"SEED": -1}, "SEED must be a whole number, 0 or more, not -1"),
    ],
)
def test_what_is_not_allowed_is_refused_in_words(small_operator, given, words):
    with pytest.raises(InputError, match=words):
        checked(small_operator, **given)


def test_a_base_without_months_has_no_features():
    with pytest.raises(InputError, match=r"BASE must be a base of kind panel, .* of kind snapshot"):
        parameters.checked("02_features", {"BASE": "ibm_telco"})
