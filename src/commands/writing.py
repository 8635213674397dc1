"""Writing a file so that nobody ever sees half of it."""

from __future__ import annotations

from pathlib import Path


def replace_file(path: Path, text: str) -> None:
    """Write `text` to a file beside `path`, then rename it into place."""
    side = path.with_name(f".{path.name}.side")
    side.write_text(text, encoding="utf-8")
    side.replace(path)
