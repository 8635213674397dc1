"""Parameters of a notebook: what was set by hand, what a stored variant says, checked as one.

A notebook `NN_subject` sets constants in UPPER_CASE; the class `Setting` in
`src.analyses.<subject>` says what they may be. `read` is the notebook's first cell; a run
by papermill checks the same before it starts.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from src.analyses.settings.model import BaseSetting, nearest
from src.data.bases import open_base
from src.data.problems import InputError

STORED = Path(__file__).parents[2] / "notebooks" / "params"
VARIANT = "VARIANT"


def read(notebook: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """The checked setting of a notebook as keywords, such as `{"base": "operator", ...}`.

    `given`: the constants of the notebook, as `globals()` has them. With `VARIANT` the stored
    parameter file of that name counts where a constant has its default; what was set by hand goes
    before it.

    Raises `InputError` with all that is wrong in one message: a name that is nearly that of a
    parameter, a wrong type or value with what is allowed, a segment the base does not have.
    """
    schema = schema_of(notebook)
    defaults = _defaults(schema)
    misspelt = {
        name: near
        for name in given
        if name.isupper() and name not in defaults and (near := nearest(name, defaults))
    }
    if misspelt:
        said = "; ".join(f"{name}: did you mean {near}?" for name, near in misspelt.items())
        raise InputError(f"{notebook} has no parameter {said}")
    by_hand = {name: given[name] for name in defaults if name in given}
    variant = by_hand.pop(VARIANT, "")
    if variant:
        changed = {name: value for name, value in by_hand.items() if value != defaults[name]}
        by_hand = stored(notebook, variant) | changed
    return checked(notebook, by_hand).model_dump()


def checked(notebook: str, given: Mapping[str, Any]) -> Any:
    """The setting of these parameters, by their names in UPPER_CASE; errors as in `read`."""
    schema = schema_of(notebook)
    names = list(_defaults(schema))
    unknown = [name for name in given if name not in names]
    if unknown:
        near = nearest(str(unknown[0]), names)
        hint = f"; did you mean {near}?" if near else "."
        raise InputError(
            f"{notebook} has no parameter {unknown[0]!r}{hint} It has {', '.join(names)}."
        )
    fields = {
        name.lower(): _as_declared(schema, name.lower(), value)
        for name, value in given.items()
        if name != VARIANT
    }
    try:
        setting = schema(**fields)
    except ValidationError as error:
        wrong = dict.fromkeys(str(each["loc"][0]) if each["loc"] else "" for each in error.errors())
        said = [
            f"{name.upper()} must be {schema.model_fields[name].description}, not {fields[name]!r}"
            for name in wrong
            if name
        ] or [str(each["msg"]).removeprefix("Value error, ") for each in error.errors()]
        raise InputError("; ".join(said)) from None
    setting.refuse_unknown(open_base(setting.base))
    return setting


def stored(notebook: str, variant: str) -> dict[str, Any]:
    """What the parameter file of a variant says; `InputError` naming those there are."""
    path = STORED / notebook / f"{variant}.yml"
    if not path.is_file():
        has = sorted(file.stem for file in path.parent.glob("*.yml"))
        near = nearest(str(variant), has)
        hint = f"; did you mean {near}?" if near else "."
        raise InputError(
            f"{VARIANT} must be a parameter file of {notebook}, not {variant!r}{hint} "
            f"It has {', '.join(has) or 'none'}"
        )
    return read_file(path)


def read_file(path: Path) -> dict[str, Any]:
    """The parameters in a file; `InputError` when it holds none or no base."""
    try:
        given = yaml.load(path.read_text(encoding="utf-8"), _Words)  # noqa: S506  (a safe loader)
    except yaml.YAMLError as error:
        raise InputError(f"{path} is not valid YAML: {error}") from error
    if not isinstance(given, dict) or "BASE" not in given:
        raise InputError(f"{path} must hold parameters, BASE among them")
    return given


def _as_declared(schema: type[BaseSetting], name: str, value: Any) -> Any:
    """A number where a word is asked for is the word: `FIRST: 1` names the group 1."""
    is_word = schema.model_fields[name].annotation is str
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return str(value) if is_word and is_number else value


class _Words(yaml.SafeLoader):
    """Of what YAML takes for truth only `true` and `false`: `Yes` and `No` are words of a base."""


_Words.yaml_implicit_resolvers = {
    letter: [(tag, pattern) for tag, pattern in rules if not tag.endswith(":bool")]
    for letter, rules in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_Words.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile("^(?:true|false)$"), list("tf"))


def has_schema(notebook: str) -> bool:
    """Whether there is a setting for this notebook."""
    subject = notebook.partition("_")[2]
    return subject.isidentifier() and find_spec(f"src.analyses.{subject}") is not None


def schema_of(notebook: str) -> type[BaseSetting]:
    """The class of the notebook's setting."""
    module = import_module(f"src.analyses.{notebook.partition('_')[2]}")
    schema: type[BaseSetting] = module.Setting
    return schema


def _defaults(schema: type[BaseSetting]) -> dict[str, Any]:
    """Names in UPPER_CASE and their defaults, `VARIANT` first."""
    fields = {name.upper(): field.get_default() for name, field in schema.model_fields.items()}
    return {VARIANT: "", **fields}
