"""What bases and reports there are, for Make: `python -m src.commands.look_at_bases FILE [WORDS]`.

Writes FILE, which the Makefile includes: the names of bases and reports, by kind and by what has to
be built again. A folder or a parameter file whose name could mean something to Make or a shell is
left out, so that no such name reaches either. The word `aloud` has it said on stderr, and how old
tables from databases are; with `whole`, every file is read, however it looks. The environment
variable ASKED, the BASE of the user as a name or a path, is checked.

base.yml is read by its own reader. What was found is kept in a file beside FILE: a file is read
again where its size, times or place changed.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from src.commands import notebooks
from src.commands.exits import run_command
from src.commands.notebooks import PARAMETERS, ROOT, is_usable
from src.commands.writing import replace_file
from src.data.bases import DATA, ages, base_names, unknown_base
from src.data.problems import InputError
from src.data.provenance import DamagedError, code_of, digest, is_right, read_record, signature

_ALLOWED = "letters, digits, _ and - only"


class Seen:
    """What earlier looks found: digests of files, and what was read in a file of some digest."""

    def __init__(self, store: Path) -> None:
        self._store = store
        self._now: dict[str, list[Any]] = {}
        try:
            self._earlier = json.loads(store.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            self._earlier = {}

    def digest(self, path: Path) -> str:
        """The digest of a file, taken again where its signature is another."""
        return str(self._found(str(path), list(signature(path)), lambda: digest(path)))

    def content(self, path: Path, code: str, read: Callable[[Path], Any]) -> Any:
        """What `read` makes of a file; `code` is the digest of the code that reads."""
        return self._found(f"content of {path}", [self.digest(path), code], lambda: read(path))

    def _found(self, name: str, state: list[Any], look: Callable[[], Any]) -> Any:
        found = self._now.get(name) or self._earlier.get(name) or [None, None]
        self._now[name] = found if found[0] == state else [state, look()]
        return self._now[name][1]

    def keep(self) -> None:
        """Keep it for the next look."""
        if self._now != self._earlier:
            replace_file(self._store, json.dumps(self._now))


def main(arguments: list[str]) -> int:
    """Look at all bases and reports; write what changed."""
    if not arguments:
        raise InputError("name the file to write")
    target, words = Path(arguments[0]), arguments[1:]
    named = named_base(os.environ.get("ASKED", ""))
    seen = Seen(target.with_name(f"{target.name}.seen"))
    text, refused, old = look(seen, digest if "whole" in words else seen.digest, named)
    seen.keep()
    if not target.is_file() or target.read_text(encoding="utf-8") != text:
        replace_file(target, text)
    if "aloud" in words:
        for line in (*(f"error: {each}, and is left out" for each in refused), *old):
            print(line, file=sys.stderr)
    return 0


def named_base(asked: str) -> str:
    """The name of a base under data/bases, given by its name or by a path; empty for none.

    Raises `InputError` when there is no such base, or Make cannot take it.
    """
    name = asked
    if "/" in asked:
        place = Path(os.path.abspath(asked))
        name = place.name
        if not (place / "base.yml").is_file():
            raise InputError(f"BASE={asked}: there is no base.yml in {place}")
        if place.parent != DATA / "bases":
            link = f"ln -s {shlex.quote(str(place))} data/bases/{_renamed(name)}"
            raise InputError(f"BASE={asked} is not in data/bases; bring it there, such as: {link}")
    if not name:
        return ""
    if name not in base_names():
        raise unknown_base(name)
    if not is_usable(name):
        raise InputError(_rename("base", DATA / "bases" / name))
    return name


def look(
    seen: Seen, digest: Callable[[Path], str], named: str = ""
) -> tuple[str, list[str], list[str]]:
    """The text for Make, what is refused, and how old tables from databases are.

    `named`: the base to look at closely, empty for all.
    """
    folders = [DATA / "bases" / name for name in base_names()]
    refused = [_rename("base", folder) for folder in folders if not is_usable(folder.name)]
    words: dict[str, list[str]] = {
        name: []
        for name in ("BASES", "PANELS", "SHIPPED", "FROM_DATABASES", "STALE", "STALE_FEATURES")
    }
    code, old = code_of(is_simulated=False, digest=seen.digest), []
    for folder in folders:
        if not is_usable(folder.name):
            continue
        says = seen.content(folder / "base.yml", code, _read_manifest)
        take = digest if named in ("", folder.name) else seen.digest
        is_stale, features_are_stale, tables = _state(folder, take)
        for variable, holds in (
            ("BASES", True),
            ("PANELS", says.get("kind") == "panel"),
            ("SHIPPED", says.get("is_shipped")),
            ("FROM_DATABASES", says.get("reads_databases")),
            ("STALE", is_stale),
            ("STALE_FEATURES", features_are_stale),
        ):
            words[variable] += [folder.name] if holds else []
        again = f"`make data BASE={folder.name}` reads it again"
        old += [f"{folder.name}: {age}; {again}" for age in tables]
    lines = [f"{name} := {' '.join(found)}" for name, found in words.items()]
    lines.append(f"UNUSABLE := {len(refused) or ''}")
    reports, odd = _reports(seen)
    lines.append(f"EVERY_REPORT := {' '.join(reports)}")
    lines += [f"base_of_{report} := {base}" for report, base in reports.items()]
    return "\n".join([*lines, ""]), [*refused, *odd], old


def _state(folder: Path, digest: Callable[[Path], str]) -> tuple[bool, bool, list[str]]:
    """Whether the base is to be built again, whether its features are, how old its tables are."""
    if not is_right(folder, digest):
        return True, False, []  # features follow
    built = read_record(folder / "built.json", digest)
    try:
        features = read_record(folder / "features" / "built.json", digest)
    except FileNotFoundError:
        return False, False, ages(built)
    except DamagedError:
        return False, True, ages(built)
    return False, features["fingerprint"] != built["fingerprint"], ages(built)


def _reports(seen: Seen) -> tuple[dict[str, str], list[str]]:
    """The base of each report that has a parameter file, and what is wrong with other files."""
    bases = {}
    for each in notebooks.shipped():
        path = PARAMETERS / each.notebook / f"{each.variant}.yml"
        base = str(seen.content(path, "", _base_of) or each.variant)
        name = Path(base).name
        # What is no base at all is told by the command that opens it.
        bases[each.name] = name if is_usable(name) else ".unknown"
    odd = [
        _rename("parameters", path)
        for path in sorted(PARAMETERS.glob("*/*.yml"))
        if not is_usable(f"{path.parent.name}__{path.stem}")
    ]
    return bases, odd


def _read_manifest(path: Path) -> dict[str, Any]:
    """What Make asks of base.yml; empty where its reader refuses it."""
    from src.data.manifest import read_manifest  # takes a second, and few looks read one

    try:
        manifest = read_manifest(path.parent)
    except InputError:
        return {}
    sources = manifest.tables.values()
    return {
        "kind": manifest.kind,
        "is_shipped": bool(manifest.simulator) or any(source.package for source in sources),
        "reads_databases": any(source.database for source in sources),
    }


def _base_of(parameters: Path) -> str | None:
    import yaml

    try:
        given = yaml.safe_load(parameters.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError):
        return None  # the run says what is wrong
    return given.get("BASE") if isinstance(given, dict) else None


def _rename(what: str, place: Path) -> str:
    """The refusal of a name, with the line that mends it."""
    new = place.with_name(_renamed(place.stem) + place.suffix)
    old, new_name = (shlex.quote(os.path.relpath(path, ROOT)) for path in (place, new))
    return (
        f"the {what} {place.stem!r} must be renamed (mv {old} {new_name}): its name may have "
        f"{_ALLOWED}"
    )


def _renamed(name: str) -> str:
    return re.sub(r"[^\w-]+", "_", name).strip("_-") or "renamed"


if __name__ == "__main__":
    run_command(main)
