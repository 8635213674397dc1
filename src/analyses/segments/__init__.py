"""Who the customers are by what they do, who moved, and what money moved.

`open_study` opens a base at a setting; the study answers step by step:

    study = segments.open_study("operator")
    study.matrix()                             # the nine cells of ABC-XYZ with their money
    study.customers().query("is_golden")       # the golden customers
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from src.analyses.settings.segments import Setting

if TYPE_CHECKING:
    from src.analyses.segments.study import Study

__all__ = ["Setting", "open_study"]


def open_study(base: str = "operator", **setting: Any) -> Study:
    """A study of the segments of a built base, a panel or orders.

    `setting`: the fields of `Setting` by name, such as `months=12`; all others have their defaults.

    Raises `InputError` for a base that is not built, for values that are not allowed or that the
    base does not have.
    """
    # Here, so that naming the analysis costs no second: models bring half a dozen libraries.
    from src.analyses.parameters import checked
    from src.analyses.segments.study import opened
    from src.data.bases import open_base

    given = {name.upper(): value for name, value in setting.items()}
    return opened(open_base(base), checked("05_segments", {"BASE": base, **given}))
