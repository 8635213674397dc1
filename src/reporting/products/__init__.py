"""The sections of 07_products."""
