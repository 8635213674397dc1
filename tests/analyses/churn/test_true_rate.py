"""Learning on rows of which half churned, on the operator: chances and money of the true rate."""

import numpy as np
import pandas as pd
import pytest

from src.analyses import churn
from src.data.building import build_base
from src.data.problems import InputError

READ = (
    "tenure_months", "revenue_ratio_1_3", "data_gb_mean_1m", "months_to_renewal", "last_product",
    "call_minutes_mean_1m", "nps_mean_12m",
)  # fmt: skip
pytestmark = pytest.mark.usefixtures("few_models")
SETTING = {"folds": 3, "trials": 1, "repeats": 1, "replicates": 100, "value_months": 12}


@pytest.fixture(scope="module")
def halves():
    """Customers of the operator to learn from and others to score, with the margin of a month."""
    rows = churn.open_study("operator").population.alone()
    columns = ["customer_id", "churned", "segment", *READ]
    table = rows[columns].assign(monthly_margin=rows["margin_mean_12m"])
    table["churned"] = table["churned"].astype(bool)
    is_learned = np.random.default_rng(0).random(len(table)) < 0.5
    return table[is_learned], table[~is_learned]


@pytest.fixture(scope="module")
def resampled(halves):
    """As many who stayed as churned."""
    gone = halves[0][halves[0]["churned"]]
    return pd.concat([gone, halves[0][~halves[0]["churned"]].sample(len(gone), random_state=0)])


@pytest.fixture(scope="module")
def opened(tmp_path_factory):
    """Open a base of rows to learn from, others to score, and a rate, as a study."""

    def study(learned, scored=None, **written):
        folder = tmp_path_factory.mktemp("bases") / "half"
        folder.mkdir()
        learned.to_csv(folder / "learned.csv", index=False)
        lines = ["title: Half", "kind: snapshot", "currency: EUR"]
        lines += [f"{name}: {value}" for name, value in written.items()]
        lines += ["tables:", "  snapshot: {file: learned.csv}"]
        if scored is not None:
            scored.to_csv(folder / "scored.csv", index=False)
            lines.append("  scored: {file: scored.csv}")
        (folder / "base.yml").write_text("\n".join(lines))
        build_base(str(folder), key=b"key of tests")
        return churn.open_study(str(folder), **SETTING)

    return study


@pytest.fixture(scope="module")
def rate(halves):
    return round(float(halves[0]["churned"].mean()), 4)


@pytest.fixture(scope="module")
def scored_there(opened, halves, resampled, rate):
    return opened(resampled, halves[1], churn_rate=rate)


@pytest.fixture(scope="module")
def true(opened, halves):
    """Learned from rows as customers are, judged on the same customers."""
    return opened(halves[0].sample(3000, random_state=1), halves[1])


@pytest.mark.slow
def test_rows_resampled_to_a_half_give_the_figures_of_the_true_rate(scored_there, true, halves):
    learned, usual = scored_there.compare(), true.compare()
    came = halves[1]["churned"].mean()
    assert len(learned.judged) == len(usual.judged) == len(halves[1])
    assert learned.judged["chance"].mean() == pytest.approx(came, rel=0.15)  # 0.5 is that of rows
    intercept = learned.calibration().parts.loc["intercept"]
    assert abs(intercept["value"]) < 0.4  # log odds; uncorrected it is about -2.8
    for metric in ("lift10", "auc", "empc"):
        here, there = (one.figure(one.best, metric) for one in (learned, usual))
        assert here["low"] <= there["value"] <= here["high"], metric
    here, there = (one.campaign().earned().iloc[0] for one in (learned, usual))
    assert here["low"] <= there["profit"] <= here["high"]
    assert here["share"] < 0.4  # of a sample of halves nearly everybody would be contacted
    remarks = " ".join(scored_there.population.remarks())
    assert "of which 50.0% churned, and are judged on other customers" in remarks
    assert "**The true rate of churn is 5.5%**, as `churn_rate` of base.yml says" in remarks


def test_without_rows_to_score_the_resampled_ones_are_thinned(opened, resampled, rate, true):
    study = opened(resampled, churn_rate=rate)
    trial = study.compare()
    stayed = int((~resampled["churned"]).sum())
    assert (~trial.judged["churned"].astype(bool)).sum() == stayed
    assert trial.judged["churned"].mean() == pytest.approx(rate, abs=0.003)
    assert len(study.population.alone()) == 2 * stayed  # all of them teach
    assert trial.judged["chance"].mean() == pytest.approx(rate, abs=0.03)
    usual = true.compare()
    for metric in ("lift10", "auc"):
        here = trial.figure(trial.best, metric)
        assert here["low"] <= usual.figure(usual.best, metric)["value"] <= here["high"]
    listed = study.list()
    assert len(listed) == stayed
    assert listed["can_be_saved"].mean() == pytest.approx(rate, abs=0.03)


def test_who_is_to_be_scored_is_on_the_list_and_who_left_is_not(scored_there, halves):
    listed = scored_there.list()
    assert len(listed) == (~halves[1]["churned"]).sum()
    assert listed["can_be_saved"].mean() < 0.1


def test_rows_to_score_need_no_label(opened, halves, resampled, rate):
    unknown = halves[1].head(300).drop(columns="churned")
    study = opened(resampled, unknown, churn_rate=rate)
    assert study.who().folds == 3
    assert study.who().churners < 30  # thinned to the true rate
    listed = study.list()
    assert len(listed) == 300
    assert listed["can_be_saved"].between(0, 1).all()
    assert listed["can_be_saved"].mean() < 0.15
    assert listed["ltv"].gt(0).sum() == unknown["monthly_margin"].gt(0).sum()


def test_customers_who_are_judged_teach_nothing(opened, halves, resampled, rate):
    both = pd.concat([resampled, halves[1].head(50)])
    study = opened(both, halves[1], churn_rate=rate)
    assert len(study.population.alone()) == len(resampled)
    assert study.population.remarks()[2] == (
        "50 rows to learn from were left out: their customers are judged."
    )


def test_a_budget_on_resampled_chances_is_refused_with_the_line_to_write(opened, halves, resampled):
    with pytest.raises(InputError, match=r"a budget on their chances would be wrong. Write `churn"):
        opened(resampled, halves[1])
    with pytest.raises(InputError, match=r"but base.yml says `churn_rate: 0\.3`; mend it"):
        opened(resampled, halves[1], churn_rate=0.3)
