"""Rules of the tiers of maturity: the table that a business user edits, read and checked."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from src.data.problems import InputError, shorten
from src.data.yaml_files import read_yaml
from src.models.intervals.numbers import check_columns

TIERS = ("1", "2", "3", "3+")
_KEYS = ("products", "at_least", "lines")


@dataclass(frozen=True)
class Rule:
    """Who is in a tier: holds `at_least` so many of `products` and has `lines` lines or more."""

    tier: str
    products: tuple[str, ...]
    at_least: int
    lines: int


def read_rules(text: str, source: str) -> tuple[Rule, ...]:
    """The rules in a table of tiers, the first tier first; `source` names the file in errors.

    The table maps each of the tiers 1, 2, 3 and 3+ to `products`, `at_least` (1 by default) and
    `lines` (0 by default).

    Raises `InputError` for a table that is empty or no YAML, for a word or tier that is not known
    (with the nearest), a gap between tiers, fewer than two tiers, a product in two tiers, and a
    tier nobody can reach: more products asked for than listed, or a higher tier that takes all.

    >>> [rule.tier for rule in read_rules("1: {}\\n2: {products: [crm]}", "tiers.yml")]
    ['1', '2']
    """
    try:
        table = read_yaml(text)
    except InputError as error:
        raise InputError(str(error).replace("base.yml", source)) from None
    if not isinstance(table, dict) or not table:
        raise InputError(f"{source} is empty: it maps the tiers {', '.join(TIERS)} to products")
    given = {str(tier): said for tier, said in table.items()}
    for tier in given:
        if tier not in TIERS:
            raise InputError(f"{source}: there is no tier {tier!r}; tiers are {', '.join(TIERS)}")
    highest = max(TIERS.index(tier) for tier in given)
    missing = [tier for tier in TIERS[: highest + 1] if tier not in given]
    if missing:
        said = "tier {} is" if len(missing) == 1 else "tiers {} are"
        raise InputError(
            f"{source} has a gap: {said.format(', '.join(missing))} missing below {TIERS[highest]}"
        )
    if len(given) < 2:
        raise InputError(f"{source} has one tier, and everybody is in it; it needs two or more")
    rules = tuple(_rule(tier, given[tier], source) for tier in TIERS[: highest + 1])
    _refuse_repeated(rules, source)
    _refuse_unreachable(rules, source)
    return rules


def refuse_unknown(rules: Iterable[Rule], sold: Iterable[str], source: str) -> None:
    """Raise `InputError` for a product of the rules that the base does not sell, with the nearest.

    For the table of a base: one for all bases may name products that only some of them sell.
    """
    names = sorted(set(sold))
    for rule in rules:
        for product in rule.products:
            if product not in names:
                near = difflib.get_close_matches(product, names, n=1)
                hint = f"; did you mean {near[0]}?" if near else "."
                raise InputError(
                    f"{source}: nobody of this base ever held {product!r} of tier {rule.tier}"
                    f"{hint} It has {', '.join(names)}"
                )


def tiers_of(customers: pd.DataFrame, held: pd.DataFrame, rules: tuple[Rule, ...]) -> pd.Series:
    """The tier of each customer, in the order of the rows: the highest whose conditions hold.

    `customers`: `customer_id` and, where rules ask for lines, `lines`; `held`: `customer_id` and
    `product`, what is held today. Products held twice count once. Who meets no condition is in
    tier 1. Raises `InputError` for customers that stand twice.
    """
    check_columns(customers, ["customer_id"])
    check_columns(held, ["customer_id", "product"])
    if customers["customer_id"].duplicated().any():
        raise InputError("a customer stands in two rows; one row each is needed")
    if any(rule.lines for rule in rules):
        if "lines" not in customers:
            raise InputError("the rules of tiers ask for lines, and this base has no table lines")
        lines = customers["lines"].to_numpy(float)
    else:
        lines = np.zeros(len(customers))
    tier = np.zeros(len(customers), dtype="int64")
    once = held[["customer_id", "product"]].drop_duplicates()
    for place, rule in enumerate(rules[1:], start=1):
        of_tier = once[once["product"].isin(rule.products)].groupby("customer_id").size()
        number = customers["customer_id"].map(of_tier).fillna(0).to_numpy(float)
        tier[(number >= rule.at_least) & (lines >= rule.lines)] = place
    names = [rule.tier for rule in rules]
    return pd.Series(pd.Categorical.from_codes(tier, names, ordered=True), customers.index)


def _rule(tier: str, said: Any, source: str) -> Rule:
    said = {} if said is None else said
    if not isinstance(said, Mapping):
        raise InputError(f"{source}: tier {tier} has {', '.join(_KEYS)}, not {shorten(said)}")
    for key in said:
        if key not in _KEYS:
            near = difflib.get_close_matches(str(key), _KEYS, n=1)
            hint = f"; did you mean {near[0]}?" if near else f"; it has {', '.join(_KEYS)}"
            raise InputError(f"{source}: tier {tier} has no {key!r}{hint}")
    products = said.get("products") or []
    if not isinstance(products, list) or not all(isinstance(each, str) for each in products):
        raise InputError(f"{source}: products of tier {tier} must be a list of names of products")
    at_least, lines = said.get("at_least", min(1, len(products))), said.get("lines", 0)
    for key, number in (("at_least", at_least), ("lines", lines)):
        if isinstance(number, bool) or not isinstance(number, int) or number < 0:
            raise InputError(
                f"{source}: {key} of tier {tier} must be a whole number, 0 or more, not "
                f"{shorten(number)}"
            )
    if at_least == 0 and products:
        raise InputError(f"{source}: at_least of tier {tier} must be 1 or more to ask for products")
    return Rule(tier, tuple(dict.fromkeys(products)), at_least, lines)


def _refuse_repeated(rules: tuple[Rule, ...], source: str) -> None:
    seen: dict[str, str] = {}
    for rule in rules:
        for product in rule.products:
            if product in seen:
                raise InputError(
                    f"{source}: {product!r} stands in tier {seen[product]} and in tier {rule.tier};"
                    " a product shows one tier"
                )
            seen[product] = rule.tier


def _refuse_unreachable(rules: tuple[Rule, ...], source: str) -> None:
    for rule in rules:
        if rule.at_least > len(rule.products):
            raise InputError(
                f"{source}: nobody can reach tier {rule.tier}: it asks for {rule.at_least} of "
                f"{len(rule.products)} products"
            )
    for place, higher in enumerate(rules):
        for lower in rules[:place]:
            if not higher.products and higher.lines <= (lower.lines if lower.tier != "1" else 0):
                raise InputError(
                    f"{source}: nobody can reach tier {lower.tier}: tier {higher.tier} asks for no "
                    f"more, so it takes all of them"
                )
