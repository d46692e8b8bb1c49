"""A plugin of pytest, for scripts/test: a test that is skipped has failed, unless the reason is one
of allowed.txt."""

from pathlib import Path

import pytest

LINES = Path(__file__).with_name("allowed.txt").read_text().splitlines()
ALLOWED = tuple(line for line in LINES if line and not line.startswith("#"))


def judge(report):
    """Makes a failure of a skip without leave."""
    if not report.skipped or hasattr(report, "wasxfail"):
        return report
    reason = report.longrepr[2].removeprefix("Skipped: ")
    if not reason.startswith(ALLOWED):
        report.outcome = "failed"
        report.longrepr = f"skipped, and Tests/skips/allowed.txt does not know why: {reason}"
    return report


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport():
    return judge((yield))


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report():
    return judge((yield))
