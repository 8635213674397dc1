"""Lines of base.yml as messages show them, ready to be copied."""

from __future__ import annotations

import json
import re

_PLAIN = re.compile(r"[^\W\d_][\w-]*( [\w-]+)*")
_WORDS_OF_YAML = {"true", "false", "null", "yes", "no", "on", "off"}


def word(text: str) -> str:
    """A name as it stands in YAML, in quotes where it needs them.

    >>> word("Kündigung"), word("no"), word("a: b")
    ('Kündigung', '"no"', '"a: b"')
    """
    is_plain = _PLAIN.fullmatch(text) and text.lower() not in _WORDS_OF_YAML
    return text if is_plain else json.dumps(text, ensure_ascii=False)
