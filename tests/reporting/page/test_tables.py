import re

import pandas as pd

from src.reporting.page.results import TEXT
from src.reporting.page.tables import Table

FRAME = pd.DataFrame(
    {
        "name": ["<script>alert(1)</script>", "b"],
        "n": [12345, 2],
        "rate": [0.1234, None],
        "day": [pd.Timestamp("2024-01-05"), pd.NaT],
        "unused": [0, 0],
    }
)
COLUMNS = {
    "name": ("Name", "text"),
    "rate": ("Rate", "percent"),
    "n": ("Customers", "integer"),
    "day": ("From", "date"),
}


def cells(page: str) -> list[list[str]]:
    rows = re.findall(r"<tr.*?</tr>", page, re.DOTALL)
    return [re.findall(r"<t[dh][^>]*>(.*?)</t[dh]>", row, re.DOTALL) for row in rows]


def test_a_table_has_its_columns_in_order_formatted_and_escaped():
    page = Table(FRAME, "A **table** of <b>", COLUMNS)._repr_mimebundle_()["text/html"]
    assert cells(page) == [
        ["Name", "Rate", "Customers", "From"],
        ["&lt;script&gt;alert(1)&lt;/script&gt;", "12.3%", "12,345", "2024-01-05"],
        ["b", "-", "2", "-"],
    ]
    assert ">A <strong>table</strong> of &lt;b&gt;</figcaption>" in page
    assert "<style" not in page
    assert " id=" not in page


def test_a_folded_table_opens_on_a_click():
    page = Table(FRAME, "caption", COLUMNS, folded=True)._repr_mimebundle_()["text/html"]
    opened = (
        r'<figure class="table" style="[^"]*"><details><summary style="[^"]*">caption</summary>'
    )
    assert re.match(opened, page)


def test_text_is_set_left_also_where_a_style_sheet_sets_cells_right():
    page = Table(FRAME, "caption", COLUMNS)._repr_mimebundle_()["text/html"]
    columns = zip(*(re.findall(r"<t[dh][^>]*>", row) for row in page.split("<tr")[1:]), strict=True)
    names, *numbers = columns
    assert all(f'style="{TEXT}"' in cell for cell in names)
    assert not any(TEXT in cell for column in numbers for cell in column)
    # A date or number stays on one line, its heading may break.
    assert all(["nowrap" in cell for cell in column] == [False, True, True] for column in numbers)


def test_the_same_frame_gives_the_same_page():
    one, two = (Table(FRAME, "c", COLUMNS)._repr_mimebundle_() for _ in range(2))
    assert one == two


def test_a_table_without_rows_keeps_its_headings():
    page = Table(FRAME.iloc[:0], "c", COLUMNS)._repr_mimebundle_()["text/html"]
    assert cells(page)[0] == ["Name", "Rate", "Customers", "From"]
