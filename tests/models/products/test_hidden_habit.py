"""The joint likelihood: its gradient, and an effect told apart from a habit that is not seen."""

import numpy as np
import pandas as pd
import pytest

from src.data.problems import InputError
from src.models.products.effect import hazard_model
from src.models.products.hidden_habit import apart_from_habit, is_shared
from src.models.products.joint_likelihood import Evidence, Likelihood, fitted
from src.models.products.usage_levels import UsageLevels

EFFECT = -0.10


def world(seed, customers, months=24):
    """Customers whose habit moves products and exits, and shows in three noisy measures.

    Returns months at risk, waits and levels, and the habits.
    """
    rng = np.random.default_rng(seed)
    habit = rng.standard_normal(customers)
    held, since = np.zeros(customers, dtype=int), np.zeros(customers, dtype=int)
    is_there = np.ones(customers, dtype=bool)
    parts, waits = [], []
    for month in range(1, months):
        who = np.flatnonzero(is_there)
        hazard = np.exp(-3.4 + EFFECT * held - 0.7 * habit)
        left = rng.random(customers) < -np.expm1(-hazard)
        parts.append(
            pd.DataFrame(
                {"customer": who, "month": month, "held": held[who], "left": left[who]}
            ).astype({"held": "float64"})
        )
        stays = is_there & ~left
        takes = (
            stays & (held < 3) & (rng.random(customers) < -np.expm1(-0.05 * np.exp(0.7 * habit)))
        )
        waits += [(who, held[who], month - since[who], True) for who in np.flatnonzero(takes)]
        over = (is_there & left) | (stays & (month == months - 1))
        still = over & (held < 3) & (month - 1 > since) & ~takes
        waits += [(who, held[who], month - 1 - since[who], False) for who in np.flatnonzero(still)]
        held += takes
        since = np.where(takes, month, since)
        is_there = stays
    table = pd.concat(parts).sort_values(["customer", "month"], ignore_index=True)
    own = 0.35 * rng.standard_normal((customers, 3))
    level = habit[:, None] * [0.45, 0.25, 0.25] + own
    level[rng.random(level.shape) < 0.05] = np.nan
    usage = UsageLevels(
        ("a", "b", "c"),
        0,
        level,
        np.full((customers, 3), months),
        np.full(3, 0.02),
        np.repeat(level[:, None], months, axis=1),
    )
    told = pd.DataFrame(waits, columns=["customer", "stage", "months", "taken"])
    return table.assign(old_months=0), told, usage, habit


def evidence(customers=60):
    months, waits, usage, _ = world(1, customers)
    return Evidence(
        months=np.column_stack([months["held"], np.ones(len(months))]),
        customer=months["customer"].to_numpy(),
        left=months["left"].to_numpy(),
        waits=np.eye(3)[np.minimum(waits["stage"], 2)],
        wait_customer=waits["customer"].to_numpy(),
        wait_months=waits["months"].to_numpy(float),
        taken=waits["taken"].to_numpy(),
        level=usage.level,
        seen=usage.seen,
        noise=usage.noise,
        entry=np.linspace(-1, 1, customers)[:, None],
    )


def test_the_gradient_is_that_of_the_value():
    likelihood = Likelihood(evidence())
    at = likelihood.start() + np.random.default_rng(2).normal(0, 0.1, likelihood.total)
    likelihood.place(at)
    _, gradient = likelihood.value(at)
    step = 1e-5
    for place in range(len(at)):
        up, down = (at + step * sign * (np.arange(len(at)) == place) for sign in (1, -1))
        slope = (likelihood.value(up)[0] - likelihood.value(down)[0]) / (2 * step)
        assert gradient[place] == pytest.approx(slope, rel=1e-4, abs=1e-5)
    np.testing.assert_allclose(likelihood.scores(at).sum(axis=0), gradient, atol=1e-8)


def test_without_habit_exits_have_the_likelihood_of_the_hazard_model():
    """Where the habit moves nothing, the gradient by effects on leaving is 0 at their maximum."""
    seen = evidence(200)
    likelihood = Likelihood(seen)
    at = likelihood.start()
    at[likelihood.parts["leaving"]] = 0
    likelihood.place(at)
    exits = hazard_model(seen.months, seen.left, seen.customer).effect
    np.testing.assert_allclose(at[likelihood.parts["months"]], exits)
    np.testing.assert_allclose(likelihood.gradient(at)[likelihood.parts["months"]], 0, atol=1e-6)


def test_the_error_is_that_of_the_whole_curvature():
    seen = evidence(400)
    found = fitted(seen)
    likelihood = Likelihood(seen)
    at = likelihood.start()
    likelihood.place(at)
    for _ in range(60):  # Newton's method, slow and plain
        if np.abs(likelihood.gradient(at)).max() < 1e-6:
            break
        curvature = whole_curvature(likelihood, at)
        step = np.linalg.solve(curvature, likelihood.gradient(at))
        at = at - step * min(1, 0.3 / np.abs(step).max())
    scores = likelihood.scores(at)
    row = np.linalg.inv(whole_curvature(likelihood, at))[0]
    assert found.effect == pytest.approx(at[0], abs=2e-3 * found.error)
    assert found.error == pytest.approx(np.sqrt(((scores @ row) ** 2).sum()), rel=2e-3)


def whole_curvature(likelihood, at):
    step = 1e-5
    return np.array(
        [
            (likelihood.gradient(at + step * unit) - likelihood.gradient(at - step * unit))
            / (2 * step)
            for unit in np.eye(len(at))
        ]
    )


def test_an_effect_is_told_apart_from_the_habit_behind_it():
    months, waits, usage, habit = world(3, 4_000)
    found = apart_from_habit(months, months[[]], waits, usage)
    left, who = months["left"].to_numpy(), months["customer"].to_numpy()
    ones = np.ones(len(months))
    by_usage = np.nan_to_num(usage.level)[who]
    columns = np.column_stack([months["held"], ones, by_usage])
    naive = hazard_model(columns, left, who)
    columns = np.column_stack([months["held"], ones, habit[who]])
    known = hazard_model(columns, left, who)
    # Adjusting for usage leaves in the effect what usage does not show; the habit's model does not.
    assert naive.effect[0] + 2 * np.sqrt(naive.covariance[0, 0]) < EFFECT
    assert abs(found.ratio.value - EFFECT) < 2 * found.ratio.error
    assert abs(found.ratio.value - known.effect[0]) < found.ratio.error
    assert found.ratio.error > np.sqrt(known.covariance[0, 0])
    assert found.on_leaving == pytest.approx(-0.7, abs=0.15)
    assert found.on_taking == pytest.approx(0.7, abs=0.1)
    assert 0.6 < found.usage_shows < 0.8


def test_what_usage_cannot_show_is_said():
    months, waits, usage, _ = world(4, 300)
    single = UsageLevels(
        ("a",), 0, usage.level[:, :1], usage.seen[:, :1], usage.noise[:1], usage.to_date[:, :, :1]
    )
    with pytest.raises(InputError, match="usage has one measure"):
        apart_from_habit(months, months[[]], waits, single)
    with pytest.raises(InputError, match="nobody takes a product"):
        apart_from_habit(months, months[[]], waits.assign(taken=False), usage)
    with pytest.raises(InputError, match="fewer than 10 exits"):
        apart_from_habit(months.assign(left=False), months[[]], waits, usage)
    noise = np.random.default_rng(5).standard_normal(usage.level.shape)
    unlike = UsageLevels(("a", "b", "c"), 0, noise, usage.seen, usage.noise, usage.to_date)
    with pytest.raises(InputError, match="have nothing in common"):
        apart_from_habit(months, months[[]], waits, unlike)


def test_measures_share_something_or_not():
    rng = np.random.default_rng(6)
    alone = rng.standard_normal((400, 3))
    assert not is_shared(alone)
    assert is_shared(alone + rng.standard_normal((400, 1)))
    assert not is_shared(alone[:4])
