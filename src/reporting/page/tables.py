"""Tables as a report shows them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import partial
from typing import Literal

import pandas as pd
from great_tables import GT

from src.reporting.page.results import CAPTION, FIGURE, SUMMARY, TEXT, rich
from src.reporting.page.small_groups import LEAST, many

Format = Literal["text", "integer", "customers", "number", "percent", "date"]
_NUMBER = re.compile(r'<td class="[^"]*\bgt_right\b[^"]*"')
_TEXT_CELL = re.compile(r'<t[dh] class="[^"]*\bgt_left\b[^"]*"')


class Table:
    """Display a frame as a table with a caption.

    `columns` picks the columns and their order, and gives each its heading and format, such as
    `{"rate": ("Churn", "percent")}`. Missing cells show a dash; text is escaped. Formatting is
    great-tables'; the page brings the looks. A `folded` table opens on a click. `customers` is for
    counts of them and of what belongs to them: of fewer than `least` it says no more.
    """

    def __init__(
        self,
        frame: pd.DataFrame,
        caption: str,
        columns: Mapping[str, tuple[str, Format]],
        folded: bool = False,
        least: int = LEAST,
    ) -> None:
        self.frame, self.caption, self.columns = frame[list(columns)], caption, dict(columns)
        self.folded = folded
        counted = [name for name, (_, kind) in columns.items() if kind == "customers"]
        self.frame = self.frame.assign(
            **{name: self.frame[name].map(partial(many, least=least), "ignore") for name in counted}
        )

    def _repr_mimebundle_(self, **_: object) -> dict[str, str]:
        kinds: dict[Format, list[str]] = {}
        for column, (_heading, kind) in self.columns.items():
            kinds.setdefault(kind, []).append(column)
        table = GT(self.frame, id="table")
        table = table.fmt_integer(kinds.get("integer", []))
        table = table.fmt_number(kinds.get("number", []), decimals=2)
        table = table.fmt_percent(kinds.get("percent", []), decimals=1)
        table = table.fmt_date(kinds.get("date", []))
        table = table.sub_missing(missing_text="-")
        table = table.cols_label({name: heading for name, (heading, _) in self.columns.items()})
        table = table.cols_align("right", kinds.get("customers", []))
        text_columns = kinds.get("text", [])
        if text_columns:
            table = table.cols_align("left", text_columns)
        page = table.as_raw_html()
        page = page[page.index("<table") : page.index("</table>")] + "</table>"
        # Ids of great-tables repeat from table to table; the cells need none.
        page = re.sub(r' (id|headers)="[^"]*"', "", page)
        # JupyterLab and VS Code set every cell right, and break dates.
        page = _TEXT_CELL.sub(rf'\g<0> style="{TEXT}"', page)
        page = _NUMBER.sub(r'\g<0> style="white-space: nowrap"', page)
        caption, body = rich(self.caption), f'<div class="scroll">{page}</div>'
        if self.folded:
            body = f'<details><summary style="{SUMMARY}">{caption}</summary>{body}</details>'
        else:
            body = f'<figcaption style="{CAPTION}">{caption}</figcaption>{body}'
        return {
            "text/html": f'<figure class="table" style="{FIGURE}">{body}</figure>',
            "text/plain": f"{self.caption}\n{self.frame.to_string(index=False)}",
        }
