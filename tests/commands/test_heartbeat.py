import io
import re
import sys
import threading
import time

import pytest
from tqdm import tqdm

from src.analyses.progress import TOLD, tell
from src.commands.heartbeat import AT_WORK, SECONDS, heartbeat, told_in


def until_said(capsys, words):
    said, end = "", time.monotonic() + 10
    while not re.search(words, said):
        assert time.monotonic() < end, said
        time.sleep(0.01)
        said += capsys.readouterr().out


def test_a_silent_run_says_what_it_does(tmp_path, capsys, monkeypatch):
    told = tmp_path / "told"
    monkeypatch.setenv(TOLD, str(told))
    with heartbeat("03_churn__x", lambda: told_in(told), seconds=0.02):
        until_said(capsys, r"03_churn__x: at work, \d+ s\n")
        tell("training, 2 of 70")
        until_said(capsys, r"03_churn__x: training, 2 of 70, \d+ s\n")
    capsys.readouterr()
    time.sleep(0.05)
    assert capsys.readouterr().out == ""


def test_without_anybody_to_tell_nothing_is_written(monkeypatch):
    monkeypatch.delenv(TOLD, raising=False)
    tell("training, 2 of 70")


def test_a_run_that_breaks_ends_its_lines_and_a_short_one_has_none(capsys):
    with pytest.raises(KeyError), heartbeat("04_ltv__x", lambda: AT_WORK, seconds=0.02):
        raise KeyError
    threads = threading.active_count()
    with heartbeat("04_ltv__x", lambda: AT_WORK):
        assert threading.active_count() == threads + 1
    assert threading.active_count() == threads
    assert capsys.readouterr().out == ""


def test_lines_come_before_twenty_seconds_of_silence():
    assert SECONDS < 20


def test_a_line_does_not_land_on_a_bar_of_progress(monkeypatch):
    console = io.StringIO()
    monkeypatch.setattr(sys, "stdout", console)
    monkeypatch.setattr(sys, "stderr", console)
    with (
        heartbeat("operator", lambda: AT_WORK, seconds=0.02),
        tqdm(total=9, desc="bills", ncols=60, file=console) as bar,
    ):
        bar.update(4)
        bar.refresh()
        end = time.monotonic() + 10
        while "at work" not in console.getvalue() and time.monotonic() < end:
            time.sleep(0.01)
    lines = [line.rsplit("\r", 1)[-1] for line in console.getvalue().split("\n")]
    beats = [line for line in lines if "at work" in line]
    assert beats
    assert all(re.fullmatch(r"operator: at work, \d+ s", line) for line in beats)


def test_a_file_in_which_nothing_stands_yet_says_nothing(tmp_path):
    assert told_in(tmp_path / "told") == "at work"
    (tmp_path / "told").write_text("")
    assert told_in(tmp_path / "told") == "at work"
