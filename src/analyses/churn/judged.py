"""Candidates that were tried: which is best, and whether its chances hold."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import pandas as pd

from src.analyses.churn.population import Population
from src.analyses.churn.values import Calibration, Curves, no_signal
from src.analyses.missing import Missing
from src.analyses.once import once
from src.analyses.settings.churn import Setting
from src.data.bases import Base
from src.features.snapshots import GONE, OUTCOMES, SAVABLE, Horizon
from src.models.churn import validation
from src.models.churn.silent import silent_table
from src.models.learning.candidates import BASELINES, Candidate
from src.models.scoring import calibration, scores
from src.models.scoring.comparison import Standing, has_signal, standing
from src.models.survival.hazard import SILENCE

_HAZARD_LABEL = "hazard model"
_SPOT_COLUMNS, _SPOT_BANDS = 8, 3
_SEGMENT_COLUMNS = 10
_CUT = "cut: "


@dataclass(frozen=True, eq=False)
class JudgedTrial:
    """What all candidates said of rows they did not learn from, and how well it came true.

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
