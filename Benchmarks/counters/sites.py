"""Where allocations come from: the backtraces that hook.c recorded, in words."""

from memory import hooked_server
from symbols import Mappings, symbolize

LINES = 16  # of a backtrace; what follows is the event loop


def describe(sites, places, symbols, work):
    """The sites in words; those that differ in hidden lines only are one."""
    merged = {}
    for count, size, frames in sites:
        lines = [line for frame in frames for line in symbols[places[frame]]]
        text = "\n".join(f"    {name}  {place}" for name, place in lines[:LINES])
        counts, sizes = merged.get(text, (0, 0))
        merged[text] = counts + count, sizes + size
    for text, (count, size) in sorted(merged.items(), key=lambda item: -item[1][0]):
        yield f"{count / work.units:.2f} a {work.unit}, {size / count:.0f} bytes:\n{text}\n"


def describe_sizes(allocations, units):
    return ", ".join(
        f"from {2**power} bytes {count / units:.2f}"
        for power, count in enumerate(allocations.sizes)
        if count
    )


def report(name, work_type, command, hook):
    """Prints where a work's allocations come from."""
    with hooked_server(command, hook) as (server, counters):
        work = work_type(server)
        work.warm_up()
        before = counters.read()
        counters.record(True)
        work.run()
        counters.record(False)
        allocations = counters.read() - before
        sites = counters.sites()
        lost = counters.page.lost
        mappings = Mappings(server.pid)
        work.close()
    # A return address is behind the call; the byte before it is inside.
    places = {frame: mappings.find(frame - 1) for _, _, frames in sites for frame in frames}
    print(f"{name}: {allocations.count / work.units:.2f} allocations a {work.unit}")
    print(f"by size: {describe_sizes(allocations, work.units) or 'none'}\n")
    for text in describe(sites, places, symbolize(set(places.values())), work):
        print(text)
    if lost:
        print(f"{lost / work.units:.2f} a {work.unit} from sites that found no place any more\n")
