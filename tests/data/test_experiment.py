"""An experiment as published: one row per customer, the arm drawn and what came after."""

import numpy as np
import pandas as pd
import pytest

from src.analyses import exploration
from src.commands.notebooks import NOTEBOOKS, read_notebook, why_not
from src.data.building import build_base
from src.data.draft.drafting import draft_of
from src.data.draft.sampling import samples_of
from src.data.draft.trial import tried
from src.data.manifest import parse, read_manifest
from src.data.problems import InputError

KEY = b"a key of the tests"
# Hillstrom's e-mail experiment, as published: customers and visits of each arm.
HILLSTROM = {
    "No E-Mail": (21_306, 2_262),
    "Mens E-Mail": (21_307, 3_894),
    "Womens E-Mail": (21_387, 3_238),
}
BASE = """title: E-mails of a shop
kind: experiment
currency: USD
origin: sample
tables:
  trial:
    file: hillstrom.csv
    columns: {customer_id: "#row", arm: segment, visited: visit}
    values: {arm: {No E-Mail: control}}
"""


@pytest.fixture(scope="module")
def published(tmp_path_factory):
    """A folder with the table of the published counts; who visited is drawn among the months."""
    parts = []
    for arm, (customers, visits) in HILLSTROM.items():
        visit = (np.arange(customers) < visits).astype(int)
        parts.append(pd.DataFrame({"segment": arm, "visit": visit}))
    table = pd.concat(parts, ignore_index=True)
    rng = np.random.default_rng(0)
    table.insert(0, "recency", rng.integers(1, 13, len(table)))
    table.insert(1, "history", rng.gamma(1.0, 240.0, len(table)).round(2))
    folder = tmp_path_factory.mktemp("hillstrom")
    table.to_csv(folder / "hillstrom.csv", index=False)
    return folder


def test_a_published_experiment_is_built(published):
    (published / "base.yml").write_text(BASE)
    base = build_base(str(published), key=KEY)
    assert (base.kind, base.rows) == ("experiment", {"trial": 64_000})
    trial = base.table("trial")
    visits = trial.groupby("arm")["visited"].agg(["size", "sum"])
    assert visits.loc["control"].tolist() == [21_306, 2_262]
    assert visits.loc["Mens E-Mail"].tolist() == [21_307, 3_894]
    assert list(trial) == ["customer_id", "arm", "visited", "recency", "history"]
    assert trial["customer_id"].is_unique


def test_it_is_drafted_as_it_is_published(published):
    draft, tables = draft_of(samples_of([published / "hillstrom.csv"]), "hillstrom")
    tried(draft, tables)
    said = draft.content()
    assert said["kind"] == "experiment"
    assert "segment" not in said
    table = said["tables"]["trial"]
    assert table["columns"] == {"customer_id": "#row", "arm": "segment", "visited": "visit"}
    assert table["values"]["arm"] == {"No E-Mail": "control"}


def test_a_flag_of_treatment_is_drafted_as_arms_and_to_be_checked(tmp_path):
    rows = pd.DataFrame({"treatment": [0, 1] * 20, "conversion": [0, 0, 1, 1] * 10})
    rows.insert(0, "age", np.arange(40) % 7)
    rows.to_csv(tmp_path / "uplift.csv", index=False)
    draft, _ = draft_of(samples_of([tmp_path / "uplift.csv"]), "uplift")
    table = draft.content()["tables"]["trial"]
    assert table["columns"] == {
        "customer_id": "#row", "arm": "treatment", "responded": "conversion"
    }  # fmt: skip
    assert table["values"]["arm"] == {"0": "control", "1": "treated"}
    assert "control group" in draft.tables["trial"].part("values")["arm"].check


def test_an_experiment_without_an_outcome_is_refused(published):
    (published / "base.yml").write_text(BASE.replace(", visited: visit", ""))
    with pytest.raises(InputError, match=r"trial: needs churned, responded, spend or visited"):
        build_base(str(published), key=KEY)


def test_reports_that_do_not_suit_say_why(published):
    (published / "base.yml").write_text(BASE)
    manifest = read_manifest(published)
    for name, kinds in (
        ("01_exploration", "orders or panel or snapshot"),
        ("07_products", "panel"),
    ):
        notebook = read_notebook(NOTEBOOKS / f"{name}.ipynb")
        assert why_not(notebook, manifest) == f"takes bases of kind {kinds}, not experiment"
    build_base(str(published), key=KEY)
    with pytest.raises(InputError, match="panel, snapshot or orders, not experiment"):
        exploration.open_study(str(published))


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("period: quarter", "`period` is for bases of kind panel"),
        ("last_month: 2024-12", "an experiment has no months"),
        ("churn_rate: 0.1", "are for kind snapshot"),
    ],
)
def test_an_experiment_has_no_months_and_no_other_rate(line, said):
    with pytest.raises(InputError, match=said):
        parse(f"{BASE}{line}\n")
