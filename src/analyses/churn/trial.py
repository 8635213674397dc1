"""Candidates that were tried: which is best, whether its chances hold, where it fails."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pandas as pd

from src.analyses.churn.campaign import Campaign
from src.analyses.churn.explanation import Explanation
from src.analyses.churn.population import Population
from src.analyses.churn.values import AgainstTruth, Calibration, Curves, OneForAll, no_signal
from src.analyses.missing import Missing
from src.analyses.once import once
from src.analyses.settings.churn import Setting
from src.analyses.streams import stream
from src.data.bases import Base
from src.data.problems import InputError
from src.features import bands
from src.features.snapshots import GONE, OUTCOMES, SAVABLE, Horizon
from src.models.churn import one_for_all, oracle, suspicions, validation, weak_spots
from src.models.churn.silent import silent_table
from src.models.explain.contributions import contributions
from src.models.learning.candidates import BASELINES, Candidate
from src.models.learning.odds import Inference, infer
from src.models.scoring import calibration, scores
from src.models.scoring.comparison import Standing, has_signal, standing
from src.models.survival.hazard import SILENCE

_HAZARD_LABEL = "hazard model"
_SPOT_COLUMNS, _SPOT_BANDS = 8, 3
_SEGMENT_COLUMNS = 10
_CUT = "cut: "


@dataclass(frozen=True, eq=False)
class ChurnTrial:
    """What all candidates said of rows they did not learn from.

    `compared`: a row per model and metric, see `comparison.paired_bootstrap`, `model` by name.
    `tried`: chances, fitted models and the rows behind them, see `validation.Trial`. `suspects`:
    what was too good to be true and left out, see `Study.suspects`. `alone`: each column by itself,
    see `Judged`.
    """

    base: Base
    setting: Setting
    population: Population
    tried: validation.Trial
    named: Mapping[str, Candidate]
    compared: pd.DataFrame
    suspects: pd.DataFrame
    alone: pd.DataFrame

    def __repr__(self) -> str:
        area = self.figure(self.best, "auc")
        ends = f"{area['low']:.3f} to {area['high']:.3f}"
        models = f"{len(self.tried.names)} models"
        return f"Trial of {models}: {self.best}, AUC {area['value']:.3f} ({ends})"

    @property
    def labels(self) -> dict[str, str]:
        """What a reader sees for each model, by name, in the order of the candidates."""
        labels = {name: candidate.label for name, candidate in self.named.items()}
        labels[validation.HAZARD] = _HAZARD_LABEL
        return {name: labels[name] for name in self.tried.names}

    @property
    def baselines(self) -> list[str]:
        """The labels of what any model has to beat."""
        return [label for name, label in self.labels.items() if name in BASELINES]

    @property
    def shown(self) -> pd.DataFrame:
        """`compared` with labels in place of names."""
        return self.compared.assign(model=self.compared["model"].map(self.labels))

    @property
    def standing(self) -> Standing:
        """The best model by log loss and those within its noise, by label."""
        return standing(self.shown, "log_loss")

    @property
    def best(self) -> str:
        """The name of the model with the best log loss."""
        return standing(self.compared, "log_loss").best

    @cached_property
    def has_signal(self) -> bool:
        """Whether any column tells who leaves: see `comparison.has_signal`."""
        return has_signal(self.compared, "base_rate")

    @property
    def told(self) -> str:
        """The name of the model with the best log loss, the base rate aside."""
        others = self.compared[self.compared["model"] != "base_rate"]
        losses = others[others["metric"] == "log_loss"]
        return str(losses.loc[losses["value"].idxmin(), "model"])

    @property
    def failed(self) -> dict[str, str]:
        """Candidates that could not be fitted, by label, and why."""
        return {self.named[name].label: why for name, why in self.tried.failed.items()}

    @property
    def drop_line(self) -> str:
        """What to write into base.yml so that no report reads the columns of `suspicions`."""
        return suspicions.drop_line(self.suspicions()["column"].tolist())

    @property
    def tests(self) -> list[pd.Timestamp]:
        """The snapshots that judge; none on a base without dates."""
        return self.population.split.tests if self.population.split else []

    @property
    def horizon(self) -> Horizon | None:
        """The months that count; None on a base without dates."""
        return self.population.horizon

    def figure(self, model: str, metric: str) -> pd.Series:
        """The row of `compared` of one model, by name, and metric."""
        is_row = (self.compared["model"] == model) & (self.compared["metric"] == metric)
        return self.compared[is_row].iloc[0]

    @cached_property
    def judged(self) -> pd.DataFrame:
        """Judged rows, each once: `customer_id`, `churned`, chances by model, `chance` (best).

        On panels `outcome` too, and `savable`, the best model's chance of `can be saved`.
        """
        rows = self.tried.once
        rows = rows.assign(chance=rows[self.best])
        four = self.tried.outcomes.get(self.best)
        return rows if four is None else rows.assign(savable=four[:, OUTCOMES.index(SAVABLE)])

    def curves(self) -> Curves:
        """Three pictures of the same order of customers; see `Curves` and `scoring.scores`."""
        churned = self.judged["churned"]
        drawn = (scores.roc_curve, scores.precision_recall_curve, scores.gains_curve)
        roc, recall, gains = (
            pd.concat(
                curve(churned, self.judged[name]).assign(model=label)
                for name, label in self.labels.items()
            )
            for curve in drawn
        )
        return Curves(roc, recall, gains, float(churned.mean()))

    def calibration(self) -> Calibration | Missing:
        """Whether the best model's chances to be lost come true; see `scoring.calibration`.

        Missing, as are the steps on money and on reasons, where no column tells who leaves.
        """
        if not self.has_signal:
            return no_signal("whether chances come true")
        return self._calibrated(self.judged["churned"], self.judged["chance"])

    def savable_calibration(self) -> Calibration | Missing:
        """Whether its chances of `can be saved` come true; Missing without months."""
        if not self.has_signal:
            return no_signal("whether chances come true")
        if "savable" not in self.judged:
            return Missing("months per customer (a panel)", "who can be saved")
        return self._calibrated(self.judged["outcome"] == SAVABLE, self.judged["savable"])

    @once
    def silent(self) -> pd.DataFrame | Missing:
        """What the best model said of the silent among all judged, and what came of them.

        `silent` (months without revenue, 1 or more), `customers` (rows), `gone_said` (mean chance
        to be gone already), `gone` (share who were, `low`, `high`, Wilson on as many observations
        as there are customers), `lost_said`, `lost`. Missing without months, and where nobody is
        silent.
        """
        missing = Missing("silent customers (a panel with months)", "what came of the silent")
        four, rows = self.tried.outcomes.get(self.best), self.population.judged()
        if four is None or SILENCE not in rows or not (rows[SILENCE] > 0).any():
            return missing
        said = self.judged.assign(
            silent=rows[SILENCE].fillna(0).astype(int),
            gone=four[:, OUTCOMES.index(GONE)],
            was_gone=self.judged["outcome"] == GONE,
        )
        return silent_table(said, self.setting.confidence)

    def _calibrated(self, came: pd.Series, said: pd.Series) -> Calibration:
        """By customer: several snapshots of one are not independent."""
        about = {"customers": self.judged["customer_id"], "confidence": self.setting.confidence}
        parts = calibration.calibration(came, said, **about)
        return Calibration(parts, calibration.calibration_curve(came, said, **about))

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
        limits: dict[str, Any] = {
            "min_cell": setting.min_cell,
            "confidence": setting.confidence,
        }
        found = weak_spots.weak_spots(looked_at, list(cut), **limits)
        return found.assign(attribute=found["attribute"].str.removeprefix(_CUT))

    @once
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
