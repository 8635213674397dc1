"""A large file goes another way through memory, and to the same tables, notes and refusals."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

from src.data.building import build_base
from src.data.problems import InputError
from src.data.reading import delimited, sources

KEY = b"key of large files"
CASES = Path(__file__).parents[1] / "cases"

WORDS = st.sampled_from(
    ["a", "b", " a ", "", "NA", "n/a", "007", "12.5", "-3", "1,5", "3 %", "x" * 70]
)
NUMBERS = st.sampled_from(
    ["1", "2.5", "-3", "", "NA", "$1,889.50", "(12.50)", "1.058", "2.071", "ten"]
)
DATES = st.sampled_from(
    [
        "2024-01-31",
        "2024-02",
        "45292",
        "31.01.2024",
        "9999-12-31",
        "",
        "2024-03-31T22:00:00Z",
        "soon",
    ]
)
FLAGS = st.sampled_from(["yes", "no", "1", "0", "1.0", "", "J"])
IDS = st.sampled_from(["c1", "c2", "c3", "c4.0", "1.0", "2.0", "", "Summe", "007"])


def outcome(folder: Path) -> tuple[dict[str, pd.DataFrame], dict[str, object]] | str:
    """The tables of a base and what its record says; or the message that refuses it."""
    try:
        base = build_base(str(folder), KEY)
    except InputError as error:
        return str(error)
    record = json.loads((folder / "built.json").read_text())
    return {name: base.table(name) for name in base.rows}, record


def both_ways(folder: Path, monkeypatch: pytest.MonkeyPatch, rows: int = 2) -> None:
    """The base in `folder` is built whole and in chunks of `rows`: one outcome, byte by byte."""
    whole = outcome(folder)
    with monkeypatch.context() as patch:
        patch.setattr(delimited, "_CHUNK", rows)
        patch.setattr(sources, "_MANY", rows)
        in_chunks = outcome(folder)
    if isinstance(whole, str) or isinstance(in_chunks, str):
        assert in_chunks == whole
        return
    assert in_chunks[1] == whole[1]
    for name, table in whole[0].items():
        assert_frame_equal(in_chunks[0][name], table)


def csv(columns: list[str], rows: list[tuple[str, ...]]) -> str:
    cells = [[f'"{cell}"' if "," in cell else cell for cell in row] for row in rows]
    return "\n".join([",".join(columns), *map(",".join, cells), ""])


@pytest.fixture
def written(tmp_path):
    """Write a base, in place of the one before."""

    def write(tables, kind, **manifest):
        shutil.rmtree(tmp_path / "base", ignore_errors=True)
        (tmp_path / "base").mkdir()
        entries = {}
        for name, (text, keys) in tables.items():
            (tmp_path / "base" / f"{name}.csv").write_text(text)
            entries[name] = {"file": f"{name}.csv", **keys}
        content = {"title": "T", "kind": kind, "currency": "EUR", **manifest, "tables": entries}
        (tmp_path / "base" / "base.yml").write_text(yaml.safe_dump(content, sort_keys=False))
        return tmp_path / "base"

    return write


EXAMPLES = pytest.mark.parametrize(
    "examples", [10, pytest.param(300, marks=pytest.mark.slow)], ids=["some", "many"]
)


def settled(examples):
    checks = [HealthCheck.function_scoped_fixture]
    return settings(
        max_examples=examples,
        deadline=None,
        database=None,
        derandomize=True,
        suppress_health_check=checks,
    )


@EXAMPLES
def test_snapshots(written, monkeypatch, examples):
    @settled(examples)
    @given(
        rows=st.lists(st.tuples(FLAGS, NUMBERS, WORDS, DATES, NUMBERS), min_size=3, max_size=9),
        ids=st.one_of(st.none(), st.lists(IDS, min_size=9, max_size=9)),
        keys=st.sampled_from(
            [
                {},
                {"missing": ["-3", "x"]},
                {"values": {"churned": {"J": "yes", "0": "no", "1": "yes"}}},
                {"limits": {"tenure_months": {"at_least": 0, "otherwise": "drop"}}},
                {"repeated": "first", "limits": {"churned": {"empty": "drop"}}},
                {"personal": {"word": "hash"}, "dates": "%d.%m.%Y"},
                {"decimal": ",", "thousands": "."},
            ]
        ),
    )
    def run(rows, ids, keys):
        named = [(ids[place] if ids else f"c{place}", *row) for place, row in enumerate(rows)]
        columns = ["customer_id", "churned", "tenure_months", "word", "since", "number"]
        folder = written({"snapshot": (csv(columns, named), keys)}, "snapshot")

        both_ways(folder, monkeypatch)

    run()


CUSTOMERS = csv(
    ["customer_id", "segment", "signup_month", "closed_month"],
    [(f"c{n}", "B2B" if n % 3 else "B2C", "2023-01", "" if n % 2 else "2024-06") for n in range(6)],
)


@EXAMPLES
def test_panels(written, monkeypatch, examples):
    @settled(examples)
    @given(
        bills=st.lists(
            st.tuples(
                st.sampled_from(["c0", "c1", "c2", "c3", "c4", "c5", "c9", ""]),
                st.sampled_from(
                    [f"2024-{month:02d}" for month in range(1, 13)] + ["2031-01", "soon"]
                ),
                st.sampled_from(["10", "20", "0", "-5", "", "12,5", "9.99"]),
            ),
            min_size=1,
            max_size=25,
        ),
        keys=st.sampled_from(
            [
                {},
                {"repeated": "sum"},
                {"repeated": "sum", "unknown_customers": "drop"},
                {
                    "repeated": "sum",
                    "unknown_customers": "drop",
                    "limits": {"revenue": {"empty": "drop"}},
                },
                {"repeated": "sum", "unknown_customers": "drop", "period": "quarter"},
            ]
        ),
        stated=st.sampled_from([{}, {"last_month": "2024-10"}, {"freeze_months": 2}]),
    )
    def run(bills, keys, stated):
        text = csv(["customer_id", "month", "revenue"], bills)
        folder = written({"customers": (CUSTOMERS, {}), "billing": (text, keys)}, "panel", **stated)

        both_ways(folder, monkeypatch)

    run()


def test_a_panel_of_every_rhythm_with_usage_and_a_history(written, monkeypatch):
    steps = [1] * 20 + [3] * 10 + [6] * 8 + [12] * 8
    bills, usage, people = [], [], []
    for number, step in enumerate(steps):
        for month in range(number % step, 36, step):
            date = f"{2022 + month // 12}-{month % 12 + 1:02d}"
            bills.append((f"k{number}", date, f"{10 * step + number / 4}"))
            usage.append((f"k{number}", date, f"{number + month}", f"{month / 7:.2f}"))
        people += [
            (f"k{number}", "B2B" if (number + year) % 5 else "B2C", f"{year}-01-01")
            for year in (2021, 2023)
        ]
    folder = written(
        {
            "customers": (
                csv(["customer_id", "segment", "valid_from"], people),
                {"history": {"by": "valid_from", "keep": "last"}},
            ),
            "billing": (csv(["customer_id", "month", "revenue"], bills), {}),
            "usage": (csv(["customer_id", "month", "data_mb", "avg_speed"], usage), {}),
        },
        "panel",
    )
    assert not isinstance(outcome(folder), str)

    both_ways(folder, monkeypatch, rows=7)


def test_a_shop_whose_lines_are_added_up(written, monkeypatch):
    lines = [
        (f"o{n // 3}", f"b{n // 6}", f"2024-{n % 9 + 1:02d}-1{n % 7}", f"{n - 2}", f"s{n % 4}")
        for n in range(60)
    ]
    columns = ["order_id", "buyer_key", "date", "amount", "sku"]
    limits = {"repeated": "sum", "limits": {"buyer_key": {"empty": "drop"}}}
    cancelled = {
        "repeated": "sum",
        "cancelled": {"column": "order_id", "starts": "o1", "as": "return"},
    }
    by_words = {"column": "sku", "values": {"s1": "B2B"}, "otherwise": "B2C"}
    lines += [("o99", "", "2024-03-01", "5", "s1")]
    for keys, rule in ((limits, {}), (cancelled, {"segment": by_words})):
        folder = written({"orders": (csv(columns, lines), keys)}, "orders", **rule)
        assert not isinstance(outcome(folder), str)

        both_ways(folder, monkeypatch, rows=7)


def test_months_in_columns_a_total_and_a_segment_rule(written, monkeypatch):
    wide = csv(
        ["customer_id", "name", "rev_2024-01", "rev_2024-02", "rev_2024-03"],
        [(f"c{n}", f"Firm {n} GmbH" if n % 2 else f"Anna {n}", "1", "", f"{n}") for n in range(9)],
    )
    people = csv(
        ["customer_id", "name"], [(f"c{n}", f"F{n} GmbH" if n % 2 else "Anna") for n in range(9)]
    )
    both_ways(
        written(
            {
                "customers": (people + "Summe,\n", {"footer_rows": 1}),
                "billing": (
                    wide,
                    {"months_in_columns": {"revenue": "rev_%Y-%m"}, "drop": ["name"]},
                ),
            },
            "panel",
            segment={"column": "name", "legal_forms": True},
        ),
        monkeypatch,
    )


def test_one_file_per_month(written, monkeypatch):
    folder = written({"customers": (CUSTOMERS, {}), "billing": ("", {})}, "panel")
    for month in range(1, 7):
        rows = [(f"c{n}", f"2024-{month:02d}", f"{n + month}.5") for n in range(6)]
        text = csv(["customer_id", "month", "revenue"], rows)
        (folder / f"bills_{month}.csv").write_text(text)
    manifest = yaml.safe_load((folder / "base.yml").read_text())
    manifest["tables"]["billing"]["file"] = "bills_*.csv"
    (folder / "base.yml").write_text(yaml.safe_dump(manifest, sort_keys=False))
    assert not isinstance(outcome(folder), str)

    both_ways(folder, monkeypatch, rows=8)


def test_nothing_is_left_beside_the_base(written, monkeypatch):
    monkeypatch.setattr(delimited, "_CHUNK", 2)
    folder = written({"snapshot": ("customer_id,churned\na,no\nb,yes\nc,no\n", {})}, "snapshot")
    build_base(str(folder), KEY)

    assert {path.name for path in folder.iterdir()} == {
        "base.yml",
        "built.json",
        "snapshot.csv",
        "tables",
    }


@pytest.mark.parametrize("case", sorted(path.parent.name for path in CASES.glob("*/base.yml")))
def test_exports_as_users_had_them(case, tmp_path, monkeypatch):
    shutil.copytree(CASES / case, tmp_path / case)

    both_ways(tmp_path / case, monkeypatch, rows=100)


PEAK = """
import sys
from pathlib import Path
from src.data.building import build_base
build_base(sys.argv[1], b"key of large files")
status = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
print(1024 * int(status["VmHWM"].split()[0]))
"""


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="Linux tells what a run held")
def test_memory_grows_by_less_than_forty_bytes_a_row(written):
    """A row of the file has 25 bytes, and 2 GB of them are to be read in less than 4 GB.

    Both files have more rows than are looked at in one step, so that only rows are compared.
    """
    rng, peaks, many = np.random.default_rng(0), [], (1_200_000, 3_600_000)
    for number in many:
        customer, month = np.divmod(np.arange(number), 48)
        bills = pd.DataFrame(
            {
                "customer_id": customer % (number // 48),
                "month": np.datetime_as_string(np.datetime64("2020-01") + month),
                "revenue": rng.integers(100, 9_999, number) / 100,
                "cost_to_serve": rng.integers(100, 999, number) / 100,
            }
        )
        people = csv(["customer_id", "segment"], [(f"{n}", "B2C") for n in range(number // 48)])
        folder = written({"customers": (people, {}), "billing": ("", {})}, "panel")
        bills.to_csv(folder / "billing.csv", index=False)
        del bills
        run = subprocess.run(
            [sys.executable, "-c", PEAK, str(folder)], capture_output=True, text=True, check=True
        )
        peaks.append(int(run.stdout))

    assert (peaks[1] - peaks[0]) / (many[1] - many[0]) < 40
