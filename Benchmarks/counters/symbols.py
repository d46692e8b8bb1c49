"""Names for addresses: which file of a process an address is in, and which
function and line, by the tools of the Swift toolchain.
"""

import json
import os
import shutil
import subprocess
from pathlib import Path

from process import ServerFailed


class Mappings:
    """The files that a process has mapped, while it runs."""

    def __init__(self, pid):
        self.mappings = []
        bases = {}
        for line in Path(f"/proc/{pid}/maps").read_text().splitlines():
            fields = line.split(maxsplit=5)
            if len(fields) == 6 and fields[5].startswith("/"):
                start, end = (int(part, 16) for part in fields[0].split("-"))
                base = bases.setdefault(fields[5], start)
                self.mappings.append((start, end, base, fields[5]))

    def find(self, address):
        """(file, the address inside it)."""
        for start, end, base, file in self.mappings:
            if start <= address < end:
                return file, address - base
        return "", address


def run(tool, arguments, lines):
    """What a tool makes of these lines; SWIFT_TOOLS names its directory."""
    path = shutil.which(os.path.join(os.environ.get("SWIFT_TOOLS", ""), tool))
    if path is None:
        raise ServerFailed(f"no {tool}: put the directory of the Swift toolchain into SWIFT_TOOLS")
    text = "".join(f"{line}\n" for line in lines)
    command = [path, *arguments]
    result = subprocess.run(command, input=text, stdout=subprocess.PIPE, text=True, check=True)
    return result.stdout.splitlines()


def demangle(names):
    """{name: name as in the source}"""
    mangled = sorted(names)
    return dict(zip(mangled, run("swift-demangle", ["--simplified"], mangled), strict=True))


def _place(symbol, file):
    """The source line, with as much of its path as tells files apart."""
    path = symbol["FileName"].rpartition("/Sources/")[2]
    if not path:
        return os.path.basename(file)
    return f"{path if len(path) < 60 else os.path.basename(path)}:{symbol['Line']}"


def symbolize(addresses):
    """For {(file, address)}: {(file, address): [(function, source line)]}, the
    innermost first: inlined functions are several for an address, and what the
    compiler made up is none. Reads the debug symbols beside a library."""
    found = {}
    for file in {file for file, _ in addresses}:
        inside = sorted(address for of, address in addresses if of == file)
        debug = file + ".debug" if os.path.exists(file + ".debug") else file
        if not os.path.exists(debug):  # no file, or one that is gone by now
            found |= {(file, address): [(f"{address:#x}", file)] for address in inside}
            continue
        answers = run(
            "llvm-symbolizer",
            [f"--exe={debug}", "--output-style=JSON"],
            (f"{address:#x}" for address in inside),
        )
        for address, answer in zip(inside, answers, strict=True):
            found[file, address] = [
                (symbol["FunctionName"] or f"{address:#x}", _place(symbol, file))
                for symbol in json.loads(answer)["Symbol"]
                if "<compiler-generated>" not in symbol["FileName"]
            ]
    names = demangle({name for lines in found.values() for name, _ in lines})
    return {at: [(names[name], place) for name, place in lines] for at, lines in found.items()}
