"""Tables to be exported, by the names of the contract: four public bases, and small operators."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from src.data.bases import DATA
from src.data.manifest import ROW_NUMBER, read_manifest
from src.data.mapping import contract_frame
from src.data.operator.generate import simulate
from src.data.operator.settings import Settings
from src.data.reading.sources import read_source

PUBLIC = ("ibm_telco", "mlc_churn", "tv_subscription", "cdnow")
_MOST_ROWS = 3_000
_SMALL = Settings(b2c_customers=260, b2b_customers=180, months=18, hidden_months=6)
_FEWEST = 30  # rows of a table that is worth an export


@dataclass(frozen=True)
class Tables:
    """A base to be exported: typed cells, columns of the contract first, others after them.

    `made`: columns of the contract that the export lacks, as base.yml makes them.
    """

    kind: str
    frames: dict[str, pd.DataFrame]
    made: tuple[str, ...] = ()


def public_tables(name: str, rng: np.random.Generator) -> Tables:
    """Some rows of a public base, in the types of the contract, as its base.yml reads them."""
    folder = DATA / "bases" / name
    manifest = read_manifest(folder)
    [(table, source)] = manifest.tables.items()
    raw = read_source(source, table, folder)
    if table == "orders":
        buyers = raw["customer_id"].drop_duplicates().sample(700, random_state=rng)
        raw = raw[raw["customer_id"].isin(buyers)]
    else:
        raw = raw.iloc[np.sort(rng.choice(len(raw), _MOST_ROWS, replace=False))]
    frame, _, _ = contract_frame(raw.reset_index(drop=True), table, source, None)
    made = tuple(column for column, origin in source.columns.items() if origin == ROW_NUMBER)
    return Tables(manifest.kind, {table: frame.drop(columns=list(made))}, made)


def operator_tables(seed: int, rng: np.random.Generator) -> Tables:
    """Customers and bills of a small operator of this seed, and some of its other tables."""
    frames, _ = simulate(Settings(**{**_SMALL.__dict__, "seed": seed}))
    frames["deals"] = frames["deals"].head(400)
    others = [
        name
        for name, frame in frames.items()
        if name not in ("customers", "billing", "link_checks") and len(frame) >= _FEWEST
    ]
    taken = rng.choice(others, int(rng.integers(0, len(others) + 1)), replace=False)
    return Tables("panel", {name: frames[name] for name in ("customers", "billing", *taken)})
