"""The parts of the study of buyers without a contract, each with `replicate(seed)` and `summarise(rows)`."""
