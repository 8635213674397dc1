"""Candidates that were tried: what a list of theirs earns, why, and where they fail."""

from __future__ import annotations

import pandas as pd

from src.analyses.churn.campaign import Campaign
from src.analyses.churn.explanation import Explanation
from src.analyses.churn.judged import JudgedTrial
from src.analyses.churn.values import AgainstTruth, OneForAll, no_signal
from src.analyses.missing import Missing, minor
from src.analyses.once import once
from src.analyses.streams import stream
from src.data.problems import InputError
from src.features import bands
from src.models.churn import one_for_all, oracle, suspicions, validation, weak_spots
from src.models.explain.contributions import contributions
from src.models.learning.odds import Inference, infer

_HAZARD_LABEL = "hazard model"
_SPOT_COLUMNS, _SPOT_BANDS = 8, 3
_SEGMENT_COLUMNS = 10
_CUT = "cut: "


class ChurnTrial(JudgedTrial):
    """A trial with what follows from its best model: the list, the reasons, the weak spots."""

    @property
    def drop_line(self) -> str:
        """What to write into base.yml so that no report reads the columns of `suspicions`."""
        return suspicions.drop_line(self.suspicions()["column"].tolist())

    @once
    def campaign(self) -> Campaign | Missing:
        """What lists of the last day that judges would have earned; see `Campaign`."""
        if not self.has_signal:
            return no_signal("what a list earns")
        rows = self.population.listed(self.tried, self.best)
        return Campaign.planned(rows, self.best, self.setting, self.base.currency)

    @once
    def explain(self) -> Explanation | Missing:
        """What moves the chances of XGBoost, customer by customer; see `Explanation`."""
        campaign = self.campaign()
        if isinstance(campaign, Missing):
            return no_signal("what moves the chances")
        rows = self._sampled(self.population.asked(self.tried)).set_index("customer_id")
        return Explanation(
            setting=self.setting,
            model=self.tried.models["xgboost"],
            at_rate=self.population.at_rate,
            label=self.labels["xgboost"],
            rows=rows,
            columns=self.population.columns,
            learned=self.tried.train,
            recent=self.population.recent(self.tried),
            share=campaign.depth,
            likeness=float(self.judged[["xgboost", self.best]].corr("spearman").iloc[0, 1]),
        )

    def by_group(self) -> pd.DataFrame | Missing:
        """Reasons within groups of customers; see `Explanation.by_group`."""
        explanation = self.explain()
        return explanation if isinstance(explanation, Missing) else explanation.by_group()

    def five(self) -> pd.DataFrame | Missing:
        """Five customers in words; see `Explanation.five`."""
        explanation = self.explain()
        return explanation if isinstance(explanation, Missing) else explanation.five()

    @once
    def suspicions(self) -> pd.DataFrame:
        """What to look at before the best model is believed, on a base without dates.

        `column`, `why`, `with_them`, `without` (AUCs); see `churn.suspicions`. No row where nothing
        is, and none for panels, whose features are of what was known.
        """
        rows, columns = self.population.alone(), self.population.columns
        explanation = self.explain()
        if self.population.split or isinstance(explanation, Missing):
            return suspicions.suspicions(rows[[]], rows["churned"], self.alone)
        shares = explanation.ranked.set_index("column")["share"]
        look = {"shares": shares, "seed": self.setting.seed}
        return suspicions.suspicions(rows[columns], rows["churned"], self.alone, **look)

    @property
    def reads_tenure(self) -> bool:
        """Whether models read the time at risk, so that `concordance` is flattered."""
        return "tenure_months" in self.population.columns

    @once
    def concordance(self) -> float | Missing:
        """How often, of two customers, who is known to have left sooner had the higher chance.

        Harrell's C by the best model; Missing without time at risk, or a signal.
        """
        tenure = self.population.tenure()
        if tenure is None or not self.has_signal:
            return Missing("tenure in months", "how often who left sooner had the higher chance")
        from lifelines.utils import concordance_index  # takes half a second to import

        known = tenure.notna().to_numpy()
        rows = self.judged[known]
        return float(concordance_index(tenure[known], -rows["chance"], rows["churned"]))

    def odds(self) -> Inference | Missing:
        """Odds ratios of a plain logistic regression on the columns that move XGBoost most.

        `table` of the result: `column`, `level`, `reference`, `odds_ratio`, `low`, `high`,
        `p_value`, `vif`, one row per coefficient; see `learning.odds`.
        """
        rows, explanation = self.population.alone(), self.explain()
        if isinstance(explanation, Missing):
            return explanation
        ranked = explanation.ranked["column"]
        strongest = [name for name in ranked if name in rows][: self.setting.top]
        try:
            return infer(rows[strongest], rows["churned"], confidence=self.setting.confidence)
        except InputError as error:
            return Missing(f"finite odds ratios ({error})", "factors on the odds")

    @once
    @minor("where the model does worse than it says")
    def weak_spots(self) -> pd.DataFrame | Missing:
        """Groups in which the best model does worse than it says; see `churn.weak_spots`.

        `attribute`, `level`, `churners`, `rate`, `said`, `auc`, `low`, `high`, `promised`,
        `verdict` (empty where nothing is wrong), groups of fewer than `min_cell` left out.
        """
        setting, rows, explanation = self.setting, self.population.judged(), self.explain()
        if isinstance(explanation, Missing):
            return explanation
        ranked = explanation.ranked["column"]
        names = [name for name in ranked if name in self.population.columns][:_SPOT_COLUMNS]
        names += [setting.group] if setting.group in rows and setting.group not in names else []
        cut = rows[names].apply(bands.banded, bands=_SPOT_BANDS)
        cut = cut.add_prefix(_CUT)  # a column of the base may be called chance
        looked_at = pd.concat([self.judged[["customer_id", "churned", "chance"]], cut], axis=1)
        found = weak_spots.weak_spots(
            looked_at, list(cut), min_cell=setting.min_cell, confidence=setting.confidence
        )
        return found.assign(attribute=found["attribute"].str.removeprefix(_CUT))

    @once
    @minor("figures overall and by segment")
    def one_for_all(self) -> OneForAll | Missing:
        """One model for all segments, overall and in each; Missing where there is one segment."""
        lists = self.population.two_lists(self.tried)
        if isinstance(lists, Missing):
            return lists
        setting = self.setting
        rng = stream(setting.seed, "one for all")
        figures = one_for_all.figures_by_segment(
            lists.chances, ["one for all", "own"], rng, **setting.drawn
        )
        rows = self._sampled(lists.latest)
        frame = rows.set_index("customer_id")[self.population.columns]
        values = contributions(lists.model, frame).values
        shares = one_for_all.importance_by_segment(values, rows["segment"].astype("object"))
        first = shares["column"].head(_SEGMENT_COLUMNS)
        return OneForAll(figures, shares[shares["column"].isin(first)])

    @once
    @minor("how good a model could be at all")
    def against_truth(self) -> AgainstTruth | Missing:
        """How near the list of today comes to what can be known; Missing on real bases."""
        today = self.population.today()
        if isinstance(today, Missing):
            return today
        split, truth = today
        seed, features = self.setting.seed, split.test[self.population.columns]
        horizon = split.horizon
        true = 1 - oracle.true_outcomes(truth, horizon.months, horizon.gap)[:, -1]
        candidates = self.population.candidates_of(split)
        model = validation.refitted(self.best, candidates, split, seed)
        said = model.predict_proba(features)[:, 1]
        exact = 1 - oracle.true_outcomes(truth, horizon.months, horizon.gap, suffix="")[:, -1]
        fair = oracle.observable_chance(features, true, seed=seed)
        area = oracle.expected_auc
        return AgainstTruth(
            model=area(said, true),
            oracle=area(fair, true),
            blind=area(true, true),
            insider=area(exact, exact),
        )

    def _sampled(self, rows: pd.DataFrame) -> pd.DataFrame:
        """At most so many rows as are explained, drawn by the seed."""
        return rows.sample(min(self.setting.explained, len(rows)), random_state=self.setting.seed)
