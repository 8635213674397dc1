"""Build the feature tables of a base: `python -m src.commands.build_features BASE [NAME=...]`.

Leaves features.d beside base.yml, for Make: the code that the tables depend on.

Options: ENGINE=duckdb|spark, SNAPSHOTS=2024-06,2024-12, FAMILIES=money,usage.
"""

from __future__ import annotations

import json
import sys

from src.commands.exits import run_command
from src.commands.notebooks import ROOT, files_imported_by
from src.commands.writing import replace_file
from src.data.bases import open_base
from src.data.problems import InputError
from src.features.months import Month
from src.features.tables import build_features

_OPTIONS = ("ENGINE", "SNAPSHOTS", "FAMILIES")


def main(arguments: list[str]) -> int:
    """Build the features of the one base named; say what was built and left out."""
    if not arguments or not arguments[0]:
        raise InputError("name one base, such as: make features BASE=operator")
    options = dict.fromkeys(_OPTIONS, "")
    for argument in arguments[1:]:
        name, _, text = argument.partition("=")
        if name not in options:
            raise InputError(f"there is no option {name!r}; known: {', '.join(_OPTIONS)}")
        options[name] = text
    base = open_base(arguments[0])
    built = build_features(
        base,
        engine=options["ENGINE"] or "duckdb",
        snapshots=[Month.of(text) for text in _words(options["SNAPSHOTS"])],
        families=_words(options["FAMILIES"]),
    )
    replace_file(base.folder / "features.d", _dependencies(base.name))
    seconds = json.loads((built.folder / "built.json").read_text())["seconds"]
    print(
        f"{arguments[0]}: {len(built.catalogue)} features at {len(built.snapshots)} snapshots, "
        f"{built.snapshots[0]:%Y-%m} to {built.snapshots[-1]:%Y-%m}, in {seconds} s"
    )
    for what, why in built.left_out.itertuples(index=False):
        print(f"left out: {what}: {why}", file=sys.stderr)
    return 0


def _dependencies(base: str) -> str:
    """A rule for Make: the tables depend on these files; files that vanish do not break it."""
    code = files_imported_by("from src.features import tables")
    files = [str(file.relative_to(ROOT)) for file in code]
    target = f"data/bases/{base}/features/built.json"
    return "\n".join([f"{target}: {' '.join(files)}", *(f"{file}:" for file in files), ""])


def _words(text: str) -> list[str]:
    return [word.strip() for word in text.split(",") if word.strip()]


if __name__ == "__main__":
    run_command(main)
