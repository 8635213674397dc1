"""What a customer is worth, one group against another, and where the gap comes from.

`open_study` opens a base at a setting; the study answers step by step:

    study = ltv.open_study("operator")
    study.gap().bars                           # the gap of mean LTV as the sum of its bars
    study.at_risk("B2B").head()                # the accounts with the highest value at risk
    study.mean_by("region", within="B2B")      # mean LTV by region, with intervals
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from src.analyses.settings.ltv import Setting

if TYPE_CHECKING:
    from src.analyses.ltv.study import Study

__all__ = ["Setting", "open_study"]


def open_study(base: str = "operator", **setting: Any) -> Study:
    """A study of lifetime value of a built base, a panel or a snapshot.

    `setting`: the fields of `Setting` by name, such as `first="B2B"`, `second="B2C"`, `horizon=36`
    (months), `rate=0.12` (a year), `alike=["region"]`; all others have their defaults. Models are
    trained when the first step asks for them, once.

    Raises `InputError` for a base or features that are not built, for values that are not allowed
    or that the base does not have.
    """
    # Here, so that naming the analysis costs no second: models bring half a dozen libraries.
    from src.analyses.ltv.study import opened
    from src.analyses.parameters import checked
    from src.data.bases import open_base

    given = {name.upper(): value for name, value in setting.items()}
    return opened(open_base(base), checked("04_ltv", {"BASE": base, **given}))
