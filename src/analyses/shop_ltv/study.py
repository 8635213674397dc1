"""A study of shop buyers: orders at a setting, and the steps that say what buyers are worth."""

from __future__ import annotations

from src.analyses.settings.shop_ltv import Setting
from src.analyses.shop_ltv.comparing import Comparing
from src.analyses.shop_ltv.opened import refuse_short
from src.data.bases import Base


class Study(Comparing):
    """A base opened at a setting; made by `shop_ltv.open_study`.

    Every step is worked out when it is first asked for and kept. Money is in the currency of the
    base. Where the base cannot answer, a step returns `Missing`.
    """


def opened(base: Base, setting: Setting) -> Study:
    """The study of the orders of a base; `InputError` as `opened.refuse_short` has it."""
    study = Study(base, setting)
    refuse_short(study)
    return study
