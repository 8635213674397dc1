import pandas as pd

from src.analyses.once import once


class Counter:
    calls = 0

    @once
    def frame(self):
        """What comes back."""
        self.calls += 1
        return pd.DataFrame({"a": [self.calls]})


def test_a_step_is_worked_out_once_and_its_frame_handed_out_as_a_copy():
    counter = Counter()
    first = counter.frame()
    first["a"] = 7
    assert counter.frame()["a"].tolist() == [1]
    assert counter.calls == 1
    assert Counter().frame()["a"].tolist() == [1]
    assert Counter.frame.__doc__ == "What comes back."
