"""The churn study on both kinds of base: what comes back, in any order, and what is refused."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import roc_auc_score

from src.analyses import churn
from src.analyses.churn.panel import Panel
from src.analyses.missing import Missing
from src.data.building import build_base
from src.data.problems import InputError
from src.features.snapshots import GONE, OUTCOMES, SAVABLE
from src.models.churn.validation import out_of_fold

SMALL = {"folds": 3, "repeats": 1, "trials": 1, "explained": 150, "resamples": 2}
SMALL |= {"replicates": 100, "tests": 1, "training": 1}
pytestmark = pytest.mark.usefixtures("few_models")


@pytest.fixture(scope="module")
def plans(tmp_path_factory):
    """A snapshot of 500 customers: short tenure and plan `flex` leave."""
    folder = tmp_path_factory.mktemp("bases") / "plans"
    folder.mkdir()
    rng = np.random.default_rng(8)
    rows = 500
    tenure = rng.integers(1, 60, rows)
    plan = rng.choice(["flex", "fixed"], rows)
    chance = 1 / (1 + np.exp(0.06 * tenure - 1.0 - (plan == "flex")))
    frame = pd.DataFrame(
        {
            "customer_id": [f"c{number:03}" for number in range(rows)],
            "churned": rng.random(rows) < chance,
            "tenure_months": tenure,
            "plan": plan,
            "monthly_revenue": rng.gamma(4, 10, rows).round(2),
        }
    )
    frame.to_csv(folder / "a.csv", index=False)
    (folder / "base.yml").write_text(
        "title: Plans\nkind: snapshot\ncurrency: EUR\ntables: {snapshot: {file: a.csv}}\n"
    )
    return build_base(str(folder), key=b"key")


@pytest.fixture(scope="module")
def leaking(plans, tmp_path_factory):
    """The same customers with a closing code of most churners, and two bills that tell together."""
    folder = tmp_path_factory.mktemp("leaking") / "leaking"
    folder.mkdir()
    rng = np.random.default_rng(9)
    frame = plans.table("snapshot")
    churned = frame["churned"].to_numpy(bool)
    bill = rng.lognormal(3, 1, len(frame)).round(2)
    frame = frame.assign(
        closing_code=np.where(churned & (rng.random(len(frame)) < 0.85), "K7", ""),
        bill_before=bill,
        bill_after=np.where(churned, bill - 0.5, bill + rng.uniform(0, 1, len(frame))).round(2),
    )
    frame.to_csv(folder / "a.csv", index=False)
    (folder / "base.yml").write_text(
        "title: Leaking\nkind: snapshot\ncurrency: EUR\ntables: {snapshot: {file: a.csv}}\n"
    )
    return build_base(str(folder), key=b"key")


@pytest.fixture(scope="module")
def study(plans):
    return churn.open_study(str(plans.folder), group="plan", **SMALL)


@pytest.fixture(scope="module")
def panel(small_operator):
    return churn.open_study(str(small_operator.folder), segment="B2B", **SMALL)


def test_a_snapshot_is_judged_in_folds_and_says_what_it_lacks(study):
    judged = study.who()
    assert judged.split is None
    assert (judged.customers, judged.folds, judged.repeats) == (500, 3, 1)
    assert judged.alone["column"].iloc[0] == "tenure_months"
    for step in (study.by_lead, study.paying_leads, study.longest_lead, study.staying_power):
        assert isinstance(step(), Missing)
    assert study.by_lead() == Missing("months per customer (a panel)", "how far ahead a list sees")


def test_the_trial_is_that_of_the_models_it_composes(study, plans, few_models):
    table = plans.table("snapshot")
    columns = [name for name in table if name not in ("customer_id", "churned")]
    named = few_models(table[columns], trials=1)
    expected = out_of_fold(table, named, folds=3, repeats=1).chances
    pd.testing.assert_frame_equal(study.compare().tried.chances, expected)


def test_the_best_model_beats_the_base_rate_and_is_told_first(study):
    trial = study.compare()
    best, base_rate = (trial.figure(name, "log_loss") for name in (trial.best, "base_rate"))
    assert best["value"] < base_rate["value"]
    assert best["is_best"]
    assert trial.standing.best == trial.labels[trial.best]
    assert trial.baselines == ["base rate", "one rule: tenure_months"]
    assert trial.judged["chance"].equals(trial.judged[trial.best])
    assert isinstance(trial.one_for_all(), Missing)
    assert isinstance(trial.against_truth(), Missing)


def test_a_list_is_in_the_order_of_expected_profit(study):
    ranked = study.compare().campaign().list()
    assert list(ranked) == ["customer_id", "chance", "value", "expected profit"]
    assert ranked["expected profit"].is_monotonic_decreasing
    money = ranked.iloc[0]
    loss = -(1 - money["chance"]) * (10 + 1)  # who would have stayed takes the offer
    expected = money["chance"] * (0.3 * (money["value"] - 10) - 1) + loss
    assert money["expected profit"] == pytest.approx(expected)


def test_reasons_of_one_customer(study):
    explanation = study.compare().explain()
    customer = explanation.rows.index[0]
    told = explanation.reasons(customer)
    assert told["place"].tolist() == list(range(1, len(told) + 1))
    assert set(told["customer"]) == {customer}
    with pytest.raises(InputError, match="customer nobody was not explained"):
        explanation.reasons("nobody")


def test_groups_are_those_asked_for(study):
    shares = study.compare().explain().by_group()
    assert set(shares["group"]) == {"flex", "fixed"}
    assert shares.groupby("group")["share"].sum().between(0.99, 1.01).all()


def test_steps_give_the_same_in_any_order(study, plans):
    other = churn.open_study(str(plans.folder), group="plan", **SMALL)
    trial = other.compare()
    stable = trial.explain().stability()
    swarm, earned, band = (
        trial.explain().swarm(),
        trial.campaign().earned(),
        trial.campaign().band(),
    )
    first = study.compare()
    pd.testing.assert_frame_equal(first.campaign().band(), band)
    pd.testing.assert_frame_equal(first.campaign().earned(), earned)
    pd.testing.assert_frame_equal(first.explain().swarm(), swarm)
    assert first.explain().stability().jaccard == stable.jaccard
    pd.testing.assert_frame_equal(first.campaign().band(), band)  # and again


def test_a_step_is_worked_out_once(study):
    assert study.compare() is study.compare()
    assert study.compare().explain() is study.compare().explain()


def test_without_a_column_no_model_reads_it(study):
    other = study.without("tenure_months")
    assert other.population.columns == ["monthly_revenue", "plan"]
    assert other.setting.without == ["tenure_months"]
    worse = other.compare()
    area = study.compare().figure(study.compare().best, "auc")["value"]
    assert worse.figure(worse.best, "auc")["value"] < area
    with pytest.raises(InputError, match="models do not read a column 'tenure'"):
        study.without("tenure")


def test_columns_too_good_to_be_true_stop_a_study_and_are_named(leaking):
    study = churn.open_study(str(leaking.folder), **SMALL)
    assert not study.who().left_out
    assert [set(names) for names in study.suspects()["columns"]] == [
        {"closing_code"},
        {"bill_before", "bill_after"},
    ]
    with pytest.raises(InputError) as caught:
        study.compare()
    assert str(caught.value).startswith("too good to be true: closing_code (filled for 8")
    for said in ("bill_after", "bill_before", "together", 'set LEAKS to "leave out"'):
        assert said in str(caught.value)


def test_a_study_goes_on_without_them_where_it_may(leaking, study):
    other = churn.open_study(str(leaking.folder), leaks="leave out", group="closing_code", **SMALL)
    assert sorted(other.population.columns) == sorted(study.population.columns)
    assert other.setting.without == []
    assert other.who().left_out
    assert len(other.who().suspects) == 2
    trial = other.compare()
    pd.testing.assert_frame_equal(trial.suspects, other.suspects())
    assert trial.compared.equals(study.compare().compared)
    assert isinstance(trial.explain().by_group(), Missing)  # a column left out is no group
    assert "closing_code" not in set(trial.weak_spots()["attribute"])
    # And one more column can be left out by name.
    less = other.without("plan")
    assert sorted(less.population.columns) == ["monthly_revenue", "tenure_months"]
    assert len(less.suspects()) == 2


def test_leaving_out_finds_nothing_on_an_honest_base(study, plans):
    other = churn.open_study(str(plans.folder), leaks="leave out", **SMALL)
    assert other.population.columns == study.population.columns
    assert other.suspects().empty
    assert study.suspects().empty
    assert other.who().left_out


def test_a_base_of_leaks_alone_has_nothing_to_go_on_with(tmp_path):
    churned = np.arange(200) % 3 == 0
    frame = pd.DataFrame({"customer_id": range(200), "churned": churned, "code": churned * 1.5})
    frame.to_csv(tmp_path / "a.csv", index=False)
    (tmp_path / "base.yml").write_text(
        "title: Code\nkind: snapshot\ncurrency: EUR\ntables: {snapshot: {file: a.csv}}\n"
    )
    base = build_base(str(tmp_path), key=b"key")
    with pytest.raises(InputError, match=r"code \(AUC 1.000 alone\); without them no column is"):
        churn.open_study(str(base.folder), leaks="leave out", **SMALL)


def test_what_is_usual_is_told_from_the_rows_learned_from(study):
    explanation = study.compare().explain()
    told = explanation.reasons(*explanation.rows.index, most=9)
    tenure = told[told["column"] == "tenure_months"]
    learned = study.compare().tried.train["tenure_months"]
    assert set(tenure["usual"]) == {f"{learned.quantile(0.5, interpolation='lower'):.0f}"}
    assert set(explanation.rows.index).isdisjoint(explanation.learned["customer_id"])


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"leaks": "go on"}, 'LEAKS must be "stop" or "leave out": what is done where columns'),
        ({"segment": "B2B"}, "SEGMENT is for panels, not snapshot bases"),
        (
            {"without": ["plans"]},
            "WITHOUT must be about a column of the base, not 'plans'; did you mean plan",
        ),
        (
            {"group": "Plan"},
            "GROUP must be about a column of the base, not 'Plan'; did you mean plan",
        ),
        ({"rule": "low tenure"}, "RULE must be about a column of the base, not 'tenure'"),
        ({"folds": 1}, "FOLDS must be folds of a snapshot base, 2 or more, not 1"),
        ({"fold": 3}, "03_churn has no parameter 'FOLD'; did you mean FOLDS"),
    ],
)
def test_what_the_base_does_not_have_is_refused(plans, given, message):
    with pytest.raises(InputError) as caught:
        churn.open_study(str(plans.folder), **given)
    assert message in str(caught.value)


def test_orders_have_no_churn_label():
    with pytest.raises(InputError, match="churn takes bases of kind panel or snapshot, not orders"):
        churn.open_study("cdnow")


def test_a_panel_takes_the_horizon_of_its_segment(panel, small_operator):
    assert (panel.population.horizon.months, panel.population.horizon.gap) == (6, 1)
    folder = str(small_operator.folder)
    by_hand = churn.open_study(folder, segment="B2B", horizon=4, **SMALL)
    assert (by_hand.population.horizon.months, by_hand.population.horizon.gap) == (4, 1)
    judged = panel.who()
    assert judged.split.tests == panel.population.split.tests
    assert judged.customers == len(judged.split.test)
    assert set(judged.split.test["segment"]) == {"B2B"}


def test_a_panel_asks_for_no_segment_and_says_so(small_operator):
    everybody = churn.open_study(str(small_operator.folder), **SMALL)
    assert everybody.paying_leads().lacks == "segment that was asked for"


def test_what_was_said_of_the_silent_and_what_came(panel):
    trial = panel.compare()
    rows = panel.population.judged()
    said = trial.tried.outcomes[trial.best][:, OUTCOMES.index(GONE)]
    found = trial.silent().set_index("silent")
    assert found.index.min() >= 1
    assert found["customers"].sum() == (rows["months_since_revenue"] > 0).sum()
    for months, row in found.iterrows():
        own = (rows["months_since_revenue"] == months).to_numpy()
        assert row["customers"] == rows.loc[own, "customer_id"].nunique()
        assert row["gone_said"] == pytest.approx(said[own].mean())
        assert row["gone"] == (trial.judged.loc[own, "outcome"] == GONE).mean()
        assert row["lost_said"] == pytest.approx(trial.judged.loc[own, "chance"].mean())
        assert row["lost"] == trial.judged.loc[own, "churned"].mean()
        assert row["low"] <= row["gone"] <= row["high"]


def test_who_can_be_saved_is_judged_apart_from_who_is_lost(panel, study):
    trial = panel.compare()
    judged = trial.judged
    assert (judged["savable"] <= judged["chance"] + 1e-12).all()
    slope = trial.savable_calibration().parts.loc["slope"]
    assert slope["low"] < 1 < slope["high"]
    area, lost = (trial.figure(trial.best, name)["value"] for name in ("savable_auc", "auc"))
    expected = roc_auc_score(judged["outcome"] == SAVABLE, judged["savable"])
    assert area == pytest.approx(expected)
    assert area != lost
    few = Missing("months per customer (a panel)", "who can be saved")
    assert study.compare().savable_calibration() == few
    assert study.compare().silent().adds == "what came of the silent"


def test_the_gone_on_a_planned_list_cost_a_contact_and_bring_nothing(panel):
    rows = panel.compare().campaign().rows
    beyond = rows["unreachable"].to_numpy(bool)
    assert beyond.any()
    assert (rows.loc[beyond, "profit"] == -panel.setting.contact).all()
    stays = ~beyond & ~rows["savable"].to_numpy(bool)
    assert (rows.loc[stays, "profit"] == -panel.setting.contact - panel.setting.offer).all()


def test_the_list_of_today_has_everybody_who_can_be_called(panel, small_operator):
    found = panel.list()
    chances = ["gone_already", "too_late", "can_be_saved", "stays"]
    assert found[chances].sum(axis=1).to_numpy() == pytest.approx(np.ones(len(found)))
    assert found["gain_of_contact"].is_monotonic_decreasing
    assert set(found["segment"]) == {"B2B"}
    # Bills in the last three months, and not closed: whatever came of them.
    bills, people = small_operator.table("billing"), small_operator.table("customers")
    last = bills["month"].max()
    recent = bills[(bills["revenue"] > 0) & (bills["month"] > last - pd.DateOffset(months=3))]
    closed = people.loc[people["closed_month"] <= last, "customer_id"]
    expected = set(recent["customer_id"]) & set(people.loc[people["segment"] == "B2B"].customer_id)
    assert set(found["customer_id"]) == expected - set(closed)
    assert found["customer_id"].is_unique
    silent = found["silent"] > 0
    assert (found.loc[~silent, "gone_already"] == 0).all()
    assert (found.loc[~silent, "state"] == "active").all()
    assert found.loc[silent, "state"].str.match(r"silent for [12] months?, \d+% gone al").all()
    assert (found["value_at_risk"] <= found["ltv"].clip(lower=0) + 1e-9).all()
    assert panel.list().equals(found)


def test_the_list_of_a_snapshot_is_of_those_who_are_there(study, plans):
    found, table = study.list(), plans.table("snapshot")
    assert len(found) == (~table["churned"].astype(bool)).sum()
    assert "state" not in found
    assert (found[["gone_already", "too_late"]] == 0).all(axis=None)
    assert found["can_be_saved"].to_numpy() == pytest.approx(1 - found["stays"].to_numpy())
    assert found["reason_1"].str.contains("the odds by a factor").all()
    trial = study.compare()
    said = trial.judged.set_index("customer_id")["chance"]
    assert found["can_be_saved"].tolist() == said[found["customer_id"]].tolist()


def test_what_offers_kept_is_counted_where_campaigns_had_controls(small_operator, study, panel):
    """Of B2C, where enough left; the simulated offers keep some."""
    consumers = churn.open_study(str(small_operator.folder), segment="B2C", **SMALL)
    kept = consumers.saved_share()
    assert kept.months == consumers.population.horizon.reach
    assert kept.campaigns >= 1
    assert kept.share.low < kept.share.value < kept.share.high < 1
    assert 0 < kept.churn < 0.5
    assert panel.saved_share().lacks == (
        "campaigns with a control group in which ten left on either side"
    )
    assert study.saved_share().lacks == "campaigns with a control group"


def test_every_answer_is_short_in_print(study, panel):
    trial = study.compare()
    answers = [study, study.setting, study.who(), study.by_lead(), trial, trial.curves()]
    answers += [trial.calibration(), trial.campaign(), trial.explain(), trial.explain().stability()]
    answers += [trial.explain().dependence("plan"), panel, panel.who(), panel.population.split]
    answers += [trial.tried, trial.explain().contributions]
    for answer in answers:
        assert len(repr(answer)) < 300, type(answer)


def test_without_a_segment_no_model_is_compared_with_itself(small_operator):
    everybody = churn.open_study(str(small_operator.folder), **SMALL)
    learned = everybody.population
    few = {name: model for name, model in learned.candidates().items() if name == "xgboost"}
    lists = learned.two_lists(learned.tried(few))
    assert lists.chances["own"].isna().all()
    assert lists.chances["one for all"].notna().all()


def snapshot_of(frame: pd.DataFrame, folder) -> object:
    """A built base of one labelled row per customer."""
    folder.mkdir()
    frame.to_csv(folder / "a.csv", index=False)
    (folder / "base.yml").write_text(
        "title: Small\nkind: snapshot\ncurrency: EUR\ntables: {snapshot: {file: a.csv}}\n"
    )
    return build_base(str(folder), key=b"key")


def test_columns_of_any_kind_and_gaps_are_said_and_stop_nothing(plans, tmp_path):
    table = plans.table("snapshot").astype({"monthly_revenue": float})
    rows = len(table)
    table.loc[:4, "monthly_revenue"] = None
    table.loc[5:6, "tenure_months"] = None
    days = pd.Timestamp("2024-06-01") - pd.to_timedelta(np.arange(rows) % 400, unit="D")
    odd = table.assign(
        since=days.strftime("%Y-%m-%d"),
        note=[f"said {place}" for place in range(rows)],
        empty=None,
        **{"calls [30 d]": np.arange(rows) % 5, "chance": np.arange(rows) % 3, "duration": 1.5},
    )
    base = snapshot_of(odd, tmp_path / "odd")

    study = churn.open_study(str(base.folder), **SMALL)

    assert study.who().remarks == [
        "No model reads these columns: duration (never varies), empty (empty), note (names its "
        "rows).",
        "Dates are read as months before 2024-06-01, the newest of them: since.",
        "5 of 500 customers have no monthly_revenue: they are valued as if they had the median.",
        "2 of 500 customers have no tenure_months: they are valued as if they had the median.",
    ]
    trial = study.compare()
    assert trial.campaign().list()["value"].gt(0).all()
    assert set(trial.weak_spots()["attribute"]) >= {"chance", "calls [30 d]"}


@pytest.mark.slow
def test_words_of_the_code_as_names_of_columns_change_no_figure(plans, tmp_path):
    table = plans.table("snapshot")
    rng = np.random.default_rng(0)
    words = ["chance", "duration", "ended", "margin", "outcome", "value", "const", "a < b [c]"]
    more = pd.DataFrame({word: rng.normal(size=len(table)).round(3) for word in words})
    plain = {word: f"v{place}" for place, word in enumerate(sorted(words, key=str))}
    aucs, values = [], []
    for name, names in (("words", {}), ("plain", plain)):
        base = snapshot_of(table.join(more.rename(columns=names)), tmp_path / name)
        trial = churn.open_study(str(base.folder), **SMALL).compare()
        aucs.append(trial.figure("logistic", "auc")["value"])
        values.append(trial.campaign().list().set_index("customer_id")["value"].sort_index())
    assert aucs[0] == pytest.approx(aucs[1])
    pd.testing.assert_series_equal(*values)


def test_without_a_signal_no_list_no_reasons_and_no_slope_are_told(tmp_path):
    rng = np.random.default_rng(2)
    frame = pd.DataFrame({"customer_id": range(300), "churned": rng.random(300) < 0.3})
    frame = frame.assign(tenure_months=rng.integers(1, 60, 300), calls=rng.poisson(3, 300))
    base = snapshot_of(frame, tmp_path / "noise")

    trial = churn.open_study(str(base.folder), **SMALL).compare()

    assert not trial.has_signal
    steps = (trial.campaign, trial.explain, trial.calibration, trial.savable_calibration)
    steps += (trial.odds, trial.weak_spots, trial.by_group, trial.five, trial.concordance)
    assert all(isinstance(step(), Missing) for step in steps)
    assert trial.suspicions().empty


def test_a_strong_column_is_said_before_the_winner(plans, tmp_path):
    table = plans.table("snapshot")
    rng = np.random.default_rng(0)
    months = np.where(table["churned"], rng.integers(0, 10, 500), rng.integers(3, 24, 500))
    base = snapshot_of(table.assign(remaining_contract=months), tmp_path / "end")

    trial = churn.open_study(str(base.folder), **SMALL).compare()

    assert trial.suspicions()["column"].tolist() == ["remaining_contract"]
    assert trial.drop_line == "`drop: [remaining_contract]`"


def test_time_at_risk_gives_a_concordance(study):
    assert 0.5 < study.compare().concordance() < 1


def test_a_base_of_which_hardly_anybody_left_is_refused_at_once(tmp_path):
    frame = pd.DataFrame({"customer_id": range(50), "churned": False, "calls": range(50)})
    base = snapshot_of(frame, tmp_path / "nobody")
    with pytest.raises(InputError, match="of 50 in this base 0 are marked as churned"):
        churn.open_study(str(base.folder))


def test_a_panel_of_which_few_leave_in_any_month_says_so():
    rows = pd.DataFrame({"months_left": [np.nan] * 30 + [2.0, 5.0, 0.0]})
    ahead = {"B2C": (np.full(33, 0.1), np.full((33, 12), 0.02), rows)}
    few = SimpleNamespace(_ahead=ahead, setting=SimpleNamespace(confidence=0.95))
    assert Panel.by_lead(few) == Missing(
        "ten exits in any month ahead", "how far ahead a list sees"
    )


def test_a_segment_that_nobody_left_takes_no_other_with_it(monkeypatch):
    """A year before the end nobody of B2B had left; what is known of B2C is shown."""
    learned = []

    def looked_ahead(members, *_, **__):
        if set(members["segment"]) == {"B2B"}:
            raise InputError("nobody left in the months watched: there is nothing to learn")
        learned.append(members["segment"].iloc[0])
        gone = SimpleNamespace(
            gone=lambda rows: np.zeros(len(rows)),
            hazards=lambda rows, months: np.full((len(rows), months), 0.1),
        )
        then = pd.DataFrame({"months_left": [1.0] * 15 + [np.nan] * 15, "x": 1.0})
        return gone, then

    monkeypatch.setattr("src.models.churn.leadtime.looked_ahead", looked_ahead)
    rows = pd.DataFrame({"segment": ["B2B", "B2C"]})
    setting = SimpleNamespace(seed=0, value_months=12, confidence=0.9, segment="B2B")
    few = SimpleNamespace(rows=rows, record=None, columns=["x"], setting=setting)
    few._ahead = Panel._ahead.func(few)
    assert learned == ["B2C"]
    assert Panel.by_lead(few)["group"].unique().tolist() == ["B2C"]
    assert Panel.paying_leads(few, np.random.default_rng(0)) == Missing(
        "exits of this segment a year before the end", "up to which lead a list pays"
    )
    few._ahead = {}
    assert isinstance(Panel.by_lead(few), Missing)
