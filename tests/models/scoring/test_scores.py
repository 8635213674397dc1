from itertools import permutations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics

from src.data.problems import InputError
from src.models.scoring import scores as evaluation
from src.models.scoring.scores import (
    HEADLINE,
    brier,
    brier_skill,
    figures,
    gains_curve,
    headline,
    lift,
    log_loss,
    pr_auc,
    precision_recall_curve,
    rank,
    roc_auc,
    roc_curve,
)

# Few distinct chances, so that most examples have ties.
rows = st.lists(
    st.tuples(st.booleans(), st.integers(0, 8), st.integers(0, 3)), min_size=2, max_size=30
).filter(lambda drawn: {churned for churned, _, weight in drawn if weight} == {True, False})


def split(drawn) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    churned, chance, weight = zip(*drawn, strict=True)
    return np.array(churned), np.array(chance) / 8, np.array(weight)


def sample(customers: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    chance = rng.beta(1, 5, customers).round(3)
    return rng.random(customers) < chance, chance


@settings(deadline=None)
@given(rows)
def test_the_same_as_scikit_learn(drawn):
    churned, chance, weight = split(drawn)
    found = headline(churned, chance, weight)

    for name, oracle in [
        ("auc", metrics.roc_auc_score),
        ("pr_auc", metrics.average_precision_score),
        ("log_loss", metrics.log_loss),
        ("brier", metrics.brier_score_loss),
    ]:
        assert found[name] == pytest.approx(oracle(churned, chance, sample_weight=weight)), name


@settings(deadline=None)
@given(rows, st.sampled_from([0.05, 0.1, 0.37, 1.0]))
def test_a_weight_is_a_repeated_row(drawn, share):
    churned, chance, weight = split(drawn)
    repeated, of_repeated = np.repeat(churned, weight), np.repeat(chance, weight)

    assert headline(churned, chance, weight) == pytest.approx(headline(repeated, of_repeated))
    assert lift(churned, chance, share, weight) == pytest.approx(lift(repeated, of_repeated, share))
    assert brier_skill(churned, chance, weight, base_rate=0.2) == pytest.approx(
        brier_skill(repeated, of_repeated, base_rate=0.2)
    )
    pd.testing.assert_frame_equal(
        gains_curve(churned, chance, weight), gains_curve(repeated, of_repeated)
    )


@settings(deadline=None)
@given(rows, st.randoms(use_true_random=False), st.floats(0.1, 10))
def test_neither_order_nor_the_unit_of_the_weights_matters(drawn, order, unit):
    shuffled = list(drawn)
    order.shuffle(shuffled)
    churned, chance, weight = split(shuffled)

    assert headline(churned, chance, weight * unit) == pytest.approx(headline(*split(drawn)))


@settings(deadline=None)
@given(rows)
def test_only_the_order_of_chances_counts_for_ranking_figures(drawn):
    churned, chance, weight = split(drawn)
    found, of_power = (headline(churned, p, weight) for p in (chance, chance**3 / 2))

    for name in ("auc", "pr_auc", "lift5", "lift10"):
        assert of_power[name] == pytest.approx(found[name])


@settings(deadline=None)
@given(rows)
def test_the_reversed_order_has_the_mirrored_auc(drawn):
    churned, chance, weight = split(drawn)

    assert roc_auc(churned, 1 - chance, weight) == pytest.approx(
        1 - roc_auc(churned, chance, weight)
    )


def test_perfect_chances():
    churned = np.repeat([1, 0], [20, 80])

    assert headline(churned, churned.astype(float)) == pytest.approx(
        {
            "auc": 1,
            "pr_auc": 1,
            "log_loss": 0,
            "brier": 0,
            "brier_skill": 1,
            "lift5": 5,
            "lift10": 5,
        }
    )


def test_a_constant_chance_of_the_base_rate():
    churned = np.repeat([1, 0], [20, 80])
    entropy = -(0.2 * np.log(0.2) + 0.8 * np.log(0.8))

    assert headline(churned, np.full(100, 0.2)) == pytest.approx(
        {
            "auc": 0.5,
            "pr_auc": 0.2,
            "log_loss": entropy,
            "brier": 0.16,
            "brier_skill": 0,
            "lift5": 1,
            "lift10": 1,
        }
    )


def test_certain_and_wrong():
    churned = np.repeat([1, 0], [20, 80])
    found = headline(churned, 1.0 - churned)

    assert found["auc"] == 0
    assert found["log_loss"] == pytest.approx(-np.log(np.finfo(float).eps))
    assert found["brier"] == 1
    assert found["brier_skill"] == pytest.approx(-5.25)
    assert found["lift5"] == 0


def test_a_random_order_tells_nothing():
    rng = np.random.default_rng(3)
    churned, chance = rng.random(40_000) < 0.1, rng.random(40_000)
    found = headline(churned, chance)

    assert found["auc"] == pytest.approx(0.5, abs=0.02)
    assert found["pr_auc"] == pytest.approx(0.1, abs=0.01)
    assert found["lift10"] == pytest.approx(1, abs=0.15)


@pytest.mark.parametrize("share", [1 / 6, 1 / 3, 0.5, 2 / 3, 1.0])
def test_lift_is_the_mean_over_all_orders_of_the_ties(share):
    churned, chance = np.array([1, 0, 0, 1, 0, 1]), np.array([0.9, 0.5, 0.5, 0.5, 0.5, 0.1])
    top = round(share * 6)
    of_orders = [
        churned[[0, *tied, 5]][:top].mean() / churned.mean() for tied in permutations([1, 2, 3, 4])
    ]

    assert lift(churned, chance, share) == pytest.approx(np.mean(of_orders))


def test_brier_skill_against_a_rate_known_beforehand():
    churned, chance = [1, 0, 0, 0], [0.5, 0.5, 0, 0]

    # Errors 0.25 + 0.25 over four; of a constant 0.1: 0.81 + 3 x 0.01 over four.
    assert brier_skill(churned, chance, base_rate=0.1) == pytest.approx(1 - 0.5 / 0.84)


def test_gains_curve_by_hand():
    found = gains_curve([1, 0, 1, 0], [0.9, 0.5, 0.5, 0.1], points=5)

    expected = pd.DataFrame(
        {
            "share": [0, 0.25, 0.5, 0.75, 1],
            "churners_share": [0, 0.5, 0.75, 1, 1],
            "lift": [np.nan, 2, 1.5, 4 / 3, 1],
        }
    )
    pd.testing.assert_frame_equal(found, expected)


def test_roc_and_precision_recall_curve_by_hand():
    churned, chance = [1, 0, 1, 0, 0], [0.9, 0.5, 0.5, 0.1, 0.1]

    pd.testing.assert_frame_equal(
        roc_curve(churned, chance),
        pd.DataFrame(
            {
                "chance": [np.inf, 0.9, 0.5, 0.1],
                "false_positive_rate": [0, 0, 1 / 3, 1],
                "true_positive_rate": [0, 0.5, 1, 1],
            }
        ),
    )
    pd.testing.assert_frame_equal(
        precision_recall_curve(churned, chance),
        pd.DataFrame(
            {
                "chance": [0.9, 0.5, 0.1],
                "recall": [0.5, 1, 1],
                "precision": [1, 2 / 3, 2 / 5],
            }
        ),
    )


@settings(deadline=None)
@given(rows)
def test_the_area_below_the_roc_curve_is_the_auc(drawn):
    churned, chance, weight = split(drawn)
    curve = roc_curve(churned, chance, weight)

    area = np.trapezoid(curve["true_positive_rate"], curve["false_positive_rate"])
    assert roc_auc(churned, chance, weight) == pytest.approx(area)


@settings(deadline=None)
@given(rows, st.sampled_from([0.05, 0.1, 0.5]))
def test_lift_is_read_off_the_gains_curve(drawn, share):
    churned, chance, weight = split(drawn)
    curve = gains_curve(churned, chance, weight, points=21).set_index("share")

    assert lift(churned, chance, share, weight) == pytest.approx(
        curve["lift"].iloc[round(share * 20)]
    )
    assert lift(churned, chance, share, weight) <= 1 / share + 1e-9


def test_single_figures_are_those_of_the_headline():
    churned, chance = sample(500, seed=1)
    weight = np.random.default_rng(2).integers(0, 3, 500)

    alone = {
        "auc": roc_auc(churned, chance, weight),
        "pr_auc": pr_auc(churned, chance, weight),
        "log_loss": log_loss(churned, chance, weight),
        "brier": brier(churned, chance, weight),
        "brier_skill": brier_skill(churned, chance, weight),
        "lift5": lift(churned, chance, 0.05, weight),
        "lift10": lift(churned, chance, 0.10, weight),
    }
    assert alone == pytest.approx(headline(churned, chance, weight))
    assert tuple(alone) == HEADLINE
    assert figures(rank(churned, chance), weight.astype(float)) == headline(churned, chance, weight)


@pytest.mark.parametrize(
    "kind", [list, np.array, pd.Series, lambda of: pd.Series(of, dtype="boolean")]
)
def test_labels_of_any_kind(kind):
    assert roc_auc(kind([True, False, True]), [0.9, 0.5, 0.4]) == 0.5


FIGURES = [roc_auc, pr_auc, log_loss, brier, brier_skill, headline, gains_curve, roc_curve]


@pytest.mark.parametrize("figure", [*FIGURES, precision_recall_curve])
@pytest.mark.parametrize(
    ("churned", "chance", "weight", "message"),
    [
        ([0, 1, 1], [0.1, 0.2], None, r"^churned has 3 rows, chance has 2$"),
        ([], [], None, r"^churned has no rows$"),
        ([0, 1], [0.1, np.nan], None, r"^chance is missing in 1 of 2 rows$"),
        ([0, None], [0.1, 0.2], None, r"^churned is missing in 1 of 2 rows$"),
        ([0, 2], [0.1, 0.2], None, r"^churned must be 0 or 1 \(or a bool\), not '2'$"),
        ([0, 1], [0.1, 1.2], None, r"^chance must lie between 0 and 1, not 1.2$"),
        ([0, 1], [0.1, 0.2], [1], r"^churned has 2 rows, weight has 1$"),
        ([0, 1], [0.1, 0.2], [1, -1], r"^weight must be 0 or more in every row"),
        ([0, 1], [0.1, 0.2], [0, 0], r"^weight must be 0 or more in every row"),
    ],
)
def test_bad_input_is_refused(figure, churned, chance, weight, message):
    with pytest.raises(InputError, match=message):
        figure(churned, chance, weight)


@pytest.mark.parametrize("figure", ["roc_auc", "pr_auc", "brier_skill", "headline", "roc_curve"])
@pytest.mark.parametrize(("churned", "who"), [([0, 0], "nobody"), ([1, 1], "everybody")])
def test_one_class_is_refused(figure, churned, who):
    with pytest.raises(InputError, match=rf"^{who} churned in these rows; the figure needs"):
        getattr(evaluation, figure)(churned, [0.1, 0.2])


def test_errors_of_chances_need_one_class_only():
    assert brier([0, 0], [0.1, 0.3]) == pytest.approx(0.05)
    assert log_loss([0, 0], [0.5, 0.5]) == pytest.approx(np.log(2))


@pytest.mark.parametrize("share", [0, 1.5, -0.1])
def test_a_share_outside_0_and_1_is_refused(share):
    with pytest.raises(InputError, match=rf"^share must lie between 0 and 1, not {share:g}$"):
        lift([0, 1], [0.1, 0.2], share)


def test_a_base_rate_outside_0_and_1_is_refused():
    with pytest.raises(InputError, match=r"^base_rate must lie between 0 and 1, not 20$"):
        brier_skill([0, 1], [0.1, 0.2], base_rate=20)
