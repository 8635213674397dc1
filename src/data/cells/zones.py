"""Moments with a time zone: read as the clock of their source had them."""

from __future__ import annotations

from datetime import datetime

import pandas as pd

from src.data.cells.packed import expanded, is_packed, words_of
from src.data.contracts import TABLES
from src.data.manifest import Source

_ZONED = r"\d{4}-\d{2}-\d{2}[ T]\d{1,2}:\d{2}.*?(Z|[+-]\d{2}(:?\d{2})?)"
_OFFSET = r" ?(Z|[+-]\d{2}(:?\d{2})?)$"
_EAST = pd.Timedelta(hours=10, minutes=30)  # by the clock of UTC, midnight in the east comes later
_HOUR, _DAY = pd.Timedelta(hours=1), pd.Timedelta(days=1)


def without_zones(
    frame: pd.DataFrame, table: str, source: Source
) -> tuple[pd.DataFrame, list[str]]:
    """`frame` with the moments of a zone as clocks showed them there, and remarks on guesses.

    Moments are columns of that type, columns of such objects or ISO texts with an offset alone and,
    in the dates and months of the contract, such cells or texts that `dates` reads with `%z`. With
    a `timezone` in base.yml they are told in that zone. Without it each keeps the clock it was
    written with; where that is UTC, and all are midnight of one other zone (22:00 and 23:00 for
    Berlin), the day that began then is read, which is said. Outside the contract one moment alone
    is no such sign. A moment without a zone stays as it is, and so does a cell that cannot be read.
    """
    changed, remarks = {}, []
    for column in frame:
        moments = _moments(frame[column], str(column), table, source)
        if moments is None:
            continue
        clock, days = moments["clock"], _days_begun(moments)
        if source.timezone:
            clock = moments["utc"].dt.tz_localize("UTC").dt.tz_convert(source.timezone)
            clock = clock.dt.tz_localize(None)
        elif days is not None and (column in TABLES[table].columns or len(days.unique()) > 1):
            later = days > clock
            if later.any():
                example = f"{clock[later].iloc[0]:%Y-%m-%d %H:%M}"
                remarks.append(
                    f"{table}.{column}: all moments are midnight of one zone told in UTC, and "
                    f"{example} is read as {days[later].iloc[0]:%Y-%m-%d}; "
                    f"to name the zone, write under tables.{table}: `timezone: Europe/Berlin`, "
                    "or `timezone: UTC` to read the day in UTC"
                )
            clock = days
        is_all = clock.notna().equals(frame[column].notna())
        others = expanded(frame[column]).astype("object")
        changed[column] = clock if is_all else others.where(clock.isna(), clock)
    return frame.assign(**changed), remarks


def _moments(values: pd.Series, column: str, table: str, source: Source) -> pd.DataFrame | None:
    """`clock`, as written, and `utc` of the cells that are moments of a zone; None: there are none.

    Both are without a zone, and missing where the cell is no such moment.
    """
    if isinstance(values.dtype, pd.DatetimeTZDtype):
        clock, utc = values.dt.tz_localize(None), values.dt.tz_convert("UTC").dt.tz_localize(None)
        return pd.DataFrame({"clock": clock, "utc": utc}) if values.notna().any() else None
    declared, form = TABLES[table].columns.get(column), source.form_of(column)
    if is_packed(values):
        has_one = any(words.str.fullmatch(_ZONED).any() for words in words_of(values))
        if "%z" not in form and not has_one:
            return None
        values = expanded(values)
    is_text = values.dtype == "object" or pd.api.types.is_string_dtype(values)
    if not is_text or (declared is not None and declared.kind not in ("date", "month")):
        return None
    if declared is None and not _are_all_moments(values):
        return None
    text = values.map(str, na_action="ignore")
    if "%z" in form:
        text = text.map({cell: _as_iso(cell, form) for cell in text.dropna().unique()})
    zoned = text[text.str.fullmatch(_ZONED, na=False).astype("bool")]
    if zoned.empty:
        return None
    clock = zoned.str.replace(_OFFSET, "", regex=True)
    read = {
        "clock": pd.to_datetime(clock, format="ISO8601", errors="coerce"),
        "utc": pd.to_datetime(zoned, format="ISO8601", errors="coerce", utc=True),
    }
    read["utc"] = read["utc"].dt.tz_localize(None)
    return pd.DataFrame(read).reindex(values.index)


def _are_all_moments(values: pd.Series) -> bool:
    """Whether every filled cell has a zone: of a column outside the contract one alone is none."""
    filled = values.dropna()
    looked_at = filled.head(1)
    for cells in (looked_at, filled):
        if not cells.map(str).str.fullmatch(_ZONED).all():
            return False
    return len(filled) > 0


def _as_iso(cell: str, form: str) -> str | None:
    try:
        return datetime.strptime(cell, form).isoformat(" ")
    except ValueError:
        return None


def _days_begun(moments: pd.DataFrame) -> pd.Series | None:
    """The days that begin at these moments in a zone where all are midnight; None: there is none.

    An offset of summer, an hour from that of winter, counts as the same zone.
    """
    clock = moments["clock"]
    if not clock.equals(moments["utc"]):
        return None
    times = (clock - clock.dt.normalize()).dropna().unique()
    apart = abs(times[0] - times[-1])
    is_midnight = len(times) == 1 or (len(times) == 2 and apart in (_HOUR, _DAY - _HOUR))
    if not is_midnight or any(time.total_seconds() % 900 for time in times):
        return None
    return (clock + (_DAY - _EAST)).dt.normalize()
