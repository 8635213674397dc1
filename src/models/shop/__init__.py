"""Buyers without a contract: how often they buy, whether they still do, what they will spend."""
