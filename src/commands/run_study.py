"""Run a simulation study: `python -m src.commands.run_study NAME [same]`.

A study is a module of `src/studies` with REPLICATES, `replicate(seed)` and `summarise(rows)`. Each
replicate is kept in reports/studies/NAME.jsonl as soon as it is there, so that a run that was
stopped goes on where it was; replicates of other code do not count. The summary goes to
docs/studies/NAME.json, the replicates of its first seeds beside it.

With `same` nothing is studied anew: the first seeds are repeated on the code as it is now and must
give what they gave in the study. Then the summary is that of this code too, and says so: `source`
is the code as it is now, `studied` the code that all replicates ran on.
"""

from __future__ import annotations

import hashlib
import json
import math
from concurrent.futures import ProcessPoolExecutor, as_completed
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path

from tqdm import tqdm

from src.commands.exits import run_command
from src.commands.notebooks import REPORTS, ROOT, files_imported_by
from src.commands.writing import replace_file
from src.data.problems import InputError

STUDIES, RESULTS, KEPT = ROOT / "src" / "studies", ROOT / "docs" / "studies", REPORTS / "studies"
_FINGERPRINT_LENGTH = 16
_REPEATED = 3  # seeds, 1 to so many
_TOLERANCE = 1e-9


def source_of(name: str) -> str:
    """A fingerprint of all code of the project that the study runs."""
    digest = hashlib.sha256()
    code = files_imported_by(f"import src.studies.{name}")
    lists = {words for file in code for words in file.parent.glob("*.yml")}  # that the code reads
    for file in [*code, *sorted(lists)]:
        digest.update(file.read_bytes())
    return digest.hexdigest()[:_FINGERPRINT_LENGTH]


def main(arguments: list[str]) -> int:
    """Run the one study named and write its summary; with `same`, see that it still holds."""
    known = sorted(file.stem for file in STUDIES.glob("*.py") if file.stem != "__init__")
    name, *options = arguments or [""]
    if name not in known or options not in ([], ["same"]):
        asked = " ".join(arguments)
        raise InputError(f"there is no study {asked!r}; known: {', '.join(known)}")
    return _repeat(name) if options else _study(name)


def _study(name: str) -> int:
    study = import_module(f"src.studies.{name}")
    source = source_of(name)
    rows = _replicates(name, source, study.REPLICATES)
    result = {
        **study.summarise(rows),
        "seeds": f"1..{study.REPLICATES}",
        "source": source,
        "date": datetime.now(UTC).date().isoformat(),
    }
    path = RESULTS / f"{name}.json"
    _first(name).parent.mkdir(parents=True, exist_ok=True)
    first = {str(seed): row for seed, row in enumerate(rows[:_REPEATED], start=1)}
    replace_file(_first(name), json.dumps(first, indent=1) + "\n")
    replace_file(path, json.dumps(result, indent=1) + "\n")
    print(f"{name}: {len(rows)} replicates, docs/studies/{name}.json is written")
    return 0


def _repeat(name: str) -> int:
    """1, and the summary as it was, when a seed gives anything else than it gave in the study."""
    path = RESULTS / f"{name}.json"
    if not path.is_file() or not _first(name).is_file():
        raise InputError(f"{name} was not studied yet; run `make study STUDY={name}`")
    summary, first = (json.loads(file.read_text()) for file in (path, _first(name)))
    with ProcessPoolExecutor() as pool:
        again = list(pool.map(_replicate, [name] * len(first), map(int, first)))
    moved = [
        f"seed {seed}: {figure} {row.get(figure)} was {before.get(figure)}"
        for (seed, before), row in zip(first.items(), again, strict=True)
        for figure in {**before, **row}
        if figure not in before or figure not in row or not _equal(before[figure], row[figure])
    ]
    if moved:
        print(f"{name} does not hold for this code; run `make study STUDY={name}`. {moved[0]}")
        return 1
    studied = summary.get("studied", summary["source"])
    repeated = {"source": source_of(name), "studied": studied, "repeated": f"1..{len(first)}"}
    replace_file(path, json.dumps({**summary, **repeated}, indent=1) + "\n")
    print(f"{name}: seeds 1 to {len(first)} give the same; docs/studies/{name}.json says so")
    return 0


def _equal(before: float, now: float) -> bool:
    if math.isnan(before) or math.isnan(now):
        return math.isnan(before) and math.isnan(now)
    return math.isclose(before, now, rel_tol=_TOLERANCE, abs_tol=_TOLERANCE)


def _first(name: str) -> Path:
    """The replicates of the first seeds, kept with the code."""
    return RESULTS / "seeds" / f"{name}.json"


def _replicates(name: str, source: str, count: int) -> list[dict[str, float]]:
    """What the study found for seeds 1 to `count`, in their order; computes what is missing."""
    kept = KEPT / f"{name}.jsonl"
    kept.parent.mkdir(parents=True, exist_ok=True)
    done = _read(kept, source)
    # Written anew: without replicates of other code, and without half a line of a stopped run.
    replace_file(kept, "".join(_line(source, seed, row) for seed, row in done.items()))
    missing = [seed for seed in range(1, count + 1) if seed not in done]
    if missing:
        with (
            ProcessPoolExecutor() as pool,
            kept.open("a", encoding="utf-8") as file,
            tqdm(total=count, initial=count - len(missing), desc=name, disable=None) as bar,
        ):
            running = {pool.submit(_replicate, name, seed): seed for seed in missing}
            try:
                for future in as_completed(running):
                    seed = running[future]
                    done[seed] = future.result()
                    file.write(_line(source, seed, done[seed]))
                    file.flush()
                    bar.update()
            except BaseException:
                pool.shutdown(wait=False, cancel_futures=True)
                raise
    return [done[seed] for seed in range(1, count + 1)]


def _replicate(name: str, seed: int) -> dict[str, float]:
    row: dict[str, float] = import_module(f"src.studies.{name}").replicate(seed)
    return row


def _read(kept: Path, source: str) -> dict[int, dict[str, float]]:
    """The replicates of this code by seed; a line that a stopped run left half does not count."""
    done = {}
    for line in kept.read_text(encoding="utf-8").splitlines() if kept.is_file() else []:
        try:
            record = json.loads(line)
        except json.JSONDecodeError:
            continue
        if record["source"] == source:
            done[record["seed"]] = record["row"]
    return done


def _line(source: str, seed: int, row: dict[str, float]) -> str:
    return json.dumps({"source": source, "seed": seed, "row": row}) + "\n"


if __name__ == "__main__":
    run_command(main)
