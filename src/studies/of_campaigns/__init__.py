"""The parts of the study of campaigns."""
