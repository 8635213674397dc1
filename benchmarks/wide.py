"""A snapshot base of any size as other people have them: many columns, text of many values, gaps.

`wide_snapshot` makes it, by a seed; `python -m benchmarks.wide` runs 03_churn on 50,000 rows of 60
columns and on 5,000 of 300, with plain XGBoost on the same folds beside it, and writes both to
`reports/metrics/bench_wide.json`.
"""

from __future__ import annotations

import json
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.special import expit
from xgboost import XGBClassifier

from src.commands import notebooks
from src.commands.run_notebook import execute
from src.commands.writing import replace_file
from src.data.building import build_base
from src.models.churn.validation import fold_figures, out_of_fold
from src.models.learning.candidates import Candidate
from src.models.learning.names import numbered
from src.reporting.page.results import METRICS_TYPE

OUTPUT = Path("reports/metrics/bench_wide.json")
ROWS, COLUMNS, MOST_SECONDS = 50_000, 60, 240
SIZES = ((ROWS, COLUMNS), (5_000, 300))
_LEVELS = (3, 5, 12, 40, 300, 2_000)  # of the columns of text
_GAPS = 0.15  # of the cells of every fifth number


def wide_snapshot(rows: int = ROWS, columns: int = COLUMNS, seed: int = 0) -> pd.DataFrame:
    """`customer_id`, `churned`, `tenure_months`, `monthly_revenue`, and further columns.

    A tenth of the columns are text, of 3 to 2,000 levels; a fifth are flags; the others are numbers
    in groups that move together, half of them skewed as money is, every fifth with gaps. A dozen of
    the columns tell who churns, two of them only together and one by a middle range; about one in
    five churns.
    """
    rng = np.random.default_rng(seed)
    made: dict[str, np.ndarray] = {
        "tenure_months": rng.gamma(1.2, 20, rows).round().clip(1, 240),
        "monthly_revenue": rng.lognormal(3.2, 0.6, rows).round(2),
    }
    further = columns - len(made)
    texts, flags = further // 10 or 1, further // 5
    score = -0.5 * np.log(made["tenure_months"]) + 0.3 * np.log(made["monthly_revenue"])
    for place in range(texts):
        levels = _LEVELS[place % len(_LEVELS)]
        popularity = 1 / np.arange(1, levels + 1)
        codes = rng.choice(levels, rows, p=popularity / popularity.sum())
        made[f"text_{place + 1}"] = np.array([f"level {code + 1}" for code in range(levels)])[codes]
        score += 0.35 * rng.normal(size=levels)[codes] if place < len(_LEVELS) else 0.0
    for place in range(flags):
        made[f"flag_{place + 1}"] = rng.random(rows) < rng.uniform(0.05, 0.6)
    score += 0.8 * made["flag_1"] * made["flag_2"] - 0.4 * made["flag_1"]
    shared = rng.normal(size=(rows, 6))
    for place in range(further - texts - flags):
        values = 0.8 * shared[:, place % 6] + 0.6 * rng.normal(size=rows)
        if place in (0, 3, 4):
            score += 0.4 * values
        if place == 5:
            score -= 0.7 * (np.abs(values) < 0.5)
        values = np.exp(values).round(2) if place % 2 else values.round(3)
        if place % 5 == 4:
            values = np.where(rng.random(rows) < _GAPS, np.nan, values)
        made[f"number_{place + 1}"] = values
    churned = rng.random(rows) < expit(score - np.quantile(score, 0.87))
    customers = pd.Series([f"c{place}" for place in range(rows)], name="customer_id")
    return pd.DataFrame({"customer_id": customers, "churned": churned, **made})


class PlainXGBoost:
    """XGBoost as it comes: text as categories, no settings, no tuning."""

    def fit(self, X: pd.DataFrame, y: np.ndarray) -> PlainXGBoost:  # noqa: N803
        """Learn the levels of text, then the trees."""
        text = X.select_dtypes("object")
        self.levels_ = {name: sorted(text[name].dropna().unique()) for name in text}
        self.model_ = XGBClassifier(enable_categorical=True, random_state=0).fit(self._read(X), y)
        return self

    def predict_proba(self, X: pd.DataFrame) -> np.ndarray:  # noqa: N803
        """Columns: staying, churning."""
        return self.model_.predict_proba(self._read(X))

    def _read(self, frame: pd.DataFrame) -> pd.DataFrame:
        coded = {name: pd.Categorical(frame[name], known) for name, known in self.levels_.items()}
        return numbered(frame.assign(**coded))


def measured(rows: int, columns: int, **parameters: object) -> dict[str, object]:
    """03_churn on a base of that size, and plain XGBoost on the same folds.

    `rows`, `columns`, `seconds` and `auc` of the report, `best` (its model), `plain_seconds` and
    `plain_auc` of plain XGBoost. Asked for: `auc_ratio` above 1, `seconds` below `most_seconds`.
    """
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "wide"
        folder.mkdir()
        table = wide_snapshot(rows, columns)
        table.to_parquet(folder / "customers.parquet", index=False)
        (folder / "base.yml").write_text(
            "title: A wide table\nkind: snapshot\ncurrency: EUR\norigin: simulated\n"
            "segment: {value: B2C}\ntables: {snapshot: {file: customers.parquet}}\n"
        )
        build_base(str(folder))
        notebook = notebooks.read_notebook(notebooks.NOTEBOOKS / "03_churn.ipynb")
        start = time.perf_counter()
        executed, error = execute(notebook, {"BASE": str(folder), **parameters}, "03_churn__wide")
        seconds = time.perf_counter() - start
    if error:
        raise RuntimeError(error)
    figures = next(
        output["data"][METRICS_TYPE]
        for cell in executed.cells
        for output in cell.get("outputs", [])
        if METRICS_TYPE in output.get("data", {})
    )
    start = time.perf_counter()
    folds = {"folds": int(str(parameters.get("FOLDS", 5)))}
    trial = out_of_fold(table, {"plain": Candidate("plain", "plain", PlainXGBoost)}, **folds)
    plain = time.perf_counter() - start
    of_plain = fold_figures(trial).groupby("metric")["value"].mean()["auc"]
    return {
        "rows": rows,
        "columns": columns,
        "seconds": round(seconds, 1),
        "most_seconds": MOST_SECONDS,
        "best": figures["best.model"],
        "auc": round(figures["best.auc"], 4),
        "plain_seconds": round(plain, 1),
        "plain_auc": round(float(of_plain), 4),
        "auc_ratio": round(figures["best.auc"] / float(of_plain), 4),
    }


def main(sizes: tuple[tuple[int, int], ...] = SIZES) -> list[dict[str, object]]:
    """Measure, print, write and return the figures of every size."""
    found = [measured(rows, columns) for rows, columns in sizes]
    print(pd.DataFrame(found).to_string(index=False))
    OUTPUT.parent.mkdir(parents=True, exist_ok=True)
    replace_file(OUTPUT, json.dumps(found, indent=2) + "\n")
    return found


if __name__ == "__main__":
    main()
