"""The stages that Make calls: each composes the floors below and is run with `python -m`."""
