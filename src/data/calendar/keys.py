"""What base.yml may say of time: months, periods, the freeze, zones."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator

if TYPE_CHECKING:
    from src.data.manifest import Manifest

LONGEST_FREEZE = 12  # features look back so far


def _is_month(text: str) -> str:
    year, _, month = text.partition("-")
    if not (len(year) == 4 and year.isdigit() and month in [f"{n:02d}" for n in range(1, 13)]):
        raise ValueError("takes a month such as 2024-12")
    return text


def _is_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError("is not a time zone; write one such as Europe/Berlin or UTC") from None
    return name


MonthText = Annotated[str, AfterValidator(_is_month)]
Zone = Annotated[str, AfterValidator(_is_zone)]
Period = Literal["month", "quarter", "half-year", "year"]


_A = {"snapshot": "a snapshot", "experiment": "an experiment"}


def misplaced_months(manifest: Manifest) -> str:
    """Which of these keys the base has no use for; empty: none."""
    of_panels = [key for key in ("period", "freeze_months") if getattr(manifest, key)]
    of_months = [key for key in ("first_month", "last_month") if getattr(manifest, key)]
    if manifest.simulator and of_panels + of_months:
        return f"`{(of_panels + of_months)[0]}` is not for a base that a `simulator` makes"
    if manifest.kind != "panel" and of_panels:
        return f"`{of_panels[0]}` is for bases of kind panel"
    if manifest.kind in ("snapshot", "experiment") and of_months:
        return (
            f"`{of_months[0]}` is for bases of kind panel or orders; {_A[manifest.kind]} has no "
            "months"
        )
    if manifest.first_month and manifest.last_month and manifest.first_month > manifest.last_month:
        return "`first_month` is after `last_month`"
    wrong = [name for name, source in manifest.tables.items() if source.period]
    if stray := [name for name in wrong if name != "billing"]:
        return f"`period` stands under tables.billing or at the top, not under {stray[0]}"
    return ""
