"""Products: what is taken next, what an offer is worth, whether a further product keeps customers."""
