"""Groups of customers by what they do, hold and cost: clusters, tiers, effort against income."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from src.analyses.missing import Missing, minor
from src.analyses.once import once
from src.analyses.parameters import STORED
from src.analyses.segments.opened import Opened
from src.analyses.streams import stream
from src.data.operator.truth import open_truth
from src.data.problems import InputError
from src.features.accounts import account_sums, held_at
from src.features.habits import Habit, habits
from src.features.spent import efforts
from src.models.intervals.proportions import Estimate, wilson
from src.models.segments.cluster_profiles import profiles
from src.models.segments.clusters import FEWEST, STABLE, find_clusters
from src.models.segments.effort import effort_shares
from src.models.segments.tier_rules import TIERS, Rule, read_rules, refuse_unknown, tiers_of
from src.models.segments.tiers import fitting, tier_steps, tier_table, verdict

BUSINESS = "B2B"
TIER_FILE = "tiers.yml"
_HABITS = ("billing", "usage", "lines", "events", "orders")
_EFFORTS = ("campaigns", "events")
_ALL = "all"


@dataclass(frozen=True)
class ClusterReport:
    """Clusters of every segment that has customers enough.

    `number` and `stability` by segment; `number` is 0 where there are no stable clusters, and
    `stability` the highest tried. `tried`: a row per segment and number, see `find_clusters`.
    `profiles`: see `cluster_profiles.profiles`, with `segment`; no rows where there are none.
    `customers`: `customer_id`, `segment`, `cluster` (0: none). `habits` in the order of columns.
    """

    number: dict[str, int]
    stability: dict[str, float]
    tried: pd.DataFrame
    profiles: pd.DataFrame
    customers: pd.DataFrame
    habits: tuple[Habit, ...]
    months: int
    stable: float


@dataclass(frozen=True)
class TierReport:
    """Tiers of B2B customers. `customers`: `customer_id`, `tier`; `table`, `steps`: see `tiers`.

    `verdict`: whether value rises from tier to tier. `accuracy`: the share of customers in their
    true tier, of a simulated base only. `value_is`: `margin` or `revenue`. `own`: whether the table
    of the base itself was read.
    """

    customers: pd.DataFrame
    table: pd.DataFrame
    steps: pd.DataFrame
    verdict: str
    accuracy: Estimate | None
    value_is: str
    rules: tuple[Rule, ...]
    own: bool
    currency: str


class Grouping(Opened):
    """The steps of a study of segments that group customers beside money and purchases."""

    @once
    @minor("clusters of customers by their habits")
    def clusters(self) -> ClusterReport | Missing:
        """Behavioural clusters of each segment, if it has any that are stable; see `ClusterReport`.

        Of customers on the list today, of a shop those who bought within the months that count.
        Missing where no segment has enough customers or habits.
        """
        setting, people = self.setting, self.today()
        people = people if self.is_panel else people[people["frequency"] > 0]
        tables = self._tables(_HABITS)
        number, stability, tried, marks, members = {}, {}, [], [], []
        known: dict[str, Habit] = {}
        for segment, rows in people.groupby("segment", sort=True):
            if len(rows) < FEWEST:
                continue
            seen = habits(
                rows["customer_id"], tables, self.last, setting.months, self.base.currency
            )
            known |= {habit.name: habit for habit in seen.habits}
            frame, name = seen.frame.drop(columns="customer_id"), str(segment)
            rng = stream(setting.seed, f"clusters of {name}")
            found = find_clusters(frame, seen.logs, rng, setting.clusters)
            number[name], stability[name] = found.number, found.stability
            tried.append(found.tried.assign(segment=name))
            cluster = found.assign(frame)
            customer_id = rows["customer_id"].to_numpy()
            members.append(
                pd.DataFrame({"customer_id": customer_id, "segment": name, "cluster": cluster})
            )
            if found.number:
                marks.append(profiles(frame, cluster, found.scales).assign(segment=name))
        if not tried:
            raise InputError(f"no segment has {FEWEST} customers")
        return ClusterReport(
            number=number,
            stability=stability,
            tried=pd.concat(tried, ignore_index=True),
            profiles=pd.concat(marks, ignore_index=True) if marks else pd.DataFrame(),
            customers=pd.concat(members, ignore_index=True),
            habits=tuple(known.values()),
            months=setting.months,
            stable=STABLE,
        )

    @once
    def tiers(self) -> TierReport | Missing:
        """The tiers of maturity of B2B customers on the list today; see `TierReport`.

        By the table `tiers.yml` in the base's folder, else by that of notebooks/params. Missing
        without B2B customers, the table holdings, or any product of the rules. Raises `InputError`
        for a table that cannot be used: who edits it has to know.
        """
        adds = "tiers of B2B customers by the products they hold"
        if not self.is_panel or not self.base.has("holdings"):
            return Missing("products held by customers (the table holdings)", adds)
        people = self.today()
        people = people[people["segment"] == BUSINESS].reset_index(drop=True)
        if len(people) < self.setting.min_cell:
            return Missing(f"{self.setting.min_cell} B2B customers on its list today", adds)
        path = tier_file(self.base.folder)
        rules = read_rules(path.read_text(encoding="utf-8"), path.name)
        holdings, own = self.base.table("holdings"), path.parent == self.base.folder
        if own:
            refuse_unknown(rules, holdings["product"], path.name)
        products = {product for rule in rules for product in rule.products}
        if not holdings["product"].isin(products).any():
            return Missing("products that show a tier", adds)
        return self._tiered(people, holdings, rules, own)

    @once
    @minor("effort against income")
    def effort(self) -> pd.DataFrame | Missing:
        """Which share of contacts, offers and tickets goes to those with 80 % of the income.

        A row per `group` (all, and each segment where there are several) and `effort`, see
        `effort_shares`. Contacts and offers of the control group are none. Missing without the
        tables campaigns and events, and where neither has a row in the months that count.
        """
        if not self.base.has("campaigns") and not self.base.has("events"):
            return Missing("contacts or tickets (the tables campaigns and events)", "who gets them")
        setting, people = self.setting, self.today()
        spent = efforts(
            people["customer_id"], self._tables(_EFFORTS), self.last, setting.months
        ).drop(columns="customer_id")
        spent = spent.loc[:, spent.sum() > 0]
        if spent.empty:
            raise InputError(f"nobody was contacted in the last {setting.months} months")
        rows = people[["segment", "money"]].join(spent)
        groups = {_ALL: rows}
        segments = {str(name): part for name, part in rows.groupby("segment", sort=True)}
        groups |= segments if len(segments) > 1 else {}
        parts = []
        for name, part in groups.items():
            if len(part) >= setting.min_cell:
                rng = stream(setting.seed, f"effort for {name}")
                asked = (list(spent), rng, setting.replicates, setting.confidence)
                parts.append(effort_shares(part, *asked).assign(group=name))
        return pd.concat(parts, ignore_index=True)

    def _tiered(
        self, people: pd.DataFrame, holdings: pd.DataFrame, rules: tuple[Rule, ...], own: bool
    ) -> TierReport:
        setting = self.setting
        tables = self._tables(("billing", "lines", "events"))
        sums = account_sums(people["customer_id"], tables, self.last, setting.months)
        listed = people[["customer_id"]]
        if "lines" in sums.frame:
            listed = listed.assign(lines=sums.frame["lines"].to_numpy())
        held = held_at(holdings, self.last)
        customers = people[["customer_id"]].assign(tier=tiers_of(listed, held, rules))
        tier = customers.set_index("customer_id")["tier"]
        table = sums.frame.join(fitting(tier, held, rules))
        rng = stream(setting.seed, "tiers")
        steps = tier_steps(customers, table["value"], rng, setting.replicates, setting.confidence)
        return TierReport(
            customers=customers,
            table=tier_table(customers, table, setting.confidence),
            steps=steps,
            verdict=verdict(steps),
            accuracy=self._accuracy(tier),
            value_is=sums.value_is,
            rules=rules,
            own=own,
            currency=self.base.currency,
        )

    def _accuracy(self, tier: pd.Series) -> Estimate | None:
        """The share in their true tier, of customers who are there; None where none is known."""
        try:
            lives = open_truth(self.base, "lives").set_index("customer_id")
        except InputError:
            return None
        if "tier" not in lives:
            return None
        true = lives["tier"].reindex(tier.index).dropna()
        if true.empty:
            return None
        names = dict(enumerate(TIERS, start=1))
        is_right = tier.reindex(true.index).astype("object") == true.map(names)
        counts = pd.Series([is_right.sum()]), pd.Series([len(is_right)])
        row = wilson(*counts, self.setting.confidence).iloc[0]
        return Estimate(float(row["rate"]), float(row["low"]), float(row["high"]))

    def _tables(self, names: tuple[str, ...]) -> dict[str, pd.DataFrame]:
        """The tables of the base among these; orders by the key of the people of this study."""
        tables = {name: self.base.table(name) for name in names if self.base.has(name)}
        if not self.is_panel and "orders" in tables:
            orders = tables["orders"].drop(columns="customer_id", errors="ignore")
            tables["orders"] = orders.rename(columns={"buyer_key": "customer_id"})
        return tables


def tier_file(folder: Path) -> Path:
    """The table of tiers that counts for the base in this folder: its own goes first."""
    own = folder / TIER_FILE
    return own if own.is_file() else STORED / TIER_FILE
