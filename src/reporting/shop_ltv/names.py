"""Names of predictions as pages have them."""

from __future__ import annotations

LABELS = {
    "bg_nbd": "BG/NBD",
    "mbg_nbd": "MBG/NBD",
    "pareto_nbd": "Pareto/NBD",
    "model_median": "the likeliest model's median",
    "boosting_mean": "boosting, mean",
    "hybrid_mean": "model and boosting, mean",
    "hybrid_median": "model and boosting, median",
    "all_zero": "nobody buys again",
    "naive_rate": "the rate so far goes on",
    "last_period": "the last weeks again",
}


def label(name: str) -> str:
    """The name of a prediction in words."""
    return LABELS.get(name, name)
