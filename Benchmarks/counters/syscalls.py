"""System calls, as strace sees them: the server runs under it from its start,
which needs less permission than attaching to it would. Which calls belong to
the counted messages is told by their times; the server sleeps at both ends.
"""

import re
import shutil
import tempfile
import time
from collections import Counter
from pathlib import Path

from process import Server, ServerFailed

STRACE = "strace -f -ttt -y -s 64 -qq -e signal=none -o".split()

# "<thread> <time> read(7<socket:[1234]>, ...": what begins a call. A call that
# another thread interrupts is continued on a line without its name.
CALL = re.compile(r"\d+\s+(\d+\.\d+) (\w+)\((?:\d+<anon_inode:\[(\w+)\]>)?")


def named(call, kind):
    """What a call is counted as: eventfds apart from sockets."""
    if call in ("epoll_pwait", "epoll_pwait2"):
        return "epoll_wait"
    return f"{call} of an {kind}" if kind == "eventfd" else call


def trace(work_type, program):
    """(lines of strace between the first and the last counted message, units)."""
    if shutil.which("strace") is None:
        raise ServerFailed("no strace: apt-get install strace (scripts/setup does)")
    with tempfile.NamedTemporaryFile(prefix="counters-") as log:
        try:
            server = Server([*STRACE, log.name, program])
        except ServerFailed as failure:
            raise ServerFailed(
                f"{failure}\nstrace must be allowed to trace what it starts: a container may need"
                " --cap-add=SYS_PTRACE or --security-opt seccomp=unconfined"
            ) from None
        try:
            work = work_type(server)
            work.warm_up()
            start = time.time()
            work.run()
            end = time.time()
            work.close()
        finally:
            server.close()
        lines = Path(log.name).read_text(errors="replace").splitlines()
    calls = ((line, CALL.match(line)) for line in lines)
    return [line for line, call in calls if call and start <= float(call[1]) <= end], work.units


def count(work_type, program):
    """({call: how many}, units)."""
    lines, units = trace(work_type, program)
    return Counter(named(*CALL.match(line).group(2, 3)) for line in lines), units


def report(name, work_type, program):
    """Prints the calls of the last messages."""
    lines, units = trace(work_type, program)
    last = max(1, round(3 * len(lines) / units)) if work_type.unit == "message" else 120
    print(f"{name}: {len(lines) / units:.2f} system calls a {work_type.unit}; the last {last}:\n")
    print("\n".join(f"    {line.split(maxsplit=2)[2]}" for line in lines[-last:]))
    print()
