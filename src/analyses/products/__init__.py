"""What to offer next, whether products keep customers, and what two overlapping bases tell.

`open_study` opens a base at a setting; the study answers step by step:

    study = products.open_study("operator")
    study.offers().head()                      # the next best product of each customer
    study.effect()                             # whether a further product keeps customers
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from src.analyses.settings.products import Setting

if TYPE_CHECKING:
    from src.analyses.products.study import Study

__all__ = ["Setting", "open_study"]


def open_study(base: str = "operator", **setting: Any) -> Study:
    """A study of the products of a built panel.

    `setting`: the fields of `Setting` by name, such as `focus=["tv"]`, `ahead=6` (months); all
    others have their defaults.

    Raises `InputError` for a base that is not built, for values that are not allowed or that the
    base does not have.
    """
    # Here, so that naming the analysis costs no second: models bring half a dozen libraries.
    from src.analyses.parameters import checked
    from src.analyses.products.study import opened
    from src.data.bases import open_base

    given = {name.upper(): value for name, value in setting.items()}
    return opened(open_base(base), checked("07_products", {"BASE": base, **given}))
