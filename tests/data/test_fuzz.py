"""Whatever base.yml and a small CSV hold: a base, or one message, and never a part of a base."""

import copy
import shutil
import tempfile
from pathlib import Path

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from src.data.building import build_base
from src.data.manifest import SegmentRule, Source
from src.data.problems import InputError

SNAPSHOT = "id;churn;tenure;fee;since;plan\na;1.0;3;10,5;31.01.2024;x\nb;0.0;5;-7;01.02.2024;y\n"
BILLS = "id;month;revenue\na;2024-01;1\na;2024-02;2\n"
GOOD = {
    "title": "Toy",
    "kind": "snapshot",
    "currency": "EUR",
    "segment": {"column": "plan", "values": {"x": "B2B"}, "otherwise": "B2C"},
    "tables": {
        "snapshot": {
            "file": "snapshot.csv",
            "decimal": ",",
            "dates": "%d.%m.%Y",
            "missing": ["-7"],
            "columns": {"customer_id": "id", "churned": "churn", "tenure_months": "tenure"},
            "values": {"churn": {1: "no", 0: "yes"}},
        }
    },
}
ODD = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-3, 10**12),
    st.floats(),
    st.text(max_size=6),
    st.sampled_from(
        ["", "#row", "%Y%Y", "%W %Y", "%m.%Y", "base64", "rot13", "utf-16", "a\0b", "x" * 300, "."]
    ),
    st.sampled_from(["..", "*.csv", "parts", "\ud800", "id", "plan", "B2B", "sum", "keep", "["]),
    st.sampled_from([[], {}, ["id"], {"id": "id"}, {"revenue": "arpu_%Y"}, {1: {2: 3}}]),
)
KEYS = [*Source.model_fields]
TAGS = ("!!int x", "!!float x", "!!timestamp 1", "!!binary é", "!!set {a, b}", "!!python/none 1")
TAGS += ("!!map [1]", "!!omap 3", "&a [*a]", "<<: 3", "2024-13-45", "{1: 2, 1: 3}", "? [a]", "\t")
PLACES = st.one_of(
    st.tuples(st.sampled_from([*GOOD, "origin", "simulator", "customers", "fingerprint", "zz"])),
    st.tuples(st.just("tables"), st.sampled_from(["snapshot", "billing", "customers", "zz"])),
    st.tuples(st.just("tables"), st.just("snapshot"), st.sampled_from([*KEYS, "zz"])),
    st.tuples(st.just("segment"), st.sampled_from([*SegmentRule.model_fields])),
)


@st.composite
def manifests(draw):
    """base.yml with a few places made odd, by its content or by its text."""
    content = yaml.safe_load(yaml.safe_dump(GOOD))
    for place in draw(st.lists(PLACES, max_size=2)):
        inner = content
        for key in place[:-1]:
            inner = inner.setdefault(key, {}) if isinstance(inner, dict) else {}
        if isinstance(inner, dict):
            inner[place[-1]] = copy.deepcopy(draw(ODD))  # another place may go inside it
    text = yaml.safe_dump(content, sort_keys=False, allow_unicode=False)
    if not draw(st.integers(0, 2)):
        lines = text.splitlines()
        at = draw(st.integers(0, len(lines) - 1))
        odd = draw(st.one_of(st.sampled_from(TAGS), st.text(max_size=4), st.just(lines[at])))
        name = lines[at].split(":")[0]
        lines[at] = draw(st.sampled_from([odd, f"{name}: {odd}", f"{lines[at]}\n{lines[at]}"]))
        text = "\n".join(lines)
    return text.encode("utf-8", "surrogatepass")


CELLS = st.one_of(
    st.sampled_from(
        ["a", "b", "1", "1.0", "0", "yes", "no", "n/a", "-", "", "12,5", "(3)", "3-", "$1,889.50"]
    ),
    st.sampled_from(["2024-01-31", "31.01.2024", "45292", "9999-12-31", "Total", '"', '"a;b"']),
    st.sampled_from(['"a\nb"', "\0", "\r", "1\0 2", "é", "\ufeff", "1e999", "nan", "'", "\x1f"]),
    st.text(max_size=4),
)
ROWS = st.lists(st.lists(CELLS, min_size=1, max_size=7), min_size=1, max_size=6)
GOOD_ROWS = [line.split(";") for line in SNAPSHOT.replace("b;", "c;").splitlines()]
GOOD_ROWS += [["d", "yes", "7", "1.5", "2024-01-31", "y"], ["e", "no", "", "2", "", "y"]]


@st.composite
def tables(draw):
    """A small CSV: mostly a good one with odd cells, now and then of odd rows, cut, or of bytes."""
    if draw(st.integers(0, 4)):
        rows = [list(row) for row in GOOD_ROWS]
        places = st.tuples(st.integers(0, len(rows) - 1), st.integers(0, 5), CELLS)
        for row, column, cell in draw(st.lists(places, max_size=3)):
            rows[max(row, 1)][column] = cell
    else:
        rows = draw(ROWS)
    mark, end = draw(st.sampled_from(";,\t")), draw(st.sampled_from(["\n", "\r\n", "\r"]))
    text = end.join(mark.join(row) for row in rows) + draw(st.sampled_from([end, ""]))
    raw = text.encode(draw(st.sampled_from(["utf-8"] * 6 + ["utf-16", "cp1251"])), "replace")
    return raw[: draw(st.integers(0, len(raw)))] if not draw(st.integers(0, 5)) else raw


def builds_or_is_refused(manifest: bytes, snapshot: bytes) -> None:
    folder = Path(tempfile.mkdtemp(prefix="fuzz-"))
    try:
        (folder / "base.yml").write_bytes(manifest)
        (folder / "snapshot.csv").write_bytes(snapshot)
        (folder / "billing.csv").write_text(BILLS)
        (folder / "parts").mkdir()
        try:
            built = build_base(str(folder), b"key")
        except InputError:
            left = {path.name for path in folder.iterdir()}
            assert left == {"base.yml", "snapshot.csv", "billing.csv", "parts"}
        else:
            assert all(len(built.table(name)) == rows for name, rows in built.rows.items())
    finally:
        shutil.rmtree(folder)


def settled(examples: int) -> settings:
    return settings(
        max_examples=examples,
        deadline=None,
        database=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
    )


LABELLED = yaml.safe_dump(
    {
        **GOOD,
        "segment": {"value": "B2C"},
        "tables": {
            "snapshot": {
                "file": "snapshot.csv",
                "columns": {"customer_id": "id", "churned": "churn", "tenure_months": "tenure"},
            }
        },
    }
).encode()


@pytest.mark.parametrize(
    "examples", [500, pytest.param(10_000, marks=pytest.mark.slow)], ids=["some", "many"]
)
def test_any_base_yml_builds_or_is_refused(examples):
    @settled(examples)
    @given(manifests())
    def run(manifest):
        builds_or_is_refused(manifest, SNAPSHOT.encode())

    run()


@pytest.mark.parametrize(
    "examples", [500, pytest.param(10_000, marks=pytest.mark.slow)], ids=["some", "many"]
)
def test_any_small_csv_builds_or_is_refused(examples):
    @settled(examples)
    @given(tables())
    def run(snapshot):
        builds_or_is_refused(LABELLED, snapshot)

    run()
