"""The features of a panel, looked at step by step."""

from __future__ import annotations

from functools import cached_property

import pandas as pd

from src.analyses.features.values import Leaks
from src.analyses.missing import Missing
from src.analyses.progress import watched
from src.analyses.settings.features import Setting
from src.analyses.settings.model import refuse
from src.data.bases import Base, open_base
from src.features import distributions, leaks, lifecycle, redundancy, snapshots, tampering
from src.features.stability import stability
from src.features.tables import open_features
from src.models.churn.signal import COLUMNS, has_enough, signal

# Features that show how far segments lie apart; means of usage over three months come on top.
_TELLING = (
    "revenue_mean_3m",
    "margin_mean_3m",
    "tenure_months",
    "lines",
    "products",
    "ticket_count_12m",
)
_USAGE = "_mean_3m"
_IN_CLUSTERS = 30


class Study:
    """Which features exist, whether they keep to their month, what they say, how stable they are.

    `at` is the snapshot looked at and `before` the one stability is judged against; `horizons` says
    per segment which exits count. Steps may be asked in any order, and what takes long is computed
    once. Folds and nearest neighbours are drawn by the setting's seed.
    """

    def __init__(self, base: Base, setting: Setting) -> None:
        self.base, self.setting = base, setting
        self._tables = open_features(base)
        self._names = tuple(self._tables.catalogue["name"])
        self._people, bills = base.table("customers"), base.table("billing")
        freeze_months = self._tables.freeze_months
        self._lives = lifecycle.lives(bills, self._people, freeze_months)
        self._follow_up = lifecycle.end_of_follow_up(bills["month"].max(), freeze_months)
        segments = set(self._people["segment"])
        ordered = sorted(snapshots.HORIZONS.items())
        self.horizons = {name: horizon for name, horizon in ordered if name in segments}
        farthest = snapshots.Horizon(max(horizon.reach for horizon in self.horizons.values()))
        usable = snapshots.usable(self._tables.snapshots, farthest, self._follow_up)
        self.at = pd.Timestamp(setting.snapshot) if setting.snapshot else usable[-1]
        earliest = self._tables.snapshots[0]
        self.before = max(earliest, self.at - pd.DateOffset(months=setting.months_back))

    def __repr__(self) -> str:
        return f"Features of {self.base.name}: {len(self._names)} at the end of {self.at:%Y-%m}"

    def catalogue(self) -> pd.DataFrame:
        """One row per feature: `name`, `family`, `meaning`, `unit`, `window`, `source`."""
        return self._tables.catalogue.copy()

    def families(self) -> pd.DataFrame:
        """One row per family: `family`, `features` (how many), `source` (table), `example`."""
        by_family = self._tables.catalogue.groupby("family", sort=False)
        columns = {"features": ("name", "size"), "source": ("source", "first")}
        return by_family.agg(**columns, example=("name", "last")).reset_index()

    def left_out(self) -> pd.DataFrame:
        """What the base does not carry: `what` (a family or a column), `why`."""
        return self._tables.left_out.copy()

    def rows(self) -> pd.DataFrame:
        """The feature table at `at`: `customer_id`, `snapshot`, the features, `latest_source`.

        One row per customer in the base at the end of that month; units are in the catalogue.
        """
        return self._rows.copy()

    def empty(self) -> pd.DataFrame:
        """Features with empty cells: `feature`, a column per segment (share of cells), `most`.

        The emptiest first; `most` is the largest share.
        """
        return distributions.missing_shares(self._rows, list(self._names), "segment")

    def spreads(self, *features: str) -> pd.DataFrame:
        """How far apart the segments are, feature by feature; by default those that tell most.

        Returns `feature`, `group` (the segment), `customers`, `missing` (share), `p10`, `median`,
        `p90`, `scale` (the median of all; only features where it is positive), numbers only.

        Raises `InputError` for a feature that the base does not have.
        """
        for name in features:
            if name not in self._names:
                raise refuse("feature", name, "one of the catalogue", self._names)
        shown = features or tuple(
            name for name in self._names if name in _TELLING or name.endswith(_USAGE)
        )
        spreads = distributions.spread_by(self._rows, list(shown), "segment")
        return spreads[spreads["scale"] > 0]

    def signal(self, segment: str = "") -> pd.DataFrame:
        """What each feature alone says about who leaves, in one segment or in all.

        Returns `segment`, `feature`, `auc`, `low`, `high`, `direction` (where churners are),
        `mutual_information` (nats), the highest AUC of a segment first. The label is that of the
        segment's horizon (`horizons`). A segment without ten who left and ten who stayed has no
        rows.

        Raises `InputError` for a segment that the base does not have.
        """
        if not segment:
            return self._signal.copy()
        if segment not in self.horizons:
            raise refuse("segment", segment, "one of the base", self.horizons)
        rows = self._signal[self._signal["segment"] == segment]
        return rows.reset_index(drop=True)

    def leaks(self) -> Leaks:
        """Whether features know what came after their snapshot: three checks on this base."""
        return self._leaks

    def stability(self) -> pd.DataFrame:
        """Whether features mean the same at `at` as at `before`, the largest shift first.

        Returns `feature`, `psi` (population stability index), `noise` (what 95 of 100 unchanged
        features stay below), `bins`.
        """
        return self._stability.copy()

    def clusters(self) -> pd.DataFrame:
        """Which features say the same: `cluster` (from 1), `feature`, `closest`, `size`.

        The largest cluster first; `closest` is the largest absolute rank correlation with another
        of the cluster, missing where the feature is alone.
        """
        return self._clusters.copy()

    def correlations(self) -> pd.DataFrame:
        """Rank correlations of the features of the largest clusters: features by features."""
        together = self._clusters[self._clusters["size"] > 1].head(_IN_CLUSTERS)
        return self._rows[together["feature"].tolist()].corr("spearman")

    @cached_property
    def _rows(self) -> pd.DataFrame:
        return self._tables.read([self.at])

    @cached_property
    def _signal(self) -> pd.DataFrame:
        parts = [pd.DataFrame(columns=["segment", *COLUMNS])]
        for segment, horizon in watched(self.horizons.items(), "features one by one"):
            members = self._rows[self._rows["segment"] == segment]
            judged = snapshots.labelled(members, self._lives, horizon, self._follow_up)
            if not has_enough(judged["churned"]):
                continue
            part = signal(
                judged,
                list(self._names),
                judged["churned"],
                self.setting.seed,
                self.setting.confidence,
            )
            part.insert(0, "segment", segment)
            parts.append(part)
        return pd.concat(parts[1:] or parts, ignore_index=True)

    @cached_property
    def _leaks(self) -> Leaks:
        most = self.setting.most
        too_good = self._signal.loc[self._signal["auc"] > most, "feature"]
        return Leaks(
            later=len(leaks.later_rows(self._rows)),
            moved=tampering.moved_cells(self.base, self._rows, self.at),
            too_good=sorted(set(too_good)) if len(self._signal) else None,
            most=most,
            rewritten=self._rewritten(),
        )

    def _rewritten(self) -> pd.DataFrame | Missing:
        if not self.setting.earlier:
            return Missing("earlier load", "which static attributes were rewritten")
        earlier = open_base(self.setting.earlier).table("customers")
        return leaks.changed_attributes(earlier, self._people, self.at)

    @cached_property
    def _stability(self) -> pd.DataFrame:
        return stability(self._tables.read([self.before]), self._rows, list(self._names))

    @cached_property
    def _clusters(self) -> pd.DataFrame:
        return redundancy.correlation_clusters(self._rows, list(self._names), self.setting.alike)
