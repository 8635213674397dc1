import io
import re
import sys
import threading
import time

import pytest
from tqdm import tqdm

from src.analyses.progress import TOLD, tell
from src.commands.heartbeat import SECONDS, heartbeat


def test_a_silent_run_says_what_it_does(tmp_path, capsys, monkeypatch):
    told = tmp_path / "told"
    monkeypatch.setenv(TOLD, str(told))
    with heartbeat("03_churn__x", told, seconds=0.02):
        time.sleep(0.05)
        tell("training, 2 of 70")
        time.sleep(0.05)
    said = capsys.readouterr().out
    assert "03_churn__x: at work, 0 s" in said
    assert "03_churn__x: training, 2 of 70, 0 s" in said
    time.sleep(0.05)
    assert capsys.readouterr().out == ""


def test_without_anybody_to_tell_nothing_is_written(monkeypatch):
    monkeypatch.delenv(TOLD, raising=False)
    tell("training, 2 of 70")


def test_a_run_that_breaks_ends_its_lines_and_a_short_one_has_none(tmp_path, capsys):
    with pytest.raises(KeyError), heartbeat("04_ltv__x", tmp_path / "told", seconds=0.02):
        raise KeyError
    threads = threading.active_count()
    with heartbeat("04_ltv__x", tmp_path / "told"):
        assert threading.active_count() == threads + 1
    assert threading.active_count() == threads
    assert capsys.readouterr().out == ""


def test_lines_come_before_twenty_seconds_of_silence():
    assert SECONDS < 20


def test_a_line_does_not_land_on_a_bar_of_progress(tmp_path, monkeypatch):
    console = io.StringIO()
    monkeypatch.setattr(sys, "stdout", console)
    monkeypatch.setattr(sys, "stderr", console)
    with (
        heartbeat("operator", tmp_path / "told", seconds=0.02),
        tqdm(total=9, desc="bills", ncols=60, file=console) as bar,
    ):
        bar.update(4)
        bar.refresh()
        time.sleep(0.1)
    lines = [line.rsplit("\r", 1)[-1] for line in console.getvalue().split("\n")]
    beats = [line for line in lines if "at work" in line]
    assert beats
    assert all(re.fullmatch(r"operator: at work, \d+ s", line) for line in beats)
