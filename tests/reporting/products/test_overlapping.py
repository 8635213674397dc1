"""The sections of the overlap: what is displayed of tiny frames, and of what a base lacks."""

from types import SimpleNamespace

import pandas as pd
import pytest

from src.analyses.missing import Missing
from src.models.intervals.proportions import Estimate
from src.reporting.page.results import Absent
from src.reporting.page.style import canvas
from src.reporting.products import overlapping as show

LACKING = Missing("table orders (the purchases of a shop)", "the overlap")


@pytest.fixture
def overlapped():
    links = pd.DataFrame(
        {
            "linked": ["to a subscriber", "to a former one", "not linked"],
            "accounts": [400, 20, 580],
            "checked": [100, 4, 100],
            "right": [0.98, 0.0, 0.0],
            "other": [0.02, 0.25, 0.2],
            "stranger": [0.0, 0.75, 0.8],
        }
    )
    shares = SimpleNamespace(
        share=Estimate(0.52, 0.48, 0.56),
        of_subscribers=Estimate(0.26, 0.24, 0.28),
        links=links,
        checked=204,
    )
    bounds = pd.DataFrame(
        {
            "assumed": ["every link is right", "any link may be wrong"],
            "low": [0.4, 0.0],
            "high": [1.0, 1.0],
            "of_low": [0.19, 0.0],
            "of_high": [0.5, 0.5],
        }
    )
    return SimpleNamespace(
        shares=shares,
        bounds=bounds,
        raw=0.4,
        raw_of_subscribers=0.19,
        accounts=1000,
        subscribers=2000,
        truth=0.5,
        truth_of_subscribers=0.25,
        counts=None,
        months=12,
        confidence=0.95,
    )


def page(section):
    bundle = section._repr_mimebundle_()
    return bundle["text/html"], bundle["text/plain"]


def test_shares_stand_raw_corrected_and_true(overlapped):
    html, text = page(show.overlap(overlapped))
    assert "52.0% (48.0 to 56.0) of the buyers are subscribers" in text
    assert "26.0% (24.0 to 28.0) of the subscribers buy" in text
    assert "by links alone it would be 40.0% and 19.0%" in text
    assert "True (simulated)" in html
    # Four looked-up accounts are too few for a rate on a page.
    assert "to a former one" not in text


def test_a_real_base_has_no_truth(overlapped):
    overlapped.truth = overlapped.truth_of_subscribers = None
    assert "True" not in page(show.overlap(overlapped))[0]


def test_without_a_sample_bounds_are_told(overlapped):
    overlapped.shares = None
    html, text = page(show.overlap(overlapped))
    assert "between 40% and 100%" in text
    assert "if every link is right, 0% to 100% if any link may be wrong" in text
    assert "Corrected" not in html
    figures = show.overlap_metrics(overlapped)
    assert figures["overlap.share"] is None
    assert (figures["overlap.low"], figures["overlap.high"]) == (0.4, 1.0)
    assert figures["overlap.subscribers_share"] is None


def test_metrics_by_name(overlapped):
    assert show.overlap_metrics(overlapped) == {
        "overlap.share": 0.52,
        "overlap.share.low": 0.48,
        "overlap.share.high": 0.56,
        "overlap.low": 0.48,
        "overlap.high": 0.56,
        "overlap.raw": 0.4,
        "overlap.truth": 0.5,
        "overlap.subscribers_share": 0.26,
        "overlap.subscribers_share.low": 0.24,
        "overlap.subscribers_share.high": 0.28,
        "overlap.subscribers_share.raw": 0.19,
        "overlap.subscribers_share.truth": 0.25,
    }
    assert show.overlap_metrics(LACKING) == {}


@pytest.mark.parametrize(("accounts", "subscribers"), [(1_000, 2_000), (5_000, 400), (10, 10)])
def test_bars_have_the_length_of_who_they_are(accounts, subscribers):
    _, ax = canvas()
    show.draw_overlap(ax, accounts, subscribers, 0.03, 0.04, 0.05)
    widths = [bar.get_width() for bar in ax.patches]
    assert widths == pytest.approx([subscribers, accounts, 0.04 * accounts, 0.04 * accounts])
    first, last = ax.get_xlim()
    assert all(
        first - 1e-9 <= bar.get_x() and bar.get_x() + bar.get_width() <= last + 1e-9
        for bar in ax.patches
    )


def test_how_keys_linked_is_told(overlapped):
    overlapped.counts = pd.DataFrame(
        {
            "key": ["phone"],
            "accounts": [500],
            "several_customers": [3],
            "many_accounts": [0],
            "two_accounts": [40],
            "torn": [0],
            "contradicted": [0],
        }
    )
    html, _ = page(show.overlap(overlapped))
    assert "Links were made by phone first" in html
    assert "fewer than 10" in html  # three keys


def test_what_the_base_lacks_is_one_line():
    shown = show.overlap(LACKING)
    assert isinstance(shown, Absent)
    assert "table orders" in shown.text


def test_no_share_counts_out_a_few_accounts_that_were_looked_up(overlapped):
    html = show.overlap(overlapped)._repr_mimebundle_()["text/html"]
    table = html[html.index("how links hold") :]
    assert "all but few" in table  # 98 of 100
    assert ">few<" in table  # the other 2
    assert "20.0%" in table
    assert "98.0%" not in table
    assert "2.0%" not in table.replace("20.0%", "")
