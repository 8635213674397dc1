import json

from src.reporting.ltv import coverage as studies


def test_the_coverage_of_a_study_in_words(tmp_path, monkeypatch):
    monkeypatch.setattr(studies, "RESULTS", tmp_path)
    found = {"coverage.gap": 0.894, "coverage.lifetime": 0.91, "replicates": 1100}
    (tmp_path / "one.json").write_text(json.dumps(found))

    names = {"lifetime": "the time they stay", "acquisition": "the cost", "gap": "the gap"}
    assert studies.coverage_sentence("one", names) == (
        "Of 1,100 small simulated operators, 90% intervals made this way held the truth of: the "
        "time they stay in 91% and the gap in 89% (docs/studies/one.json)."
    )


def test_a_study_that_was_not_run(tmp_path, monkeypatch):
    monkeypatch.setattr(studies, "RESULTS", tmp_path)
    assert studies.coverage_sentence("one", {}) == (
        "How often such intervals hold is not known here: run make study STUDY=one."
    )
