"""What is in a base, who brings the money, and how customers leave.

`open_study` opens a base of any kind at a setting; the study answers step by step:

    study = exploration.open_study("operator")
    study.rates("tariff")      # the churn of each tariff, with its interval
    study.money()              # who brings the money
    study.curves("segment")    # how long customers of each segment stay
    study.exits()              # how they leave; `Missing` where the base has no months
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from src.analyses.settings.exploration import Setting

if TYPE_CHECKING:
    from src.analyses.exploration.study import Study

__all__ = ["Setting", "open_study"]


def open_study(base: str = "operator", **setting: Any) -> Study:
    """An exploration of a built base of any kind: a panel, a snapshot, or orders.

    `setting`: the fields of `Setting` by name, such as `top_share=0.1`, `curves_by="segment"`; all
    others have their defaults.

    Raises `InputError` for a base that is not built, for values that are not allowed or that the
    base does not have, and for a panel too short to see anybody leave.
    """
    # Here, so that naming the analysis costs no time: models bring half a dozen libraries.
    from src.analyses.exploration.study import Study
    from src.analyses.parameters import checked
    from src.data.bases import open_base

    given = {name.upper(): value for name, value in setting.items()}
    return Study(open_base(base), checked("01_exploration", {"BASE": base, **given}))
