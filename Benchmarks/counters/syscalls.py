"""System calls, as strace sees them: the server runs under it from its start,
which needs less permission than attaching to it would. Which calls belong to
which messages is told by their times; the server sleeps in between.
"""

import re
import shutil
import tempfile
import time
from bisect import bisect
from collections import Counter
from pathlib import Path

from process import Server, ServerFailed
from works import PARTS

STRACE = "strace -f -ttt -y -s 64 -qq -e signal=none -o".split()

NOT_PERMITTED = (
    "strace must be allowed to trace what it starts: a container may need"
    " --cap-add=SYS_PTRACE or --security-opt seccomp=unconfined"
)

# "<thread> <time> read(7<socket:[1234]>, ...": what begins a call. A call that
# another thread interrupts is continued on a line without its name.
CALL = re.compile(r"\d+\s+(\d+\.\d+) (\w+)\((?:\d+<anon_inode:\[(\w+)\]>)?")


def named(call, kind):
    """What a call is counted as: eventfds apart from sockets."""
    if call in ("epoll_pwait", "epoll_pwait2"):
        return "epoll_wait"
    return f"{call} of an {kind}" if kind == "eventfd" else call


def trace(work_type, command):
    """(for each part what strace wrote of it, units of a part)"""
    if shutil.which("strace") is None:
        raise ServerFailed("no strace: apt-get install strace (scripts/setup does)")
    with tempfile.NamedTemporaryFile(prefix="counters-") as log:
        try:
            server = Server([*STRACE, log.name, *command])
        except ServerFailed as failure:
            if "ptrace" not in str(failure):
                raise
            raise ServerFailed(f"{failure}\n{NOT_PERMITTED}") from None
        try:
            work = work_type(server)
            work.warm_up()
            marks = [time.time()]
            for _ in range(PARTS):
                work.run()
                marks.append(time.time())
            work.close()
        finally:
            server.close()
        lines = Path(log.name).read_text(errors="replace").splitlines()
    parts = [[] for _ in range(PARTS)]
    for line in lines:
        call = CALL.match(line)
        part = bisect(marks, float(call[1])) if call else 0
        if 0 < part <= PARTS:
            parts[part - 1].append(line)
    return parts, work.units


def count(work_type, command):
    """({call: how many}, units) of the part with the least."""
    parts, units = trace(work_type, command)
    least = min(parts, key=len)
    return Counter(named(*CALL.match(line).group(2, 3)) for line in least), units


def report(name, work_type, command):
    """Prints the calls of the last messages."""
    parts, units = trace(work_type, command)
    lines = parts[-1]
    last = lines[-max(12, round(3 * len(lines) / units)) :]
    print(
        f"{name}: {len(lines) / units:.2f} system calls a {work_type.unit}; the last {len(last)}:\n"
    )
    print("\n".join(f"    {line.split(maxsplit=2)[2]}" for line in last))
    print()
