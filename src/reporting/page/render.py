"""An executed notebook as one self-contained HTML page."""

from __future__ import annotations

import copy
import html
import re
from pathlib import Path

import nbformat
from bs4 import BeautifulSoup
from nbconvert import HTMLExporter

TEMPLATES = Path(__file__).parent / "templates"
_HIDDEN_TAGS = {"injected-parameters", "papermill-error-cell-tag"}


def render_report(executed: nbformat.NotebookNode) -> str:
    """The page of an executed notebook: no external address, folded code, table of contents.

    Reads the notebook's metadata `cvm` (title, base, parameters, date, error) for the header.
    """
    notebook = copy.deepcopy(executed)
    notebook.cells = [
        cell for cell in notebook.cells if not _HIDDEN_TAGS & set(cell.metadata.get("tags", []))
    ]
    _drop_title(notebook)
    notebook.cells = _joined([cell for cell in notebook.cells if cell.source.strip()])
    exporter = HTMLExporter(template_name="report", extra_template_basedirs=[str(TEMPLATES)])
    exporter.exclude_input_prompt = exporter.exclude_output_prompt = True
    resources = {
        "cvm": notebook.metadata["cvm"],
        "style": (TEMPLATES / "page.css").read_text(encoding="utf-8"),
        "contents": "CONTENTS",
    }
    page, _ = exporter.from_notebook_node(notebook, resources=resources)
    return page.replace("CONTENTS", _contents(page), 1)


def _joined(cells: list[nbformat.NotebookNode]) -> list[nbformat.NotebookNode]:
    """Code that shows nothing joins the next code that does, so that it folds as one."""
    joined: list[nbformat.NotebookNode] = []
    silent = ""
    for place, cell in enumerate(cells):
        following = cells[place + 1] if place + 1 < len(cells) else None
        if cell.cell_type == "code":
            cell.source = silent + cell.source
            silent = ""
            is_followed = following is not None and following.cell_type == "code"
            if is_followed and not cell.outputs:
                silent = cell.source + "\n\n"
                continue
        joined.append(cell)
    return joined


def _drop_title(notebook: nbformat.NotebookNode) -> None:
    """The first heading moves to the page's header."""
    for cell in notebook.cells:
        if cell.cell_type == "markdown" and cell.source.startswith("# "):
            cell.source = cell.source.partition("\n")[2].lstrip()
            return


def _contents(page: str) -> str:
    """Links to the second-level headings of the page."""
    headings = BeautifulSoup(page, "html.parser").select("main h2[id]")
    items = []
    for heading in headings:
        text = re.sub(r"¶$", "", heading.get_text()).strip()
        target = html.escape(str(heading["id"]), quote=True)
        items.append(f'<li><a href="#{target}">{html.escape(text)}</a></li>')
    return "".join(items)
