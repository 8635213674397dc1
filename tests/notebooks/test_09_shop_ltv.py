"""The report of shop buyers: on the published sample of CDNOW, and on a small operator's shop."""

import pytest


@pytest.fixture(scope="module")
def cdnow(report):
    given = {"BASE": "cdnow_sample", "HOLDOUT": 39, "REPLICATES": 50}
    metrics, page, _ = report("09_shop_ltv", "cdnow_sample", **given)
    return metrics, page.read_text()


@pytest.fixture(scope="module")
def operator(report, small_operator):
    given = {"BASE": str(small_operator.folder), "WARM_UP": 52, "REPLICATES": 50}
    metrics, page, _ = report("09_shop_ltv", "operator", **given)
    return metrics, page.read_text()


def test_published_figures_of_cdnow_are_on_the_record(cdnow):
    metrics, _ = cdnow
    assert metrics["bgnbd.r"] == pytest.approx(0.2426, abs=1e-3)
    assert metrics["bgnbd.alpha"] == pytest.approx(4.414, abs=1e-3)
    assert metrics["bgnbd.log_likelihood"] == pytest.approx(-9582.43, abs=0.01)
    assert metrics["holdout.actual"] == 1882
    assert metrics["holdout.bgnbd.total"] == pytest.approx(1653, abs=0.5)
    assert metrics["holdout.bgnbd.mae"] == pytest.approx(0.785, abs=5e-4)
    assert metrics["holdout.all_zero.mae"] == pytest.approx(0.798, abs=5e-4)
    assert 0 < metrics["fit_seconds"] < 10


def test_the_page_says_plainly_that_a_model_hardly_beats_nobody(cdnow):
    metrics, text = cdnow
    assert metrics["holdout.best.mae"] < 0.95 * metrics["holdout.bgnbd.mae"]
    assert metrics["holdout.best"] == "the likeliest model's median"
    low, high = metrics["holdout.spearman.low"], metrics["holdout.spearman.high"]
    assert 0.3 < low < metrics["holdout.spearman"] < high < 0.6
    assert "cannot be told from saying that nobody buys again" in text
    assert "boosting brings nothing beyond the median that can be told" in text
    assert "This base has no groups of buyers" in text
    assert "fewer than 10 purchases at no cost" in text
    assert metrics["worth.total.low"] < metrics["worth.total"] < metrics["worth.total.high"]


def test_the_shop_of_an_operator_has_its_groups(operator):
    metrics, text = operator
    for name in ("subscription", "segment"):
        low, high = metrics[f"gap.{name}.low"], metrics[f"gap.{name}.high"]
        assert low < metrics[f"gap.{name}"] < high
        factors = ("time", "rate", "spend", "margin_share", "association")
        bars = sum(metrics[f"gap.{name}.{factor}"] for factor in factors)
        assert bars == pytest.approx(metrics[f"gap.{name}"])
    assert "subscribers" in text
    assert "later: in the weeks before, old buyers look new" in text
    assert metrics["holdout.main.mae"] < metrics["holdout.all_zero.mae"]
    assert metrics["second.ratio.low"] > 1
