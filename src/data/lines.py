"""Lines of base.yml as messages show them, ready to be copied."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import yaml


def one_line(content: Mapping[str, Any]) -> str:
    """A line of base.yml; dots stand for what the reader has to fill in.

    >>> one_line({"values": {"churned": {"J": "...", "1": "no"}}})
    "values: {churned: {J: ..., '1': 'no'}}"
    """
    return "; ".join(f"{word(key)}: {_flow(value)}" for key, value in content.items())


def word(text: str) -> str:
    """A name as it stands in YAML, in quotes where it needs them.

    >>> word("Kündigung"), word("no"), word("a: b")
    ('Kündigung', "'no'", "'a: b'")
    """
    return _flow([text])[1:-1]


def _flow(value: Any) -> str:
    text = yaml.safe_dump(
        value, default_flow_style=True, width=10**6, sort_keys=False, allow_unicode=True
    )
    return text.strip().replace("'...'", "...").removesuffix("\n...")
