"""How long a campaign of a million customers takes: uplift learned, scored, and planned.

`python -m benchmarks.campaigns [customers]` prints the figures and writes them to
`reports/metrics/bench_campaigns.json`. A trial of that many simulated customers with three
treatments teaches uplift; as many others are scored, and a plan is made under a budget and a
capacity of calls. Where EconML is installed, its DR-learner learns from the same trial, with ridge
regressions as ours; the error against the simulated truth and the seconds stand side by side.
"""

from __future__ import annotations

import importlib.util
import resource
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import expit

from benchmarks.figures import shown
from src.models.campaigns.budget import plan
from src.models.campaigns.learners import SMALL
from src.models.campaigns.offers import Capacity, offers_of
from src.models.campaigns.trial import trial_of
from src.models.intervals.numbers import Numbers

OUTPUT = Path("reports/metrics/bench_campaigns.json")
CUSTOMERS = 1_000_000
MOST_SECONDS, MOST_GB = 120, 6
COST = {"call": 5.0, "discount": 3.0, "mail": 0.5}
TREATMENTS = tuple(COST)
SHARES = (0.4, 0.2, 0.2, 0.2)
NUMBERS = tuple(f"number_{place}" for place in range(8))
COVARIATES = (*NUMBERS, "plan", "region")
OTHERS_ROWS = 100_000  # that the other library learns from: more takes it minutes


def simulated(customers: int, rng: np.random.Generator) -> tuple[pd.DataFrame, Numbers]:
    """Members of a campaign, and what each treatment does to their chance to stay."""
    columns = {name: rng.standard_normal(customers) for name in NUMBERS}
    members = pd.DataFrame(columns).assign(
        customer_id=np.arange(customers),
        plan=rng.choice(["basic", "family", "business"], customers),
        region=rng.choice(["north", "south", "east", "west"], customers),
        value=rng.lognormal(5, 0.8, customers),
    )
    risk = -2 + 0.6 * members["number_0"] - 0.4 * members["number_1"]
    risk += 0.3 * (members["plan"] == "basic")
    strength = np.maximum(1 + 0.5 * members["number_2"].to_numpy(), 0)
    effects = -strength[:, None] * np.array([0.5, 0.35, 0.15])
    lost = expit(risk.to_numpy()[:, None] + np.column_stack([np.zeros(customers), effects]))
    arm = rng.choice(4, customers, p=SHARES)
    is_lost = rng.random(customers) < lost[np.arange(customers), arm]
    members["arm"] = np.array(["control", *TREATMENTS], dtype=object)[arm]
    members["propensity"] = np.array(SHARES)[arm]
    members["lost"] = is_lost.astype(int)
    return members, lost[:, :1] - lost[:, 1:]


def measure(customers: int) -> dict[str, Any]:
    """Seconds of each step by the clock and of the processor, the error of the uplift, the plan."""
    members, _ = simulated(customers, np.random.default_rng(0))
    others, truth = simulated(customers, np.random.default_rng(1))
    told: dict[str, Any] = {"customers": customers, "treatments": len(TREATMENTS)}
    started, worked = time.perf_counter(), time.process_time()
    trial = trial_of(members, COVARIATES, "lost", is_loss=True)
    scored = trial.read(others[list(COVARIATES)])
    told["read_seconds"] = round(time.perf_counter() - started, 1)
    told["constant_rmse"] = round(_rmse(np.tile(truth.mean(axis=0), (customers, 1)), truth), 5)
    for learner in SMALL:
        if learner.name not in ("interactions", "dr"):
            continue
        began = time.perf_counter()
        uplift = learner.learn(trial, np.random.default_rng(2))(scored)
        told[f"{learner.name}_seconds"] = round(time.perf_counter() - began, 1)
        told[f"{learner.name}_rmse"] = round(_rmse(uplift, truth), 5)
    began = time.perf_counter()
    offers = offers_of(uplift, others["value"], COST, TREATMENTS)
    found = plan(offers, 0.5 * customers, [Capacity("calls", ("call",), customers // 50)])
    told["plan_seconds"] = round(time.perf_counter() - began, 1)
    told["contacts"], told["earned"] = found.contacts, round(found.earned)
    told["gap"], told["greedy"] = round(found.gap, 4), round(found.greedy)
    told["price"] = {name: round(price, 4) for name, price in found.price.items()}
    told["seconds"] = round(time.perf_counter() - started, 1)
    told["processor_seconds"] = round(time.process_time() - worked, 1)
    told["most_seconds"], told["most_gb"] = MOST_SECONDS, MOST_GB
    told["peak_gb"] = round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6, 2)
    few = min(customers, OTHERS_ROWS)
    told["of_econml"] = by_econml(members.head(few), others.head(few), truth[:few])
    return told


def by_econml(members: pd.DataFrame, others: pd.DataFrame, truth: Numbers) -> dict[str, Any] | None:
    """Seconds and error of EconML's linear DR-learner, beside ours; None: not installed."""
    if importlib.util.find_spec("econml") is None:
        return None
    from econml.dr import LinearDRLearner
    from sklearn.linear_model import LogisticRegression, Ridge

    started = time.perf_counter()
    trial = trial_of(members, COVARIATES, "lost", is_loss=True)
    design = trial.read(others[list(COVARIATES)]).design
    model = LinearDRLearner(
        model_propensity=LogisticRegression(), model_regression=Ridge(), cv=2, random_state=0
    )
    model.fit(trial.outcome, trial.arm, X=trial.customers.design)
    theirs = np.column_stack([model.effect(design, T0=0, T1=arm) for arm in (1, 2, 3)])
    seconds, started = time.perf_counter() - started, time.perf_counter()
    trial = trial_of(members, COVARIATES, "lost", is_loss=True)
    customers = trial.read(others[list(COVARIATES)])
    learner = {each.name: each for each in SMALL}["dr"]
    ours = learner.learn(trial, np.random.default_rng(2))(customers)
    return {
        "customers": len(members),
        "seconds": round(seconds, 1),
        "rmse": round(_rmse(theirs, truth), 5),
        "our_seconds": round(time.perf_counter() - started, 1),
        "our_rmse": round(_rmse(ours, truth), 5),
    }


def _rmse(uplift: Numbers, truth: Numbers) -> float:
    return float(np.sqrt(((uplift - truth) ** 2).mean()))


def main(customers: int = CUSTOMERS) -> dict[str, Any]:
    """Measure, print, write and return the figures."""
    return shown(measure(customers), OUTPUT)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else CUSTOMERS)
