"""A base opened at a setting: the campaigns that can be judged, and the one that models learn."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from src.analyses.campaigns.population import Population
from src.analyses.campaigns.values import Tried
from src.analyses.once import once
from src.analyses.settings.campaigns import Setting
from src.data.bases import Base
from src.data.problems import InputError

ANY = "any treatment"


@dataclass(frozen=True, eq=False)
class Opened:
    """A base, its setting, and who was in its campaigns."""

    base: Base
    setting: Setting
    population: Population

    @once
    def campaigns(self) -> pd.DataFrame:
        """The campaigns, the earliest first: `campaign`, `contact` (month of the first contact),
        `treatments`, `customers`, `controls`, `left_out` (members not on the list a month before),
        `steps`, `channel`, and `why_not`: empty, or why the campaign cannot be judged.
        """
        rows: list[dict[str, object]] = []
        for name, tried in self._all().items():
            if isinstance(tried, str):
                rows.append({"campaign": name, "why_not": tried})
                continue
            arms = tried.rows["arm"].astype(str)
            rows.append(
                {
                    "campaign": name,
                    "contact": tried.contact,
                    "treatments": ", ".join(tried.treatments),
                    "customers": len(arms),
                    "controls": int((~arms.isin(tried.treatments)).sum()),
                    "left_out": tried.left_out,
                    "steps": tried.steps,
                    "channel": tried.channel,
                    "why_not": "",
                }
            )
        return pd.DataFrame(rows)

    @once
    def judged(self) -> dict[str, Tried]:
        """The campaigns that can be judged, the earliest first; `InputError` where there is none.

        With `campaign` in the setting, that one alone.
        """
        every = self._all()
        known = {name: tried for name, tried in every.items() if isinstance(tried, Tried)}
        if not known:
            said = "; ".join(f"{name}: {why}" for name, why in every.items())
            raise InputError(f"no campaign can be judged. {said}")
        return known

    @property
    def assumed_margin(self) -> float | None:
        """The share of revenue that is taken for margin; None where margins are known."""
        return self.setting.margin_share if self.population.assumes_margin else None

    @property
    def main(self) -> Tried:
        """The campaign that models learn: the one of the setting, else the latest."""
        return list(self.judged().values())[-1]

    @property
    def name(self) -> str:
        """The name of the campaign that models learn; of the latest where none can be judged."""
        try:
            return self.main.name
        except InputError:
            return list(self._all())[-1]

    @once
    def _all(self) -> dict[str, Tried | str]:
        names = [self.setting.campaign] if self.setting.campaign else self.population.names()
        every: dict[str, Tried | str] = {}
        for name in names:
            try:
                every[name] = self.population.tried(name)
            except InputError as error:
                every[name] = str(error)
        return every


def pooled(tried: Tried) -> pd.DataFrame:
    """The rows with all treatments as one arm, `ANY`."""
    arm = tried.rows["arm"].astype(str)
    return tried.rows.assign(arm=arm.where(~arm.isin(tried.treatments), ANY))
