import time

from src.analyses.progress import TOLD, tell
from src.commands.heartbeat import heartbeat


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
