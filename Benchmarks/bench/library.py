"""The library by itself: the size of its file, and how soon a program's server listens."""

import json
import statistics
import subprocess
from pathlib import Path
from typing import Any

from . import paths
from .processes import SONAME, Failed

#: Processes that start, one after the other.
STARTS = 20


def size(directory: Path) -> dict[str, Any]:
    """Of the file that is shipped, which scripts/build-library has stripped."""
    return {"file_bytes": (directory / SONAME).stat().st_size}


def start(directory: Path) -> dict[str, Any]:
    """The times of servers/start.c, of several processes; the file is in the page cache."""
    starts = [_start(directory) for _ in range(STARTS)]
    both = [it["load_us"] + it["listen_us"] for it in starts]
    return {
        "start_us": statistics.median(both),
        "best_start_us": min(both),
        "load_us": statistics.median(it["load_us"] for it in starts),
        "listen_us": statistics.median(it["listen_us"] for it in starts),
    }


def _start(directory: Path) -> dict[str, Any]:
    command = [str(paths.BUILT / "start"), str(directory / SONAME)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=30)
    except subprocess.TimeoutExpired:
        raise Failed(f"it does not end: {' '.join(command)}") from None
    except OSError as failure:
        raise Failed(f"{command[0]}: {failure}; run scripts/bench") from None
    if done.returncode != 0:
        raise Failed(done.stderr.strip()[-500:] or f"start: status {done.returncode}")
    return json.loads(done.stdout)


#: The rows' works that need no load generator.
WORKS = {"size": size, "start": start}
