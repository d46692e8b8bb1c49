"""Heap allocations, as hook.c counts them: maps its file, and reads it."""

import ctypes
import mmap
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import pairwise

from process import Server, ServerFailed
from works import PARTS

THREADS, SIZES, SITES, FRAMES = 64, 32, 4096, 40
KINDS = ("malloc", "calloc", "realloc", "memalign")


class ThreadCounts(ctypes.Structure):
    _fields_ = (
        ("thread", ctypes.c_uint64),
        *((kind, ctypes.c_uint64) for kind in KINDS),
        ("free", ctypes.c_uint64),
        ("bytes", ctypes.c_uint64),
        ("sizes", ctypes.c_uint64 * SIZES),
    )


class Site(ctypes.Structure):
    _fields_ = (
        ("hash", ctypes.c_uint64),
        ("count", ctypes.c_uint64),
        ("bytes", ctypes.c_uint64),
        ("depth", ctypes.c_uint64),
        ("frames", ctypes.c_uint64 * FRAMES),
    )


class Page(ctypes.Structure):
    """`struct page` of page.h."""

    _fields_ = (
        ("size", ctypes.c_uint64),
        ("recording", ctypes.c_uint64),
        ("lost", ctypes.c_uint64),
        ("threads_seen", ctypes.c_uint64),
        ("live_bytes", ctypes.c_uint64),
        ("threads", ThreadCounts * THREADS),
        ("sites", Site * SITES),
    )


@dataclass
class Allocations:
    """Between two moments, all threads together."""

    kinds: dict
    freed: int
    bytes: int
    sizes: list

    @property
    def count(self):
        return sum(self.kinds.values())

    @property
    def kept(self):
        """Blocks that were not freed; realloc neither adds nor takes one."""
        return self.count - self.kinds["realloc"] - self.freed

    def __sub__(self, earlier):
        return Allocations(
            {kind: self.kinds[kind] - earlier.kinds[kind] for kind in KINDS},
            self.freed - earlier.freed,
            self.bytes - earlier.bytes,
            [a - b for a, b in zip(self.sizes, earlier.sizes, strict=True)],
        )


class Counters:
    """The counters of a running process."""

    def __init__(self, page):
        self.page = page

    def read(self):
        threads = self.page.threads[: min(self.page.threads_seen, THREADS)]
        return Allocations(
            {kind: sum(getattr(thread, kind) for thread in threads) for kind in KINDS},
            sum(thread.free for thread in threads),
            sum(thread.bytes for thread in threads),
            [sum(thread.sizes[power] for thread in threads) for power in range(SIZES)],
        )

    def record(self, on):
        self.page.recording = on

    def sites(self):
        """(count, bytes, return addresses), the most frequent first."""
        taken = (site for site in self.page.sites if site.count)
        found = [(site.count, site.bytes, list(site.frames[: site.depth])) for site in taken]
        return sorted(found, key=lambda site: site[0], reverse=True)


@contextmanager
def hooked_server(command, hook):
    """A program whose allocations are counted: yields it and its Counters."""
    with tempfile.NamedTemporaryFile(prefix="counters-") as file:
        file.truncate(ctypes.sizeof(Page))
        server = Server(command, {"SIO_COUNTERS": file.name, "LD_PRELOAD": hook})
        try:
            mapped = mmap.mmap(file.fileno(), 0)
            if len(mapped) != ctypes.sizeof(Page):
                raise ServerFailed(f"page.h and memory.py differ about the page; build {hook} anew")
            page = Page.from_buffer(mapped)
            if page.size != len(mapped):
                raise ServerFailed(f"{hook} was not loaded: nothing was counted")
            yield server, Counters(page)
        finally:
            server.close()


def count(work_type, command, hook):
    """(the least of the parts, all of them, units of a part)"""
    with hooked_server(command, hook) as (server, counters):
        work = work_type(server)
        work.warm_up()
        marks = [counters.read()]
        for _ in range(PARTS):
            work.run()
            marks.append(counters.read())
        work.close()
    parts = (after - before for before, after in pairwise(marks))
    return min(parts, key=lambda part: part.count), marks[-1] - marks[0], work.units
