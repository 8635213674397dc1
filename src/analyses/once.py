"""Steps that are worked out once and remembered."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, TypeVar

import pandas as pd

Answer = TypeVar("Answer")
_KEPT = "_answers"


def once(step: Callable[[Any], Answer]) -> Callable[[Any], Answer]:
    """A method without arguments whose answer is kept with its object: asking again is cheap.

    A frame is handed out as a copy: what is done to it stays with who asked.
    """

    @functools.wraps(step)
    def remembered(study: Any) -> Answer:
        answers: dict[str, Any] = study.__dict__.setdefault(_KEPT, {})
        if step.__name__ not in answers:
            answers[step.__name__] = step(study)
        answer = answers[step.__name__]
        return answer.copy() if isinstance(answer, pd.DataFrame | pd.Series) else answer

    return remembered
