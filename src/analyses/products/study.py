"""A study of products: a panel at a setting, and the steps that say what to offer next."""

from __future__ import annotations

from src.analyses.products.keeping import Keeping
from src.analyses.products.offering import Offering
from src.analyses.products.overlapping import Overlapping
from src.analyses.settings.products import Setting
from src.data.bases import Base
from src.data.problems import InputError


class Study(Offering, Keeping, Overlapping):
    """A base opened at a setting; made by `products.open_study`.

    Every step is worked out when it is first asked for and kept. Money is in the currency of the
    base. Where the base cannot answer, a step returns `Missing`.
    """


def opened(base: Base, setting: Setting) -> Study:
    """The study of a panel; `InputError` for a base of another kind."""
    if base.kind != "panel":
        raise InputError(f"products take bases of kind panel, not {base.kind}")
    return Study(base, setting)
