from src.analyses.streams import stream


def draws(seed, step):
    return stream(seed, step).random(3).tolist()


def test_a_step_draws_the_same_whichever_ran_before():
    alone = draws(7, "depth")
    draws(7, "swarm")
    assert draws(7, "depth") == alone


def test_steps_and_seeds_have_streams_of_their_own():
    drawn = [tuple(draws(seed, step)) for seed in (0, 1, 2) for step in ("depth", "swarm", "")]
    assert len(set(drawn)) == 9


def test_the_numbers_are_those_of_yesterday():
    """A stored figure moves when these do: the seed and a checksum of the name."""
    assert round(stream(0, "swarm").random(), 12) == 0.480137665018
