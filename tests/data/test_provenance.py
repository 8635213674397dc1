"""What a base was made of decides whether it is built again."""

import os
import shutil
import sys

import pytest

from src.data import provenance
from src.data.bases import open_base
from src.data.building import build_base
from src.data.problems import InputError
from src.data.provenance import is_right, made_from

ROWS = "customer_id,churned\n1,yes\n2,no\n"


@pytest.fixture
def base(tmp_path):
    """Build a base whose one table is this `file`, of which the folder holds `files`."""

    def of(file, **files):
        folder = tmp_path / "toy"
        folder.mkdir()
        (folder / "base.yml").write_text(
            f"title: T\nkind: snapshot\ncurrency: EUR\ntables: {{snapshot: {{file: {file}}}}}\n"
        )
        for name, text in (files or {file: ROWS}).items():
            path = folder / name
            path.parent.mkdir(exist_ok=True, parents=True)
            path.write_text(text)
        build_base(str(folder), key=b"key")
        assert is_right(folder)
        return folder

    return of


@pytest.mark.parametrize("file", ["a.csv", "KUNDEN.CSV", "raw/customers.data", "no_suffix"])
def test_another_content_counts_whatever_name_size_and_age_it_has(base, file):
    folder = base(file)
    path = folder / file
    before = path.stat()
    path.write_text(ROWS.replace("1,yes", "3,yes"))
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))  # as cp -p does
    assert not is_right(folder)
    path.write_text(ROWS)
    assert is_right(folder)  # the same again, only later
    path.unlink()
    assert not is_right(folder)


def test_a_link_that_moves_counts(base, tmp_path):
    for name, text in (("old", ROWS), ("new", ROWS.replace("2,no", "2,yes"))):
        (tmp_path / name).write_text(text)
    folder = base("a.csv")
    (folder / "a.csv").unlink()
    (folder / "a.csv").symlink_to(tmp_path / "old")
    assert is_right(folder)
    (folder / "a.csv").unlink()
    (folder / "a.csv").symlink_to(tmp_path / "new")
    assert not is_right(folder)


def test_base_yml_counts_and_a_file_that_it_does_not_name_does_not(base):
    folder = base("a.csv")
    (folder / "other.csv").write_text("x")
    assert is_right(folder)
    manifest = folder / "base.yml"
    manifest.write_text(manifest.read_text() + "# a comment\n")
    assert not is_right(folder)


def test_a_pattern_and_a_folder_stand_for_the_files_that_are_there(tmp_path):
    (tmp_path / "parts").mkdir()
    sources = [(None, "parts"), (None, "m*.csv"), (None, "one.csv")]
    before = made_from(tmp_path, sources, is_simulated=False)
    assert before["files"] == {"one.csv": ""}
    for name in ("parts/x", "m1.csv"):
        (tmp_path / name).write_text(name)
    after = made_from(tmp_path, sources, is_simulated=False)
    assert list(after["files"]) == ["parts/x", "m1.csv", "one.csv"]


def test_a_file_of_a_package_counts(tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    (tmp_path / "a.csv").write_text("1")
    made = made_from(tmp_path, [("pack", "a.csv")], is_simulated=False)
    (tmp_path / "a.csv").write_text("2")
    assert made != made_from(tmp_path, [("pack", "a.csv")], is_simulated=False)


def test_the_code_that_reads_counts_for_what_is_read(base, tmp_path, monkeypatch):
    folder = base("a.csv")
    code = tmp_path / "code"
    shutil.copytree(provenance.CODE, code)
    monkeypatch.setattr(provenance, "CODE", code)
    assert is_right(folder)
    simulated = made_from(folder, [], is_simulated=True)
    with (code / "mapping.py").open("a") as file:
        file.write("\n")
    assert not is_right(folder)
    assert made_from(folder, [], is_simulated=True) == simulated
    with (code / "operator/lives.py").open("a") as file:
        file.write("\n")
    assert made_from(folder, [], is_simulated=True) != simulated


@pytest.mark.parametrize("name", ["tables/snapshot.parquet", "built.json"])
def test_every_flipped_bit_is_found_and_the_command_named(base, name):
    folder = base("a.csv")
    path = folder / name
    whole = path.read_bytes()
    for place in range(0, len(whole), max(1, len(whole) // 60)):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 4]) + whole[place + 1 :])
        assert not is_right(folder)
        with pytest.raises(InputError, match=f"{name} is not as it was built; run `make data BASE"):
            open_base(str(folder))
    path.write_bytes(whole[:-20])
    assert not is_right(folder)
    path.write_bytes(whole)
    assert is_right(folder)
    assert open_base(str(folder)).rows == {"snapshot": 2}


def test_what_an_earlier_version_built_is_built_again(base):
    folder = base("a.csv")
    (folder / "built.json").write_text('{"name": "toy", "notes": []}')
    assert not is_right(folder)
    with pytest.raises(InputError, match=r"built\.json is not as it was built; run `make data"):
        open_base(str(folder))
