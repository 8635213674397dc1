"""Holm's p-values against those of statsmodels."""

import numpy as np
from statsmodels.stats.multitest import multipletests

from src.models.campaigns.several import holm


def test_holm_as_in_statsmodels():
    p = np.random.default_rng(1).random(9) ** 3
    np.testing.assert_allclose(holm(p), multipletests(p, method="holm")[1])
    assert holm([]).tolist() == []
