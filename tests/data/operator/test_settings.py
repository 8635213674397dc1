from dataclasses import replace

import numpy as np
import pytest

from src.data.operator.settings import (
    B2B,
    B2C,
    SCENARIOS,
    Effects,
    Settings,
    null_settings,
    scenario_settings,
)
from src.data.problems import InputError


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"b2c_customers": -1}, "b2c_customers must be 0 or more, not -1"),
        ({"b2c_customers": 0, "b2b_customers": 0}, "both 0: nothing to simulate"),
        ({"months": 5}, "months must be 6 or more, not 5"),
        ({"hidden_months": -1}, "hidden_months must be 0 or more"),
        ({"existing_share": 1.2}, "existing_share must lie between 0 and 1, not 1.2"),
        ({"control_share": -0.1}, "control_share must lie between 0 and 1"),
        ({"decline_shares": (0.5, 0.4, 0.2, 0.2)}, "decline_shares must be 0 or more and sum to 1"),
        ({"b2c": replace(B2C, hazard=-0.01)}, "b2c.hazard must be 0 or more, not -0.01"),
        ({"b2b": replace(B2B, freeze_share=2.0)}, "b2b.freeze_share must lie between 0 and 1"),
        ({"b2b": replace(B2B, product_rates=(-1.0,))}, "b2b.product_rates must be 0 or more"),
        ({"b2c": replace(B2C, contract_shares=(1.0, 1.0))}, "b2c.contract_shares must be 0"),
        ({"effects": Effects(fade=1.5)}, "effects.fade must lie between 0 and 1"),
        ({"pause_shares": (0.5, 0.4)}, "pause_shares must be 0 or more and sum to 1"),
        ({"recorded_share": 1.1}, "recorded_share must lie between 0 and 1, not 1.1"),
        ({"later_wave_share": -0.2}, "later_wave_share must lie between 0 and 1, not -0.2"),
    ],
)
def test_impossible_settings_are_refused_by_name(change, message):
    with pytest.raises(InputError, match=message.replace("(", r"\(")):
        Settings(**change)


def test_the_null_scenario_has_no_difference_and_no_effect():
    settings = null_settings(Settings())
    assert settings.b2b == settings.b2c
    assert settings.b2c.offer_effect == settings.b2c.chain_effect == settings.nps_effect == 0
    assert settings.b2c.bound_factor == settings.b2c.renewal_factor == 1
    assert settings.engagement_spread == settings.b2c.leader_gap == 0
    effects = settings.effects
    named = ("engagement", "product", "price_change", "incident", "ticket", "competitor")
    assert [getattr(effects, name) for name in (*named, "incident_tickets")] == [0] * 7


def test_how_long_pauses_last():
    assert Settings().pause_lasts(np.array([1, 2, 3])).tolist() == [1, 0, 0]
    found = scenario_settings(Settings(), "pauses").pause_lasts(np.arange(1, 7))
    assert found == pytest.approx([1, 0.6, 0.3, 0.1, 0, 0])


def test_a_scenario_changes_what_it_says_and_nothing_else():
    default = Settings()
    for name, changes in SCENARIOS.items():
        settings = scenario_settings(default, name)
        back = replace(settings, **{key: getattr(default, key) for key in changes})
        if name == "pauses":
            assert settings.b2c.pause_rate == settings.b2b.pause_rate == 0.01
            back = replace(back, b2c=default.b2c, b2b=default.b2b)
        assert back == default
        assert settings != default
    assert scenario_settings(default, "price_war").later_waves == 0.2
    assert default.later_waves == default.wave_share
