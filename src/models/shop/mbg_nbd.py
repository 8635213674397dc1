"""MBG/NBD: buyers without a contract who may drop out at every purchase, the first included."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import pandas as pd

from src.models.shop.beta_geometric import BetaGeometric, plan
from src.models.shop.buyers import Patterns
from src.models.shop.fitting import fitted


@dataclass(frozen=True, eq=False, kw_only=True)
class MbgNbd(BetaGeometric):
    """A fitted MBG/NBD; made by `fit`. Who never bought again may be gone in it."""

    EARLIER: ClassVar[int] = 1


def fit(buyers: pd.DataFrame | Patterns, *, unit_days: float = 7) -> MbgNbd:
    """The MBG/NBD of the highest likelihood.

    The table, unit, assumption and errors are those of `bg_nbd.fit`, but a buyer may drop out right
    after the first purchase, with the same chance as after any other.
    Source: Batislam, Denizel, Filiztekin 2007, International Journal of Research in Marketing
    24(3), 201-209; Wagner, Hoppe 2008, Marketing Science 27(3), 541-543.
    """
    return MbgNbd(**fitted(plan(MbgNbd.EARLIER), buyers, unit_days))
