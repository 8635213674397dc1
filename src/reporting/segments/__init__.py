"""The sections of 05_segments."""
