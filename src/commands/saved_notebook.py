"""After JupyterLab saved a notebook: git sees that only outputs changed, where only they did.

`make lab` has the server call `refresh`. Git compares sizes before it asks the filter that strips
outputs, and would list every notebook that was run as modified.
"""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any


def refresh(os_path: str, model: dict[str, Any], contents_manager: Any) -> None:  # noqa: ARG001
    """Have git look at the saved file again; nothing new is staged, and nothing fails without git.

    Called by the server as `FileContentsManager.post_save_hook`, with these names.
    """
    if model["type"] != "notebook":
        return
    path = Path(os_path)
    try:
        # Status 0: what would be committed is what is staged already.
        if not _git(path, "diff", "--quiet"):
            _git(path, "update-index")
    except OSError:
        return  # there is no git


def _git(path: Path, *words: str) -> int:
    command = ["git", *words, "--", path.name]
    done = subprocess.run(command, cwd=path.parent, capture_output=True, check=False)  # noqa: S603
    return done.returncode
