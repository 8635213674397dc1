from dataclasses import FrozenInstanceError

import pytest

from src.analyses.missing import Missing
from src.reporting.page.results import Absent, is_missing, or_absent

MONTHS = Missing("months per customer (a panel)", "how a model ages")


def test_it_is_false_frozen_and_equal_to_its_like():
    assert not MONTHS
    assert Missing("a", "b") == Missing("a", "b") != Missing("a", "c")
    with pytest.raises(FrozenInstanceError):
        MONTHS.lacks = "nothing"


def test_it_says_what_the_base_has_not():
    assert repr(MONTHS) == "Missing: this base has no months per customer (a panel)"


def test_a_section_shows_it_as_one_line():
    @or_absent
    def section(found):
        raise AssertionError("there is nothing to show")

    assert is_missing(MONTHS)
    line = section(MONTHS)
    assert isinstance(line, Absent)
    assert line.text == (
        "This base has no months per customer (a panel). With it, this part would show "
        "how a model ages."
    )
