"""Steps of a study of shop buyers that test the models on the weeks that were kept back."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from src.analyses.missing import Missing, minor
from src.analyses.once import once
from src.analyses.shop_ltv.opened import FITS, WEEK, Opened, likeliest, paying
from src.analyses.streams import stream
from src.features.purchase_windows import bought_between
from src.models.shop import boosted, gamma_gamma, holdout
from src.models.shop.tracking import tracked

LEARNED = ("model_median", "boosting_mean", "hybrid_mean", "hybrid_median")
PREDICTIONS = (*FITS, *LEARNED, *holdout.BASELINES)


@dataclass(frozen=True)
class Trial:
    """Predictions of the weeks kept back, judged.

    `rows`: one row per buyer of `cohort_before`: `buyer_key`, `frequency`, `recency`, `age`,
    `actual` (purchases kept back), `money`, and the predicted purchases of each model. `judged`:
    their figures and differences; see `src.models.shop.holdout`. `money`: the same of money: the
    likeliest model times the spend it expects, and what costs nothing to say of money. `main`: the
    model with the highest likelihood on the weeks before, `best`: the prediction with the lowest
    mean error after. `weeks`: how many were kept back.
    """

    rows: pd.DataFrame
    judged: holdout.Judged
    money: holdout.Judged
    main: str
    best: str
    weeks: int


class Testing(Opened):
    """The models as of the split, and what came after it."""

    @once
    def said(self) -> pd.DataFrame:
        """What each model said of the weeks kept back, and what came; `Trial.rows`."""
        before, ahead = self.cohort_before(), self.setting.holdout
        days, keys = self.log_before().days, before["buyer_key"]
        lately = days[days["date"] > self.split - pd.Timedelta(days=WEEK * ahead)]
        last = lately.groupby("buyer_key").size().reindex(keys, fill_value=0).to_numpy()
        came = bought_between(self.log().days, keys, self.split, self.ends)
        # The first purchase of a buyer is none that is repeated.
        is_new = before["age"] < ahead
        rows = before.assign(
            actual=came["purchases"],
            money=came["money"],
            last_period=np.maximum(last - is_new, 0),
        )
        for name, model in self.models_before().items():
            rows[name] = model.expected(before, ahead)
        cheap = holdout.baselines(rows, ahead)
        learned = self.boosted()
        if not isinstance(learned, Missing):
            more = learned.predictions.drop(columns="model").loc[rows["buyer_key"]]
            rows = rows.assign(**{name: said.to_numpy() for name, said in more.items()})
        return rows.drop(columns="last_period").assign(**dict(cheap.items()))

    @once
    @minor("what gradient boosting adds to the models")
    def boosted(self) -> boosted.Boosted:
        """Boosting alone and on top of the likeliest model, from the weeks before alone."""
        days, buyers = self.log_before().days, self.cohort_before()
        models = self.models_before()
        return boosted.boosted(
            days[days["buyer_key"].isin(buyers["buyer_key"])],
            self.split,
            self.setting.holdout,
            partial(FITS[likeliest(models)], unit_days=WEEK),
            seed=self.setting.seed,
        )

    @once
    @minor("how far off the models were in weeks they had not seen")
    def trial(self) -> Trial | Missing:
        """Every prediction judged on the weeks kept back, with intervals by buyer."""
        rows = self.said()
        names = [name for name in PREDICTIONS if name in rows]
        judged = holdout.judge(rows, names, stream(self.setting.seed, "trial"), **self.drawn)
        main = likeliest(self.models_before())
        best = judged.best("mae")
        return Trial(rows, judged, self._of_money(rows, main), main, best, self.setting.holdout)

    @once
    @minor("expected and actual purchases by past frequency")
    def by_frequency(self) -> pd.DataFrame:
        """Purchases kept back by repeat purchases before; `holdout.by_past_frequency`."""
        rng = stream(self.setting.seed, "by frequency")
        return holdout.by_past_frequency(self.said(), list(FITS), rng, **self.drawn)

    @once
    @minor("expected and actual purchases week by week")
    def weeks(self) -> pd.DataFrame:
        """Repeat purchases per week, expected by the likeliest model and bought; `tracked`."""
        days = self.log().days
        models = self.models_before()
        keys = self.cohort_before()["buyer_key"]
        return tracked(
            days[days["buyer_key"].isin(keys)],
            models[likeliest(models)].expected_new,
            self.split,
            stream(self.setting.seed, "weeks"),
            **self.drawn,
        )

    def _of_money(self, rows: pd.DataFrame, main: str) -> holdout.Judged:
        """The money of the weeks kept back, by the likeliest model and by what costs nothing."""
        some = paying(rows)
        spend = gamma_gamma.fit(some).expected_spend(some)
        said = {name: some[name] * some["spend_all"] for name in holdout.BASELINES if name in some}
        money = pd.DataFrame({"actual": some["money"], main: some[main] * spend, **said})
        rng = stream(self.setting.seed, "money")
        return holdout.judge(money, [main, *said], rng, **self.drawn)

    @property
    def drawn(self) -> dict[str, Any]:
        """How many replicates a bootstrap has, and the level of its intervals."""
        return {"replicates": self.setting.replicates, "confidence": self.setting.confidence}
