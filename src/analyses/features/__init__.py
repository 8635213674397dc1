"""Which features a panel has, whether they keep to their month, what they say, how stable they are.

`open_study` opens a panel whose features are built; the study answers step by step:

    study = features.open_study("operator")
    study.signal("B2B")        # what each feature alone says about who leaves
    study.leaks()              # whether a feature reads beyond its snapshot
    study.stability()          # whether features mean the same a year later
    study.clusters()           # which of them say the same
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from src.analyses.settings.features import Setting

if TYPE_CHECKING:
    from src.analyses.features.study import Study

__all__ = ["Setting", "open_study"]


def open_study(base: str = "operator", **setting: Any) -> Study:
    """A look at the features of a built panel.

    `setting`: the fields of `Setting` by name, such as `snapshot="2025-03"`, `top=20`; all others
    have their defaults.

    Raises `InputError` for a base that is no panel, for features that are not built, for values
    that are not allowed or that the base does not have, and where no snapshot can be labelled.
    """
    # Here, so that naming the analysis costs no time: models bring half a dozen libraries.
    from src.analyses.features.study import Study
    from src.analyses.parameters import checked
    from src.data.bases import open_base

    given = {name.upper(): value for name, value in setting.items()}
    return Study(open_base(base), checked("02_features", {"BASE": base, **given}))
