"""Write the list of today of a base: `python -m src.commands.score BASE`.

Everybody on the list at the last month, with chances, value, reasons in words and the expected gain
of a contact, into data/scores/<base>/list.parquet and list.csv. Single customers: the folder is
ignored by git, and nothing of it goes on a page.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pandas as pd

from src.analyses import churn
from src.analyses.parameters import checked, read_file
from src.commands.exits import run_command
from src.commands.notebooks import PARAMETERS, ROOT
from src.commands.writing import replace_file
from src.data.bases import Base, open_base
from src.data.problems import InputError

SCORES = ROOT / "data" / "scores"
_NOTEBOOK = "03_churn"


def main(arguments: list[str]) -> int:
    """Score the one base named; say how many customers, and where they are."""
    if len(arguments) != 1 or not arguments[0]:
        raise InputError("name one base, such as: make score BASE=operator")
    base = open_base(arguments[0])
    lists, about = [], []
    for given in _settings(base):
        setting = checked(_NOTEBOOK, given)
        print(f"{setting.segment or 'all'} customers: learning", file=sys.stderr)
        study = churn.open_study(**setting.model_dump())
        lists.append(study.list())
        trial = study.compare()
        known = {"segment": setting.segment, "model": trial.labels[trial.best]}
        about.append(known | {"customers": len(lists[-1]), "setting": setting.model_dump()})
    table = pd.concat(lists, ignore_index=True)
    table = table.sort_values("gain_of_contact", ascending=False, kind="stable", ignore_index=True)
    folder = _written(base, table, about)
    worth = int((table["gain_of_contact"] > 0).sum())
    print(
        f"{base.name}: {len(table):,} customers on the list, {worth:,} of them worth a contact at "
        f"the assumed accept rate; {folder.relative_to(ROOT) / 'list.csv'} and list.parquet"
    )
    return 0


def _settings(base: Base) -> list[dict[str, Any]]:
    """Parameters of each list: of every segment of a panel, as stored for its report if they are.

    A base that is no panel is one list.
    """
    stored = [read_file(path) for path in sorted((PARAMETERS / _NOTEBOOK).glob("*.yml"))]
    mine = [given for given in stored if given["BASE"] == base.name]
    if base.kind != "panel":
        return mine[:1] or [{"BASE": _name(base)}]
    by_segment = {given.get("SEGMENT", ""): given for given in mine}
    segments = sorted(base.table("customers", ["segment"])["segment"].astype(str).unique())
    return [
        by_segment.get(segment, {"BASE": _name(base), "SEGMENT": segment}) for segment in segments
    ]


def _name(base: Base) -> str:
    """What opens the base again: its name under data/bases, or its folder."""
    is_shipped = base.folder.parent == ROOT / "data" / "bases"
    return base.name if is_shipped else str(base.folder)


def _written(base: Base, table: pd.DataFrame, about: list[dict[str, Any]]) -> Path:
    folder = SCORES / base.name
    folder.mkdir(parents=True, exist_ok=True)
    side = folder / ".list.parquet.side"
    table.to_parquet(side, index=False)
    side.replace(folder / "list.parquet")
    replace_file(folder / "list.csv", table.to_csv(index=False, float_format="%.6g"))
    record = {"base": base.name, "fingerprint": base.fingerprint, "lists": about}
    replace_file(folder / "about.json", json.dumps(record, indent=1))
    return folder


if __name__ == "__main__":
    run_command(main)
