"""Studies of both kinds of base, opened once."""

import numpy as np
import pandas as pd
import pytest

from src.analyses import ltv
from src.data.building import build_base

QUICK = {"replicates": 50, "shapes": 2, "every": 4}


@pytest.fixture(scope="session")
def panel(small_operator):
    """The small operator, with few replicates."""
    return ltv.open_study(str(small_operator.folder), **QUICK)


@pytest.fixture(scope="session")
def revenue_panel(revenue_only):
    """A panel of bills without costs, and customers without traits."""
    return ltv.open_study(str(revenue_only.folder), margin_share=0.4, **QUICK)


@pytest.fixture(scope="session")
def plans(tmp_path_factory):
    """A snapshot of 600 customers of two plans, whose tenure and money differ."""
    folder = tmp_path_factory.mktemp("bases") / "two_plans"
    folder.mkdir()
    rng, rows = np.random.default_rng(3), 600
    plan = np.where(np.arange(rows) % 3 == 0, "gold", "basic")
    frame = pd.DataFrame(
        {
            "customer_id": range(rows),
            "churned": rng.random(rows) < np.where(plan == "gold", 0.2, 0.5),
            "tenure_months": rng.integers(1, 60, rows),
            "monthly_revenue": (rng.gamma(4, 10, rows) * np.where(plan == "gold", 2, 1)).round(2),
            "plan": plan,
            "region": rng.choice(["north", "south"], rows),
        }
    )
    frame.to_csv(folder / "a.csv", index=False)
    (folder / "base.yml").write_text(
        "title: Plans\nkind: snapshot\ncurrency: EUR\ntables: {snapshot: {file: a.csv}}\n"
    )
    return build_base(str(folder), key=b"key")


@pytest.fixture(scope="session")
def open_plans(plans):
    """Open the study of the plans, with changes of the setting."""

    def opened(**changed):
        given = {"group": "plan", "first": "gold", "second": "basic", "replicates": 50}
        return ltv.open_study(str(plans.folder), **given | changed)

    return opened


@pytest.fixture(scope="session")
def of_plans(open_plans):
    """The study of the plans as they are: Cox's model is fitted to fifty replicates once."""
    return open_plans()
