"""Raw cells into numbers, dates, flags and words, and what was not read right."""
