"""The parts of the study of products, each with `replicate(seed)` and `summarise(rows)`."""
