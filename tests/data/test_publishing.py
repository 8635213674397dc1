import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from src.data.cells.packed import unpacked
from src.data.provenance import read_record
from src.data.publishing import publish, side_folder, write_table

OUTPUT = {"capture_output": True, "text": True, "check": True}


def write(folder, mark, parts=("tables", "truth")):
    for part in parts:
        (folder / part).mkdir(exist_ok=True)
        (folder / part / "a.parquet").write_text(f"{part} {mark}")


def files(folder):
    found = (path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): path.read_text() for path in found}


def republish(folder, mark, parts=("tables", "truth")):
    with side_folder(folder) as side:
        write(side, mark, parts)
        publish(side, folder, {"mark": mark})


def test_a_new_base_takes_the_place_of_the_old(tmp_path):
    republish(tmp_path, "old")
    republish(tmp_path, "new")
    found = files(tmp_path)
    assert found.pop("built.json").startswith('{\n "mark": "new",\n "files": {')
    assert found == {"tables/a.parquet": "tables new", "truth/a.parquet": "truth new"}
    assert read_record(tmp_path / "built.json") == {"mark": "new"}
    assert {path.name for path in tmp_path.iterdir()} == {"tables", "truth", "built.json"}


def test_a_table_is_written_as_pandas_writes_it_some_rows_at_a_time(tmp_path):
    number = np.arange(1_100_000)  # more than a row group
    word = pd.Series(number % 3).map({0: "a", 1: "\u00e4", 2: None})
    frame = pd.DataFrame(
        {
            "customer_id": word.astype("category"),
            "month": pd.Timestamp("2024-01-01"),
            "revenue": number / 7,
            "is_new": pd.Series(number % 2 == 0).astype("boolean").mask(number % 5 == 0),
            "text": word,
            "late": np.where(number > 1_090_000, "late", None),
        }
    )
    write_table(frame, tmp_path / "written")
    unpacked(frame).to_parquet(tmp_path / "pandas", index=False, compression="zstd")

    assert (tmp_path / "written").read_bytes() == (tmp_path / "pandas").read_bytes()


def test_a_truth_does_not_outlive_its_base(tmp_path):
    republish(tmp_path, "old")
    republish(tmp_path, "new", parts=("tables",))
    assert set(files(tmp_path)) == {"tables/a.parquet", "built.json"}


@pytest.mark.parametrize("refused", ["tables", "truth", "built.json"])
@pytest.mark.parametrize("has_old", [True, False])
def test_a_move_that_fails_leaves_everything_as_it_was(tmp_path, monkeypatch, refused, has_old):
    if has_old:
        republish(tmp_path, "old")
    before = files(tmp_path)

    def busy(real):
        def move(self, target):
            if self.parent.name.startswith(".building-") and self.name == refused:
                raise OSError("Device is busy")
            return real(self, target)

        return move

    monkeypatch.setattr(Path, "rename", busy(Path.rename))
    monkeypatch.setattr(Path, "replace", busy(Path.replace))
    with pytest.raises(OSError, match="busy"):
        republish(tmp_path, "new")
    assert files(tmp_path) == before
    assert not list(tmp_path.glob(".building-*"))


def test_what_a_killed_build_left_goes_with_the_next_and_a_running_one_stays(tmp_path):
    killed = subprocess.run([sys.executable, "-c", "import os; print(os.getpid())"], **OUTPUT)
    left = [f".building-{killed.stdout.strip()}-a", ".building-a3b_x"]
    running = f".building-{os.getppid()}-b"
    for name in (*left, running):
        (tmp_path / name / "tables").mkdir(parents=True)
    republish(tmp_path, "new")
    assert {path.name for path in tmp_path.glob(".*")} == {running}
