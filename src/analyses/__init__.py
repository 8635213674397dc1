"""What a notebook asks of a base: analyses compose models and draw nothing.

An analysis opens a base at a setting and answers step by step with frames, or with small frozen
values that hold frames. Where a base cannot answer, a step returns `Missing`. Random draws come
from the setting's seed, one stream per step, so that steps give the same figures in any order.
"""
