"""How long reasons take: the tuned XGBoost explained by itself and by the shap package.

`python -m benchmarks.explain [rows]` prints the figures and writes them to
`reports/metrics/bench_explain.json`.
"""

from __future__ import annotations

import sys
import time
import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np

from benchmarks.figures import shown
from src.data.bases import open_base
from src.models.explain.contributions import contributions
from src.models.learning.candidates import TunedXGBoost

OUTPUT = Path("reports/metrics/bench_explain.json")
BASE = "ibm_telco"
ROWS = 100_000
REPEATS = 5


def measure(rows: int, repeats: int = REPEATS, trials: int = 12) -> dict[str, float]:
    """Processor seconds from the frame of customers to contributions by column, on one thread.

    Both ways start with the preparation of the frame and end with a check against the margin; each
    is run `repeats` times in turns, and its best time counts. The rows are drawn from the base.
    For XGBoost the package calls the library as well, so what differs is what it does around it.
    """
    snapshot = open_base(BASE).table("snapshot")
    X = snapshot.drop(columns=["customer_id", "churned"])  # noqa: N806
    model = TunedXGBoost(trials=trials).fit(X, snapshot["churned"].to_numpy("int64"))
    drawn = np.random.default_rng(0).integers(0, len(X), rows)
    frame = X.iloc[drawn].reset_index(drop=True)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of shap's import
        from shap import TreeExplainer

    def by_shap() -> np.ndarray:
        explainer = TreeExplainer(model.model_)
        return explainer.shap_values(model.preparation_.transform(frame), check_additivity=True)

    native, shap = np.inf, np.inf
    for _ in range(repeats):
        seconds, found = _timed(lambda: contributions(model, frame))
        native = min(native, seconds)
        seconds, expected = _timed(by_shap)
        shap = min(shap, seconds)
    return {
        "rows": rows,
        "trees": model.model_.get_booster().num_boosted_rounds(),
        "native_seconds": round(native, 3),
        "shap_seconds": round(shap, 3),
        "speedup": round(shap / native, 3),
        "largest_difference": float(np.abs(found.values.to_numpy() - expected).max()),
        "additivity_error": found.additivity_error,
    }


def _timed(run: Callable[[], object]) -> tuple[float, object]:
    start = time.process_time()
    found = run()
    return time.process_time() - start, found


def main(rows: int = ROWS) -> dict[str, float]:
    """Measure, print, write and return the figures."""
    return shown(measure(rows), OUTPUT)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else ROWS)
