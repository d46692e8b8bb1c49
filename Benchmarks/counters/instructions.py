"""Instructions, as valgrind's callgrind counts them: those of the program and
its libraries, not the kernel's.
"""

import re
import shutil
import subprocess
import tempfile
from collections import Counter, defaultdict
from pathlib import Path

from process import Server, ServerFailed
from symbols import demangle

FUNCTIONS, CALLERS, WIDTH = 25, 4, 90  # to show


def readable_library(library, directory):
    """Copies the library with the names of its functions, but without DWARF:
    what Swift writes is newer than what Debian's valgrind reads."""
    debug = directory / "libsocketio.debug"
    stripped = Path(library, "libsocketio.so").resolve()
    symbols = Path(f"{stripped}.debug")
    if not symbols.exists():
        raise ServerFailed(f"no {symbols}: run make")
    soname = next(Path(library).glob("libsocketio.so.?")).name
    subprocess.run(["objcopy", "--strip-debug", symbols, debug], check=True)
    subprocess.run(
        [
            "objcopy",
            "--remove-section=.gnu_debuglink",
            f"--add-gnu-debuglink={debug}",
            stripped,
            directory / soname,
        ],
        check=True,
    )


def tell_callgrind(server, command):
    """vgdb wakes a server that sleeps by ptrace; without it, it waits for ever."""
    vgdb = ["vgdb", f"--pid={server.pid}", command]
    try:
        subprocess.run(vgdb, capture_output=True, text=True, timeout=20, check=True)
    except subprocess.TimeoutExpired:
        raise ServerFailed("vgdb does not reach valgrind: is ptrace permitted?") from None
    except subprocess.CalledProcessError as failure:
        raise ServerFailed(f"vgdb does not reach valgrind: {failure.stderr.strip()}") from None


class Profile:
    """A file in callgrind's format: what each function took itself, and how
    often each called each."""

    def __init__(self, path):
        # Names are defined at their first use, and then referred to by number.
        # The line behind "calls=" is what the callee took, not the function.
        names, own, calls = {}, Counter(), Counter()
        function = callee = None
        called = False
        for line in path.read_text(errors="replace").splitlines():
            if match := re.match(r"(c?)fn=\((\d+)\)(?: (.*))?", line):
                if match[3]:
                    names[match[2]] = match[3]
                if match[1]:
                    callee = match[2]
                else:
                    function = match[2]
            elif match := re.match(r"calls=(\d+)", line):
                calls[function, callee] += int(match[1])
                called = True
            elif match := re.match(r"[-+*\d]+ (\d+)$", line):
                if not called:
                    own[function] += int(match[1])
                called = False
        plain = demangle(set(names.values()))
        names = {number: plain[name] for number, name in names.items()}
        self.own, self.callers = Counter(), defaultdict(Counter)
        for number, count in own.items():
            self.own[names[number]] += count
        for (number, of), count in calls.items():
            self.callers[names[of]][names[number]] += count


def profile(work_type, command, library, keep):
    """(the profile of the counted messages, how many units they were)."""
    if shutil.which("valgrind") is None:
        raise ServerFailed("no valgrind: apt-get install valgrind")
    with tempfile.TemporaryDirectory(prefix="counters-") as name:
        directory = Path(name)
        readable_library(library, directory)
        out = directory / "profile"
        server = Server(
            ["valgrind", "--tool=callgrind", f"--callgrind-out-file={out}", *command],
            {"LD_LIBRARY_PATH": name},
        )
        try:
            work = work_type(server)
            work.warm_up()
            tell_callgrind(server, "zero")
            work.run()
            tell_callgrind(server, "dump")
            work.close()
        finally:
            server.close()
        shutil.copy(f"{out}.1", keep)
    return Profile(keep), work.units


def report(name, work_type, command, library, directory):
    """Prints a work's instructions, the functions that take most of them, and
    how often who calls these."""
    keep = Path(directory, f"callgrind.{name}")
    found, units = profile(work_type, command, library, keep)
    total = found.own.total()
    print(f"{name}: {total / units:.0f} instructions a {work_type.unit}\n")
    for function, count in found.own.most_common(FUNCTIONS):
        print(f"    {count / units:8.1f}  {100 * count / total:4.1f} %  {function[:WIDTH]}")
        for caller, times in found.callers[function].most_common(CALLERS):
            if times:
                print(f"{times / units:25.2f} x from {caller[:WIDTH]}")
    print(f"\n    All of it: kcachegrind {keep}\n", flush=True)
