"""The library in one process with others that bring an OpenSSL: Python's ssl and
PyPI's cryptography, loaded before it and after it. All of them work then."""

import itertools
import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = Path(__file__).with_name("load_together.py")
ORDERS = list(itertools.permutations(["socketio", "ssl", "cryptography"]))


@pytest.mark.parametrize("order", ORDERS, ids="-".join)
def test_all_work_in_one_process(order):
    done = subprocess.run(
        [sys.executable, PROGRAM, *order], capture_output=True, text=True, timeout=120
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.split() == ["socketio", "ssl", "cryptography"]
