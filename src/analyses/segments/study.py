"""A study of segments: a base at a setting, and the steps that divide its customers."""

from __future__ import annotations

from src.analyses.segments.changing import Changing
from src.analyses.segments.grouping import Grouping
from src.analyses.segments.opened import refuse_kind
from src.analyses.settings.segments import Setting
from src.data.bases import Base


class Study(Changing, Grouping):
    """A base opened at a setting; made by `segments.open_study`.

    Every step is worked out when it is first asked for and kept. Money is in the currency of the
    base. Where the base cannot answer, a step returns `Missing`.
    """


def opened(base: Base, setting: Setting) -> Study:
    """The study of a base; `InputError` for a kind of base whose customers buy in no months."""
    refuse_kind(base)
    return Study(base, setting)
