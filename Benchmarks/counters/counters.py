"""Counts what a message costs a server or a client built with the library in
allocations and system calls, and compares with thresholds.json. scripts/check-counters
builds what this needs, and explains how to use it.
"""

import argparse
import json
import sys
from pathlib import Path

import idle
import instructions
import memory
import sites
import syscalls
from client import UnexpectedAnswer
from process import ServerFailed
from works import PARTS, WORKS

THRESHOLDS = Path(__file__).with_name("thresholds.json")

# What is compared: its key in thresholds.json, its name, what shows more of it.
MEASURES = {
    "allocations": ("allocations", "--sites"),
    "not_freed": ("allocations not freed", "--sites"),
    "system_calls": ("system calls besides epoll_wait", "--calls"),
    "epoll_wait": ("epoll_wait", "--calls"),
}

# How often is counted what is above its threshold: a machine with much else to do
# may put a timer, or a thread's last bytes, into every part of a work. What is
# wrong is so each time.
TRIES = 3

# What is counted of clients that rest, and not of messages.
IDLE = "client-idle"

passed = failed = 0


def ok(text):
    global passed
    passed += 1
    print(f"ok      {text}")


def not_ok(text, reason):
    global failed
    failed += 1
    print(f"FAILED  {text}")
    print("\n".join(f"        {line}" for line in reason.splitlines()), flush=True)


def listed(counts, units):
    used = [(name, count) for name, count in counts.items() if count]
    used.sort(key=lambda item: -item[1])
    return ", ".join(f"{name} {count / units:.2f}" for name, count in used) or "none"


def measure_allocations(work, built, hook):
    """{measure: (value, what it is made of)}"""
    least, whole, units = memory.count(work, work.command(built), hook)
    kinds = f"{listed(least.kinds, units)}; {least.bytes / units:.0f} bytes"
    return {
        "allocations": (least.count / units, kinds),
        "not_freed": (whole.kept / (units * PARTS), ""),
    }


def measure_system_calls(work, built):
    counts, units = syscalls.count(work, work.command(built))
    waits = counts.pop("epoll_wait", 0)
    return {
        "system_calls": (counts.total() / units, listed(counts, units)),
        "epoll_wait": (waits / units, ""),
    }


def rounded(value):
    return round(value, 2) + 0.0  # no "-0.00"


def patiently(measure, arguments, thresholds):
    for _ in range(TRIES):
        values = measure(*arguments)
        if all(rounded(value) <= thresholds[name] for name, (value, _) in values.items()):
            break
    return values


def compare(name, unit, values, thresholds):
    for measure, (value, made_of) in values.items():
        value = rounded(value)
        threshold = thresholds[measure]
        label, option = MEASURES[measure]
        text = f"{name}: {value:.2f} {label} a {unit}, threshold {threshold}"
        text += f" ({made_of})" if made_of else ""
        if value > threshold:
            not_ok(text, f"To look further: scripts/check-counters {option} {name}")
            continue
        ok(text)
        if value <= threshold - 0.05:
            print(f"        the threshold could be lowered: {name}, {measure}: {value:.2f}")


def check_idle(threshold, built, hook):
    try:
        for _ in range(TRIES):
            value = idle.measure(built, hook)
            if value <= threshold:
                break
    except (ServerFailed, OSError) as failure:
        return not_ok(f"{IDLE}: memory could not be counted", str(failure))
    text = f"{IDLE}: {value} bytes allocated for a client, threshold {threshold}"
    return ok(text) if value <= threshold else not_ok(text, "docs/performance.md says of what")


def check(names, built, hook):
    thresholds = json.loads(THRESHOLDS.read_text())
    for name in names:
        if name == IDLE:
            check_idle(thresholds[name]["allocated_bytes"], built, hook)
            continue
        work = WORKS[name]
        for kind, measure, arguments in (
            ("allocations", measure_allocations, (work, built, hook)),
            ("system calls", measure_system_calls, (work, built)),
        ):
            try:
                values = patiently(measure, arguments, thresholds[name])
            except (ServerFailed, UnexpectedAnswer, OSError) as failure:
                not_ok(f"{name}: {kind} could not be counted", str(failure))
            else:
                compare(name, work.unit, values, thresholds[name])
    print(f"TOTAL {passed} {failed}")
    return failed == 0


def main():
    parser = argparse.ArgumentParser(
        prog="scripts/check-counters",
        usage="%(prog)s [--sites | --calls | --instructions] [WORK...]",
        add_help=False,
    )
    parser.add_argument("--built", required=True, help="directory of server and hook.so")
    parser.add_argument("--library", required=True, help="directory of libsocketio.so")
    ways = parser.add_mutually_exclusive_group()
    for way in ("sites", "calls", "instructions"):
        ways.add_argument(f"--{way}", action="store_true")
    parser.add_argument("works", nargs="*", metavar="WORK")
    arguments = parser.parse_args()
    shows = arguments.sites or arguments.calls or arguments.instructions
    names = list(WORKS) if shows else [*WORKS, IDLE]
    for name in arguments.works:
        if name not in names:
            parser.error(f"no work '{name}'; there are: {', '.join(names)}")
    names = arguments.works or names
    built, hook = arguments.built, f"{arguments.built}/hook.so"
    if not shows:
        sys.exit(not check(names, built, hook))
    try:
        for name in names:
            work, command = WORKS[name], WORKS[name].command(built)
            if arguments.sites:
                sites.report(name, work, command, hook)
            elif arguments.calls:
                syscalls.report(name, work, command)
            else:
                instructions.report(name, work, command, arguments.library, built)
    except (ServerFailed, UnexpectedAnswer, OSError) as failure:
        sys.exit(f"scripts/check-counters: {failure}")


if __name__ == "__main__":
    main()
