"""`make features` as a shell sees it: its words, its exit code, nothing half-written."""

import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
import yaml

from src.commands import build_features
from src.data.building import build_base
from src.data.problems import InputError

ROOT = Path(__file__).parents[2]
CUSTOMERS = "customer_id,segment\na,B2C\nb,B2B\n"
BILLING = "customer_id,month,revenue\n" + "".join(
    f"{who},2024-{month:02d},{month}\n" for who in "ab" for month in range(1, 13)
)


@pytest.fixture
def base_of(tmp_path):
    """Build a base in a folder of its own from CSV text; returns the folder."""

    def of(kind: str, **tables: str) -> Path:
        folder = tmp_path / "toy"
        folder.mkdir()
        for table, text in tables.items():
            (folder / f"{table}.csv").write_text(text)
        sources = {table: {"file": f"{table}.csv"} for table in tables}
        content = {"title": "Toy", "kind": kind, "currency": "EUR", "tables": sources}
        (folder / "base.yml").write_text(yaml.safe_dump(content))
        build_base(str(folder), b"key")
        return folder

    return of


@pytest.fixture
def panel(base_of):
    return base_of("panel", customers=CUSTOMERS, billing=BILLING)


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


@pytest.mark.parametrize("words", [[], [""]])
def test_a_base_must_be_named(words):
    message = "^name one base, such as: make features BASE=operator$"
    with pytest.raises(InputError, match=message):
        build_features.main(words)


@pytest.mark.parametrize(
    ("word", "message"),
    [
        (
            "MONTHS=2024-12",
            "there is no option 'MONTHS'; known: ENGINE, SNAPSHOTS, FAMILIES",
        ),
        ("ENGINE=dask", "there is no engine 'dask'; known: duckdb, spark"),
        ("FAMILIES=mony", "there is no feature family 'mony'; known: attributes, tenure, money,"),
        ("FAMILIES=money,usage", "the family 'usage' needs the table usage, which base 'toy' does"),
        ("SNAPSHOTS=2025-01", "snapshot 2025-01 is outside the data, which goes from 2024-01 to"),
        ("SNAPSHOTS=2024-06,December", "'December' is not a month; write it as 2024-12"),
        ("SNAPSHOTS=2024-06-01", "'2024-06-01' is not a month; write it as 2024-12"),
    ],
)
def test_bad_words_are_refused_and_nothing_is_written(panel, word, message):
    before = names(panel)

    with pytest.raises(InputError) as refusal:
        build_features.main([str(panel), word])

    assert str(refusal.value).startswith(message)
    assert names(panel) == before


def test_a_base_of_one_snapshot_has_no_features_over_time(base_of):
    folder = base_of("snapshot", snapshot="customer_id,churned\na,1\nb,0\n")
    before = names(folder)

    message = "^features over time need a base of kind panel; 'toy' is of kind snapshot$"
    with pytest.raises(InputError, match=message):
        build_features.main([str(folder)])
    assert names(folder) == before


def test_bad_input_is_one_message_and_exit_code_2(panel):
    command = [sys.executable, "-m", "src.commands.build_features", str(panel), "FAMILIES=mony"]
    done = subprocess.run(command, cwd=ROOT, text=True, capture_output=True)

    assert done.returncode == 2
    assert done.stderr.startswith("error: there is no feature family 'mony'")
    assert (done.stderr.count("\n"), done.stdout) == (1, "")


def test_what_was_built_and_left_out_is_said(panel, capsys):
    words = ["ENGINE=duckdb", "SNAPSHOTS=2024-12, 2024-10,", "FAMILIES=tenure, money"]
    assert build_features.main([str(panel), *words]) == 0

    said = capsys.readouterr()
    assert said.out.startswith(f"{panel}: 19 features at 2 snapshots, 2024-10 to 2024-12, in ")
    assert said.err.splitlines() == [
        "left out: usage: the base has no table usage",
        "left out: contract: the base has no table contracts",
        "left out: lines: the base has no table lines",
        "left out: holdings: the base has no table holdings",
        "left out: events: the base has no table events",
        "left out: campaigns: the base has no table campaigns",
        "left out: shop: the base has no table orders",
    ]
    written = {path.name for path in (panel / "features").iterdir()}
    assert written == {"built.json", "2024-10.parquet", "2024-12.parquet"}
    frame = pd.read_parquet(panel / "features/2024-12.parquet")
    assert frame["revenue_mean_3m"].tolist() == [11.0, 11.0]
