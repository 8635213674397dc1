"""The order of floors and folders, read from the imports."""

import ast
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SOURCES = sorted((ROOT / "src").rglob("*.py"))

# A floor imports from itself and from those before it.
FLOORS = ("data", "features", "models", "analyses", "studies")
# A folder of models imports from itself and from those it stands on, in this order.
MODELS = {
    "intervals": (),
    "learning": ("intervals",),
    "scoring": ("intervals",),
    "survival": ("intervals", "learning"),
    "explain": ("intervals", "learning", "scoring"),
    "profit": ("intervals", "scoring"),
    "churn": ("intervals", "learning", "scoring", "survival", "explain", "profit"),
    "value": ("intervals", "learning", "survival", "profit"),
    "gap": ("intervals", "learning", "survival", "profit", "value"),
    "segments": ("intervals", "survival", "value", "gap"),
    "products": ("intervals", "learning", "scoring", "survival", "value"),
    "overlap": ("intervals",),
    "shop": ("intervals", "survival", "value", "gap"),
    "campaigns": ("intervals", "learning", "scoring", "profit", "products", "overlap"),
}
# The truth of a simulated operator and its commands stand apart.
MOST_LINES = 350


def name_of(file: Path) -> str:
    parts = file.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


NAMES = {name_of(file) for file in SOURCES}


def imports_of(file: Path) -> set[str]:
    """The modules of src that a file imports, those that only types need left out."""
    tree = ast.parse(file.read_text())
    typing_only = {
        id(node)
        for branch in ast.walk(tree)
        if isinstance(branch, ast.If) and "TYPE_CHECKING" in ast.dump(branch.test)
        for node in ast.walk(branch)
    }
    imported = set()
    for node in ast.walk(tree):
        if id(node) in typing_only:
            continue
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("src"):
            inside = {f"{node.module}.{alias.name}" for alias in node.names}
            imported |= (inside & NAMES) | ({node.module} if inside - NAMES else set())
        elif isinstance(node, ast.Import):
            imported |= {alias.name for alias in node.names if alias.name in NAMES}
    return imported


GRAPH = {name_of(file): imports_of(file) for file in SOURCES}


def part(name: str, place: int) -> str:
    parts = name.split(".")
    return parts[place] if len(parts) > place else ""


def test_no_import_goes_in_a_circle():
    # A package that hands on the names of its modules is those modules.
    try:
        tuple(TopologicalSorter({name: on - {name} for name, on in GRAPH.items()}).static_order())
    except CycleError as error:
        pytest.fail(" -> ".join(error.args[1]))


def test_no_floor_imports_from_above():
    wrong = [
        (name, other)
        for name, imported in GRAPH.items()
        for other in imported
        if part(name, 1) in FLOORS
        and part(other, 1) not in FLOORS[: FLOORS.index(part(name, 1)) + 1]
    ]
    assert wrong == []


def test_reporting_draws_what_it_is_handed():
    wrong = [
        (name, other)
        for name, imported in GRAPH.items()
        for other in imported
        if part(name, 1) == "reporting" and part(other, 1) != "reporting"
    ]
    assert wrong == []


def test_folders_of_models_stand_on_each_other_in_one_order():
    assert {folder.name for folder in (ROOT / "src/models").iterdir() if folder.is_dir()} - {
        "__pycache__"
    } == set(MODELS)
    wrong = [
        (name, other)
        for name, imported in GRAPH.items()
        for other in imported
        if name.startswith("src.models.")
        and other.startswith("src.models.")
        and part(other, 2) not in (part(name, 2), *MODELS[part(name, 2)])
    ]
    assert wrong == []


def test_pages_know_no_notebook_and_notebooks_not_each_other():
    wrong = [
        (name, other)
        for name, imported in GRAPH.items()
        for other in imported
        if name.startswith("src.reporting.") and part(other, 2) not in (part(name, 2), "page")
    ]
    assert wrong == []


@pytest.mark.parametrize(
    "subject", ["exploration", "features", "churn", "ltv", "segments", "products", "shop_ltv"]
)
def test_an_analysis_draws_nothing(subject):
    for name, imported in GRAPH.items():
        if name.startswith(f"src.analyses.{subject}"):
            assert not any(part(other, 1) in ("reporting", "commands") for other in imported)


def test_no_module_is_long():
    lines = {name_of(file): len(file.read_text().splitlines()) for file in SOURCES}
    assert {name: count for name, count in lines.items() if count > MOST_LINES} == {}
