"""Exports as companies would write them, made from tables of the contract."""
