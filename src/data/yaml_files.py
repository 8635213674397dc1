"""YAML as base.yml is written: 1.2 booleans, each key once, and no mistake that is a traceback."""

from __future__ import annotations

import re
from typing import Any

import yaml
from yaml.constructor import ConstructorError

from src.data.problems import InputError

_HALVES = re.compile("[\ud800-\udfff]")  # of a character, which alone are no text


class _Loader(yaml.SafeLoader):
    """YAML 1.2 booleans only: `Yes` and `No` are words of a base, not true and false."""

    def construct_object(self, node: yaml.Node, deep: bool = False) -> Any:
        if isinstance(node, yaml.ScalarNode) and (half := _HALVES.search(node.value)):
            reason = f"\\u{ord(half[0]):04x} is half a character; write it as it is, in UTF-8"
            raise ConstructorError(None, None, reason, node.start_mark)
        try:
            return super().construct_object(node, deep)
        except (ValueError, TypeError, KeyError, AttributeError, OverflowError) as error:
            reason = f"{str(node.value)[:40]!r} is no {node.tag.rpartition(':')[2]}; quote it"
            raise ConstructorError(None, None, reason, node.start_mark) from error

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        lines: dict[str, int] = {}
        for key, _ in node.value:
            if isinstance(key, yaml.ScalarNode) and key.tag != "tag:yaml.org,2002:merge":
                line = key.start_mark.line + 1
                if key.value in lines:
                    reason = f"`{key.value}` stands twice, in line {lines[key.value]} and here"
                    raise ConstructorError(
                        None, None, f"{reason}; keep one of them", key.start_mark
                    )
                lines[key.value] = line
        return super().construct_mapping(node, deep)


_Loader.yaml_implicit_resolvers = {
    letter: [(tag, pattern) for tag, pattern in rules if tag != "tag:yaml.org,2002:bool"]
    for letter, rules in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_Loader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile(r"^(?:true|false)$"), list("tf"))


def read_yaml(text: str) -> Any:
    """What a text in YAML says; `InputError` with the line of the mistake."""
    try:
        return yaml.load(text, Loader=_Loader)  # noqa: S506  (a SafeLoader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        place = f" at line {mark.line + 1}" if mark else ""
        reason = f": {error.problem}" if isinstance(error, ConstructorError) else ""
        reason = reason or (
            _in_quotes(text.splitlines()[mark.line : mark.line + 1]) if mark else ""
        )
        raise InputError(f"base.yml is not valid YAML{place}{reason}") from error
    except RecursionError as error:
        raise InputError("base.yml is not valid YAML: it is nested too deeply") from error
    except (ValueError, TypeError, AttributeError) as error:  # a tag on a node of another kind
        raise InputError(f"base.yml is not valid YAML: {error}") from error


def _in_quotes(lines: list[str]) -> str:
    """The line to write where words after a key hold a colon, which YAML reads as another key."""
    for line in lines:
        if words := re.fullmatch(r"\s*([\w-]+): +([^\s'\"\[{&*!|>#][^\"\\]*: [^\"\\]*)", line):
            return f'; words with a colon stand in quotes: `{words[1]}: "{words[2].rstrip()}"`'
    return ""
