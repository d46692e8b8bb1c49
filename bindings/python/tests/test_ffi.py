"""The prototypes say what the header says."""

import ctypes
import shutil
import subprocess
import sys

import pytest

from conftest import ROOT
from libsocketio import _errors, _events, _ffi, _metrics

STRUCTS = [
    kind
    for kind in vars(_ffi).values()
    if isinstance(kind, type) and issubclass(kind, ctypes.Structure) and kind.__name__[:4] == "sio_"
]
CONSTANTS = {
    name: value
    for name, value in vars(_ffi).items()
    if name.startswith("SIO_") and isinstance(value, int)
}


def test_the_generated_file_is_current():
    script = ROOT / "scripts" / "generate-bindings"
    result = subprocess.run(
        [sys.executable, str(script), "--check"], capture_output=True, text=True, check=False
    )
    if "no clang" in result.stderr:
        pytest.skip(result.stderr)
    assert result.returncode == 0, result.stderr


@pytest.mark.skipif(not shutil.which("cc"), reason="no C compiler")
def test_layouts_and_constants_are_those_of_a_c_compiler(tmp_path):
    lines = ["#include <socketio.h>", "#include <stdio.h>", "int main(void) {"]
    expected = []
    for struct in STRUCTS:
        name = struct.__name__
        lines.append(f'printf("%zu\\n", sizeof({name}));')
        expected.append(ctypes.sizeof(struct))
        for field, *_ in struct._fields_:
            lines.append(f'printf("%zu\\n", offsetof({name}, {field}));')
            expected.append(getattr(struct, field).offset)
    for name, value in CONSTANTS.items():
        lines.append(f'printf("%lld\\n", (long long){name});')
        expected.append(value)
    lines.append("return 0; }")
    source, probe = tmp_path / "probe.c", tmp_path / "probe"
    source.write_text("\n".join(lines))
    subprocess.run(["cc", f"-I{ROOT / 'include'}", str(source), "-o", str(probe)], check=True)
    output = subprocess.run([str(probe)], capture_output=True, text=True, check=True).stdout
    assert [int(line) for line in output.split()] == expected
    assert len(STRUCTS) > 15 and len(CONSTANTS) > 40


def test_the_flat_view_of_an_event_shows_the_same_bytes():
    event = _ffi.sio_event(ctypes.sizeof(_ffi.sio_event), _ffi.SIO_EVENT_MESSAGE)
    event.socket.id, event.ack.id = 7, 9
    event.name = _ffi.sio_text(b"hello", 5)
    event.args = _ffi.sio_text(b"[1]", 3)
    event.attachment_count, event.context = 3, 5
    view = _events.EventView.from_buffer(event)
    assert (view.kind, view.socket, view.ack) == (_ffi.SIO_EVENT_MESSAGE, 7, 9)
    assert (view.name, view.name_length, view.args) == (b"hello", 5, b"[1]")
    assert (view.attachment_count, view.context) == (3, 5)


def test_every_status_has_an_exception():
    statuses = {value for name, value in CONSTANTS.items() if name.startswith("SIO_E_")}
    assert set(_errors.CLASSES) == statuses
    assert len(set(_errors.CLASSES.values())) == len(statuses)


def test_every_count_has_a_field():
    for numbers, struct in ((_metrics.Counts, _ffi.sio_counts), (_metrics.Totals, _ffi.sio_totals)):
        assert numbers._fields == tuple(name for name, _ in struct._fields_)


def test_the_library_has_every_function():
    from libsocketio._library import lib

    for name, *_ in _ffi.FUNCTIONS:
        assert getattr(lib, name)
