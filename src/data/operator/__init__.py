"""The simulated operator: a telecom base with B2B and B2C whose truth is known."""
