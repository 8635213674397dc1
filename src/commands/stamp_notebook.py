"""What of a notebook counts for a run: `python -m src.commands.stamp_notebook NOTEBOOK STAMP`.

Writes a fingerprint of the notebook without its outputs to STAMP, and leaves the file alone where
it says the same. A run depends on the stamp, so that saving outputs in JupyterLab reruns nothing.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from src.commands.exits import run_command
from src.commands.writing import replace_file
from src.data.problems import InputError


def stripped(notebook: dict[str, Any]) -> list[Any]:
    """Kind, text and tags of each cell, and what the notebook says of itself under `cvm`."""
    cells = [
        [cell["cell_type"], "".join(cell["source"]), sorted(cell["metadata"].get("tags", []))]
        for cell in notebook["cells"]
    ]
    return [notebook["metadata"].get("cvm", {}), *cells]


def main(arguments: list[str]) -> int:
    """Write the stamp of the one notebook named, where it changed."""
    if len(arguments) != 2:
        raise InputError("name a notebook and its stamp")
    notebook, stamp = map(Path, arguments)
    try:
        content = stripped(json.loads(notebook.read_text(encoding="utf-8")))
    except (json.JSONDecodeError, KeyError) as error:
        raise InputError(f"{notebook} is not a notebook: {error!r}") from error
    text = json.dumps(content, sort_keys=True)
    fingerprint = hashlib.sha256(text.encode()).hexdigest() + "\n"
    if not stamp.is_file() or stamp.read_text() != fingerprint:
        stamp.parent.mkdir(parents=True, exist_ok=True)
        replace_file(stamp, fingerprint)
    return 0


if __name__ == "__main__":
    run_command(main)
