"""Products: what is taken next, what an offer is worth, whether products keep customers."""
