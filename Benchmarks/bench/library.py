"""What needs no load generator: the size of the library's file, how soon a program's server
listens, and a reader that stalls among many."""

import json
import os
import statistics
import subprocess
from pathlib import Path
from typing import Any

from . import paths
from .processes import SONAME, Failed

#: Processes that start, one after the other.
STARTS = 20


#: Seconds that the stalled reader's program may take.
STALLING = 120


def size(directory: Path, options: dict[str, Any]) -> dict[str, Any]:
    """Of the file that is shipped, which scripts/build-library has stripped."""
    return {"file_bytes": (directory / SONAME).stat().st_size}


def start(directory: Path, options: dict[str, Any]) -> dict[str, Any]:
    """The times of servers/start.c, of several processes; the file is in the page cache."""
    starts = [_start(directory) for _ in range(STARTS)]
    both = [it["load_us"] + it["listen_us"] for it in starts]
    return {
        "start_us": statistics.median(both),
        "best_start_us": min(both),
        "load_us": statistics.median(it["load_us"] for it in starts),
        "listen_us": statistics.median(it["listen_us"] for it in starts),
    }


def stalled(directory: Path, options: dict[str, Any]) -> dict[str, Any]:
    """Tests/CAPI/stalled.c: before one of the readers stalls, and while it does.

    Who measures for a moment wants to know whether it works: a tenth of the clients show that.
    """
    few = options["seconds"] < 0.5
    env = {
        "LD_LIBRARY_PATH": str(directory),
        "STALLED_CLIENTS": str(options["clients"] // 10 if few else options["clients"]),
        "STALLED_RATE": str(options["rate"]),
        "STALLED_MS": str(int(max(1, options["seconds"]) * 1000)),
        "STALLED_JSON": "1",
    }
    return _run([str(paths.BUILT / "stalled")], STALLING, env)


def _start(directory: Path) -> dict[str, Any]:
    return _run([str(paths.BUILT / "start"), str(directory / SONAME)], 30, {})


def _run(command: list[str], timeout: int, env: dict[str, str]) -> dict[str, Any]:
    """The first line that a program prints, which is JSON."""
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=timeout, env={**os.environ, **env}
        )
    except subprocess.TimeoutExpired:
        raise Failed(f"it does not end: {' '.join(command)}") from None
    except OSError as failure:
        raise Failed(f"{command[0]}: {failure}; run scripts/bench") from None
    if done.returncode != 0:
        said = (done.stderr or done.stdout).strip()[-500:]
        raise Failed(said or f"{command[0]}: status {done.returncode}")
    return json.loads(done.stdout.splitlines()[0])


#: The rows' works.
WORKS = {"size": size, "start": start, "stalled": stalled}
