"""A notebook is an article: what its cells may be."""

import ast
import io
import json
import statistics
import tokenize
from pathlib import Path

import pytest

from src.analyses.parameters import schema_of

NOTEBOOKS = sorted((Path(__file__).parents[2] / "notebooks").glob("*.ipynb"))
MOST_CELLS, MOST_LINES, MEDIAN_LINES, MOST_BYTES = 30, 8, 3, 25_000
FORBIDDEN = (
    *(ast.If, ast.IfExp, ast.For, ast.While, ast.With, ast.Try),
    *(ast.FunctionDef, ast.ClassDef, ast.Lambda, ast.JoinedStr),
    *(ast.ListComp, ast.DictComp, ast.SetComp, ast.GeneratorExp),
)


def cells_of(path, kind="code"):
    cells = json.loads(path.read_text())["cells"]
    return [cell for cell in cells if cell["cell_type"] == kind]


def is_parameters(cell):
    return "parameters" in cell["metadata"].get("tags", [])


def sources(path):
    """The code cells without the parameters."""
    return ["".join(cell["source"]) for cell in cells_of(path) if not is_parameters(cell)]


@pytest.fixture(params=NOTEBOOKS, ids=lambda path: path.stem)
def notebook(request):
    return request.param


def test_cells_are_few_and_short(notebook):
    lengths = [len(source.splitlines()) for source in sources(notebook)]
    assert len(cells_of(notebook)) <= MOST_CELLS
    assert statistics.median(lengths) <= MEDIAN_LINES
    assert max(lengths) <= MOST_LINES


def test_cells_compose_nothing(notebook):
    for source in sources(notebook):
        tree = ast.parse(source)
        wrong = [type(node).__name__ for node in ast.walk(tree) if isinstance(node, FORBIDDEN)]
        assert wrong == [], source
        calls = [node.func for node in ast.walk(tree) if isinstance(node, ast.Call)]
        names = {call.attr for call in calls if isinstance(call, ast.Attribute)}
        assert not names & {"format", "assign", "Table", "Figure"}, source
        assert not any(isinstance(node, ast.Mod) for node in ast.walk(tree)), source


def test_every_name_is_set_in_one_cell(notebook):
    set_in: dict[str, int] = {}
    for place, source in enumerate(sources(notebook)):
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                assert set_in.setdefault(node.id, place) == place, node.id


def test_the_answer_comes_early(notebook):
    first = "\n".join(sources(notebook)[:3])
    assert "show.answer(" in first
    assert "show.metrics(" in sources(notebook)[-1]


def test_a_notebook_is_small(notebook):
    cells = json.loads(notebook.read_text())
    for cell in cells["cells"]:  # what is saved in between is not what is committed
        cell.pop("outputs", None)
    assert len(json.dumps(cells, indent=1, ensure_ascii=False).encode()) < MOST_BYTES


def test_parameters_are_those_of_the_setting(notebook):
    cell = next(cell for cell in cells_of(notebook) if is_parameters(cell))
    source = "".join(cell["source"])
    told = {
        statement.targets[0].id: ast.literal_eval(statement.value)
        for statement in ast.parse(source).body
    }
    fields = schema_of(notebook.stem).model_fields
    defaults = {name.upper(): field.get_default() for name, field in fields.items()}
    assert told == {"VARIANT": "", **defaults}


def test_every_parameter_says_what_is_allowed(notebook):
    cell = next(cell for cell in cells_of(notebook) if is_parameters(cell))
    tokens = tokenize.generate_tokens(io.StringIO("".join(cell["source"])).readline)
    commented = {token.start[0] for token in tokens if token.type == tokenize.COMMENT}
    for statement in ast.parse("".join(cell["source"])).body:
        assert statement.end_lineno in commented, ast.unparse(statement)
