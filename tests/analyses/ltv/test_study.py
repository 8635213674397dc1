"""A study of lifetime value on both kinds of base: what comes back, in any order."""

import shutil
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

from src.analyses import ltv
from src.analyses.ltv.panel import _months_billed
from src.analyses.missing import Missing
from src.data.building import build_base
from src.data.problems import InputError
from src.features.tables import build_features
from src.features.true_rate import as_customers_are

NEED_MONTHS = ("ahead", "at_risk", "top_at_risk", "by_tenure", "elasticities", "payback")
NEED_MONTHS += ("backtest", "members")
NEED_TABLES = ("net", "roles", "realised", "partial_churn", "against_truth", "sizes")


def test_a_snapshot_says_what_it_lacks(of_plans, open_plans):
    study = of_plans
    for name in NEED_MONTHS:
        assert getattr(study, name)().lacks == "months per customer (a panel)"
    for name in NEED_TABLES:
        assert isinstance(getattr(study, name)(), Missing)
    assert open_plans(alike=[]).alike().lacks == "columns to be alike in"
    assert study.terms.assumed_margin == 0.5
    assert not study.terms.is_residual


def test_a_snapshot_compares_its_groups(of_plans):
    study = of_plans
    gap, worth = study.gap(), study.worth()
    assert list(worth) == ["customer_id", "group", "lifetime", "revenue", "margin"]
    means = worth.groupby("group")["margin"].mean()
    bar = gap.bars.set_index("factor")["bar"]
    assert bar["gap"] == pytest.approx(means["gold"] - means["basic"])
    assert bar.drop("gap").sum() == pytest.approx(bar["gap"])
    assert gap.thin == ()
    assert study.gap_at(36, 0.12) == pytest.approx(bar["gap"])
    totals = study.mix().totals.set_index("effect")["value"]
    assert totals["mix"] + totals["rate"] == pytest.approx(bar["gap"])
    assert study.alike().columns == ("region",)


def test_a_group_of_few_is_refused_and_so_many_at_least_are_the_top(open_plans):
    message = "plan gold has fewer than 201 customers, MIN_CELL, and nothing is shown of so few"
    with pytest.raises(InputError, match=message):
        open_plans(min_cell=201).gap()
    assert open_plans(top=1).terms.top == 10
    assert open_plans(top=40).terms.top == 40


def test_other_settings_keep_the_share_of_margin(open_plans):
    half, fifth = (open_plans(margin_share=share, horizon=24).settings() for share in (0.5, 0.2))
    assert half["months"].tolist() == [12] * 3 + [24] * 3
    assert half["rate"].tolist() == [0.0, 0.12, 0.2] * 2
    assert half["freeze_months"].isna().all()
    assert (0.4 * half["gap"]).tolist() == pytest.approx(fifth["gap"].tolist())


def test_mean_ltv_by_a_column_within_one_group(of_plans):
    study = of_plans
    table = study.mean_by("region", within="gold")
    worth = study.worth().set_index("customer_id").join(study.traits()["region"])
    gold = worth[worth["group"] == "gold"].groupby("region")["margin"]
    assert list(table) == ["region", "customers", "mean", "low", "high", "share"]
    assert table["region"].tolist() == ["north", "south"]
    assert table["customers"].tolist() == gold.size().tolist()
    assert table["mean"].tolist() == pytest.approx(gold.mean().tolist())
    assert table["share"].sum() == pytest.approx(1)
    assert table["mean"].between(table["low"], table["high"]).all()
    bands = study.mean_by("tenure_months")
    assert bands["customers"].sum() == 600
    highest = bands["tenure_months"].iloc[:-1].str.split(" to ").str[1].astype(float)
    assert highest.is_monotonic_increasing
    assert bands["tenure_months"].iloc[[0, -1]].str.split(" ").str[0].tolist() == ["up", "over"]


def test_columns_and_groups_that_are_not_there_are_refused(of_plans):
    study = of_plans
    words = r"column must be a column of study\.traits\(\), not 'Region'; did you mean region"
    with pytest.raises(InputError, match=words):
        study.mean_by("Region")
    with pytest.raises(InputError, match="must be one of the two groups, not 'Gold'; did you"):
        study.mean_by("region", within="Gold")
    with pytest.raises(InputError, match="months must be 1 to 36, not 48"):
        study.gap_at(48, 0.1)


@pytest.mark.slow
def test_steps_give_the_same_figures_in_any_order(open_plans):
    one, other = open_plans(), open_plans()
    gap, mixed, alike = one.gap(), one.mix(), one.alike()
    by_region = one.mean_by("region")
    assert_frame_equal(other.mean_by("region"), by_region)
    assert_frame_equal(other.alike().table, alike.table)
    assert_frame_equal(other.mix().totals, mixed.totals)
    assert_frame_equal(other.gap().ltv, gap.ltv)
    assert_frame_equal(other.gap().bars, gap.bars)


def test_an_answer_is_kept_and_its_frame_cannot_be_spoilt(of_plans):
    study = of_plans
    assert study.gap() is study.gap()
    worth = study.worth()
    worth["margin"] = 0
    assert (study.worth()["margin"] > 0).all()


def test_a_panel_puts_customers_in_the_order_of_their_value_at_risk(panel):
    table = panel.at_risk("B2B")
    expected = ["customer_id", "group", "chance", "ltv", "at_risk", "tenure_months", "size"]
    assert list(table) == [*expected, "region", "channel"]
    assert table["at_risk"].tolist() == pytest.approx(
        (table["chance"] * table["ltv"].clip(lower=0)).tolist()
    )
    assert table["at_risk"].is_monotonic_decreasing
    assert table["chance"].between(0, 1).all()
    assert set(table["group"]) == {"B2B"}
    shares = panel.top_at_risk().set_index("group")["share"]
    assert shares["B2B"] == pytest.approx(table["at_risk"].head(10).sum() / table["at_risk"].sum())
    assert len(panel.at_risk()) == len(panel.worth())
    with pytest.raises(InputError, match="group must be one of the two groups, not 'b2b'; did you"):
        panel.at_risk("b2b")


def test_a_panel_values_everybody_on_the_list(panel, small_operator):
    """A bill in one of the last three months and not closed; the silent may be gone already."""
    bills, people = (small_operator.table(name) for name in ("billing", "customers"))
    last = bills["month"].max()
    paid = bills[bills["revenue"] > 0].groupby("customer_id")["month"].max()
    closed = people.set_index("customer_id")["closed_month"]
    listed = paid[(paid > last - pd.DateOffset(months=3)) & ~(closed.reindex(paid.index) <= last)]
    for name, members in panel.members().items():
        who = members.worth["customer_id"]
        assert sorted(who) == sorted(listed.index[listed.index.str.startswith(name)])
        silent = (paid.reindex(who) < last).to_numpy()
        assert silent.sum() > 5
        assert (members.gone[~silent] == 0).all()
        assert members.gone[silent].mean() > 0.3
        # What may be gone is worth that much less from the first month on.
        assert (members.survival(1)[:, 0] <= 1 - members.gone).all()


def test_a_panel_tells_what_came_and_what_is_to_come(panel):
    money = panel.realised()
    assert list(money) == ["group", "so_far", "residual", "total"]
    assert money["group"].tolist() == ["B2B", "B2C"]
    assert money["residual"].tolist() == pytest.approx(
        [panel.worth().groupby("group")["margin"].mean()[name] for name in ("B2B", "B2C")]
    )
    ahead = panel.ahead()
    assert ahead.groupby("group").size().tolist() == [37, 37]
    assert ahead.groupby("group")["value"].apply(lambda share: share.is_monotonic_decreasing).all()
    # Some of the silent are gone already.
    first = ahead[ahead["month"] == 0].set_index("group")["value"]
    there = {name: 1 - group.gone.mean() for name, group in panel.members().items()}
    assert first.to_dict() == pytest.approx(there)
    assert (first < 1).all()


def test_a_panel_is_tried_under_other_settings(panel):
    table = panel.settings()
    assert table["freeze_months"].dropna().tolist() == [2, 3, 4, 6]
    assert len(table) == 9 + 4
    usual = table[(table["months"] == 36) & (table["rate"] == 0.12) & table["freeze_months"].isna()]
    gap = panel.gap().bars.set_index("factor").loc["gap", "bar"]
    assert usual["gap"].tolist() == pytest.approx([gap])


def test_a_panel_without_costs_lines_and_traits_says_so(revenue_panel):
    lacks = {
        "net": "acquisition costs",
        "payback": "acquisition costs",
        "roles": "lines",
        "partial_churn": "lines",
        "sizes": "sizes or roles",
        "mix": "column region",
        "against_truth": "known truth (it is not simulated)",
    }
    for name, words in lacks.items():
        assert getattr(revenue_panel, name)().lacks == words
    assert revenue_panel.alike().columns == ("tenure",)
    assert revenue_panel.terms.assumed_margin == 0.4
    assert "acquisition" not in set(revenue_panel.elasticities()["lever"])
    margin = revenue_panel.gap().groups["margin_share"]
    assert margin.tolist() == pytest.approx([0.4, 0.4], rel=0.2)


def test_payback_needs_enough_newcomers_of_a_group(small_operator, monkeypatch):
    study = ltv.open_study(str(small_operator.folder))
    new = {name: len(lives.customers) for name, lives in study.population.newcomers().items()}
    assert new["B2C"] > new["B2B"] > 30

    monkeypatch.setattr("src.analyses.ltv.panel.LEAST", new["B2B"] + 1)
    assert list(study.population.newcomers()) == ["B2C"]

    monkeypatch.setattr("src.analyses.ltv.panel.LEAST", new["B2C"] + 1)
    lacks = "acquisition costs of enough newcomers"
    assert study.payback() == Missing(lacks, "when a new customer has paid back")


def test_what_comes_back_is_short_to_look_at(panel):
    members = panel.members()["B2B"]
    shown = [panel, panel.terms, panel.gap(), panel.stays(), panel.cohorts(), panel.mix()]
    shown += [panel.alike(), panel.backtest(), panel.against_truth(), panel.roles(), members]
    shown += [members.model, members.model.levels, members.model.margin]
    shown += [members.model.margin.evidence, panel.stays().test, panel.setting.names]
    assert max(len(repr(value)) for value in shown) < 300
    assert repr(panel.gap()).startswith("Comparison: a gap of mean LTV of ")


def test_every_public_step_tells_what_comes_back(panel):
    steps = [name for name in dir(type(panel)) if not name.startswith("_")]
    documented = {name: getattr(type(panel), name).__doc__ for name in steps}
    assert [name for name, words in documented.items() if not words] == []
    assert "`low`, `high` (money per customer)" in documented["mean_by"]


def test_naming_the_analysis_loads_no_models():
    code = "import sys, src.analyses.ltv\nprint(*(x in sys.modules for x in ('xgboost', 'pandas')))"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.split() == ["False", "False"]


def test_the_chance_to_leave_is_that_of_a_year(panel):
    table, members = panel.at_risk("B2C").set_index("customer_id"), panel.members()["B2C"]
    # Levels and who may be gone already are in it: the survival that values them.
    factors = members.model.levels.factors(members.size, 12)
    stays = (1 - members.gone) * np.prod(1 - members.hazards[:, :12] * factors, axis=1)
    expected = pd.Series(1 - stays, members.worth["customer_id"])
    assert table["chance"].reindex(expected.index).tolist() == pytest.approx(expected.tolist())


@pytest.fixture
def of_table(plans, tmp_path):
    """A study of the plans with other cells; `change` makes the table."""

    def opened(change, **changed):
        folder = tmp_path / "changed"
        folder.mkdir()
        change(plans.table("snapshot")).to_csv(folder / "a.csv", index=False)
        (folder / "base.yml").write_text(
            "title: Plans\nkind: snapshot\ncurrency: EUR\ntables: {snapshot: {file: a.csv}}\n"
        )
        build_base(str(folder), key=b"key")
        given = {"group": "plan", "first": "gold", "second": "basic", "replicates": 50}
        return ltv.open_study(str(folder), **given | changed)

    return opened


def test_columns_that_03_refuses_tell_no_value_and_are_said(of_plans, of_table):
    study = of_table(lambda table: table.assign(closing=table["churned"].map({True: 7, False: 1})))

    assert "closing" not in study.population.columns
    assert study.terms.remarks[0].startswith("**Left out as too good to be true:** closing (AUC 1")
    line = "write under tables.snapshot of base.yml: `drop: [closing]`."
    assert study.terms.remarks[0].endswith(line)
    # Those of the plans alone, as if nobody had written the column.
    plain = of_plans.gap().ltv
    assert_frame_equal(study.gap().ltv, plain)


def test_customers_without_money_are_left_out_and_half_months_are_read(of_table):
    def change(table):
        table["monthly_revenue"] = table["monthly_revenue"].astype(float)
        table.loc[:4, "monthly_revenue"] = None
        return table.assign(tenure_months=table["tenure_months"] + 0.5, duration=3.5)

    study = of_table(change)

    assert len(study.worth()) == 600 - 5
    assert study.worth()["margin"].gt(0).all()
    assert study.lives()["duration"].max() == 59
    said = "No model reads these columns: duration (never varies)."
    assert study.terms.remarks == (said,)
    assert study.stays() is not None


def test_groups_that_share_no_level_say_so_and_the_rest_stands(of_table):
    study = of_table(lambda table: table, sub_segment="plan", alike=["plan"])
    assert isinstance(study.mix(), Missing)
    assert isinstance(study.alike(), Missing)
    assert len(study.gap().ltv)


def test_groups_are_numbers_as_a_person_writes_them(of_table):
    def change(table):
        code = table["plan"].map({"gold": 1.0, "basic": 2.0})
        return table.assign(code=code.mask(table.index == 0))

    study = of_table(change, group="code", first="1", second="2")
    assert set(study.worth()["group"]) == {"1", "2"}


@pytest.mark.parametrize("name", ["monthly_revenue", "tenure_months"])
def test_a_snapshot_without_money_or_time_is_refused_at_once(of_table, name):
    with pytest.raises(InputError, match=rf"`columns: {{{name}: <that column>}}`$"):
        of_table(lambda table: table.drop(columns=name))


def test_words_of_the_code_as_names_of_columns_change_no_figure(of_table, tmp_path):
    """A column of the base called `group` is one like others where another is compared."""
    words = ["chance", "duration", "margin", "value", "weight"]
    usual = {name: f"{name}_" for name in ["group", *words]}

    def change(table):
        rng = np.random.default_rng(5)
        area = np.where(table["churned"], "a", rng.choice(["a", "b"], len(table)))
        more = {word: rng.normal(size=len(table)).round(3) for word in words}
        return table.assign(group=area, **more)

    study = of_table(change, sub_segment="group", alike=["group"])
    shutil.rmtree(tmp_path / "changed")
    asked = {"sub_segment": "group_", "alike": ["group_"]}
    plain = of_table(lambda table: change(table).rename(columns=usual), **asked)

    assert set(usual) <= set(study.population.columns)
    assert_frame_equal(study.worth(), plain.worth())
    assert_frame_equal(study.lives(), plain.lives())
    assert_frame_equal(study.mix().totals, plain.mix().totals)
    assert_frame_equal(study.alike().table, plain.alike().table)
    assert len(study.cohorts().table) == 2
    for name, other in usual.items():
        assert study.mean_by(name)[name].tolist() == plain.mean_by(other)[other].tolist()


def test_columns_of_any_kind_are_read_or_left_out(of_table):
    def change(table):
        days = pd.Timestamp("2024-06-01") - pd.to_timedelta(np.arange(600) % 400, unit="D")
        odd = {"usage <5 GB": np.arange(600) % 5, "note": [f"said {n}" for n in range(600)]}
        odd |= {"since": days.strftime("%d.%m.%Y"), "empty": None, "same": "x"}
        return table.assign(**odd)

    study = of_table(change)
    assert study.population.columns == ["monthly_revenue", "plan", "region", "since", "usage <5 GB"]
    assert study.traits()["since"].tolist()[:2] == [0, 1 / 30.4375]
    assert study.terms.remarks == (
        "No model reads these columns: empty (empty), note (names its rows), same (never varies).",
        "Dates are read as months before 2024-06-01, the newest of them: since.",
    )
    assert study.worth()["margin"].gt(0).all()


def test_without_a_signup_tenure_is_counted_from_the_first_bill():
    months = pd.to_datetime(["2023-11-01", "2024-01-01", "2024-02-01"])
    bills = pd.DataFrame({"customer_id": ["a", "a", "b"], "month": months})
    rows = pd.DataFrame({"customer_id": ["b", "a"], "snapshot": pd.Timestamp("2024-03-01")})
    assert _months_billed(rows, bills).tolist() == [1, 4]


def test_the_gap_moves_with_the_bound_of_the_segments(tmp_path, monkeypatch):
    from src.data.building import build_base

    rng = np.random.default_rng(0)
    rows = 300
    employees = rng.integers(1, 40, rows)
    table = pd.DataFrame(
        {
            "customer_id": range(rows),
            "churned": rng.random(rows) < 0.4,
            "tenure_months": rng.integers(1, 60, rows),
            "monthly_revenue": 10.0 + employees,
            "employees": employees,
        }
    )
    table.to_csv(tmp_path / "a.csv", index=False)
    (tmp_path / "base.yml").write_text(
        "title: T\nkind: snapshot\ncurrency: EUR\nsegment: {column: employees, b2b_from: 10}\n"
        "tables: {snapshot: {file: a.csv}}\n"
    )
    build_base(str(tmp_path), key=b"a key of the tests")
    moved = ltv.open_study(str(tmp_path), replicates=50, columns=["employees"]).by_bound()
    assert moved["bound"].tolist() == [2.5, 5.0, 10.0, 20.0]
    assert moved["customers"].tolist() == [int((employees >= b).sum()) for b in moved["bound"]]
    assert moved.set_index("bound")["is_own"].to_dict()[10.0]
    assert (moved["gap"] > 0).all()

    def as_text(base):
        return as_customers_are(base).astype({"employees": str})

    monkeypatch.setattr("src.analyses.ltv.comparing.as_customers_are", as_text)
    again = ltv.open_study(str(tmp_path), replicates=50, columns=["employees"]).by_bound()
    assert_frame_equal(again, moved)


def test_the_gap_moves_with_the_bound_of_first_bills(tmp_path):
    rng, rows = np.random.default_rng(0), []
    for customer in range(120):
        usual = (30, 60, 150, 300)[customer % 4]
        months = pd.period_range("2022-01", periods=min(24, rng.geometric(0.03)), freq="M")
        rows += [(customer, month, round(usual * rng.lognormal(0, 0.2), 2)) for month in months]
    bills = pd.DataFrame(rows, columns=["customer_id", "month", "revenue"])
    bills.to_csv(tmp_path / "billing.csv", index=False)
    pd.DataFrame({"customer_id": range(120)}).to_csv(tmp_path / "customers.csv", index=False)
    (tmp_path / "base.yml").write_text(
        "title: T\nkind: panel\ncurrency: EUR\nsegment: {first_bills: 3, b2b_from: 100}\n"
        "tables: {customers: {file: customers.csv}, billing: {file: billing.csv}}\n"
    )
    base = build_base(str(tmp_path), key=b"a key of the tests")
    build_features(base)
    study = ltv.open_study(str(tmp_path), replicates=50, shapes=2, every=4)

    moved = study.by_bound()

    usual = base.table("customers").set_index("customer_id")["first_bills"]
    numbers = study.worth()["customer_id"].map(usual)
    assert moved["bound"].tolist() == [50.0, 100.0, 200.0]
    assert moved["customers"].tolist() == [int((numbers >= b).sum()) for b in moved["bound"]]
    assert moved.set_index("bound")["is_own"].to_dict()[100.0]
    assert (moved["low"] > 0).all()
    assert "first_bills" not in study.traits()


def test_margins_that_the_base_knows_are_not_assumed(tmp_path):
    rng = np.random.default_rng(0)
    rows = 200
    table = pd.DataFrame(
        {
            "customer_id": range(rows),
            "churned": rng.random(rows) < 0.4,
            "tenure_months": rng.integers(1, 60, rows),
            "monthly_revenue": 20.0,
            "monthly_cost": np.where(np.arange(rows) < 5, np.nan, 15.0),
            "segment": np.where(np.arange(rows) % 2, "B2B", "B2C"),
            "region": rng.choice(["north", "south"], rows),
        }
    )
    table.to_csv(tmp_path / "a.csv", index=False)
    (tmp_path / "base.yml").write_text(
        "title: T\nkind: snapshot\ncurrency: EUR\ntables: {snapshot: {file: a.csv}}\n"
    )
    build_base(str(tmp_path), key=b"a key of the tests")
    study = ltv.open_study(str(tmp_path), replicates=50)
    assert study.terms.assumed_margin is None
    worth = study.worth()
    assert (worth["margin"] / worth["revenue"]).to_numpy() == pytest.approx(0.25)
    told = "5 of 200 customers have no margin: they are valued as if they had the median."
    assert told in study.terms.remarks
