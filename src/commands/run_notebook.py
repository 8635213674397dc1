"""Run one notebook with one set of parameters: `python -m src.commands.run_notebook NB VARIANT`.

Writes, beside each other and each in one move: reports/runs/NB__VARIANT.ipynb (the executed
notebook), reports/runs/NB__VARIANT.d (what it depends on, for Make), reports/metrics/
NB__VARIANT.json and, where the notebook marks a figure for the digest, NB__VARIANT.svg beside it;
then the page, reports/NB__VARIANT.html. A notebook that fails leaves all of them as they were and
writes NB__VARIANT.failed.ipynb and a page with its traceback instead.
"""

from __future__ import annotations

import json
import os
import platform
import sys
import tempfile
import time
from datetime import UTC, datetime
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any

import nbformat
import papermill
from traitlets.config import Config

from src.analyses.parameters import VARIANT, checked, has_schema
from src.analyses.progress import TOLD
from src.commands import notebooks
from src.commands.exits import run_command
from src.commands.heartbeat import heartbeat, told_in
from src.commands.notebooks import REPORTS, ROOT, Variant
from src.commands.writing import replace_file
from src.data.bases import Base, open_base
from src.data.problems import InputError
from src.reporting.page.render import render_report
from src.reporting.page.results import ANSWER_TYPE, FIGURE_TYPE, METRICS_TYPE
from src.reporting.page.small_groups import for_pages

STARTS = 3
SOCKET_PATH = 100  # bytes; systems allow 103 to 107
_SHORT_PLACE = "/tmp"  # noqa: S108  (a folder of a random name is made in it)
_VERSIONS = ("pandas", "numpy", "scikit-learn", "statsmodels", "lifelines", "matplotlib")
_PROGRESS_LINES = 4


def main(arguments: list[str]) -> int:
    """Run the notebook and variant named; 0 when it succeeded, 1 when it failed."""
    if len(arguments) != 2:
        raise InputError("name a notebook and a variant, such as: 01_exploration ibm_telco")
    report = Variant(*arguments)
    notebook = notebooks.read_notebook(report.source)
    given = report.parameters()
    declared = notebooks.declared_parameters(notebook)
    if VARIANT in declared:
        given = {**given, VARIANT: ""}  # the file is read here, whatever a saved notebook names
    parameters = declared | given
    if has_schema(report.notebook):
        checked(report.notebook, parameters)
    parameters.pop(VARIANT, None)  # the name of the report has it
    base = open_base(str(parameters["BASE"]))
    for folder in ("runs", "metrics"):
        (REPORTS / folder).mkdir(parents=True, exist_ok=True)

    started = time.monotonic()
    executed, error = execute(notebook, given, report.name)
    seconds = time.monotonic() - started
    executed.metadata["cvm"] = {
        **executed.metadata.get("cvm", {}),
        **_header(report, base, parameters, notebook),
        "error": error,
    }
    runs = REPORTS / "runs"
    failed_run, failed_page = runs / f"{report.name}.failed.ipynb", f"{report.name}.failed.html"
    if error:
        replace_file(failed_run, nbformat.writes(executed))
        replace_file(REPORTS / failed_page, render_report(executed))
        print(f"{report.name}: FAILED: {error}\n  see reports/{failed_page}", file=sys.stderr)
        return 1
    figure = _figure(executed)
    record = _record(executed, figure, seconds)
    replace_file(REPORTS / "metrics" / f"{report.name}.json", json.dumps(record, indent=1) + "\n")
    drawn = REPORTS / "metrics" / f"{report.name}.svg"
    if figure:
        replace_file(drawn, figure["svg"])
    else:
        drawn.unlink(missing_ok=True)
    replace_file(runs / f"{report.name}.d", _dependencies(report, notebook))
    # The mark of a failure goes before Make sees the run: a kill in between leaves neither.
    failed_run.unlink(missing_ok=True)
    (REPORTS / failed_page).unlink(missing_ok=True)
    replace_file(runs / f"{report.name}.ipynb", nbformat.writes(executed))
    # The page as well: a process of its own would take longer to start than to render.
    replace_file(REPORTS / f"{report.name}.html", render_report(executed))
    print(f"{report.name}: done in {seconds:.0f} s")
    return 0


def execute(
    notebook: nbformat.NotebookNode, parameters: dict[str, Any], name: str
) -> tuple[nbformat.NotebookNode, str]:
    """The executed notebook and the error it ended with, empty when it succeeded.

    Kernels talk through sockets in a folder of their own, where the system has them: on ports, two
    that start together can pick the same. A kernel that dies before its first cell is started
    again.
    """
    # The kernel of this environment, whatever other kernels the user has installed.
    os.environ["JUPYTER_PREFER_ENV_PATH"] = "1"
    os.environ["TQDM_DISABLE"] = "1"  # no bars on a page
    cells = sum(cell.cell_type == "code" for cell in notebook.cells) + 1
    step = -(-cells // _PROGRESS_LINES)
    done: list[int] = []

    def show_progress(cell: nbformat.NotebookNode, **_: object) -> None:
        if cell.cell_type == "code":
            done.append(1)
            if len(done) % step == 0 and len(done) < cells:
                print(f"{name}: cell {len(done)} of {cells}", flush=True)

    for attempt in range(1, STARTS + 1):
        with tempfile.TemporaryDirectory(prefix="cvm-", dir=_short_place()) as folder:
            output, told = Path(folder) / "executed.ipynb", Path(folder) / "told"
            os.environ[TOLD] = str(told)  # the kernel says there what it is doing
            sockets = _sockets(Path(folder))
            try:
                with heartbeat(name, partial(told_in, told)):
                    executed = papermill.execute_notebook(
                        nbformat.from_dict(notebook),
                        str(output),
                        parameters=parameters,
                        kernel_name="python3",
                        language="python",
                        progress_bar=False,
                        request_save_on_cell_execute=False,
                        autosave_cell_every=0,
                        cwd=str(ROOT),
                        on_cell_executed=show_progress,
                        config=Config({"KernelManager": sockets}),
                        extra_arguments=["--log-level=CRITICAL"],
                    )
            except papermill.PapermillExecutionError as error:
                return nbformat.read(output, as_version=4), f"{error.ename}: {error.evalue}"
            except (RuntimeError, ValueError, OSError) as error:
                if done or attempt == STARTS:
                    return notebook, f"the kernel died: {error}"
            else:
                return executed, ""
    raise AssertionError("unreachable")


def _short_place() -> str | None:
    """A folder for sockets: None, the usual one, unless paths in it are too long for a socket."""
    is_short = len(tempfile.gettempdir().encode()) <= SOCKET_PATH - len("/cvm-xxxxxxxx/kernel-10")
    return None if is_short or not os.access(_SHORT_PLACE, os.W_OK) else _SHORT_PLACE


def _sockets(folder: Path) -> dict[str, str]:
    """How kernel and run talk: through files in `folder`, or on ports where those cannot be."""
    path = str(folder / "kernel")
    if os.name == "nt" or len(os.fsencode(f"{path}-10")) > SOCKET_PATH:
        return {}
    return {"transport": "ipc", "ip": path}


def _header(
    report: Variant, base: Base, parameters: dict[str, Any], notebook: nbformat.NotebookNode
) -> dict[str, Any]:
    return {
        "report": report.name,
        "notebook": report.notebook,
        "variant": report.variant,
        "title": notebooks.title(notebook),
        "base": base.name,
        "base_title": base.title,
        "origin": base.origin,
        "fingerprint": base.fingerprint,
        "notes": [for_pages(note) for note in base.notes],
        "parameters": parameters,
        "date": f"{datetime.now(UTC):%Y-%m-%d}",
    }


def _record(
    executed: nbformat.NotebookNode, figure: dict[str, Any], seconds: float
) -> dict[str, Any]:
    """The flat metrics of a run with all that is needed to repeat it."""
    header = executed.metadata["cvm"]
    answer = _only(executed, ANSWER_TYPE, "Answer")
    metrics = _only(executed, METRICS_TYPE, "Metrics")
    named = ("notebook", "variant", "title", "base", "base_title", "origin", "fingerprint")
    return {
        **metrics,
        **{name: header[name] for name in named},
        "answer": answer["headline"],
        "limit": answer["limit"],
        **{f"figure.{name}": figure[name] for name in ("finding", "alt") if figure},
        "date": header["date"],
        **{f"parameters.{name}": value for name, value in header["parameters"].items()},
        "seed": header["parameters"].get("SEED"),
        "versions.python": platform.python_version(),
        **{f"versions.{name}": version(name) for name in _VERSIONS},
        "seconds": round(seconds, 1),
    }


def _published(executed: nbformat.NotebookNode, kind: str) -> list[dict[str, Any]]:
    """What the notebook displayed under a type of its own, in its order."""
    return [
        dict(output["data"][kind])
        for cell in executed.cells
        for output in cell.get("outputs", [])
        if kind in output.get("data", {})
    ]


def _only(executed: nbformat.NotebookNode, kind: str, what: str) -> dict[str, Any]:
    """What the notebook displayed exactly once."""
    found = _published(executed, kind)
    if len(found) != 1:
        raise InputError(f"a notebook must display one {what}; this one displayed {len(found)}")
    return found[0]


def _figure(executed: nbformat.NotebookNode) -> dict[str, Any]:
    """The figure marked for the digest; empty where none is."""
    found = _published(executed, FIGURE_TYPE)
    if len(found) > 1:
        raise InputError(
            f"a notebook may mark one figure for the digest; this one marked {len(found)}"
        )
    return found[0] if found else {}


def _dependencies(report: Variant, notebook: nbformat.NotebookNode) -> str:
    """A rule for Make: the run depends on these files; files that vanish do not break it."""
    files = [str(file.relative_to(ROOT)) for file in notebooks.imported_files(notebook)]
    target = f"reports/runs/{report.name}.ipynb"
    return "\n".join([f"{target}: {' '.join(files)}", *(f"{file}:" for file in files), ""])


if __name__ == "__main__":
    run_command(main)
