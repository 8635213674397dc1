"""Campaigns: how often a customer was contacted, answered, and may be tired of it."""

from __future__ import annotations

import narwhals as nw

from src.features.catalogue import AT, PAIR, Family, Feature
from src.features.known import DAYS, NUMBER
from src.features.windows import divided, one_if

CONTROL = "control"


def campaigns(rows: nw.LazyFrame) -> Family:
    """Features of `campaigns` as known at each snapshot.

    Members of a control group were not contacted. Of contacts in the snapshot's own month nobody
    knows yet whether they were opened or answered. All of twelve months.
    """
    there = rows.collect_schema()
    answers = [answer for answer in ("opened", "responded") if answer in there]
    days, number, now = nw.col(DAYS), nw.col(NUMBER), nw.col(AT)
    contacts = rows.filter(nw.col("arm") != CONTROL)
    aggregates = [
        nw.when(number > now - 3).then(1).count().alias("campaigns_3"),
        nw.len().alias("campaigns_12"),
        number.max().alias("campaigns_latest"),
        days.min().alias("campaigns_days"),
    ]
    for answer in answers:
        aggregates += [
            nw.when(nw.col(answer)).then(1).count().alias(f"campaigns_{answer}"),
            nw.when(~nw.col(answer).is_null()).then(1).count().alias(f"campaigns_{answer}_known"),
            nw.when(nw.col(answer)).then(days).min().alias(f"campaigns_{answer}_days"),
        ]
    joined = contacts.group_by(*PAIR).agg(*aggregates)
    if "responded" in answers:
        joined = joined.join(_since_response(contacts, joined), on=list(PAIR), how="left")
    features = [
        _feature(
            "contacts_3m", "contacts", "contacts", "3 months", nw.col("campaigns_3").fill_null(0)
        ),
        _feature(
            "contacts_12m", "contacts", "contacts", "12 months", nw.col("campaigns_12").fill_null(0)
        ),
        _feature(
            "contact_days_since",
            "days since the last contact",
            "days",
            "12 months",
            nw.col("campaigns_days"),
        ),
    ]
    words = {"opened": "opened", "responded": "answered"}
    features += [
        _feature(
            f"contacts_{answer}_share_12m",
            f"share of contacts {words[answer]}",
            "share",
            "12 months",
            divided(nw.col(f"campaigns_{answer}"), nw.col(f"campaigns_{answer}_known")),
        )
        for answer in answers
    ]
    if "responded" in answers:
        features += [
            _feature(
                "contacts_responded_12m",
                "contacts answered",
                "contacts",
                "12 months",
                nw.col("campaigns_responded").fill_null(0),
            ),
            _feature(
                "contacts_in_vain",
                "fatigue: contacts since the last answer",
                "contacts",
                "12 months",
                nw.col("campaigns_in_vain").fill_null(0),
            ),
        ]
    return Family(tuple(features), joined, "campaigns_latest")


def _since_response(contacts: nw.LazyFrame, joined: nw.LazyFrame) -> nw.LazyFrame:
    answered = joined.select(*PAIR, "campaigns_responded_days")
    dated = contacts.select(*PAIR, DAYS).join(answered, on=list(PAIR), how="inner")
    last = nw.col("campaigns_responded_days")
    in_vain = one_if(last.is_null() | (nw.col(DAYS) < last)).sum()
    return dated.group_by(*PAIR).agg(in_vain.alias("campaigns_in_vain"))


def _feature(name: str, meaning: str, unit: str, window: str, value: nw.Expr) -> Feature:
    return Feature(name, meaning, unit, window, "campaigns", value)
