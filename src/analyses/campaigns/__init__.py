"""What campaigns did, for whom, and whom to treat next under a budget.

`open_study` opens a base at a setting; the study answers step by step:

    study = campaigns.open_study("operator")
    study.effects()                            # what each campaign did, against its control group
    study.plan()                               # whom to treat next, and with what
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from src.analyses.settings.campaigns import Setting

if TYPE_CHECKING:
    from src.analyses.campaigns.study import Study

__all__ = ["Setting", "open_study"]


def open_study(base: str = "operator", **setting: Any) -> Study:
    """A study of the campaigns of a panel, or of an experiment as published.

    `setting`: the fields of `Setting` by name, such as `campaign="chain"`, `budget=5_000`; all
    others have their defaults.

    Raises `InputError` for a base that is not built, for values that are not allowed or that the
    base does not have, and for a base of another kind.
    """
    # Here, so that naming the analysis costs no second: models bring half a dozen libraries.
    from src.analyses.campaigns.study import opened
    from src.analyses.parameters import checked
    from src.data.bases import open_base

    given = {name.upper(): value for name, value in setting.items()}
    return opened(open_base(base), checked("06_campaigns", {"BASE": base, **given}))
