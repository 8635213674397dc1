"""Drafting base.yml from files nobody has described: how they are read, what their columns are."""
