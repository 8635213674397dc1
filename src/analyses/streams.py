"""Random numbers of a step: one stream per step, from the seed of the study."""

from __future__ import annotations

import zlib

import numpy as np


def stream(seed: int, step: str) -> np.random.Generator:
    """The generator of the step of that name: the same whichever steps ran before it.

    >>> float(stream(0, "swarm").random()) == float(stream(0, "swarm").random())
    True
    >>> float(stream(0, "swarm").random()) == float(stream(0, "depth").random())
    False
    """
    return np.random.default_rng([seed, zlib.crc32(step.encode())])
