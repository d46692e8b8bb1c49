"""Files and the client's bundles as curl sees them: a peer that others wrote."""

import gzip
import os
import subprocess
import threading

import pytest
from wire.curl import CURL, content, run


@pytest.fixture(scope="session")
def folder(tmp_path_factory):
    top = tmp_path_factory.mktemp("curl")
    (top / "secret.txt").write_text("secret")
    web = top / "web"
    web.mkdir()
    (web / "a.txt").write_bytes(bytes(range(256)) * 1024)
    (web / "app.js").write_text("app();")
    (web / "app.js.gz").write_bytes(gzip.compress(b"app();"))
    (web / "socket.io.js").write_bytes(b"/*!\n * Socket.IO v4.8.1\n */" + b"io();" * 10_000)
    with open(web / "huge.bin", "wb") as file:
        file.truncate(1 << 30)
    return web


@pytest.fixture
def files(networks, folder):
    return networks(files=f"/={folder}", client=folder)


def test_ranges(files, folder):
    whole = (folder / "a.txt").read_bytes()
    assert content(files, "/a.txt") == whole
    assert content(files, "/a.txt", "-r", "0-99") == whole[:100]
    assert content(files, "/a.txt", "-r", "200000-") == whole[200_000:]
    assert content(files, "/a.txt", "-r", "-7") == whole[-7:]
    assert content(files, "/a.txt", "-r", "0-0,5-6") == whole
    status = ["-o", os.devnull, "-w", "%{http_code}"]
    assert content(files, "/a.txt", "-r", "999999-", *status) == b"416"


def test_a_download_goes_on(files, folder, tmp_path):
    part = tmp_path / "part"
    part.write_bytes((folder / "a.txt").read_bytes()[:1000])
    content(files, "/a.txt", "-C", "-", "-o", str(part))
    assert part.read_bytes() == (folder / "a.txt").read_bytes()


def test_only_what_has_changed(files, tmp_path):
    copy, tag = str(tmp_path / "copy"), str(tmp_path / "tag")
    status = ["-o", copy, "-w", "%{http_code}"]
    assert content(files, "/a.txt", "--etag-save", tag, "-R", *status) == b"200"
    assert content(files, "/a.txt", "--etag-compare", tag, *status) == b"304"
    assert content(files, "/a.txt", "-R", *status) == b"200"
    assert content(files, "/a.txt", "-z", copy, *status) == b"304"


def test_compressed(files, folder):
    assert content(files, "/app.js", "--compressed") == b"app();"
    coding = ["-o", os.devnull, "-w", "%{size_download}", "-H", "Accept-Encoding: gzip"]
    size = len((folder / "app.js.gz").read_bytes())
    assert content(files, "/app.js", *coding) == b"%d" % size
    script = (folder / "socket.io.js").read_bytes()
    assert content(files, "/socket.io/socket.io.js", "--compressed") == script
    assert int(content(files, "/socket.io/socket.io.js", *coding)) < 1000


def test_head_and_redirect(files):
    assert b"Content-Length: 262144\r\n" in content(files, "/a.txt", "-I")
    assert content(files, "/huge.bin", "-I").count(b"Content-Length: 1073741824\r\n") == 1


@pytest.mark.parametrize(
    "path",
    ["/../secret.txt", "/%2e%2e/secret.txt", "/..%2fsecret.txt", "/..\\secret.txt", "//secret.txt"],
)
def test_cve_2021_41773_path_as_is(files, path):
    assert b"secret" not in content(files, path, "--path-as-is").replace(path.encode(), b"")
    status = ["-o", os.devnull, "-w", "%{http_code}"]
    assert content(files, path, "--path-as-is", *status) == b"404"


def test_a_gigabyte_that_is_read_slowly(files):
    """64 KiB of it are in memory, not more; curl gives up after two seconds."""
    before = files.server.memory
    most = []
    done = threading.Event()

    def watch():
        while not done.wait(0.05):
            most.append(files.server.memory)

    watcher = threading.Thread(target=watch)
    watcher.start()
    slow = run(files, "/huge.bin", "--limit-rate", "1M", "--max-time", "2", "-o", os.devnull)
    done.set()
    watcher.join()
    assert slow.returncode == 28
    assert max(most) - before < 1 << 20


def test_a_gigabyte_at_full_speed(files):
    size = ["-o", os.devnull, "-w", "%{size_download}"]
    before = files.server.memory
    assert content(files, "/huge.bin", *size) == b"1073741824"
    assert files.server.memory - before < 8 << 20


def test_many_at_once(files):
    """32 downloads of a quarter of a megabyte each, over eight connections."""
    urls = f"http://127.0.0.1:{files.server.port}/a.txt?[1-32]"
    command = [CURL, "-sS", "-Z", "--parallel-max", "8", "--max-time", "30", urls]
    done = subprocess.run(command, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    assert len(done.stdout) == 32 * 262_144
