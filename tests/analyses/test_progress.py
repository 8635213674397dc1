import builtins

import pytest

from src.analyses import progress
from src.analyses.progress import Watched, watched


class Shell:
    """What IPython gives as `get_ipython`; a kernel has the trait, a terminal has not."""

    def __init__(self, *traits):
        self.traits = traits

    def has_trait(self, name):
        return name in self.traits


@pytest.fixture
def inside(monkeypatch):
    """Run as inside this shell."""

    def enter(shell):
        monkeypatch.setattr(builtins, "get_ipython", lambda: shell, raising=False)
        monkeypatch.delenv("TQDM_DISABLE", raising=False)

    return enter


@pytest.fixture
def shown(monkeypatch):
    """What a bar shows in the output of a cell, in turn."""
    texts = []

    class Handle:
        def update(self, data, raw):
            assert raw
            texts.append(data["text/html"])

    def show(data, raw, display_id):
        assert display_id
        Handle().update(data, raw)
        return Handle()

    monkeypatch.setattr("IPython.display.display", show)
    return texts


def test_nobody_watches_a_script_or_a_terminal(inside):
    assert not progress.is_shown()
    inside(Shell())
    assert not progress.is_shown()


def test_an_open_notebook_is_watched_unless_a_report_is_made(inside, monkeypatch):
    inside(Shell("kernel"))
    assert progress.is_shown()
    monkeypatch.setenv("TQDM_DISABLE", "1")
    assert not progress.is_shown()


def test_items_pass_unchanged_and_nothing_is_written(capsys):
    assert list(watched(iter("abc"), "letters", total=3)) == ["a", "b", "c"]
    assert capsys.readouterr() == ("", "")


def test_a_bar_is_shown_in_a_notebook_and_leaves_nothing(inside, shown, capsys):
    inside(Shell("kernel"))
    assert list(watched("a<b", "letters")) == ["a", "<", "b"]
    assert shown[0].startswith("<pre>letters:   0%|")
    assert shown[-1] == ""
    assert capsys.readouterr() == ("", "")  # standard error would leave a red box


def test_a_watched_mapping_is_a_mapping_whose_rounds_move_one_bar(inside, shown):
    inside(Shell("kernel"))
    fits = Watched({"a": 1, "b": 2}, "fits", rounds=2)
    assert fits == {"a": 1, "b": 2}
    assert [list(fits.items()), list(fits.items())] == [[("a", 1), ("b", 2)]] * 2
    assert "fits" in shown[0]
    assert shown[-1] == ""
    assert list(fits.items()) == [("a", 1), ("b", 2)]  # more rounds than foreseen do no harm
