"""A study of lifetime value: two groups of a base at a setting, and the steps that compare them."""

from __future__ import annotations

import pandas as pd

from src.analyses.ltv.comparing import Comparing
from src.analyses.ltv.levers import Levers
from src.analyses.ltv.panel import Panel
from src.analyses.ltv.snapshot import Snapshot
from src.analyses.ltv.values import AgainstTruth, BackTest
from src.analyses.missing import Missing, minor
from src.analyses.once import once
from src.analyses.settings.ltv import Setting
from src.analyses.streams import stream
from src.data.bases import Base
from src.data.problems import InputError
from src.models.gap import bars
from src.models.value import backtest, estimators

_POPULATIONS: dict[str, type[Panel] | type[Snapshot]] = {"panel": Panel, "snapshot": Snapshot}
_ORACLE = {"oracle": "true expectation, fair"}


class Study(Comparing, Levers):
    """A base opened at a setting; made by `ltv.open_study`.

    Every step is worked out when it is first asked for and kept. Money is in the currency of the
    base, LTV is the discounted margin of the months that count. Where the base cannot answer, a
    step returns `Missing`.
    """

    def __repr__(self) -> str:
        setting = self.setting
        horizon = f"{setting.horizon} months at {setting.rate:.0%} a year"
        return f"Study of LTV: base {self.base.name}, {' against '.join(setting.names)}, {horizon}"

    @once
    @minor("whether predictions came true")
    def backtest(self) -> BackTest | Missing:
        """Whether predictions of some months ago came true; see `BackTest`.

        Missing without months. The first call trains models on what was known then.
        """
        guesses, setting = self.population.guesses(), self.setting
        if isinstance(guesses, Missing):
            return guesses
        rng = stream(setting.seed, "tenths")
        tenths = backtest.by_decile(guesses, "main", rng, confidence=setting.confidence)
        table = self._tested(guesses, estimators.LABELS)
        return BackTest(table, tenths, setting.back, estimators.LABELS)

    @once
    @minor("how far estimates are off")
    def against_truth(self) -> AgainstTruth | Missing:
        """On a simulated base, how far estimates are off; see `AgainstTruth`. Missing on others."""
        truth = self.population.truth()
        if isinstance(truth, Missing):
            return truth
        guesses, labels = truth.guesses, estimators.LABELS | _ORACLE
        came = guesses["actual"]
        order, best = (backtest.normalised_gini(came, guesses[by]) for by in ("main", "oracle"))
        return AgainstTruth(
            came=self._tested(guesses, labels),
            expected=self._tested(guesses.assign(actual=guesses["expected"]), labels),
            bars=bars.gap_bars(truth.worth, self.setting.first),
            gini_ratio=order / best,
            labels=labels,
        )

    def _tested(self, guesses: pd.DataFrame, labels: dict[str, str]) -> pd.DataFrame:
        listed = [name for name in labels if name in guesses]
        table = backtest.backtest(
            guesses,
            listed,
            means_of=estimators.MEANS_OF,
            confidence=self.setting.confidence,
        )
        return table.assign(label=table["estimator"].map(labels))


def opened(base: Base, setting: Setting) -> Study:
    """The study of a base; `InputError` for a kind of base that knows no lives."""
    if base.kind not in _POPULATIONS:
        kinds = " or ".join(_POPULATIONS)
        raise InputError(f"lifetime value takes bases of kind {kinds}, not {base.kind}")
    return Study(base, setting, _POPULATIONS[base.kind](base, setting))
