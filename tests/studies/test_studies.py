"""What the simulation studies found, and how they are run."""

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from src.commands import run_study
from src.data.operator.settings import SCENARIOS
from src.data.problems import InputError
from src.models.gap.bars import bars
from src.studies import ltv_gap, operator_null

RESULTS = sorted((Path(__file__).parents[2] / "docs" / "studies").glob("*.json"))


def operator_null_holds(found):
    assert found["replicates"] >= 200
    assert found["rejections.min"] >= 0.02
    assert found["rejections.max"] <= 0.08


def ltv_gap_holds(found):
    assert found["replicates"] >= 100
    assert 0.85 <= found["coverage.gap"] <= 0.95
    assert found["coverage.bars.min"] >= 0.85
    assert found["coverage.bars.max"] <= 0.95


def ltv_scenarios_are_told(found):
    """What is reported of each scenario; where intervals fail, the report says by how much."""
    for scenario in SCENARIOS:
        assert found[f"{scenario}.replicates"] >= 10
        for figure in ("coverage.gap", "bias.gap", "insider.coverage.gap"):
            assert f"{scenario}.{figure}" in found
    # The panel of a price war is that of the default: only what comes after is worth less.
    assert found["price_war.bias.gap"] > 0.05


def draft_holds(found):
    assert found["exports"] >= 200
    assert found["columns.right"] >= 0.95
    assert found["columns.wrong_unmarked"] <= 0.01
    assert found["kind.right"] == 1
    # By names that were never looked at.
    assert found["held_out.exports"] >= 50
    assert found["held_out.columns.right"] >= 0.95
    assert found["held_out.kind.right"] == 1


def products_hold(found):
    assert found["replicates"] >= 100
    assert 0.90 <= found["product_effect.coverage"] <= 0.98
    assert found["product_effect.naive_coverage"] <= 0.05
    assert found["product_effect.null_coverage"] >= 0.90
    assert found["null.flagged"] <= 0.05
    assert found["planted.power"] >= 0.8
    assert 0.85 <= found["overlap.coverage"] <= 0.98


def btyd_holds(found):
    assert found["replicates"] >= 200
    assert found["coverage.min"] >= 0.91
    assert found["coverage.max"] <= 0.98
    assert 0.85 <= found["gap.coverage"] <= 0.95


def campaigns_hold(found):
    assert found["replicates"] >= 200
    assert 0.90 <= found["ate.coverage"] <= 0.98
    assert 0.90 <= found["ate.plain_coverage"] <= 0.98
    assert found["ate.null_coverage"] >= 0.90
    assert 0.85 <= found["decay.coverage"] <= 0.98
    assert found["decay.told"] >= 0.8
    assert found["null.qini_includes_zero"] >= 0.93
    assert found["null.policy_called_better"] <= 0.05
    assert found["null.policy_called_better_free"] <= 0.05
    # Enough members tell which treatment to take; small effects on companies stay unknown.
    assert found["policy.large.oracle_share"] >= 0.9
    assert found["policy.dear_segment_share"] >= 0.9
    for costs in ("", "dear_", "large.", "large.dear_"):
        chosen, risk, at_risk = (
            found[f"policy.{costs}{name}_share"] for name in ("oracle", "risk", "value_at_risk")
        )
        assert chosen > max(risk, at_risk)


HOLDS = {
    "btyd": btyd_holds,
    "campaigns": campaigns_hold,
    "draft": draft_holds,
    "operator_null": operator_null_holds,
    "ltv_gap": ltv_gap_holds,
    "ltv_scenarios": ltv_scenarios_are_told,
    "products": products_hold,
}


@pytest.mark.parametrize("path", RESULTS, ids=lambda path: path.stem)
def test_the_figures_hold(path):
    HOLDS[path.stem](json.loads(path.read_text()))


@pytest.mark.parametrize("path", RESULTS, ids=lambda path: path.stem)
def test_the_figures_are_those_of_the_code_now(path):
    if json.loads(path.read_text())["source"] != run_study.source_of(path.stem):
        pytest.skip(f"docs/studies/{path.name} is older than the code it studied: run `make study`")


def test_operator_null_summarises_shares_below_five_percent():
    rows = [
        {"a": 0.01, "b": 0.5},
        {"a": 0.049, "b": 0.04},
        {"a": 0.05, "b": 0.9},
        {"a": 1.0, "b": 0.06},
    ]
    assert operator_null.summarise(rows) == {
        "rejections.a": 0.5,
        "rejections.b": 0.25,
        "rejections.min": 0.25,
        "rejections.max": 0.5,
        "replicates": 4,
    }


def test_operator_null_compares_every_outcome_the_same_way_each_time():
    found = operator_null.replicate(7)
    assert found == operator_null.replicate(7)
    assert len(found) == 25
    assert all(0 <= p_value <= 1 for p_value in found.values())


def test_operator_null_sees_a_difference_that_is_there(monkeypatch):
    usual = operator_null.Settings(
        b2c_customers=2_000, b2b_customers=2_000, months=24, hidden_months=0
    )
    monkeypatch.setattr(operator_null, "_SMALL", usual)
    found = operator_null.replicate(7)
    differing = ("churn", "response", "revenue", "products", "tickets")
    assert max(found[f"segment.{name}"] for name in differing) < 0.01


# True means of four operators, whose means are round: lifetime, arpu, monthly margin, margin. An
# insider, who knows who has decided to leave, sees other money a month.
ROUND = {"B2B": (20.0, 30.0, 15.0, 360.0), "B2C": (10.0, 10.0, 4.0, 40.0)}
INSIDER = {"B2B": (20.0, 28.0, 14.0, 360.0), "B2C": (10.0, 10.0, 4.0, 40.0)}


def a_replicate(shift: float, held: list[bool], error: float) -> dict[str, float]:
    """Truth moved by `shift`; intervals that hold the round truth or lie above it; points off."""
    names = ("lifetime", "arpu", "monthly_margin", "margin")
    truth = {
        f"{who}.{segment}.{name}": value + shift
        for who, means in (("truth", ROUND), ("insider", INSIDER))
        for segment, values in means.items()
        for name, value in zip(names, values, strict=True)
    }
    found = {}
    for (factor, bar), is_held in zip(true_bars().items(), held, strict=True):
        low = bar if is_held else bar + 0.5  # an end at the truth still holds it
        found |= {factor: bar * (1 + error), f"{factor}.low": low, f"{factor}.high": bar + 1}
    return {**found, **truth}


def true_bars(means: dict[str, tuple[float, ...]] = ROUND) -> dict[str, float]:
    columns = ["lifetime", "arpu", "monthly_margin", "margin"]
    table = bars(pd.DataFrame(list(means.values()), columns=columns))
    return dict(zip(table["factor"], table["bar"], strict=True))


def test_ltv_gap_summarises_how_often_the_true_bars_are_held():
    yes, no = True, False
    rows = [
        a_replicate(0.5, [yes, yes, yes, yes, no], 0.1),
        a_replicate(-0.5, [yes, yes, yes, no, no], 0.1),
        a_replicate(1.0, [yes, yes, no, no, no], 0.3),
        a_replicate(-1.0, [yes, no, no, no, yes], -0.1),
    ]
    found = ltv_gap.summarise(rows)

    true = true_bars()
    assert true["gap"] == 320
    insider = true_bars(INSIDER)
    by_insider = {
        factor: sum(row[f"{factor}.low"] <= bar <= row[f"{factor}.high"] for row in rows) / 4
        for factor, bar in insider.items()
    }
    # Other money a month moves some of the bars out of the intervals, and not the gap.
    assert by_insider["gap"] == 0.25
    assert by_insider["arpu"] == 0
    shares = {"lifetime": 1, "arpu": 0.75, "margin_share": 0.5, "association": 0.25}
    assert found == pytest.approx(
        {
            **{f"coverage.{factor}": share for factor, share in shares.items()},
            "coverage.gap": 0.25,
            "coverage.bars.min": 0.25,
            "coverage.bars.max": 1,
            **{f"truth.{factor}": bar for factor, bar in true.items()},
            **{f"bias.{factor}": 0.1 for factor in true},
            **{f"insider.{factor}": bar for factor, bar in insider.items()},
            **{f"insider.coverage.{factor}": share for factor, share in by_insider.items()},
            "replicates": 4,
        }
    )


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("replicates", 99),
        ("coverage.gap", 0.84),
        ("coverage.gap", 0.96),
        ("coverage.bars.min", 0.84),
        ("coverage.bars.max", 0.96),
    ],
)
def test_the_claims_of_ltv_gap_can_fail(name, value):
    held = {
        "replicates": 100,
        "coverage.gap": 0.9,
        "coverage.bars.min": 0.85,
        "coverage.bars.max": 0.95,
    }
    ltv_gap_holds(held)
    with pytest.raises(AssertionError):
        ltv_gap_holds(held | {name: value})


@pytest.fixture
def tiny(tmp_path, monkeypatch):
    """`operator_null` with three quick replicates, in a folder of its own, as code `a`."""
    monkeypatch.setattr(operator_null, "REPLICATES", 3)
    monkeypatch.setattr(operator_null, "replicate", lambda seed: {"p": seed / 50})
    monkeypatch.setattr(run_study, "RESULTS", tmp_path / "docs")
    monkeypatch.setattr(run_study, "KEPT", tmp_path / "kept")
    monkeypatch.setattr(run_study, "source_of", lambda name: "a")
    monkeypatch.setattr(run_study, "ProcessPoolExecutor", ThreadPoolExecutor)
    return tmp_path


def run(folder):
    assert run_study.main(["operator_null"]) == 0
    lines = (folder / "kept/operator_null.jsonl").read_text().splitlines()
    found = {
        record["seed"]: (record["source"], record["row"]["p"]) for record in map(json.loads, lines)
    }
    return found, json.loads((folder / "docs/operator_null.json").read_text())


def test_a_study_keeps_its_replicates_and_writes_its_summary(tiny):
    kept, summary = run(tiny)
    assert kept == {1: ("a", 0.02), 2: ("a", 0.04), 3: ("a", 0.06)}
    assert len(summary.pop("date")) == len("2025-01-01")
    assert summary == {
        "rejections.p": 2 / 3,
        "rejections.min": 2 / 3,
        "rejections.max": 2 / 3,
        "replicates": 3,
        "seeds": "1..3",
        "source": "a",
    }
    names = sorted(path.name for path in (tiny / "docs").rglob("*.json"))
    assert names == ["operator_null.json"] * 2  # the summary, and the replicates of first seeds
    first = json.loads((tiny / "docs/seeds/operator_null.json").read_text())
    assert first == {"1": {"p": 0.02}, "2": {"p": 0.04}, "3": {"p": 0.06}}


def test_a_stopped_study_computes_only_what_is_missing(tiny):
    (tiny / "kept").mkdir()
    whole = json.dumps({"source": "a", "seed": 2, "row": {"p": 0.9}})
    (tiny / "kept/operator_null.jsonl").write_text(whole + '\n{"source": "a", "se')
    kept, summary = run(tiny)
    assert kept == {1: ("a", 0.02), 2: ("a", 0.9), 3: ("a", 0.06)}
    assert summary["rejections.p"] == 1 / 3


def test_other_code_starts_the_study_anew(tiny, monkeypatch):
    run(tiny)
    monkeypatch.setattr(run_study, "source_of", lambda name: "b")
    monkeypatch.setattr(operator_null, "replicate", lambda seed: {"p": 0.5})
    kept, summary = run(tiny)
    assert kept == {1: ("b", 0.5), 2: ("b", 0.5), 3: ("b", 0.5)}
    assert summary["source"] == "b"


def test_a_study_holds_for_other_code_that_gives_the_same(tiny, monkeypatch):
    _, before = run(tiny)
    monkeypatch.setattr(run_study, "source_of", lambda name: "b")
    assert run_study.main(["operator_null", "same"]) == 0
    after = json.loads((tiny / "docs/operator_null.json").read_text())
    assert after == {**before, "source": "b", "studied": "a", "repeated": "1..3"}
    monkeypatch.setattr(run_study, "source_of", lambda name: "c")
    assert run_study.main(["operator_null", "same"]) == 0
    assert json.loads((tiny / "docs/operator_null.json").read_text())["studied"] == "a"


@pytest.mark.parametrize("other", [{"p": 0.0600001}, {"p": 0.06, "q": 1.0}, {}, {"p": np.nan}])
def test_a_study_does_not_hold_for_code_that_gives_anything_else(tiny, monkeypatch, capsys, other):
    _, before = run(tiny)
    real = operator_null.replicate
    monkeypatch.setattr(run_study, "source_of", lambda name: "b")
    monkeypatch.setattr(operator_null, "replicate", lambda seed: other if seed == 3 else real(seed))
    assert run_study.main(["operator_null", "same"]) == 1
    assert "run `make study STUDY=operator_null`. seed 3: " in capsys.readouterr().out
    assert json.loads((tiny / "docs/operator_null.json").read_text()) == before


def test_a_figure_that_was_missing_and_is_missing_again_is_the_same(tiny, monkeypatch):
    monkeypatch.setattr(operator_null, "replicate", lambda seed: {"p": 0.5, "told": np.nan})
    run(tiny)
    assert run_study.main(["operator_null", "same"]) == 0


def test_what_was_not_studied_cannot_be_repeated(tiny):
    with pytest.raises(InputError, match="operator_null was not studied yet"):
        run_study.main(["operator_null", "same"])


def test_a_replicate_that_fails_leaves_no_summary(tiny, monkeypatch):
    monkeypatch.setattr(operator_null, "replicate", lambda seed: {"p": 1 / (2 - seed)})
    with pytest.raises(ZeroDivisionError):
        run_study.main(["operator_null"])
    assert not (tiny / "docs").exists()


@pytest.mark.parametrize("words", [[], ["other"], ["operator_null", "again"]])
def test_an_unknown_study_is_refused_with_the_known_ones(words):
    with pytest.raises(InputError, match=r"there is no study '.*'; known: .*operator_null"):
        run_study.main(words)


def test_the_fingerprint_covers_the_study_and_what_it_imports():
    files = {file.name for file in run_study.files_imported_by("import src.studies.operator_null")}
    assert {"operator_null.py", "generate.py", "lives.py", "lifecycle.py"} <= files
    assert "run_study.py" not in files


def test_the_fingerprint_of_ltv_gap_covers_the_analysis_it_asks():
    files = run_study.files_imported_by("import src.studies.ltv_gap")
    names = {f"{file.parent.name}/{file.name}" for file in files}
    assert {"ltv/__init__.py", "ltv/panel.py", "gap/value_intervals.py"} <= names
    assert not [file for file in files if "reporting" in file.parts]
