"""How well the candidates tell who churns, on the public bases, and how long they take.

`python -m benchmarks.churn_accuracy [base ...]` prints the figures and writes them to
`reports/metrics/bench_churn.json`.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import pandas as pd

from src.commands.writing import replace_file
from src.data.bases import open_base
from src.models.churn.validation import fold_figures, out_of_fold
from src.models.learning.baselines import Rule
from src.models.learning.candidates import candidates

OUTPUT = Path("reports/metrics/bench_churn.json")
BASES = ("ibm_telco", "mlc_churn", "tv_subscription")
# Bases without tenure or revenue by month get the rule their trade knows.
RULES = {"mlc_churn": Rule("number_customer_service_calls", "high")}
# AutoGluon's presets, measured once with the same five folds: AUC, log loss, seconds.
AUTOGLUON = {
    "ibm_telco": {"good": (0.8484, 0.4124, 450), "best": (0.8463, 0.4158, 606)},
    "mlc_churn": {"good": (0.9209, 0.1425, 470), "best": (0.9173, 0.1688, 605)},
}


def accuracy(base: str) -> pd.DataFrame:
    """Five stratified folds of seed 0: `base`, `model`, `auc`, `log_loss` and `seconds`.

    The figures are means over the folds, the seconds those of training and reading all five.
    """
    snapshot = open_base(base).table("snapshot")
    X = snapshot.drop(columns=["customer_id", "churned"])  # noqa: N806
    rows = []
    for name, candidate in candidates(X, rule=RULES.get(base)).items():
        start = time.perf_counter()
        trial = out_of_fold(snapshot, {name: candidate})
        seconds = time.perf_counter() - start
        mean = fold_figures(trial).groupby("metric")["value"].mean()
        row = {"base": base, "model": name, "auc": mean["auc"], "log_loss": mean["log_loss"]}
        rows.append(row | {"seconds": seconds})
    return pd.DataFrame(rows)


def against_autogluon(figures: pd.DataFrame) -> list[dict[str, object]]:
    """Per base and preset, the model of the lowest log loss; ratios to AutoGluon's figures.

    `auc_ratio` above 1, `log_loss_ratio` and `seconds_ratio` below 1 are better. Seconds are those
    of all models together.
    """
    rows: list[dict[str, object]] = []
    for base, models in figures.groupby("base", sort=False):
        best = models.loc[models["log_loss"].idxmin()]
        seconds = models["seconds"].sum()
        for preset, (auc, loss, took) in AUTOGLUON.get(str(base), {}).items():
            ratios = {"auc_ratio": best["auc"] / auc, "log_loss_ratio": best["log_loss"] / loss}
            ratios["seconds_ratio"] = seconds / took
            rounded = {name: round(float(ratio), 4) for name, ratio in ratios.items()}
            rows.append({"base": base, "preset": preset, "model": best["model"], **rounded})
    return rows


def main(bases: tuple[str, ...] = BASES) -> dict[str, object]:
    """Measure, print, write and return the figures."""
    figures = pd.concat([accuracy(base) for base in bases], ignore_index=True)
    shown = figures.round({"seconds": 1}).round(4)
    report = {"models": shown.to_dict("records"), "autogluon": against_autogluon(figures)}
    print(shown.to_string(index=False))
    if report["autogluon"]:
        print(pd.DataFrame(report["autogluon"]).to_string(index=False))
    OUTPUT.parent.mkdir(parents=True, exist_ok=True)
    replace_file(OUTPUT, json.dumps(report, indent=2) + "\n")
    return report


if __name__ == "__main__":
    main(tuple(sys.argv[1:]) or BASES)
