"""What was measured, and on what: machine and versions, for the results."""

import os
import platform
import re
import subprocess
from pathlib import Path

from . import paths

_PYTHON_PACKAGES = ("python-socketio", "python-engineio", "uvicorn", "uvloop", "websockets")


def machine() -> dict[str, object]:
    cpu = re.search(r"^model name\s*: (.*)$", Path("/proc/cpuinfo").read_text(), re.M)
    memory = re.search(r"^MemTotal:\s*(\d+)", Path("/proc/meminfo").read_text(), re.M)
    return {
        "cpu": cpu[1] if cpu else platform.machine(),
        "cores": os.cpu_count(),
        "memory_gb": round(int(memory[1]) / 1e6) if memory else None,
        "kernel": platform.release(),
        "system": _system(),
        # Whoever reads the numbers can see whether the machine was busy.
        "load_before": os.getloadavg()[0],
    }


def versions() -> dict[str, str]:
    found = {
        "libsocketio": _output("git", "-C", str(paths.ROOT), "describe", "--always", "--dirty"),
        "swift": _first(r"Swift version (\S+)", _output("swift", "--version")),
        "gcc": _output("gcc", "-dumpfullversion"),
        "python": _first(r"(\d\S+)", _output(str(paths.PYTHON), "--version")),
        "node": _output("node", "--version").lstrip("v"),
        "node-ws": _node_ws(),
    }
    script = "import sys, importlib.metadata as m\nfor n in sys.argv[1:]: print(m.version(n))"
    packages = _output(str(paths.PYTHON), "-c", script, *_PYTHON_PACKAGES).split()
    found.update(zip(_PYTHON_PACKAGES, packages, strict=False))
    return {name: version for name, version in found.items() if version}


def _system() -> str:
    try:
        return platform.freedesktop_os_release()["PRETTY_NAME"]
    except (OSError, KeyError):
        return platform.system()


def _node_ws() -> str:
    script = 'console.log(require("/usr/share/nodejs/ws/package.json").version)'
    return _output("node", "-e", script)


def _output(*command: str) -> str:
    """What a program prints; empty if it is not there or fails."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""


def _first(pattern: str, text: str) -> str:
    found = re.search(pattern, text)
    return found[1] if found else ""
