"""Commands as a shell sees them: their words, their exit codes, nothing half-written."""

import subprocess
import sys
from pathlib import Path

import pytest

from src.commands.plan_reports import reports_of

ROOT = Path(__file__).parents[2]


def run(module: str, *words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", f"src.commands.{module}", *words]
    return subprocess.run(command, cwd=ROOT, text=True, capture_output=True)


@pytest.mark.parametrize(
    ("module", "words", "message"),
    [
        ("build_base", [], "error: name one base, such as: make data BASE=ibm_telco"),
        ("build_base", ["nope"], "error: there is no base 'nope'"),
        ("plan_reports", ["nope"], "error: there is no base 'nope'"),
        ("plan_reports", [], "error: name one base, such as: make report BASE=ibm_telco"),
        ("run_notebook", ["01_exploration"], "error: name a notebook and a variant"),
        ("run_notebook", ["99_nothing", "x"], "error: there is no notebook '99_nothing'"),
        ("run_notebook", ["01_exploration", "nope"], "error: there is no base 'nope'"),
        ("render_report", ["nope__x"], "error: there is no run 'nope__x'; run `make report`"),
        ("render_report", [], "error: name one report"),
    ],
)
def test_bad_words_give_one_message_and_exit_code_2(module, words, message):
    done = run(module, *words)
    assert done.returncode == 2
    assert done.stderr.startswith(message)
    assert done.stderr.count("\n") == 1
    assert done.stdout == ""


def test_a_shipped_base_is_planned_by_its_parameter_files():
    reports, reasons = reports_of("ibm_telco")
    assert "01_exploration__ibm_telco" in [report.name for report in reports]
    assert "01_exploration" not in reasons


def test_a_base_without_parameter_files_gets_the_notebooks_own():
    names = [report.name for report in reports_of("mlc_churn")[0]]
    assert "01_exploration__mlc_churn" in names
