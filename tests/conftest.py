"""What tests of whole stages share: a copy of the project to run Make in, and executed reports."""

import fcntl
import gc
import hashlib
import json
import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import settings

import src.commands  # noqa: F401  (before nbformat: it spares each worker seconds)

# As many workers as processors: a second thread in each of them waits for one of another worker.
# Read as NumPy is imported, so it stands before what imports it; notebooks and commands inherit it.
for _library in ("OMP", "OPENBLAS"):
    os.environ.setdefault(f"{_library}_NUM_THREADS", "1")

# How long an example takes says nothing of the code on a busy machine.
settings.register_profile("tests", deadline=None)
settings.load_profile("tests")

ROOT = Path(__file__).parents[1]
_COPIED = (".gitattributes", "Makefile", "pyproject.toml", "requirements.lock", "src", "notebooks")
_OF_DATA = ("README.md", "bases/*/README.md", "bases/*/base.yml")
# Files that take longest begin first, so that no worker waits for the last of them.
_LONGEST = (
    "tests/notebooks/test_03_churn.py",
    "tests/commands/test_make.py",
    "tests/reports/test_pages.py",
    "tests/notebooks/test_04_ltv.py",
    "tests/analyses/ltv/test_study.py",
    "tests/notebooks/test_small_groups.py",
    "tests/test_contributing.py",
    "tests/data/test_fuzz.py",
    "tests/test_cookbook.py",
    "tests/analyses/test_every_parameter.py",
    "tests/analyses/churn/test_study.py",
    "tests/features/test_point_in_time.py",
    "tests/notebooks/test_05_segments.py",
    "tests/features/test_models_in_time.py",
    "tests/data/operator/test_operator.py",
    "tests/commands/test_run_notebook.py",
    "tests/data/operator/test_scenarios.py",
    "tests/analyses/churn/test_true_rate.py",
    "tests/analyses/test_features.py",
    "tests/notebooks/test_02_features.py",
    "tests/notebooks/test_09_shop_ltv.py",
    "tests/data/draft/test_shipped_bases.py",
    "tests/features/test_lifecycle.py",
    "tests/notebooks/test_06_campaigns.py",
    "tests/data/test_large_files.py",
    "tests/notebooks/test_01_exploration.py",
)
# Compiled modules come along: files keep their times, so no process compiles them again. One that
# is being written has a number behind its name, and may be gone before it is copied.
_HALF_WRITTEN = shutil.ignore_patterns("*.pyc.*")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest first; a file runs on one worker, so that what its tests share is made once."""
    places = {ROOT / name: place for place, name in enumerate(_LONGEST)}
    items.sort(key=lambda item: places.get(item.path, len(places)))


def pytest_collection_finish() -> None:
    """What stays for the whole run, tests and modules, is looked through by no later collection."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def made_once(tmp_path_factory):
    """A folder that the first worker who asks for it fills, and all workers of this run read.

    `made_once(name, fill)` calls `fill(folder)` unless it has been called under this name.
    """
    own = tmp_path_factory.getbasetemp()
    shared = (own.parent if "PYTEST_XDIST_WORKER" in os.environ else own) / "made_once"
    shared.mkdir(exist_ok=True)

    def made(name: str, fill: Callable[[Path], object]) -> Path:
        folder, is_filled = shared / name, shared / f"{name}.filled"
        with (shared / f"{name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)  # until the file is closed
            if not is_filled.exists():
                shutil.rmtree(folder, ignore_errors=True)
                folder.mkdir()
                fill(folder)
                is_filled.touch()
        return folder

    return made


@pytest.fixture
def project(copy_project, tmp_path):
    """A copy of the project without built data and reports, using the environment of this one."""
    return copy_project(tmp_path / "project")


@pytest.fixture(scope="session")
def copy_project():
    """Make a folder that is what `project` is."""
    return _copied


def _copied(copy: Path) -> Path:
    copy.mkdir()
    for name in _COPIED:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, copy / name, ignore=_HALF_WRITTEN)
        else:
            shutil.copy2(source, copy / name)
    for pattern in _OF_DATA:
        for source in (ROOT / "data").glob(pattern):
            target = copy / source.relative_to(ROOT)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, target)
    # The set-up is that of this run: older than it, so that the copy installs nothing.
    for name in ("pyproject.toml", "requirements.lock"):
        os.utime(copy / name, (0, 0))
    (copy / "reports").mkdir()
    (copy / ".venv").symlink_to(ROOT / ".venv")
    return copy


@pytest.fixture(scope="session")
def make():
    """Run `make` in a folder; returns the finished process with its output as text."""

    def run(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
        command = ["make", "JOBS=2", *words]
        clean = {key: value for key, value in os.environ.items() if not key.startswith("MAKE")}
        environment = clean | {"CVM_KEY": "a long key for the tests"}
        return subprocess.run(command, cwd=folder, env=environment, text=True, capture_output=True)

    return run


# Candidates that take most of the time of a trial.
_SLOW = ("splines", "forest", "boosting")


@pytest.fixture(scope="module")
def few_models():
    """Churn studies of this module train the candidates that cost little; returns what makes them.

    What the steps do with a model is the same for all; the tests of 03_churn train all.
    """
    from src.analyses.churn import panel, snapshot
    from src.models.learning.candidates import candidates

    def few(*given, **named):
        found = candidates(*given, **named)
        return {name: model for name, model in found.items() if name not in _SLOW}

    with pytest.MonkeyPatch.context() as patch:
        for module in (panel, snapshot):
            patch.setattr(module, "candidates", few)
        yield few


def warned(executed: Path) -> list[str]:
    """What a run wrote to stderr: a reader would see it on the page."""
    cells = json.loads(executed.read_text())["cells"]
    outputs = [output for cell in cells for output in cell.get("outputs", [])]
    return ["".join(output["text"]) for output in outputs if output.get("name") == "stderr"]


@pytest.fixture(scope="session")
def report(made_once):
    """Run a shipped notebook on a base and render it, once per run of the tests and parameters.

    Returns the metrics, the path of the page, and the path of the executed notebook.
    """

    def run(notebook: str, variant: str, **parameters):
        name = f"{notebook}__{variant}"
        given = json.dumps(parameters, sort_keys=True)
        key = f"{name}__{hashlib.sha256(given.encode()).hexdigest()[:12]}"
        reports = made_once(key, lambda folder: _run(folder, notebook, variant, parameters))
        record = json.loads((reports / f"metrics/{name}.json").read_text())
        return record, reports / f"{name}.html", reports / f"runs/{name}.ipynb"

    return run


def _run(reports: Path, notebook: str, variant: str, parameters: dict) -> None:
    """Run and render into a folder; a run that warns is none to share."""
    from jupyter_client.provisioning import local_provisioner

    from src.commands import notebooks, render_report, run_notebook
    from tests.warm_kernels import ForkedKernel

    name = f"{notebook}__{variant}"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(local_provisioner, "launch_kernel", ForkedKernel)
        for module in (notebooks, run_notebook, render_report):
            patch.setattr(module, "REPORTS", reports)
        if parameters:
            written = reports / "params" / notebook
            written.mkdir(parents=True)
            (written / f"{variant}.yml").write_text(json.dumps(parameters))
            patch.setattr(notebooks, "PARAMETERS", written.parent)
        assert run_notebook.main([notebook, variant]) == 0
        assert render_report.main([name]) == 0
    assert warned(reports / f"runs/{name}.ipynb") == []


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
def small_operator(made_once):
    """A simulated operator of 4,000 customers with hidden months, its features built."""
    from src.data.bases import open_base

    return open_base(str(made_once("small_operator", _small_operator)))


def _small_operator(folder: Path) -> None:
    from src.data.bases import open_base
    from src.data.operator.generate import generate
    from src.data.operator.settings import Settings
    from src.features.tables import build_features

    (folder / "base.yml").write_text(
        "title: Small operator\nkind: panel\ncurrency: EUR\n"
        "origin: simulated\nsimulator: operator\n"
    )
    built = {"name": "small_operator", "title": "Small operator", "kind": "panel"}
    built |= {"currency": "EUR", "origin": "simulated", "notes": []}
    generate(folder, Settings(b2c_customers=3_000, b2b_customers=1_000), built, processes=1)
    build_features(open_base(str(folder)))


@pytest.fixture(scope="session")
def revenue_only(small_operator, made_once):
    """What many operators can give: customers with a segment, and their bills without costs."""
    from src.data.bases import open_base

    folder = made_once("revenue_only", lambda folder: _revenue_only(folder, small_operator))
    return open_base(str(folder))


def _revenue_only(folder: Path, small_operator) -> None:
    from src.data.building import build_base
    from src.features.tables import build_features

    people, bills = (small_operator.table(name) for name in ("customers", "billing"))
    people = people[["customer_id", "segment", "signup_month"]].groupby("segment").head(800)
    bills = bills[bills["customer_id"].isin(people["customer_id"])]
    people.to_csv(folder / "customers.csv", index=False)
    bills[["customer_id", "month", "revenue"]].to_csv(folder / "billing.csv", index=False)
    (folder / "base.yml").write_text(
        "title: Revenue only\nkind: panel\ncurrency: EUR\n"
        "tables: {customers: {file: customers.csv}, billing: {file: billing.csv}}\n"
    )
    build_features(build_base(str(folder), key=b"key"))


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
