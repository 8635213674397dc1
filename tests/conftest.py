"""What tests of whole stages share: a copy of the project to run Make in, and executed reports."""

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
_COPIED = (
    ".gitattributes",
    "Makefile",
    "pyproject.toml",
    "requirements.lock",
    "src",
    "notebooks",
    "data",
)


@pytest.fixture
def project(tmp_path):
    """A copy of the project without built data and reports, using the environment of this one."""
    copy = tmp_path / "project"
    copy.mkdir()
    for name in _COPIED:
        source = ROOT / name
        if source.is_dir():
            ignored = shutil.ignore_patterns("__pycache__", "tables", "built.json", ".key")
            shutil.copytree(source, copy / name, ignore=ignored)
        else:
            shutil.copy2(source, copy / name)
    # The set-up is that of this run: older than it, so that the copy installs nothing.
    for name in ("pyproject.toml", "requirements.lock"):
        os.utime(copy / name, (0, 0))
    (copy / "reports").mkdir()
    (copy / ".venv").symlink_to(ROOT / ".venv")
    return copy


@pytest.fixture
def make():
    """Run `make` in a folder; returns the finished process with its output as text."""

    def run(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
        command = ["make", "JOBS=2", *words]
        clean = {key: value for key, value in os.environ.items() if not key.startswith("MAKE")}
        environment = clean | {"CVM_KEY": "a long key for the tests"}
        return subprocess.run(command, cwd=folder, env=environment, text=True, capture_output=True)

    return run


def warned(executed: Path) -> list[str]:
    """What a run wrote to stderr: a reader would see it on the page."""
    cells = json.loads(executed.read_text())["cells"]
    outputs = [output for cell in cells for output in cell.get("outputs", [])]
    return ["".join(output["text"]) for output in outputs if output.get("name") == "stderr"]


@pytest.fixture(scope="session")
def report(tmp_path_factory):
    """Run a shipped notebook on a base and render it, once per session and set of parameters.

    Returns the metrics, the path of the page, and the path of the executed notebook.
    """
    from src.commands import notebooks, render_report, run_notebook

    folder = tmp_path_factory.mktemp("reports")
    done: dict[tuple, tuple] = {}

    def run(notebook: str, variant: str, **parameters):
        key = (notebook, variant, *sorted(parameters.items()))
        if key not in done:
            with pytest.MonkeyPatch.context() as patch:
                reports = folder / str(len(done))
                for module in (notebooks, run_notebook, render_report):
                    patch.setattr(module, "REPORTS", reports)
                if parameters:
                    written = folder / f"params{len(done)}" / notebook
                    written.mkdir(parents=True, exist_ok=True)
                    (written / f"{variant}.yml").write_text(json.dumps(parameters))
                    patch.setattr(notebooks, "PARAMETERS", written.parent)
                assert run_notebook.main([notebook, variant]) == 0
                name = f"{notebook}__{variant}"
                assert render_report.main([name]) == 0
                record = json.loads((reports / f"metrics/{name}.json").read_text())
                executed = reports / f"runs/{name}.ipynb"
                assert warned(executed) == []
                done[key] = record, reports / f"{name}.html", executed
        return done[key]

    return run


@pytest.fixture(scope="session")
def small_churn():
    """Parameters of 03_churn that run in half a minute."""
    return {
        "TESTS": 1,
        "TRAINING": 1,
        "FOLDS": 3,
        "REPEATS": 1,
        "TRIALS": 1,
        "EXPLAINED": 150,
        "RESAMPLES": 2,
        "REPLICATES": 100,
    }


@pytest.fixture(scope="session")
def churn(report, small_churn):
    """Run a shipped variant of 03_churn with small parameters."""
    import yaml

    def run(variant, **changed):
        path = ROOT / "notebooks/params/03_churn" / f"{variant}.yml"
        given = yaml.safe_load(path.read_text())
        return report("03_churn", variant, **{**given, **small_churn, **changed})

    return run


@pytest.fixture(scope="session")
def value(report, small_operator):
    """Run 04_ltv on the small operator, with few replicates."""

    def run():
        quick = {"REPLICATES": 60, "SHAPES": 2, "EVERY": 3}
        return report("04_ltv", "operator", BASE=str(small_operator.folder), **quick)

    return run


@pytest.fixture(scope="session")
def small_operator(tmp_path_factory):
    """A simulated operator of 4,000 customers with hidden months, its features built."""
    from src.data.bases import open_base
    from src.data.operator.generate import generate
    from src.data.operator.settings import Settings
    from src.features.tables import build_features

    folder = tmp_path_factory.mktemp("bases") / "small_operator"
    folder.mkdir()
    (folder / "base.yml").write_text(
        "title: Small operator\nkind: panel\ncurrency: EUR\nsimulator: operator\n"
    )
    built = {"name": "small_operator", "title": "Small operator", "kind": "panel"}
    built |= {"currency": "EUR", "origin": "simulated", "notes": []}
    generate(folder, Settings(b2c_customers=3_000, b2b_customers=1_000), built, processes=1)
    base = open_base(str(folder))
    build_features(base)
    return base


@pytest.fixture(scope="session")
def revenue_only(small_operator, tmp_path_factory):
    """What many operators can give: customers with a segment, and their bills without costs."""
    from src.data.building import build_base
    from src.features.tables import build_features

    folder = tmp_path_factory.mktemp("bases") / "revenue_only"
    folder.mkdir()
    people, bills = (small_operator.table(name) for name in ("customers", "billing"))
    people = people[["customer_id", "segment", "signup_month"]].groupby("segment").head(800)
    bills = bills[bills["customer_id"].isin(people["customer_id"])]
    people.to_csv(folder / "customers.csv", index=False)
    bills[["customer_id", "month", "revenue"]].to_csv(folder / "billing.csv", index=False)
    (folder / "base.yml").write_text(
        "title: Revenue only\nkind: panel\ncurrency: EUR\n"
        "tables: {customers: {file: customers.csv}, billing: {file: billing.csv}}\n"
    )
    base = build_base(str(folder), key=b"key")
    build_features(base)
    return base


@pytest.fixture(scope="session")
def walkthrough(tmp_path_factory):
    """The base of docs/bring-your-own-base.md, with the files it describes, built."""
    import re

    import numpy as np

    from src.data.building import build_base

    text = (ROOT / "docs/bring-your-own-base.md").read_text(encoding="utf-8")
    folder = tmp_path_factory.mktemp("bases") / "stadtfunk"
    folder.mkdir()
    (folder / "base.yml").write_text(re.findall(r"```yaml\n(.*?)```", text, re.DOTALL)[0])
    shown = re.findall(r"\$ head -n 3 data/bases/stadtfunk/(\S+)\n(.*?)(?=\$ head|```)", text, re.S)
    files = {name: lines.strip().splitlines() for name, lines in shown}
    rng = np.random.default_rng(20)
    for number in range(100003, 100203):
        kind = "gewerblich" if number % 5 == 0 else "privat"
        last = int(rng.integers(4, 30))
        closed = f"28.{last % 12 + 1:02d}.{2023 + last // 12}" if number % 3 == 0 else ""
        files["kunden.csv"].append(
            f"{number};{kind};01.0{number % 9 + 1}.2022;{closed};Köln;x@y.de"
        )
        for month in range(min(last, 18)):
            money = f"{rng.lognormal(3, 1):.2f}".replace(".", ",")
            files["rechnungen.csv"].append(
                f"{number};{month % 12 + 1:02d}.{2023 + month // 12};{money}"
            )
    for name, lines in files.items():
        (folder / name).write_text("\n".join(lines) + "\n", encoding="latin-1")
    return build_base(str(folder), key=b"key")
