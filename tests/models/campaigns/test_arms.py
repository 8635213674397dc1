"""Who is in a campaign: one row per customer, and one clear message for what cannot be used."""

import numpy as np
import pandas as pd
import pytest

from src.data.problems import InputError
from src.models.campaigns.arms import check_after_contact, one_campaign, outcome_of, treatments


def members(*arms):
    return pd.DataFrame({"customer_id": range(len(arms)), "arm": list(arms)})


def test_contacts_become_one_row_per_customer():
    day = pd.Timestamp("2024-03-01")
    contacts = pd.DataFrame(
        [
            ("B", day + pd.Timedelta(days=7), "mail", 0.05, True),
            ("B", day, "mail", 0.05, False),
            ("A", day, "control", np.nan, False),
        ],
        columns=["customer_id", "date", "arm", "cost", "opened"],
    )
    expected = pd.DataFrame(
        {
            "customer_id": ["A", "B"],
            "arm": ["control", "mail"],
            "first": [day, day],
            "contacts": [1, 2],
            "cost": [0.0, 0.1],
            "opened": [False, True],
        }
    )
    pd.testing.assert_frame_equal(one_campaign(contacts), expected)


def test_a_negative_cost_and_two_arms_are_refused():
    day = pd.Timestamp("2024-03-01")
    contacts = pd.DataFrame(
        {"customer_id": [1, 1], "date": day, "arm": ["mail", "control"], "cost": [-1.0, 0.0]}
    )
    with pytest.raises(InputError, match="1 customer is in two arms of one campaign, such as '1'"):
        one_campaign(contacts)
    with pytest.raises(InputError, match="cost of a contact must be 0 or more, not -1"):
        one_campaign(contacts.assign(customer_id=[1, 2]))


@pytest.mark.parametrize(
    ("frame", "message"),
    [
        (members("mail", "call"), "no control group"),
        (members("control", "control"), "everybody in the campaign is in the control group"),
        (members("control", None), "the arm is missing for 1 of 2 members"),
        (members(), "no members"),
        (members("control", "mail").assign(customer_id=7), "1 customer is in two arms"),
        (members("control", "mail", "mail").assign(customer_id=[1, 2, 2]), "more than once"),
        (
            members("control", "mail").astype(
                {"arm": pd.CategoricalDtype(["control", "mail", "call"])}
            ),
            "the arm 'call' has nobody",
        ),
        (members("control").drop(columns="arm"), "the frame has no column arm"),
    ],
)
def test_what_is_no_experiment_is_refused(frame, message):
    with pytest.raises(InputError, match=message):
        treatments(frame)


def test_responses_before_the_contact_are_refused():
    day = pd.Timestamp("2024-03-01")
    frame = pd.DataFrame({"first": [day, day], "left": [day, pd.NaT]})
    check_after_contact(frame, "left")
    with pytest.raises(InputError, match="left lies before the first contact for 1 of 2 members"):
        check_after_contact(frame.assign(left=[day - pd.Timedelta(days=1), pd.NaT]), "left")


def test_a_missing_outcome_is_refused():
    with pytest.raises(InputError, match="lost is missing or infinite in 1 of 2 rows"):
        outcome_of(members("control", "mail").assign(lost=[1, np.nan]), "lost")
