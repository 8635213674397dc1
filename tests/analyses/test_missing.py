"""A minor step that cannot be worked out is missing, and says why."""

from src.analyses.missing import Missing, minor
from src.data.problems import InputError


class Study:
    @minor("what comes next")
    def next(self):
        """A step."""
        raise InputError("nobody left")

    @minor("what was")
    def last(self):
        return 3


def test_a_minor_step_is_missing_with_its_reason():
    study = Study()
    assert study.next() == Missing("rows that suffice (nobody left)", "what comes next")
    assert study.last() == 3
    assert Study.next.__doc__ == "A step."
