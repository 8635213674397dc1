"""Kernels for the tests that start at once: forked from a process that has imported what they need.

A kernel of its own takes four to five seconds to start and to import the models; some thirty-five
notebooks run in the tests. `tests/commands/test_make.py` starts kernels as users do.
"""

from __future__ import annotations

import multiprocessing
import os
import runpy
import signal
import sys
import time
from typing import Any

# What the notebooks import, and behind it pandas, scikit-learn, XGBoost, SHAP and Matplotlib.
_IMPORTED = ["src.reporting.churn", "src.reporting.ltv", "src.reporting.features"]
_IMPORTED += ["src.reporting.exploration", "src.analyses.churn", "src.analyses.ltv"]
_IMPORTED += ["src.analyses.features", "src.analyses.exploration", "src.analyses.parameters"]
_IMPORTED += ["src.analyses.shop_ltv.study", "src.analyses.campaigns.study"]
_IMPORTED += ["ipykernel.kernelapp", "matplotlib_inline.backend_inline", "xgboost", "shap"]

_forks = multiprocessing.get_context("forkserver")
_forks.set_forkserver_preload(_IMPORTED)


class ForkedKernel:
    """A kernel in a forked process, with what jupyter_client asks of a `subprocess.Popen`."""

    stdin = stdout = stderr = None

    def __init__(self, command: list[str], **options: Any) -> None:
        given = (command, options.get("cwd"), dict(options.get("env") or os.environ))
        # By path, as other packages may be called `tests` as well.
        run = (__file__, {"given": given}, "__main__")
        self._process = _forks.Process(target=runpy.run_path, args=run, daemon=True)
        self._process.start()
        self.pid = self._process.pid
        while self.poll() is None and os.getpgid(self.pid) != self.pid:
            time.sleep(0.01)  # until then a signal to the kernel's group would reach the tests

    def poll(self) -> int | None:
        return self._process.exitcode

    def wait(self, timeout: float | None = None) -> int | None:
        self._process.join(timeout)
        return self._process.exitcode

    def send_signal(self, number: int) -> None:
        if self._process.is_alive():
            os.kill(self._process.pid, number)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)


def _run_kernel(command: list[str], folder: str | None, environment: dict[str, str]) -> None:
    """What `python -m ipykernel_launcher ...` does, in this process."""
    os.setsid()
    from ipykernel import kernelapp

    os.environ.clear()
    os.environ.update(environment)
    os.chdir(folder or ".")
    sys.argv = command[2:]
    kernelapp.launch_new_instance(argv=command[command.index("ipykernel_launcher") + 1 :])


if __name__ == "__main__":
    _run_kernel(*globals()["given"])
