"""The raw files of the public bases are drafted to the tables that their base.yml reads."""

from importlib.metadata import distribution
from pathlib import Path

import pytest

from src.data.bases import DATA
from src.data.building import build_base
from src.data.draft.drafting import draft_of
from src.data.draft.sampling import samples_of
from src.data.draft.trial import tried
from src.data.manifest import read_manifest


@pytest.mark.parametrize("name", ["ibm_telco", "mlc_churn", "tv_subscription", "cdnow"])
def test_the_draft_reads_the_same_tables_without_an_edit(name, tmp_path):
    shipped = read_manifest(DATA / "bases" / name)
    [(table, source)] = shipped.tables.items()
    raw = Path(str(distribution(source.package).locate_file(source.file)))
    draft, tables = draft_of(samples_of([raw]), name)
    tried(draft, tables)
    (tmp_path / "base.yml").write_text(draft.text(""), encoding="utf-8")
    drafted = read_manifest(tmp_path)
    assert drafted.kind == shipped.kind
    assert drafted.tables[table].columns == source.columns
    assert drafted.tables[table].package == source.package
    assert build_base(str(tmp_path), key=b"key").fingerprint == shipped.fingerprint
