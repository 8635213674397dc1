"""No page of 01, 03 to 07 and 09 shows a group of three customers, or the value of one."""

import ast
import json
import re
from html import unescape
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from src.data.building import build_base
from src.data.operator.generate import simulate
from src.data.operator.settings import Settings
from src.features.tables import build_features
from src.reporting.page.small_groups import for_pages

ROOT = Path(__file__).parents[2]
COUNTED = re.compile(
    r"(?<![\w.,'-])([1-9]) (?:of [\d,]+ )?(?:\w+ )?(?:customers?|rows?|cells?|leavers?|churners?|"
    r"companies|company|buyers?|accounts?|lives|exits?|churned|left|stayed|identifiers?)\b"
)
RARE, LARGEST = "rare place", 8_317_204.61
SMALL = {
    "01_exploration": {},
    "03_churn": {
        "FOLDS": 2,
        "REPEATS": 1,
        "TRIALS": 1,
        "EXPLAINED": 400,
        "RESAMPLES": 2,
        "REPLICATES": 100,
        "GROUP": "region",
    },
    "04_ltv": {
        "GROUP": "plan",
        "FIRST": "flex",
        "SECOND": "fixed",
        "SUB_SEGMENT": "region",
        "ALIKE": ["region"],
        "REPLICATES": 50,
        "TOP": 1,
    },
}
OF_A_PANEL = {
    "05_segments": {"REPLICATES": 50},
    "06_campaigns": {},
    "07_products": {"REPLICATES": 50},
    "09_shop_ltv": {"REPLICATES": 50, "HOLDOUT": 8},
}


@pytest.fixture(scope="module")
def base(tmp_path_factory):
    """400 customers; three of them live in a rare place, leave and pay what nobody else does."""
    folder = tmp_path_factory.mktemp("bases") / "small_groups"
    folder.mkdir()
    rng, rows = np.random.default_rng(5), 400
    is_rare = np.arange(rows) < 3
    tenure = np.where(is_rare, [241, 251, 263] + [0] * (rows - 3), rng.integers(1, 60, rows))
    money = rng.gamma(4, 10, rows).round(2)
    money[:3] = LARGEST, 7_654_321.37, 6_543_210.83
    chance = 1 / (1 + np.exp(0.06 * tenure - 1.0))
    frame = pd.DataFrame(
        {
            "customer_id": [f"c{number:03}" for number in range(rows)],
            "churned": (rng.random(rows) < chance) | is_rare,
            "tenure_months": tenure,
            "plan": np.where(np.arange(rows) % 2, "flex", "fixed"),
            "monthly_revenue": money,
            "region": np.where(is_rare, RARE, rng.choice(["north", "south", "west"], rows)),
            "discount": np.where(is_rare, "n/a", rng.integers(1, 40, rows).astype(str)),
            "score": np.where(is_rare, money * 3, rng.normal(50, 9, rows)).round(3),
        }
    )
    frame.to_csv(folder / "a.csv", index=False)
    (folder / "base.yml").write_text(
        "title: Small groups\nkind: snapshot\ncurrency: EUR\n"
        "segment: {value: B2C}\n"
        "tables:\n  snapshot:\n    file: a.csv\n"
        "    limits: {tenure_months: {at_most: 260, otherwise: clip}}\n"
    )
    return build_base(str(folder), key=b"key")


def shown(notebook, base):
    """What the cells of a notebook show of a base: one text, without the drawings' coordinates."""
    cells = json.loads((ROOT / "notebooks" / f"{notebook}.ipynb").read_text())["cells"]
    space, texts = {}, []
    for cell in cells:
        if cell["cell_type"] != "code":
            continue
        body = ast.parse("".join(cell["source"])).body
        last = body.pop() if isinstance(body[-1], ast.Expr) else None
        exec(compile(ast.Module(body, []), notebook, "exec"), space)
        if "BASE" in space and "study" not in space:
            space |= {"BASE": str(base.folder)} | (SMALL | OF_A_PANEL)[notebook]
        if last is not None:
            answer = eval(compile(ast.Expression(last.value), notebook, "eval"), space)
            bundle = answer._repr_mimebundle_()
            texts += [str(value) for name, value in bundle.items() if name.startswith("text/")]
    return re.sub(r"<(path|image|use)\b[^>]*>", "", unescape("\n".join(texts)))


@pytest.fixture(scope="module", params=list(SMALL))
def page(request, base):
    return shown(request.param, base)


def test_a_group_of_three_customers_is_on_no_page(page):
    assert len(page) > 5_000
    assert "region" in page
    assert RARE not in page


def test_no_sentence_and_no_table_counts_fewer_than_ten(page):
    words = re.sub(r"<[^>]*>", " ", page)
    assert COUNTED.findall("3 of 400 customers and 2 further rows") == ["3", "2"]
    assert not COUNTED.findall(words)


def test_notes_are_exact_for_who_holds_the_data_and_count_nobody_out_on_pages(base):
    said, told = "\n".join(base.notes), "\n".join(map(for_pages, base.notes))
    assert "3 of 400 cells are no numbers (row 1 'n/a'" in said
    assert "1 row has a number above 260 in snapshot.tenure_months and was" in said
    assert not COUNTED.findall(told)
    assert "fewer than 10 of 400 cells are no numbers, left empty" in told
    assert "n/a" not in told


def test_the_values_of_three_customers_are_on_no_page(page, base):
    page = page.replace(",", "")
    snapshot = base.table("snapshot")
    rare = snapshot[snapshot["region"] == RARE]

    for column in ("monthly_revenue", "score"):
        for value in rare[column]:
            assert f"{value:.0f}" not in page
            assert f"{value:.2f}" not in page
    assert not re.search(r"\b(241|251|263)\b months", page)
    assert not set(snapshot["customer_id"]) & set(re.findall(r"\b[0-9a-f]{20}\b", page))


@pytest.fixture(scope="module")
def panel(tmp_path_factory):
    """A simulated operator; three companies pay, hold and buy what nobody else does."""
    folder = tmp_path_factory.mktemp("bases") / "panel"
    folder.mkdir()
    tables, _ = simulate(Settings(b2c_customers=700, b2b_customers=400, hidden_months=0, seed=3))
    people, bills = tables["customers"], tables["billing"]
    last = bills["month"].max()
    stays = people["closed_month"].isna() & (people["segment"] == "B2B")
    three = people.loc[stays, "customer_id"].tail(3).tolist()
    people.loc[people["customer_id"].isin(three), ["tariff", "region"]] = RARE
    bills.loc[bills["customer_id"].isin(three), "revenue"] = LARGEST
    held = {"customer_id": three, "product": RARE, "start_month": last - pd.DateOffset(months=4)}
    bought = (
        tables["orders"]
        .head(3)
        .assign(
            order_id=["x1", "x2", "x3"],
            buyer_key=["q1", "q2", "q3"],
            customer_id=three,
            category=RARE,
            date=last - pd.DateOffset(months=5),
            amount=LARGEST,
        )
    )
    tables["holdings"] = pd.concat([tables["holdings"], pd.DataFrame(held)])
    tables["orders"] = pd.concat([tables["orders"], bought])
    names = [name for name in tables if name not in ("deals", "link_checks")]
    for name in names:
        tables[name].to_csv(folder / f"{name}.csv", index=False)
    files = "".join(f"  {name}: {{file: {name}.csv}}\n" for name in names)
    (folder / "base.yml").write_text(f"title: Few\nkind: panel\ncurrency: EUR\ntables:\n{files}")
    base = build_base(str(folder), key=b"key")
    build_features(base)
    return base


@pytest.mark.parametrize("notebook", OF_A_PANEL)
def test_three_companies_are_on_no_page_of_a_panel(panel, notebook):
    page = shown(notebook, panel)
    assert len(page) > 20_000
    assert "B2B" in page
    assert RARE not in page
    assert f"{LARGEST:.0f}" not in page.replace(",", "")
    assert not COUNTED.findall(re.sub(r"<[^>]*>", " ", page))
    assert not set(panel.table("customers")["customer_id"]) & set(
        re.findall(r"\b[0-9a-f]{20}\b", page)
    )
