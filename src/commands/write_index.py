"""Write reports/index.html from what has been built: `python -m src.commands.write_index`."""

from __future__ import annotations

import json

from src.commands.exits import run_command
from src.commands.notebooks import NOTEBOOKS, REPORTS, failed_runs, read_notebook, title
from src.commands.writing import replace_file
from src.reporting.page.index import Entry, render_index


def main(_: list[str]) -> int:
    """One entry per report that was built, failed, or is not for its base."""
    entries = {}
    for path in sorted((REPORTS / "metrics").glob("[0-9]*__*.json")):
        record = json.loads(path.read_text(encoding="utf-8"))
        entries[path.stem] = Entry(
            name=path.stem,
            title=record["title"],
            base=record["base_title"],
            origin=record["origin"],
            answer=record["answer"],
            date=record["date"],
            error="",
            has_report=(REPORTS / f"{path.stem}.html").is_file(),
        )
    for path in failed_runs(REPORTS):
        header = json.loads(path.read_text(encoding="utf-8"))["metadata"]["cvm"]
        good = entries.get(header["report"])
        entries[header["report"]] = Entry(
            name=header["report"],
            title=header["title"],
            base=header["base_title"],
            origin=header["origin"],
            answer=good.answer if good else "",
            date=good.date if good else "",
            error=header["error"],
            has_report=bool(good and good.has_report),
        )
    for path in sorted((REPORTS / "plans").glob("*.json")):
        plan = json.loads(path.read_text(encoding="utf-8"))
        for name, reason in plan["reasons"].items():
            good = entries.get(name)
            entries[name] = Entry(
                name=name,
                title=title(read_notebook(NOTEBOOKS / f"{name.partition('__')[0]}.ipynb")),
                base=plan["base_title"],
                origin=plan["origin"],
                answer=good.answer if good else "",
                date=good.date if good else "",
                error="",
                has_report=bool(good and good.has_report),
                why_not=reason,
            )
    page = render_index([entries[name] for name in sorted(entries)])
    replace_file(REPORTS / "index.html", page)
    return 0


if __name__ == "__main__":
    run_command(main)
