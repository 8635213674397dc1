"""Commands as a shell sees them: their words, their exit codes, nothing half-written."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from src.commands import build_base, plan_reports, render_report, run_notebook
from src.commands.exits import run_command
from src.commands.plan_reports import reports_of
from src.data.problems import InputError

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    ("module", "words", "message"),
    [
        (build_base, [], "name one base, such as: make data BASE=ibm_telco"),
        (build_base, ["nope"], "there is no base 'nope'"),
        (plan_reports, [], "name one base, such as: make report BASE=ibm_telco"),
        (plan_reports, ["nope"], "there is no base 'nope'"),
        (run_notebook, ["01_exploration"], "name a notebook and a variant"),
        (run_notebook, ["99_nothing", "x"], "there is no notebook '99_nothing'"),
        (run_notebook, ["01_exploration", "nope"], "there is no base 'nope'"),
        (render_report, [], "name one report"),
        (render_report, ["nope__x"], "there is no run 'nope__x'; run `make report`"),
    ],
)
def test_bad_words_are_refused_in_the_words_of_the_user(module, words, message):
    with pytest.raises(InputError, match=f"^{re.escape(message)}"):
        module.main(words)


def test_bad_input_is_one_message_and_exit_code_2():
    command = [sys.executable, "-m", "src.commands.build_base", "nope"]
    done = subprocess.run(command, cwd=ROOT, text=True, capture_output=True)
    assert done.returncode == 2
    assert done.stderr.startswith("error: there is no base 'nope'")
    assert (done.stderr.count("\n"), done.stdout) == (1, "")


def test_a_shipped_base_is_planned_by_its_parameter_files():
    reports, reasons = reports_of("ibm_telco")
    assert "01_exploration__ibm_telco" in [report.name for report in reports]
    assert "01_exploration" not in reasons


def test_a_base_without_parameter_files_gets_the_notebooks_own():
    names = [report.name for report in reports_of("mlc_churn")[0]]
    assert "01_exploration__mlc_churn" in names


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (OSError(28, "No space", "a.parquet"), "a.parquet: there is no room left on the disk"),
        (OSError(28, "Error writing bytes to file"), "there is no room left on the disk"),
        (PermissionError(13, "denied", "x"), "x: this user may not read or write there"),
        (OSError(30, "Read-only file system", "x"), "x: the place can only be read"),
    ],
)
def test_a_machine_that_refuses_is_one_message_and_exit_code_2(error, message, capsys):
    def main(_):
        raise error

    with pytest.raises(SystemExit) as ended:
        run_command(main)
    assert ended.value.code == 2
    assert capsys.readouterr().err == f"error: {message}\n"


def test_an_error_of_the_program_keeps_its_traceback():
    def main(_):
        raise FileNotFoundError(2, "No such file", "x")

    with pytest.raises(FileNotFoundError):
        run_command(main)
