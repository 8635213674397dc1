"""Simulation studies: how often the methods and the simulated operator do what they promise."""
