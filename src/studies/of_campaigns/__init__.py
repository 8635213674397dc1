"""The parts of the study of campaigns, each with `replicate(seed)` and `summarise(rows)`."""
