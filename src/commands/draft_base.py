"""Draft the base.yml of files nobody has described: `python -m src.commands.draft_base`.

What to read stands in environment variables, as no name of a file may reach Make or a shell:
DRAFT_FROM (files and folders, blanks in a name within quotes) or DRAFT_DATABASE and DRAFT_QUERY,
DRAFT_NAME of the base, and DRAFT_FORCE to replace what is there. Nothing leaves the machine.
"""

from __future__ import annotations

import os
import shlex
import shutil
from collections.abc import Iterable, Sequence
from datetime import date
from pathlib import Path

from src.commands.exits import run_command
from src.commands.notebooks import is_usable
from src.commands.writing import replace_file
from src.data.bases import DATA
from src.data.draft.drafting import draft_of
from src.data.draft.guesses import Draft
from src.data.draft.matching import TableDraft
from src.data.draft.sampling import Sample, sample_of_query, samples_of
from src.data.draft.shown import shown
from src.data.draft.trial import tried
from src.data.problems import InputError

_LARGE = 100_000_000  # bytes; from here on a file is linked, not copied
_USAGE = 'write: make base FROM="kunden.csv rechnungen.csv" NAME=stadtfunk'


def main(_: list[str]) -> int:
    """Draft base.yml, bring the files beside it, and print what was taken for what."""
    asked = {
        key: os.environ.get(f"DRAFT_{key}", "").strip()
        for key in ("FROM", "NAME", "DATABASE", "QUERY", "FORCE")
    }
    folder = _folder(asked["NAME"], is_forced=bool(asked["FORCE"]))
    samples = _samples(asked)
    draft, tables = draft_of(samples, folder.name)
    files = _files(tables)
    _refuse_to_replace(files, folder, is_forced=bool(asked["FORCE"]))
    frames = tried(draft, tables)
    made = not folder.exists()
    folder.mkdir(parents=True, exist_ok=True)
    try:
        said = [_bring(file, folder / file.name) for file in files]
        replace_file(folder / "base.yml", draft.text(_head(folder.name, samples)))
    except OSError:
        if made:
            shutil.rmtree(folder, ignore_errors=True)
        raise
    print(shown(draft, tables, frames))
    _say(draft, folder, [line for line in said if line])
    return 0


def _folder(name: str, is_forced: bool) -> Path:
    if not name:
        raise InputError(f"name the base; {_USAGE}")
    if not is_usable(name):
        raise InputError(f"NAME={name}: a name may have letters, digits, _ and - only; {_USAGE}")
    folder = DATA / "bases" / name
    if (folder / "base.yml").exists() and not is_forced:
        raise InputError(f"{_short(folder)}/base.yml exists; to replace it by a draft, add FORCE=1")
    return folder


def _samples(asked: dict[str, str]) -> list[Sample]:
    if asked["FROM"] and not (asked["DATABASE"] or asked["QUERY"]):
        return samples_of(_places(asked["FROM"]))
    if asked["DATABASE"] and asked["QUERY"] and not asked["FROM"]:
        return [sample_of_query(asked["DATABASE"], asked["QUERY"])]
    raise InputError(
        f"name what to read: FROM, or DATABASE (the name of an environment variable that holds the "
        f"address) and QUERY; {_USAGE}"
    )


def _places(text: str) -> list[Path]:
    """The files and folders; a name with a blank stands in quotes, or alone."""
    if Path(text).expanduser().exists():
        return [Path(text).expanduser()]
    try:
        words = shlex.split(text)
    except ValueError as error:
        raise InputError(f"FROM={text}: a quote is not closed") from error
    return [Path(word).expanduser() for word in words]


def _files(tables: Sequence[TableDraft]) -> list[Path]:
    files = dict.fromkeys(path for table in tables for path in table.sample.paths)
    names: dict[str, Path] = {}
    for file in files:
        if (other := names.setdefault(file.name, file)) != file:
            raise InputError(f"{other} and {file} have the same name; rename one of them")
    return list(files)


def _refuse_to_replace(files: Iterable[Path], folder: Path, is_forced: bool) -> None:
    for file in files:
        place = folder / file.name
        if place.exists() and not place.samefile(file) and not is_forced:
            raise InputError(f"{_short(place)} exists; to replace it by {file}, add FORCE=1")


def _bring(file: Path, place: Path) -> str:
    """Copy a file beside base.yml, or link a large one; what was done."""
    if place.exists() and place.samefile(file):
        return ""
    side = place.with_name(f".{place.name}.side")
    side.unlink(missing_ok=True)
    try:
        if file.stat().st_size >= _LARGE:
            side.symlink_to(file.resolve())
            done = f"{file} is large: {_short(place)} is a link to it, so leave it where it is"
        else:
            shutil.copyfile(file, side)
            done = f"{file} was copied to {_short(place)}"
        side.replace(place)
    finally:
        side.unlink(missing_ok=True)
    return done


def _head(name: str, samples: Sequence[Sample]) -> str:
    read = ", ".join(sample.name for sample in samples)
    return (
        f"Drafted on {date.today()} from {read}.\n"
        "Each line is a guess; why stands behind it. Look at those marked CHECK, then run:\n"
        f"make report BASE={name}"
    )


def _say(draft: Draft, folder: Path, said: Iterable[str]) -> None:
    print()
    for line in said:
        print(line)
    checks = draft.checks()
    for place, check in checks:
        print(f"CHECK {place}: {check}")
    todo = f"look at what is marked CHECK ({len(checks)}), then: " if checks else "next: "
    print(f"{_short(folder)}/base.yml is written; {todo}make report BASE={folder.name}")


def _short(path: Path) -> str:
    return os.path.relpath(path, DATA.parent) if path.is_relative_to(DATA.parent) else str(path)


if __name__ == "__main__":
    run_command(main)
