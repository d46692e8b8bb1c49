"""Which library is loaded, and what is said when none fits."""

import os
import shutil
import subprocess
import sys

import pytest

from conftest import ROOT

SOURCE = ROOT / "bindings" / "python" / "src"


def load(path, package=SOURCE):
    """The output of a process that imports the package with LIBSOCKETIO_PATH set."""
    environ = {**os.environ, "PYTHONPATH": str(package)}
    environ.pop("LIBSOCKETIO_PATH", None)
    if path:
        environ["LIBSOCKETIO_PATH"] = str(path)
    return subprocess.run(
        [sys.executable, "-c", "import libsocketio._library as l; print(l.path)"],
        env=environ,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def compiled(tmp_path, code):
    """A shared library made of some C."""
    source, library = tmp_path / "fake.c", tmp_path / "fake.so"
    source.write_text(code)
    subprocess.run(["cc", "-shared", "-fPIC", str(source), "-o", str(library)], check=True)
    return library


def test_the_override_is_the_only_place():
    result = load("/nowhere/libsocketio.so")
    assert result.returncode != 0
    assert "LibraryLoadError" in result.stderr
    assert "/nowhere/libsocketio.so: " in result.stderr
    assert "LIBSOCKETIO_PATH" in result.stderr
    assert ".build-library" not in result.stderr


def test_every_path_is_listed(tmp_path):
    # A copy of the package where nothing is beside it.
    shutil.copytree(SOURCE / "libsocketio", tmp_path / "a" / "b" / "c" / "src" / "libsocketio")
    package = tmp_path / "a" / "b" / "c" / "src"
    (package / "libsocketio" / "libsocketio.so.0").unlink(missing_ok=True)
    result = load(None, package)
    if result.returncode == 0:
        pytest.skip("the library is installed on this system")
    assert str(package / "libsocketio" / "libsocketio.so.0") in result.stderr
    assert str(tmp_path / "a" / ".build-library" / "libsocketio.so") in result.stderr
    assert "make" in result.stderr


def test_the_bundled_library_goes_first(tmp_path):
    from libsocketio._library import path

    shutil.copytree(SOURCE / "libsocketio", tmp_path / "libsocketio")
    bundled = tmp_path / "libsocketio" / "libsocketio.so.0"
    bundled.unlink(missing_ok=True)
    shutil.copy(path, bundled)
    result = load(None, tmp_path)
    assert result.stdout.strip() == str(bundled), result.stderr


@pytest.mark.skipif(not shutil.which("cc"), reason="no C compiler")
def test_a_library_without_the_functions_is_refused(tmp_path):
    library = compiled(tmp_path, "int sio_version(void) { return 0; }")
    result = load(library)
    assert result.returncode != 0
    assert f"{library}: " in result.stderr
    assert "undefined symbol: sio_" in result.stderr


@pytest.mark.skipif(not shutil.which("cc"), reason="no C compiler")
@pytest.mark.parametrize(
    ("abi", "number", "complaint"),
    [(99, 100, "ABI version is 99"), (0, 1, "this package needs")],
)
def test_another_version_is_refused(tmp_path, abi, number, complaint):
    from libsocketio._ffi import FUNCTIONS

    special = {
        "sio_abi_version": f"unsigned sio_abi_version(void) {{ return {abi}; }}",
        "sio_version_number": f"unsigned sio_version_number(void) {{ return {number}; }}",
        "sio_version": 'const char *sio_version(void) { return "0.0.1"; }',
    }
    code = [special.get(name, f"int {name}(void) {{ return 0; }}") for name, *_ in FUNCTIONS]
    result = load(compiled(tmp_path, "\n".join(code)))
    assert result.returncode != 0
    assert complaint in result.stderr


@pytest.mark.parametrize("other", ["ssl", "cryptography.hazmat.bindings._rust"])
@pytest.mark.parametrize("first", [True, False])
def test_another_openssl_in_the_process(other, first):
    pytest.importorskip(other)
    imports = [f"import {other}", "import libsocketio"]
    code = f"""
{chr(10).join(imports if first else reversed(imports))}
import hashlib, socketio
io = libsocketio.Server()
io.on("echo", lambda sid, x: x)
io.listen("127.0.0.1", 0)
client = socketio.SimpleClient()
client.connect(f"http://{{io.address}}", transports=["websocket"], wait_timeout=20)
assert client.call("echo", "hi", timeout=20) == "hi"
client.disconnect()
io.shutdown()
import ssl
ssl.create_default_context()
print("fine", hashlib.sha256(b"").hexdigest()[:8])
"""
    result = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONPATH": str(SOURCE)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert result.stdout.strip() == "fine e3b0c442", result.stderr
