"""Steps of a study of shop buyers that say what buyers are worth from now on."""

from __future__ import annotations

from dataclasses import dataclass
from time import perf_counter
from typing import Any

import numpy as np
import pandas as pd

from src.analyses.missing import minor
from src.analyses.once import once
from src.analyses.shop_ltv.opened import WEEK, likeliest, paying
from src.analyses.shop_ltv.trial import Testing
from src.analyses.streams import stream
from src.data.problems import InputError
from src.features.purchase_windows import bought_between
from src.models.intervals.proportions import Estimate
from src.models.shop import bg_nbd, gamma_gamma, holdout
from src.models.shop.buyer_model import BuyerModel
from src.models.shop.fitted_model import FittedModel
from src.models.shop.residual import residual_value
from src.models.shop.whole_value import newcomer_value, whole_value

_ADDS = "what buyers are worth from now on"
_ROWS = 40  # of a surface, at most, each way


@dataclass(frozen=True)
class Worth:
    """What all buyers are worth from now on, in discounted margin of the months ahead.

    `total`: of all; `mean`: of one. `buyers`: how many were valued, `learned`: how many the models
    learned from. `top`: the share of the total that the tenth with the highest value holds.
    `alive`: how many are expected to be buyers still. `model`: the name of the likeliest.
    `correlation`: of frequency and spend, which the model of spend takes for 0; None where all buy
    as often, or for the same money.
    """

    total: Estimate
    mean: Estimate
    top: float
    alive: float
    buyers: int
    learned: int
    model: str
    correlation: Estimate | None


class Valuing(Testing):
    """The value of buyers, of tenths of them, and how the model sees them."""

    @once
    def main(self) -> BuyerModel:
        """The likeliest model of today."""
        models = self.models()
        return models[likeliest(models)]

    @once
    def spending(self) -> gamma_gamma.GammaGamma:
        """What buyers spend per purchase, of those that the models learn from."""
        return gamma_gamma.fit(paying(self.cohort()))

    def buyers(self) -> pd.DataFrame:
        """Every buyer: `summaries`, and `alive`, `expected`, `spend_ahead`, `value`.

        `alive`: the chance to be a buyer still; `expected`: purchases of as many weeks as were kept
        back; `spend_ahead`: money expected per purchase; `value`: discounted margin of the months
        ahead. Who paid nothing for repeat purchases is left out.
        """
        return self.named(self._valued())

    @once
    def _valued(self) -> pd.DataFrame:
        """`buyers` by their numbers."""
        rows, model = paying(self.listed()), self.main()
        spend = self.spending().expected_spend(rows)
        return rows.assign(
            alive=model.alive(rows),
            expected=model.expected(rows, self.setting.holdout),
            spend_ahead=spend,
            value=self._value(model, rows, spend),
        )

    @once
    @minor(_ADDS)
    def worth(self) -> Worth:
        """What all buyers are worth, with intervals by buyer and of the parameters."""
        rows = self._valued()
        total = whole_value(
            self.main(),
            self.spending(),
            rows,
            self.margin_share,
            stream(self.setting.seed, "worth"),
            **self.ahead,
            **self.drawn,
        )
        count = len(rows)
        ranked = rows["value"].sort_values(ascending=False)
        top = ranked.head(max(1, count // 10)).sum() / ranked.sum()
        return Worth(
            total,
            Estimate(total.value / count, total.low / count, total.high / count),
            float(top),
            float(rows["alive"].sum()),
            count,
            len(self.cohort()),
            likeliest(self.models()),
            self._correlation(),
        )

    @once
    @minor("what tenths of buyers by predicted value brought")
    def tenths(self) -> pd.DataFrame:
        """Tenths by the value as of the split, and the money they brought after it."""
        before, models = paying(self.cohort_before()), self.models_before()
        spend = gamma_gamma.fit(before).expected_spend(before)
        value = self._value(models[likeliest(models)], before, spend)
        came = bought_between(self.log().days, before["buyer_key"], self.split, self.ends)
        rows = pd.DataFrame({"value": value.to_numpy(), "money": came["money"].to_numpy()})
        return holdout.value_deciles(rows, stream(self.setting.seed, "tenths"), **self.drawn)

    @once
    @minor("what a new buyer brings month by month")
    def new_buyer(self) -> pd.DataFrame:
        """The margin of a new buyer after the first purchase, added up: `newcomer_value`."""
        return newcomer_value(
            self.main(),
            self.spending(),
            self.margin_share,
            stream(self.setting.seed, "new buyer"),
            **self.ahead,
            **self.drawn,
        )

    @once
    @minor("how the model sees buyers")
    def surface(self) -> pd.DataFrame:
        """How the likeliest model sees a buyer of middle age: a row per pair that can be.

        `frequency`, `silence` (weeks since the last purchase), `age` (weeks), `alive`, `expected`
        (purchases of as many weeks as were kept back).
        """
        buyers = self.listed()
        age = float(buyers["age"].median())
        most = int(min(max(np.ceil(buyers["frequency"].quantile(0.99)), 3), _ROWS))
        silences = np.linspace(0, age, _ROWS, endpoint=False)
        pairs = pd.MultiIndex.from_product(
            [range(1, most + 1), silences], names=["frequency", "silence"]
        ).to_frame(index=False)
        rows = pairs.assign(age=age, recency=age - pairs["silence"])
        model = self.main()
        return rows.assign(
            alive=model.alive(rows), expected=model.expected(rows, self.setting.holdout)
        )

    @once
    @minor("the parameters of the models")
    def fits(self) -> pd.DataFrame:
        """The parameters of all models, of today and as of the split, the likeliest first.

        `as_of` (`today`, `split`), `model`, `parameter`, `value`, `low`, `high`, `log_likelihood`,
        `limit` (in words, where the likelihood is highest at an end of the model).
        """
        return pd.concat(
            [
                self._fits("today", self.models(), self.cohort()),
                self._fits("split", self.models_before(), self.cohort_before()),
            ],
            ignore_index=True,
        )

    @once
    def fit_seconds(self) -> float:
        """How long one fit of BG/NBD to the buyers of today takes."""
        begin = perf_counter()
        bg_nbd.fit(self.cohort(), unit_days=WEEK)
        return perf_counter() - begin

    def _fits(
        self, as_of: str, models: dict[str, BuyerModel], buyers: pd.DataFrame
    ) -> pd.DataFrame:
        by_height = sorted(models.items(), key=lambda pair: -pair[1].log_likelihood)
        fitted: dict[str, FittedModel] = dict(by_height)
        fitted["gamma_gamma"] = gamma_gamma.fit(paying(buyers))
        parts = []
        for name, model in fitted.items():
            told = model.intervals(self.setting.confidence).rename_axis("parameter").reset_index()
            told = told.assign(log_likelihood=model.log_likelihood, limit=model.limit)
            told.insert(0, "model", name)
            parts.append(told)
        table = pd.concat(parts, ignore_index=True)
        table.insert(0, "as_of", as_of)
        return table

    def _correlation(self) -> Estimate | None:
        try:
            return gamma_gamma.frequency_and_spend(paying(self.cohort()), self.setting.confidence)
        except InputError:
            return None

    @property
    def ahead(self) -> dict[str, Any]:
        """How many months count, and at what yearly discount."""
        return {"horizon": self.setting.months, "discount": self.setting.rate}

    def _value(self, model: BuyerModel, rows: pd.DataFrame, spend: pd.Series) -> pd.Series:
        return residual_value(model, rows, spend, self.margin_share, **self.ahead)
