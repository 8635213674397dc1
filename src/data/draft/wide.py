"""Files with one column per month: as bills by month, and as the customers beside them."""

from __future__ import annotations

from dataclasses import replace
from fnmatch import fnmatch

import pandas as pd
import yaml

from src.data.draft.names import columns_phrases, fit
from src.data.draft.sampling import Sample
from src.data.manifest import Source
from src.data.reading.months_in_columns import line_for_months, months_as_rows


def apart(sample: Sample) -> list[Sample]:
    """The sample itself; of one column per month the rows by month, and what does not change."""
    line = line_for_months(map(str, sample.cells.columns), "billing")
    if line is None:
        return [sample]
    forms = list(yaml.safe_load(line)["months_in_columns"].values())
    named = dict(zip(_measures(forms), forms, strict=True))
    source = Source.model_validate({"file": "-", "months_in_columns": named})
    long = months_as_rows(sample.cells, "billing", source)
    long["month"] = pd.to_datetime(long["month"]).dt.strftime("%Y-%m")
    patterns = [_pattern(form) for form in forms]
    rest = [name for name in sample.cells if not any(fnmatch(name, each) for each in patterns)]
    key = [name for name in rest if fit(name, columns_phrases("billing", "customer_id")) > 0]
    bills = replace(
        sample,
        cells=long[[*(key[:1] or rest[:1]), "month", *named]],
        reading=sample.reading | {"months_in_columns": named},
        evidence=sample.evidence | {"months_in_columns": "each month has a column of its own"},
    )
    customers = replace(sample, cells=sample.cells[rest], beside=tuple(patterns))
    others = [name for name in rest if name not in bills.cells]
    return [replace(bills, beside=tuple(others)), *([customers] if others else [])]


def _pattern(form: str) -> str:
    for part in ("%Y", "%m", "%b"):
        form = form.replace(part, "*")
    return form.replace("%%", "%")


def _measures(forms: list[str]) -> list[str]:
    """Names of measures: the one most like money is the revenue."""
    bare = [_pattern(form).replace("*", " ").strip(" _-./") for form in forms]
    money = [fit(name, columns_phrases("billing", "revenue")) for name in bare]
    best = money.index(max(money))
    return ["revenue" if place == best else f"measure_{place + 1}" for place in range(len(forms))]
