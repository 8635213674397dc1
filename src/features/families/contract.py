"""Contract: the running term, its renewal, and what came before."""

from __future__ import annotations

import narwhals as nw

from src.features.catalogue import AT, PAIR, Family, Feature
from src.features.known import NUMBER
from src.features.months import number_of
from src.features.windows import one_if

NEAR_RENEWAL = 2


def contract(contracts: nw.LazyFrame) -> Family:
    """Features of `contracts` as known at each snapshot.

    A contract runs from its first to its last month. Of several that run, the one that ends first
    gives the renewal. Who never had a contract has none running; the months are missing.
    """
    has_auto_renew = "auto_renew" in contracts.collect_schema()
    end, start = number_of(nw.col("end_month")), nw.col(NUMBER)
    runs = end >= nw.col(AT)
    joined = contracts.group_by(*PAIR).agg(
        nw.when(runs).then(end).min().alias("contract_end"),
        end.max().alias("contract_last_end"),
        nw.when(runs).then(end - start + 1).max().alias("contract_term"),
        nw.when(runs).then(1).count().alias("contract_running"),
        nw.len().alias("contract_count"),
        start.max().alias("contract_latest"),
        *(
            [nw.when(runs, nw.col("auto_renew")).then(1).count().alias("contract_auto")]
            if has_auto_renew
            else []
        ),
    )
    to_go = nw.col("contract_end") - nw.col(AT)
    runs_now = nw.col("contract_running") > 0
    features = [
        _feature("has_contract", "a contract runs", "yes or no", one_if(runs_now)),
        _feature("months_to_renewal", "months left of the contract", "months", to_go),
        _feature(
            "in_renewal_window",
            f"contract ends within {NEAR_RENEWAL} months or ended as recently",
            "yes or no",
            one_if(
                (to_go <= NEAR_RENEWAL)
                | (~runs_now & (nw.col(AT) - nw.col("contract_last_end") <= NEAR_RENEWAL))
            ),
        ),
        _feature(
            "contract_months", "length of the running term", "months", nw.col("contract_term")
        ),
        _feature(
            "months_out_of_contract",
            "months since the last contract ended, where none runs",
            "months",
            nw.when(nw.col("contract_running") == 0).then(nw.col(AT) - nw.col("contract_last_end")),
        ),
        _feature(
            "contracts_so_far",
            "contracts up to now",
            "contracts",
            nw.col("contract_count").fill_null(0),
        ),
    ]
    if has_auto_renew:
        features.append(
            _feature(
                "auto_renews",
                "the running contract renews itself",
                "yes or no",
                nw.when(runs_now).then(one_if(nw.col("contract_auto") > 0)),
            )
        )
    return Family(tuple(features), joined, "contract_latest")


def _feature(name: str, meaning: str, unit: str, value: nw.Expr) -> Feature:
    return Feature(name, meaning, unit, "", "contracts", value)
