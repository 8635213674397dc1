"""`make score` as a shell sees it: its words and files, nothing half-written, nothing on a page."""

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml
from pandas.testing import assert_frame_equal

from src.commands import score
from src.data.building import build_base
from src.data.problems import InputError

ROOT = Path(__file__).parents[2]
SMALL = {"folds": 3, "repeats": 1, "trials": 1, "explained": 100, "resamples": 2}
SMALL |= {"replicates": 100, "tests": 1, "training": 1}
CHANCES = ["gone_already", "too_late", "can_be_saved", "stays"]
MONEY = ["ltv", "value_at_risk", "gain_of_contact"]
REASONS = ["reason_1", "reason_2", "reason_3"]


pytestmark = pytest.mark.usefixtures("few_models")


@pytest.fixture
def project(tmp_path, monkeypatch):
    """Lists go into a folder of the test, and studies are small."""
    monkeypatch.setattr(score, "ROOT", tmp_path)
    monkeypatch.setattr(score, "SCORES", tmp_path / "data" / "scores")
    checked = score.checked

    def small(notebook, given):
        return checked(notebook, given).model_copy(update=SMALL)

    monkeypatch.setattr(score, "checked", small)
    (tmp_path / "reports").mkdir()
    return tmp_path


@pytest.fixture
def plans(tmp_path):
    """A snapshot of 300 customers, a few of them with characters that a table must quote."""
    folder = tmp_path / "plans"
    folder.mkdir()
    rng = np.random.default_rng(1)
    tenure = rng.integers(1, 60, 300)
    pd.DataFrame(
        {
            "customer_id": range(300),
            "churned": rng.random(300) < 1 / (1 + np.exp(0.06 * tenure - 1)),
            "tenure_months": tenure,
            "plan": rng.choice(['flex, "small"', "fixed"], 300),
            "monthly_revenue": rng.gamma(4, 10, 300).round(2),
        }
    ).to_csv(folder / "a.csv", index=False)
    (folder / "base.yml").write_text(
        "title: Plans\nkind: snapshot\ncurrency: EUR\ntables: {snapshot: {file: a.csv}}\n"
    )
    return build_base(str(folder), key=b"key")


def written(folder: Path) -> list[str]:
    """All files under a folder, side files too."""
    return sorted(str(file.relative_to(folder)) for file in folder.rglob("*") if file.is_file())


@pytest.mark.parametrize("words", [[], [""], ["a", "b"]])
def test_a_base_must_be_named(words):
    with pytest.raises(InputError, match=r"^name one base, such as: make score BASE=operator$"):
        score.main(words)


def test_an_unknown_base_is_one_message_and_exit_code_2():
    command = [sys.executable, "-m", "src.commands.score", "operatr"]
    done = subprocess.run(command, cwd=ROOT, text=True, capture_output=True)
    assert done.returncode == 2
    assert done.stderr.startswith("error: there is no base 'operatr'; did you mean operator")
    assert (done.stderr.count("\n"), done.stdout) == (1, "")
    assert not (ROOT / "data/scores/operatr").exists()


def test_a_snapshot_is_one_list_of_those_who_are_there(project, plans, capsys):
    assert score.main([str(plans.folder)]) == 0
    folder = project / "data/scores/plans"
    assert written(project / "data") == [
        f"scores/plans/{name}" for name in ("about.json", "list.csv", "list.parquet")
    ]
    assert written(project / "reports") == []
    table = pd.read_parquet(folder / "list.parquet")
    assert table.columns.tolist() == ["customer_id", *CHANCES, *MONEY, *REASONS]
    assert len(table) == (~plans.table("snapshot")["churned"].astype(bool)).sum()
    assert table["gain_of_contact"].is_monotonic_decreasing
    # Both files are the same list, and quotes and commas in reasons come back.
    read = pd.read_csv(folder / "list.csv", keep_default_na=False, dtype={"customer_id": str})
    assert_frame_equal(read, table, rtol=1e-5, check_dtype=False)
    assert table["reason_2"].str.contains('plan is flex, "small"', regex=False).any()
    said, told = capsys.readouterr()
    worth = (table["gain_of_contact"] > 0).sum()
    assert said == (
        f"plans: {len(table)} customers on the list, {worth} of them worth a contact at the "
        "assumed accept rate; data/scores/plans/list.csv and list.parquet\n"
    )
    assert "all customers: learning" in told
    about = json.loads((folder / "about.json").read_text())
    assert (about["base"], about["fingerprint"]) == ("plans", plans.fingerprint)
    (only,) = about["lists"]
    assert (only["segment"], only["customers"]) == ("", len(table))
    assert only["setting"]["trials"] == 1


def test_a_panel_is_one_table_of_a_list_for_every_segment(project, revenue_only):
    assert score.main([str(revenue_only.folder)]) == 0
    folder = project / "data/scores/revenue_only"
    table = pd.read_parquet(folder / "list.parquet")
    assert table.columns.tolist() == [
        *("customer_id", "segment", "state", "silent"),
        *CHANCES,
        *MONEY,
        *REASONS,
    ]
    assert set(table["segment"]) == {"B2B", "B2C"}
    assert table["customer_id"].is_unique
    assert table["gain_of_contact"].is_monotonic_decreasing
    assert table[CHANCES].sum(axis=1).to_numpy() == pytest.approx(np.ones(len(table)))
    assert (table.loc[table["silent"] == 0, "gone_already"] == 0).all()
    lists = json.loads((folder / "about.json").read_text())["lists"]
    counts = table["segment"].value_counts().to_dict()
    assert {each["segment"]: each["customers"] for each in lists} == counts


def test_what_fails_leaves_the_last_list_as_it_was(project, plans, monkeypatch):
    folder = project / "data/scores/plans"
    folder.mkdir(parents=True)
    (folder / "list.csv").write_text("the last list")

    def stopped(*_: object) -> None:
        raise InputError("too good to be true: code (AUC 1.000 alone)")

    monkeypatch.setattr("src.analyses.churn.study.Study.list", stopped)
    with pytest.raises(InputError, match="too good to be true"):
        score.main([str(plans.folder)])
    assert written(project / "data") == ["scores/plans/list.csv"]
    assert (folder / "list.csv").read_text() == "the last list"


def test_a_list_is_made_by_the_parameters_of_its_report(small_operator, plans):
    stored = ROOT / "notebooks/params/03_churn"
    b2b, b2c = (
        yaml.safe_load((stored / f"operator_{name}.yml").read_text()) for name in ("b2b", "b2c")
    )
    assert score._settings(replace(small_operator, name="operator")) == [b2b, b2c]
    own = {"BASE": str(small_operator.folder)}
    assert score._settings(small_operator) == [
        {**own, "SEGMENT": "B2B"},
        {**own, "SEGMENT": "B2C"},
    ]
    telco = yaml.safe_load((stored / "ibm_telco.yml").read_text())
    assert score._settings(replace(plans, name="ibm_telco")) == [telco]
    assert score._settings(plans) == [{"BASE": str(plans.folder)}]


def test_lists_of_customers_are_no_part_of_the_project():
    assert "data/scores/" in (ROOT / ".gitignore").read_text().splitlines()
