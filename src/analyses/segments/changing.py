"""What happens to the value of each segment when conditions change."""

from __future__ import annotations

import pandas as pd

from src.analyses.missing import Missing, minor
from src.analyses.once import once
from src.analyses.segments.moving import Moving
from src.analyses.segments.values import Scenarios
from src.analyses.streams import stream
from src.data.problems import InputError
from src.features import lifecycle
from src.models.segments.price_response import price_response
from src.models.segments.scenarios import Change, mix_moved, scenarios

RISE = "price_change"  # the kind of event that tells of a price rise
_DRAWS = 100  # at most, since each draw values every customer under every change


class Changing(Moving):
    """The step of a study that changes prices, churn, costs and the mix."""

    @once
    @minor("what a change of conditions does to value")
    def scenarios(self) -> Scenarios | Missing:
        """The value of each segment under other prices, churn and costs; see `Scenarios`.

        By the fitted models of staying and money, and by what past price rises did. Missing without
        months.
        """
        groups, setting = self.members(), self.setting
        if isinstance(groups, Missing):
            return groups
        change = setting.change
        responses, unanswered, past_rise = self._responses()
        changes = [
            Change("price up", price=change, answers=True),
            Change("price up, nobody leaves for it", price=change),
            Change("price down", price=-change),
            Change("churn up", churn=change),
            Change("churn down", churn=-change),
            Change("cost up", cost=change),
        ]
        table = scenarios(
            *(groups, changes, stream(setting.seed, "scenarios")),
            responses=responses,
            past_rise=past_rise,
            annual_rate=setting.rate,
            replicates=min(setting.replicates, _DRAWS),
            confidence=setting.confidence,
        )
        worth = pd.concat([each.worth.assign(group=name) for name, each in groups.items()])
        names = list(groups) if len(groups) > 1 else []
        today = worth.groupby("group")["margin"].sum().reindex(list(groups))
        return Scenarios(
            today=pd.concat([today, pd.Series({"all": today.sum()})]),
            table=table,
            responses=responses,
            unanswered=unanswered,
            past_rise=past_rise,
            mix={name: mix_moved(worth, name, change, setting.confidence) for name in names},
            change=change,
        )

    def _responses(self) -> tuple[dict[str, pd.DataFrame], dict[str, str], float]:
        """What past rises did, why nothing is known of it, and how large they were on average."""
        nothing = f"the base has no events of kind {RISE}"
        if not self.base.has("events"):
            return {}, dict.fromkeys(self.segments, nothing), self.setting.change
        events = self.base.table("events")
        rises = events[events["kind"] == RISE]
        if rises.empty:
            return {}, dict.fromkeys(self.segments, nothing), self.setting.change
        month = rises["date"].dt.to_period("M").dt.to_timestamp()
        rises = rises.assign(month=month).drop_duplicates(["customer_id", "month"])
        sizes = rises["value"] if "value" in rises else pd.Series(dtype=float)
        # A rise whose size is not known, or is no share, is taken for one of CHANGE.
        mean = sizes.mean() if sizes.between(0.001, 1).all() and len(sizes) else self.setting.change
        bills, people = self.base.table("billing"), self.base.table("customers")
        record = lifecycle.LifeRecord(bills, people, self.base.freeze_months)
        lives = record.followed()
        people = people.set_index("customer_id")
        segment = lives["customer_id"].map(people["segment"])
        signup = lives["start"]
        if "signup_month" in people:
            signup = lives["customer_id"].map(people["signup_month"]).fillna(signup)
        lives = lives.assign(signup=signup)
        seen = bills["month"].min(), record.follow_up()
        responses, unanswered = {}, {}
        for name in self.segments:
            try:
                responses[name] = price_response(
                    lives[segment == name], rises, seen, confidence=self.setting.confidence
                )
            except InputError as error:
                unanswered[name] = str(error)
        return responses, unanswered, float(mean)
