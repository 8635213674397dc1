"""The stages that Make calls: each composes the floors below and is run with `python -m`."""

import sys

# nbformat loads jsonschema, which compiles a grammar of web addresses as it is loaded: more than a
# second of each command, for a format that no notebook has. None is a package not installed.
sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]
