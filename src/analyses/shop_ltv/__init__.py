"""What shop buyers are worth who sign no contract: models of buying and of stopping to buy.

`open_study` opens a base at a setting; the study answers step by step:

    study = shop_ltv.open_study("cdnow")
    study.buyers().nlargest(10, "value")       # the buyers worth most from now on
    study.calls()                              # whom to call first
    study.trial()                              # how well the weeks kept back were foreseen
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from src.analyses.settings.shop_ltv import Setting

if TYPE_CHECKING:
    from src.analyses.shop_ltv.study import Study

__all__ = ["Setting", "open_study"]


def open_study(base: str = "operator", **setting: Any) -> Study:
    """A study of the buyers of a built base: of kind orders, or a panel with the table orders.

    `setting`: the fields of `Setting` by name, such as `holdout=39` (weeks); all others have their
    defaults.

    Raises `InputError` for a base that is not built, for values that are not allowed or that the
    base does not have.
    """
    # Here, so that naming the analysis costs no second: models bring half a dozen libraries.
    from src.analyses.parameters import checked
    from src.analyses.shop_ltv.study import opened
    from src.data.bases import open_base

    given = {name.upper(): value for name, value in setting.items()}
    return opened(open_base(base), checked("09_shop_ltv", {"BASE": base, **given}))
