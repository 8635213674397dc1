"""The notebooks of the project: where they and their parameters are, and what they need."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from src.data.problems import InputError

if TYPE_CHECKING:
    import nbformat

    from src.data.manifest import Manifest

ROOT = Path(__file__).parents[2]
NOTEBOOKS, REPORTS = ROOT / "notebooks", ROOT / "reports"
PARAMETERS = NOTEBOOKS / "params"


@dataclass(frozen=True)
class Variant:
    """One notebook with one set of parameters; `name` is that of its report."""

    notebook: str
    variant: str

    @property
    def name(self) -> str:
        """Such as `01_exploration__ibm_telco`."""
        return f"{self.notebook}__{self.variant}"

    @property
    def source(self) -> Path:
        """The notebook file."""
        return NOTEBOOKS / f"{self.notebook}.ipynb"

    def parameters(self) -> dict[str, Any]:
        """What the parameter file says; for a base without one, only which base it is.

        Raises `InputError` for a parameter that the notebook does not have.
        """
        # Here, as most commands read no parameters: these load pandas.
        from src.analyses.parameters import read_file
        from src.analyses.settings.model import nearest

        path = PARAMETERS / self.notebook / f"{self.variant}.yml"
        if not path.is_file():
            return {"BASE": self.variant}
        given = read_file(path)
        declared = declared_parameters(read_notebook(self.source))
        for name in given:
            if name not in declared:
                near = nearest(str(name), declared)
                hint = f"; did you mean {near}?" if near else "."
                raise InputError(
                    f"{path}: {self.notebook} has no parameter {name!r}{hint} "
                    f"It has {', '.join(declared)}."
                )
        return given


def shipped() -> list[Variant]:
    """Every variant that has a parameter file, in the order of notebooks and names.

    A file whose name could mean something to Make or a shell is none; `make report` says so.
    """
    variants = [Variant(path.parent.name, path.stem) for path in sorted(PARAMETERS.glob("*/*.yml"))]
    return [each for each in variants if is_usable(each.name)]


def is_usable(name: str) -> bool:
    """Whether a name has letters, digits, `_`, `-` and `.` only, and begins with none of the last.

    Only such names of bases and reports reach Make and the shell.
    """
    return re.fullmatch(r"\w[\w.-]*", name) is not None


def failed_runs(reports: Path) -> list[Path]:
    """The failed runs that no good run of the same report followed."""
    return [
        path
        for path in sorted((reports / "runs").glob("*.failed.ipynb"))
        if not _is_newer(path.with_name(path.name.replace(".failed.ipynb", ".ipynb")), path)
    ]


def _is_newer(path: Path, other: Path) -> bool:
    return path.is_file() and path.stat().st_mtime_ns > other.stat().st_mtime_ns


def read_notebook(path: Path) -> nbformat.NotebookNode:
    """The notebook at `path`; `InputError` when there is none."""
    if not path.is_file():
        names = ", ".join(sorted(file.stem for file in NOTEBOOKS.glob("*.ipynb")))
        raise InputError(f"there is no notebook {path.stem!r}; known: {names}")
    import nbformat  # takes a second, and most commands read no notebook

    return nbformat.read(path, as_version=4)


def declared_parameters(notebook: nbformat.NotebookNode) -> dict[str, Any]:
    """The names that the cell tagged `parameters` sets, in its order, and their defaults."""
    for cell in notebook.cells:
        if "parameters" in cell.metadata.get("tags", []):
            statements = ast.parse(cell.source).body
            return {
                target.id: ast.literal_eval(statement.value)
                for statement in statements
                if isinstance(statement, ast.Assign)
                for target in statement.targets
                if isinstance(target, ast.Name)
            }
    return {}


def title(notebook: nbformat.NotebookNode) -> str:
    """The first heading of the notebook: its question."""
    for cell in notebook.cells:
        if cell.cell_type == "markdown" and cell.source.startswith("# "):
            return cell.source.splitlines()[0][2:].strip()
    return ""


def imported_files(notebook: nbformat.NotebookNode) -> list[Path]:
    """The files of `src` that the notebook imports, directly or through another file.

    Make rebuilds a report when one of them changes, and only then.
    """
    return files_imported_by(
        "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "code")
    )


def files_imported_by(code: str) -> list[Path]:
    """The files of `src` that the code imports, directly or through another file."""
    open_files, seen = _imports(code), set()
    while open_files:
        file = open_files.pop()
        if file not in seen:
            seen.add(file)
            open_files |= _imports(file.read_text(encoding="utf-8")) - seen
    return sorted(seen)


def _imports(code: str) -> set[Path]:
    found = set()
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.split(".")[0] == "src":
            names = [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
        elif isinstance(node, ast.Import):
            names = [alias.name for alias in node.names if alias.name.startswith("src.")]
        else:
            continue
        for name in names:
            place = ROOT.joinpath(*name.split("."))
            found |= {
                file for file in (place.with_suffix(".py"), place / "__init__.py") if file.is_file()
            }
    return found


def why_not(notebook: nbformat.NotebookNode, manifest: Manifest) -> str:
    """Why a base cannot carry this notebook; empty when it can.

    The notebook's metadata say what it needs: `needs` maps each kind of base it takes to tables.
    """
    needs = notebook.metadata.get("cvm", {}).get("needs", {})
    if manifest.kind not in needs:
        return f"takes bases of kind {' or '.join(needs)}, not {manifest.kind}"
    missing = [table for table in needs[manifest.kind] if table not in manifest.table_names]
    return f"needs the table {' and '.join(missing)}" if missing else ""


def one_segment(notebook: nbformat.NotebookNode, manifest: Manifest) -> str:
    """Why a notebook that compares segments is not for a base of one; empty when it can run.

    The notebook's metadata say so: `compares` is `segments`. A parameter file may name other groups
    of a snapshot.
    """
    compares = notebook.metadata.get("cvm", {}).get("compares", "")
    if compares != "segments" or manifest.segment is None or manifest.segment.value is None:
        return ""
    reason = f"compares segments, and all its customers are {manifest.segment.value}"
    if manifest.kind == "snapshot":
        reason += "; a parameter file may name other groups: GROUP, FIRST, SECOND"
    return reason
