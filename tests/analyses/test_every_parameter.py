"""Every parameter of 01 to 09 at its ends, on bases of few customers: a page, or one message.

The cells of the notebooks themselves are run, without a kernel. Many parameters are moved at once;
what is refused together is tried in halves, down to single ones. 03 and 04 are walked on a
snapshot, where models are trained in no time; on a panel they take minutes (`make test-slow`).
"""

import ast
import json
import re
from importlib import import_module
from pathlib import Path
from typing import Literal, get_args, get_origin

import numpy as np
import pandas as pd
import pytest
from bs4 import BeautifulSoup

from src.analyses.parameters import checked, schema_of
from src.data.bases import open_base
from src.data.building import build_base
from src.data.operator.generate import generate
from src.data.operator.settings import Settings
from src.data.problems import InputError
from src.features.tables import build_features
from src.reporting.page import figures

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"
LITTLE = 1e-6  # beside a bound that is not allowed itself
# Where nothing bounds a number from above: more than these bases can give.
LARGE = {
    "curves": 99, "freeze_months": 30, "min_cell": 100, "months_back": 99, "gap": 30,
    "tests": 99, "training": 99, "least": 10_000, "folds": 9, "repeats": 3, "trials": 2,
    "clv": 1e9, "offer": 199.0, "contact": 1e6, "alpha": 1e3, "beta": 1e3, "value_months": 240,
    "top": 99, "explained": 10**6, "resamples": 4, "replicates": 120, "seed": 2**31,
    "horizon": 48, "every": 99, "shapes": 3, "months": 30, "apart": 30, "periods": 9, "floor": 99,
    "budget": 1e9, "capacity": 10**6, "rest": 99,
    "holdout": 30, "warm_up": 20, "calls": 10**6,
}  # fmt: skip
# What no number bounds, and values at which something begins or ends.
OTHERS = {
    "01_exploration": {"curves_by": ["region", "nothing"]},
    "02_features": {
        "snapshot": ["2023-04", "2023-12", "1999-01"],
        "earlier": ["nothing"],
    },
    "03_churn": {
        "segment": ["B2B", "B2C", "nobody"],
        "horizon": [1, 6],
        "gap": [None, 1],
        "rule": ["low tenure_months", "high tenure_months", "low nothing", "tenure_months"],
        "without": [["region"], ["nothing"]],
        "group": ["tenure_months", "region", "nothing"],
    },
    "04_ltv": {
        "group": ["tenure_months", "nothing"],
        "first": ["nobody"],
        "second": ["nobody"],
        "horizon": [13, 23, 24, 25],
        "columns": [["region"], ["nothing"]],
        "sub_segment": ["", "tenure_months", "nothing"],
        "alike": [[], ["region"], ["nothing"]],
    },
    "05_segments": {},
    "06_campaigns": {"campaign": ["chain", "nothing"], "segment": ["", "nobody"]},
    "07_products": {"focus": [["tv"], ["nothing"]]},
    "09_shop_ltv": {},
}
# While some parameters are walked along, the others are quick; a snapshot has groups of its own.
QUICK = {
    "01_exploration": {},
    "02_features": {},
    "03_churn": {
        "TESTS": 1, "TRAINING": 1, "FOLDS": 2, "REPEATS": 1, "TRIALS": 1, "EXPLAINED": 100,
        "RESAMPLES": 2, "REPLICATES": 100, "LEAST": 10,
    },
    "04_ltv": {"REPLICATES": 50, "SHAPES": 2, "EVERY": 6},
    "05_segments": {"REPLICATES": 50},
    "06_campaigns": {},
    "07_products": {"REPLICATES": 50},
    "09_shop_ltv": {"REPLICATES": 50},
}  # fmt: skip
pytestmark = pytest.mark.usefixtures("few_models")  # their number is no parameter
OF_A_SNAPSHOT = {"GROUP": "plan", "FIRST": "flex", "SECOND": "fixed"}


@pytest.fixture(scope="module")
def bases(tmp_path_factory):
    """The folders of a panel, a snapshot and orders of few customers."""
    place = tmp_path_factory.mktemp("bases")
    make_panel(place / "panel", months=26)

    rng = np.random.default_rng(8)
    rows = 200
    tenure, plan = rng.integers(1, 60, rows), rng.choice(["flex", "fixed"], rows)
    chance = 1 / (1 + np.exp(0.06 * tenure - 1.0 - (plan == "flex")))
    snapshot = pd.DataFrame(
        {
            "customer_id": range(rows),
            "churned": rng.random(rows) < chance,
            "tenure_months": tenure,
            "plan": plan,
            "region": rng.choice(["north", "south", None], rows),
            "monthly_revenue": rng.gamma(4, 10, rows).round(2),
        }
    )
    orders = pd.DataFrame(
        {
            "order_id": range(300),
            "buyer_key": rng.integers(0, 80, 300),
            "date": pd.Timestamp("2024-01-01") + pd.to_timedelta(rng.integers(0, 500, 300), "D"),
            "amount": rng.gamma(4, 10, 300).round(2),
        }
    )
    for kind, table in (("snapshot", snapshot), ("orders", orders)):
        (place / kind).mkdir()
        table.to_csv(place / kind / "a.csv", index=False)
        (place / kind / "base.yml").write_text(
            f"title: Few\nkind: {kind}\ncurrency: EUR\ntables: {{{kind}: {{file: a.csv}}}}\n"
        )
        build_base(str(place / kind), key=b"key")
    return place


def make_panel(folder: Path, months: int) -> None:
    """A simulated operator of 800 customers with its features."""
    folder.mkdir()
    (folder / "base.yml").write_text(
        "title: Few\nkind: panel\ncurrency: EUR\norigin: simulated\nsimulator: operator\n"
    )
    built = {"name": folder.name, "title": "Few", "kind": "panel", "currency": "EUR"}
    few = Settings(b2c_customers=500, b2b_customers=300, months=months)
    generate(folder, few, built | {"origin": "simulated", "notes": []}, processes=1)
    build_features(open_base(str(folder)))


def values_of(notebook: str) -> dict[str, list]:
    """Every parameter but the base: the lowest and the highest value, and others to try."""
    found = {}
    for name, field in schema_of(notebook).model_fields.items():
        ends = list(get_args(field.annotation)) if get_origin(field.annotation) is Literal else []
        for bound in field.metadata:
            ends += [bound.ge] if getattr(bound, "ge", None) is not None else []
            ends += [bound.le] if getattr(bound, "le", None) is not None else []
            ends += [bound.gt + LITTLE] if getattr(bound, "gt", None) is not None else []
            ends += [bound.lt - LITTLE] if getattr(bound, "lt", None) is not None else []
        if len(ends) == 1:
            ends.append(LARGE[name])
        found[name] = ends + OTHERS[notebook].get(name, [])
    del found["base"]
    return found


def page_of(notebook: str, given: dict) -> str:
    """What a reader sees of the notebook at these parameters, without drawings."""
    room: dict = dict(given)
    seen = []
    for cell in json.loads((NOTEBOOKS / f"{notebook}.ipynb").read_text())["cells"]:
        if cell["cell_type"] != "code" or "parameters" in cell["metadata"].get("tags", []):
            continue
        tree = ast.parse("".join(cell["source"]))
        last = tree.body.pop() if isinstance(tree.body[-1], ast.Expr) else None
        exec(compile(tree, notebook, "exec"), room)
        if last:
            shown = eval(compile(ast.Expression(last.value), notebook, "eval"), room)
            seen.append(shown._repr_mimebundle_()["text/html"])
    soup = BeautifulSoup("\n".join(seen), "html.parser")
    return soup.get_text(" ")


def is_refused(notebook: str, always: dict, name: str, value: object) -> bool:
    """Whether the first cell of the notebook already says that this cannot be, in one line."""
    try:
        setting = checked(notebook, always | {name: value})
        if isinstance(value, str | list):  # names of columns are looked up as the base is opened
            import_module(f"src.analyses.{notebook[3:]}").open_study(**setting.model_dump())
    except InputError as refusal:
        return "\n" not in str(refusal)
    return False


def walk(notebook: str, always: dict, moved: list[tuple[str, object]]) -> list[str]:
    """Run the notebook with these parameters moved; returns what was refused, one by one."""
    try:
        text = page_of(notebook, always | dict(moved))
    except InputError as refusal:
        if len(moved) == 1:
            return [f"{moved[0]}: {refusal}"]
        half = len(moved) // 2
        return walk(notebook, always, moved[:half]) + walk(notebook, always, moved[half:])
    wrong = re.findall(r"[^.]*\b(?:nan|inf|NaT)\b[^.]*", text)
    assert wrong == [], moved
    return []


PAGES = [
    ("01_exploration", "panel"), ("01_exploration", "snapshot"), ("01_exploration", "orders"),
    ("02_features", "panel"), ("03_churn", "snapshot"), ("04_ltv", "snapshot"),
    ("05_segments", "orders"),
    pytest.param("05_segments", "panel", marks=pytest.mark.slow),
    ("06_campaigns", "panel"), ("07_products", "panel"), ("09_shop_ltv", "orders"),
    pytest.param("03_churn", "long", marks=pytest.mark.slow),
    pytest.param("04_ltv", "long", marks=pytest.mark.slow),
]  # fmt: skip


TURNS = [0, pytest.param(1, marks=pytest.mark.slow)]


@pytest.mark.parametrize("turn", TURNS, ids=("lowest", "highest"))
@pytest.mark.parametrize(("notebook", "kind"), PAGES, ids=lambda word: word)
def test_every_parameter_at_its_ends_gives_a_page_or_one_message(
    bases, notebook, kind, turn, monkeypatch
):
    if kind == "long" and not (bases / kind).exists():
        make_panel(bases / kind, months=36)
    always = {"BASE": str(bases / kind), **QUICK[notebook]}
    if (notebook, kind) == ("04_ltv", "snapshot"):
        always |= OF_A_SNAPSHOT
    values = values_of(notebook)
    assert [name for name, tried in values.items() if not tried] == []
    # Names of what is not there are refused before any model is trained; of the others, numbers are
    # at their lowest together, or at their highest.
    taken = {
        name.upper(): [
            each for each in tried if not is_refused(notebook, always, name.upper(), each)
        ]
        for name, tried in values.items()
    }
    if turn:  # all is drawn; to turn it into text once is enough, as that takes half the time
        monkeypatch.setattr(figures, "_svg", lambda drawing, alt: "")
    moved = [(name, each[turn % len(each)]) for name, each in taken.items() if each]
    assert not any("\n" in line for line in walk(notebook, always, moved))


@pytest.mark.parametrize(
    "notebook",
    sorted(QUICK),
)
def test_a_level_in_per_cent_is_refused(bases, notebook):
    message = "^CONFIDENCE must be the level of intervals, above 0 and below 1, not 95$"
    with pytest.raises(InputError, match=message):
        checked(notebook, {"BASE": str(bases / "panel"), "CONFIDENCE": 95})
