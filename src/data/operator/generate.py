"""The simulated operator as a base on disk, written chunk by chunk."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from tqdm import tqdm

from src.data.operator import tables, truth
from src.data.operator.deals import simulate_deals
from src.data.operator.futures import HORIZON
from src.data.operator.lives import BLOCK, CAMPAIGNS, Block, campaign_months, simulate_block
from src.data.operator.settings import Settings, null_settings, scenario_settings
from src.data.operator.shop import (
    drawn_of,
    simulate_orders,
    simulate_strangers,
    to_check,
    true_accounts,
)
from src.data.operator.world import World, make_world
from src.data.publishing import publish, side_folder

CHUNK = 10_000  # customers that one process holds at a time
_FINGERPRINT_LENGTH = 16
_CHECKS = "link_checks"
Frames = dict[str, pd.DataFrame]


def settings_of(
    simulator: str, customers: int | None = None, months: int | None = None
) -> Settings:
    """The settings of a simulator, scaled where asked for.

    `simulator`: `operator`, `operator_null` or `operator_<scenario>` of `settings.SCENARIOS`.
    `customers` are divided between the segments as by default, four B2C to one B2B; a scaled
    operator has no hidden months.
    """
    settings = Settings()
    if customers is not None or months is not None:
        total = settings.b2c_customers + settings.b2b_customers if customers is None else customers
        b2b = total // 5
        settings = replace(
            settings,
            b2c_customers=total - b2b,
            b2b_customers=b2b,
            months=settings.months if months is None else months,
            hidden_months=0,
        )
    scenario = simulator.removeprefix("operator").removeprefix("_")
    if scenario == "null":
        return null_settings(settings)
    return scenario_settings(settings, scenario) if scenario else settings


def simulate(settings: Settings) -> tuple[Frames, Frames]:
    """The whole operator in memory: the tables of the contract, and the truth by name.

    For small operators, in tests and studies.
    """
    world = make_world(settings)
    parts = [_chunk(settings, world, [block]) for block in _blocks(settings)]
    parts.append(_without_customers(settings))
    found, true = (
        {
            name: pd.concat([part[side][name] for part in parts if name in part[side]])
            for name in dict.fromkeys(name for part in parts for name in part[side])
        }
        for side in (0, 1)
    )
    found[_CHECKS] = _link_checks([found[_CHECKS]])
    return (
        {name: frame.reset_index(drop=True) for name, frame in found.items()},
        {name: frame.reset_index(drop=True) for name, frame in true.items()},
    )


def generate(
    folder: Path,
    settings: Settings,
    built: dict[str, Any],
    chunk: int = CHUNK,
    processes: int | None = None,
) -> None:
    """Write the operator's tables and truth into the base at `folder`, in place of what was there.

    `built` is what built.json says of the base besides `rows` and `fingerprint`. Memory grows with
    `chunk`, not with the number of customers; neither `chunk` nor `processes` changes the base.
    """
    processes = processes or os.cpu_count() or 1
    world = make_world(settings)
    blocks = _blocks(settings)
    step = max(chunk // BLOCK, 1)
    chunks = [blocks[at : at + step] for at in range(0, len(blocks), step)]
    writers: dict[tuple[str, str], pq.ParquetWriter] = {}
    rows: dict[str, int] = {}
    checks: list[pd.DataFrame] = []  # who is checked is known once all chunks are there

    with side_folder(folder) as side:
        (side / "truth").mkdir()
        try:
            bar = tqdm(total=len(blocks) * BLOCK, unit="customer", unit_scale=True, disable=None)
            with bar:
                for part, done in _parts(settings, world, chunks, processes):
                    checks = [drawn_of([*checks, part[0].pop(_CHECKS).to_pandas()])]
                    for place, frames in zip(("tables", "truth"), part, strict=True):
                        for name, table in frames.items():
                            if (place, name) not in writers:
                                path = side / place / f"{name}.parquet"
                                writers[place, name] = pq.ParquetWriter(
                                    path, table.schema, compression="zstd", compression_level=1
                                )
                            writers[place, name].write_table(table)
                            if place == "tables":
                                rows[name] = rows.get(name, 0) + table.num_rows
                    bar.update(done * BLOCK)
            table = _link_checks(checks)
            rows[_CHECKS] = len(table)
            arrow = pa.Table.from_pandas(table, _schema(table), preserve_index=False)
            pq.write_table(arrow, side / "tables" / f"{_CHECKS}.parquet")
        finally:
            for writer in writers.values():
                writer.close()
        built = {**built, "fingerprint": _fingerprint(side / "tables"), "rows": rows}
        publish(side, folder, built)


def _fingerprint(folder: Path) -> str:
    digest = hashlib.sha256()
    for path in sorted(folder.glob("*.parquet")):
        with path.open("rb") as file:
            digest.update(hashlib.file_digest(file, "sha256").digest())
    return digest.hexdigest()[:_FINGERPRINT_LENGTH]


def _blocks(settings: Settings) -> list[tuple[str, int, int]]:
    """Segment, index and number of customers of every block."""
    totals = {"B2C": settings.b2c_customers, "B2B": settings.b2b_customers}
    return [
        (segment, index, min(BLOCK, total - index * BLOCK))
        for segment, total in totals.items()
        for index in range(-(-total // BLOCK))
    ]


def _parts(
    settings: Settings, world: World, chunks: list[list[tuple[str, int, int]]], processes: int
) -> Iterator[tuple[tuple[dict[str, pa.Table], dict[str, pa.Table]], int]]:
    """The tables of each chunk in order, then what belongs to no customer."""
    if processes == 1 or len(chunks) == 1:
        for blocks in chunks:
            yield _arrow_chunk(settings, world, blocks), len(blocks)
    else:
        with ProcessPoolExecutor(processes) as pool:
            # No more chunks ahead than there are processes, or the waiting ones fill the memory.
            waiting = []
            for blocks in chunks:
                waiting.append((pool.submit(_arrow_chunk, settings, world, blocks), len(blocks)))
                if len(waiting) > processes:
                    future, done = waiting.pop(0)
                    yield future.result(), done
            for future, done in waiting:
                yield future.result(), done
    yield _arrow(_without_customers(settings)), 0


def _arrow_chunk(
    settings: Settings, world: World, blocks: list[tuple[str, int, int]]
) -> tuple[dict[str, pa.Table], dict[str, pa.Table]]:
    return _arrow(_chunk(settings, world, blocks))


def _arrow(part: tuple[Frames, Frames]) -> tuple[dict[str, pa.Table], dict[str, pa.Table]]:
    found, true = (
        {
            name: pa.Table.from_pandas(frame, _schema(frame), preserve_index=False)
            for name, frame in frames.items()
        }
        for frames in part
    )
    return found, true


def _schema(frame: pd.DataFrame) -> pa.Schema:
    """Types from the dtypes alone: a chunk whose column is empty has the type of the others."""
    kinds = {"object": pa.string(), "boolean": pa.bool_()}
    return pa.schema(
        [
            (str(name), kinds.get(str(dtype)) or pa.from_numpy_dtype(dtype))
            for name, dtype in frame.dtypes.items()
        ]
    )


def _chunk(settings: Settings, world: World, blocks: Any) -> tuple[Frames, Frames]:
    parts = [_block(settings, world, *block) for block in blocks]
    found, true = (
        {
            name: pd.concat([part[side][name] for part in parts], ignore_index=True)
            for name in parts[0][side]
        }
        for side in (0, 1)
    )
    return found, true


def _block(
    settings: Settings, world: World, segment: str, index: int, count: int
) -> tuple[Frames, Frames]:
    block = simulate_block(settings, world, segment, index, count)
    orders = _orders(settings, block)
    accounts = true_accounts(tables.customer_ids(block), orders)
    lines, running = tables.lines(settings, block, world.months)
    revenue, margin = tables.money(settings, world, block, running)
    found = {
        "customers": tables.customers(settings, block),
        "billing": tables.billing(settings, block, revenue, margin),
        "usage": tables.usage(settings, world, block, running),
        "lines": lines,
        "contracts": tables.contracts(settings, block),
        "holdings": tables.holdings(settings, block),
        "events": tables.events(settings, world, block),
        "orders": orders,
        _CHECKS: to_check(orders, accounts, settings.seed),
        "campaigns": tables.campaigns(settings, block),
    }
    true = {"months": truth.monthly(settings, block, margin), "lives": truth.lives(settings, block)}
    true["effects"] = truth.effects(settings, block)
    true["shop"] = accounts
    if settings.hidden_months >= HORIZON:
        seen = found["customers"], found["billing"]
        true["snapshot"] = truth.snapshot(settings, world, block, running, *seen)
        true["hidden_billing"] = tables.billing(settings, block, revenue, margin, hidden=True)
    return found, true


def _orders(settings: Settings, block: Block) -> pd.DataFrame:
    chain = CAMPAIGNS.index("chain")
    is_treated = block.arm[:, chain] > 0
    buyers = pd.DataFrame(
        {
            "customer_id": tables.customer_ids(block),
            "first": block.start,
            "last": block.end,
            "engagement": block.engagement,
            "chain_month": np.where(is_treated, campaign_months(settings)[chain], -1),
        }
    )
    rng = tables.stream(settings, block, 8)
    return simulate_orders(buyers, settings.shop, settings.months, settings.first_month, rng)


def _link_checks(drawn: list[pd.DataFrame]) -> pd.DataFrame:
    """The table `link_checks`: accounts of the shop whose owner somebody looked up."""
    return drawn_of(drawn)[["buyer_key", "customer_id"]]


def _without_customers(settings: Settings) -> tuple[Frames, Frames]:
    """Strangers in the shop, and the deals of the sales team."""
    rng = np.random.default_rng([settings.seed, 3])
    count = int(settings.strangers * (settings.b2c_customers + settings.b2b_customers))
    strangers = simulate_strangers(count, settings.shop, settings.months, settings.first_month, rng)
    found, true = simulate_deals(settings.deals, settings.months, settings.first_month, rng)
    accounts = true_accounts(np.array([], dtype=object), strangers)
    checks = to_check(strangers, accounts, settings.seed)
    found_here = {"orders": strangers, "deals": found, _CHECKS: checks}
    return found_here, {"deals": true, "shop": accounts}
