"""Files: what is served, how, and what never is."""

import email.utils
import fcntl
import gzip
import os
import signal
import socket
import stat
import threading
import time

import pytest
from wire import http
from wire.connection import PATIENCE, Closed, Connection

PAGE = b"<!doctype html><p>page</p>\n"
BIG = 3 * 1024 * 1024
MEGABYTE = 1 << 20


@pytest.fixture(scope="session")
def folder(tmp_path_factory):
    """A folder with all that a folder may have in it, beside a secret."""
    top = tmp_path_factory.mktemp("files")
    (top / "secret.txt").write_text("secret")
    (top / "shared").mkdir()
    (top / "shared" / "outside.txt").write_text("secret")
    web = top / "web"
    (web / "sub" / "deep").mkdir(parents=True)
    (web / "empty").mkdir()
    (web / "index.html").write_bytes(PAGE)
    (web / "sub" / "index.html").write_bytes(b"sub")
    (web / "sub" / "deep" / "a b.txt").write_bytes(b"text")
    (web / "none.txt").write_bytes(b"")
    (web / "big.bin").write_bytes(pattern(BIG))
    (web / ".env").write_text("secret")
    (web / ".git").mkdir()
    (web / ".git" / "config").write_text("secret")
    (web / "%2e%2e").mkdir()
    (web / "%2e%2e" / "x.txt").write_text("literal")
    (web / "app.js").write_bytes(b"plain();" * 100)
    (web / "app.js.gz").write_bytes(gzip.compress(b"plain();" * 100))
    (web / "app.js.br").write_bytes(b"brotli")
    (web / "old.css").write_bytes(b"new")
    (web / "old.css.gz").write_bytes(gzip.compress(b"old"))
    os.utime(web / "old.css.gz", (1, 1))
    (web / "inside.txt").symlink_to("sub/deep/a b.txt")
    (web / "out.txt").symlink_to("../secret.txt")
    (web / "absolute.txt").symlink_to(top / "secret.txt")
    (web / "shared").symlink_to("../shared")
    (web / "loop").symlink_to("loop")
    (web / "proc").symlink_to("/proc/self/root")
    os.mkfifo(web / "pipe")
    with socket.socket(socket.AF_UNIX) as unix:
        unix.bind(str(web / "unix"))
    (web / "locked.txt").write_text("locked")
    (web / "locked.txt").chmod(0)
    return web


def pattern(size):
    return b"".join(b"%07d\n" % i for i in range(size // 8))


@pytest.fixture
def files(networks, folder):
    """A server of the folder at "/", and of other things elsewhere."""
    return networks(
        files=[
            f"/={folder}",
            f"/static={folder}/sub",
            f"hidden:/all={folder}",
            f"/one/page={folder}/index.html",
        ]
    )


def get(net, target, headers=(), method="GET"):
    return net.exchange(method, target, headers)


def seconds_of(date):
    return email.utils.parsedate_to_datetime(date).timestamp()


# --- what is served ------------------------------------------------------------------------------


def test_a_page(files, folder):
    for target in ["/", "/index.html", "/?a=../b", "/one/page", "/all/"]:
        response = get(files, target)
        assert (response.status, response.body) == (200, PAGE)
        assert response.header("content-type") == "text/html; charset=utf-8"
        assert response.header("content-length") == str(len(PAGE))
        assert response.header("x-content-type-options") == "nosniff"
        assert response.header("cache-control") == "public, max-age=0"
        assert response.header("accept-ranges") == "bytes"
        assert response.header("etag").strip('"').isalnum()
        changed = seconds_of(response.header("last-modified"))
        assert changed == int((folder / "index.html").stat().st_mtime)


def test_names_are_decoded_once(files):
    assert get(files, "/sub/deep/a%20b.txt").body == b"text"
    assert get(files, "/s%75b/deep/a%20b.txt").body == b"text"
    assert get(files, "/%252e%252e/x.txt").body == b"literal"


def test_the_longest_prefix_counts(files):
    assert get(files, "/static/").body == b"sub"
    assert get(files, "/static/deep/a%20b.txt").body == b"text"
    assert get(files, "/static/big.bin").status == 404
    assert get(files, "/staticbig.bin").status == 404
    assert get(files, "/one/page/").status == 404
    assert get(files, "/one/page/index.html").status == 404


def test_what_is_not_there_goes_to_the_handler(files):
    for target in ["/nothing", "/sub/nothing.txt", "/empty/", "/index.html/", "/none.txt/x"]:
        assert get(files, target).body == f"no such page: {target}".encode()
    assert get(files, "/", method="POST").body == b"no such page: /"
    assert get(files, "/counts").status == 200


def test_a_folder_is_redirected(files):
    for target, location in [
        ("/sub", "/sub/"),
        ("/sub/deep?a=//b", "/sub/deep/?a=//b"),
        ("/static", "/static/"),
        ("/s%75b", "/s%75b/"),
    ]:
        response = get(files, target)
        assert (response.status, response.header("location")) == (301, location)


def test_cve_2015_1164_no_redirect_to_another_host(files):
    for target in ["//example.com/..", "//sub", "/%2fsub", "/\\sub", "//example.com%2f.."]:
        response = get(files, target)
        assert response.status == 404
        assert response.header("location") is None


def test_head(files):
    for target in ["/index.html", "/big.bin", "/none.txt"]:
        connection = files.connect()
        head = http.exchange(connection, "HEAD", target)
        body = http.exchange(connection, "GET", target)
        assert head.status == body.status == 200
        without_date = [field for field in head.headers if field[0] != "Date"]
        assert without_date == [field for field in body.headers if field[0] != "Date"]
        assert head.header("content-length") == str(len(body.body))


def test_a_large_file(files):
    """Read in pieces, and the connection is good for the next request."""
    connection = files.connect()
    for _ in range(2):
        assert http.exchange(connection, "GET", "/big.bin").body == pattern(BIG)
    connection.send(http.request("GET", "/big.bin") + http.request("GET", "/index.html"))
    assert http.read_response(connection).body == pattern(BIG)
    assert http.read_response(connection).body == PAGE
    closing = http.exchange(connection, "GET", "/big.bin", {"Connection": "close"})
    assert (closing.header("connection"), closing.body) == ("close", pattern(BIG))
    assert connection.read_to_end() == b""


def test_a_file_that_changes_is_sent_as_it_is(files, folder):
    path = folder / "changing.txt"
    tags = set()
    for text in [b"one", b"two"]:
        path.with_suffix(".new").write_bytes(text)
        os.replace(path.with_suffix(".new"), path)
        os.utime(path, (1000, 1000))
        response = get(files, "/changing.txt")
        assert response.body == text
        tags.add(response.header("etag"))
    assert len(tags) == 2


# --- conditions and ranges -----------------------------------------------------------------------


def test_conditions(files):
    whole = get(files, "/index.html")
    tag, date = whole.header("etag"), whole.header("last-modified")
    for headers in [
        {"If-None-Match": tag},
        {"If-None-Match": f'"x", W/{tag}'},
        {"If-None-Match": "*"},
        {"If-Modified-Since": date},
    ]:
        response = get(files, "/index.html", headers)
        assert (response.status, response.body) == (304, b"")
        assert response.header("etag") == tag
        assert response.header("cache-control") == "public, max-age=0"
        assert response.header("content-length") is None
    assert get(files, "/index.html", {"If-None-Match": '"x"'}).body == PAGE
    assert get(files, "/index.html", {"If-Match": '"x"'}).status == 412
    assert get(files, "/index.html", {"If-Match": tag}).body == PAGE


def test_ranges(files):
    content = pattern(BIG)
    for field, part in [
        ("bytes=0-0", slice(0, 1)),
        ("bytes=8-15", slice(8, 16)),
        (f"bytes={BIG - 5}-", slice(BIG - 5, BIG)),
        ("bytes=-9", slice(BIG - 9, BIG)),
        ("bytes=100-2000099", slice(100, 2_000_100)),
        (f"bytes=1-{10**30}", slice(1, BIG)),
    ]:
        response = get(files, "/big.bin", {"Range": field})
        assert response.status == 206
        assert response.body == content[part]
        assert response.header("content-range") == f"bytes {part.start}-{part.stop - 1}/{BIG}"
    response = get(files, "/big.bin", {"Range": f"bytes={BIG}-"})
    assert (response.status, response.header("content-range")) == (416, f"bytes */{BIG}")
    head = get(files, "/big.bin", {"Range": "bytes=0-0"}, method="HEAD")
    assert (head.status, head.header("content-length")) == (200, str(BIG))


def test_cve_2011_3192_many_ranges_are_one_file(files):
    field = "bytes=0-," + ",".join(f"5-{i}" for i in range(6, 1000))
    response = get(files, "/big.bin", {"Range": field})
    assert (response.status, len(response.body)) == (200, BIG)


def test_if_range(files):
    tag = get(files, "/big.bin").header("etag")
    assert get(files, "/big.bin", {"Range": "bytes=0-9", "If-Range": tag}).status == 206
    assert get(files, "/big.bin", {"Range": "bytes=0-9", "If-Range": '"x"'}).status == 200


def test_compressed_files_beside(files):
    for accepted, coding, body in [
        ("gzip", "gzip", b"plain();" * 100),
        ("gzip, br", "br", b"brotli"),
        ("gzip, br;q=0", "gzip", b"plain();" * 100),
        ("identity", None, b"plain();" * 100),
        ("", None, b"plain();" * 100),
    ]:
        response = get(files, "/app.js", {"Accept-Encoding": accepted})
        assert response.header("content-encoding") == coding
        assert response.header("content-type") == "text/javascript; charset=utf-8"
        assert response.header("vary") == "Accept-Encoding"
        if coding == "gzip":
            assert gzip.decompress(response.body) == body
        else:
            assert response.body == body
    tags = {
        get(files, "/app.js", {"Accept-Encoding": accepted}).header("etag")
        for accepted in ["gzip", "br", ""]
    }
    assert len(tags) == 3
    # It was forgotten when the file changed.
    response = get(files, "/old.css", {"Accept-Encoding": "gzip"})
    assert (response.header("content-encoding"), response.body) == (None, b"new")


# --- what never is -------------------------------------------------------------------------------

TRAVERSALS = [
    "/../secret.txt",
    "/sub/../../secret.txt",
    "/..",
    "/./../secret.txt",
    "/%2e%2e/secret.txt",
    "/%2E%2E/secret.txt",
    "/.%2e/secret.txt",
    "/%2e./secret.txt",
    "/..%2fsecret.txt",
    "/%2e%2e%2fsecret.txt",
    "/sub%2f..%2f..%2fsecret.txt",
    "/..%5csecret.txt",
    "/..\\secret.txt",
    "/%5c..%5csecret.txt",
    "/%252e%252e/secret.txt",
    "/%252e%252e%252fsecret.txt",
    "/%c0%ae%c0%ae/secret.txt",
    "/..%c0%afsecret.txt",
    "/%e0%80%ae%e0%80%ae/secret.txt",
    "/..;/secret.txt",
    "/..%00/secret.txt",
    "/../secret.txt%00.html",
    "/index.html%00.txt",
    "/%00",
    "//secret.txt",
    "//etc/passwd",
    "/%2fetc%2fpasswd",
    "/static/../../secret.txt",
    "/static/..%2f..%2fsecret.txt",
    "/all/../../secret.txt",
    "/static../secret.txt",
    "/one/page/../../../secret.txt",
    "http://localhost/../secret.txt",
    "/..%u2215secret.txt",
    "/%uff0e%uff0e/secret.txt",
]


@pytest.mark.parametrize("target", TRAVERSALS)
def test_cve_2021_41773_traversal(files, target):
    """Apache 2.4.49, and every server before it: no spelling of ".." leads out."""
    response = get(files, target)
    assert response.status == 404
    assert b"secret" not in response.body.replace(target.encode(), b"")


@pytest.mark.parametrize(
    "target",
    ["/out.txt", "/absolute.txt", "/shared/outside.txt", "/shared/", "/loop", "/proc/etc/passwd"],
)
def test_symbolic_links_lead_nowhere_else(files, target):
    assert get(files, target).status == 404
    assert get(files, "/all" + target).status == 404


def test_symbolic_links_inside(files):
    assert get(files, "/inside.txt").body == b"text"


@pytest.mark.parametrize("target", ["/.env", "/.git/config", "/%2eenv", "/.git/", "/.git"])
def test_hidden_names(files, target):
    assert get(files, target).status == 404
    if not target.endswith(("/", ".git")):
        assert get(files, "/all" + target).body == b"secret"


@pytest.mark.parametrize("target", ["/pipe", "/unix"])
def test_only_regular_files(files, folder, target):
    assert not stat.S_ISREG((folder / target[1:]).stat().st_mode)
    assert get(files, target).status == 404


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_files_that_may_not_be_read(files):
    assert get(files, "/locked.txt").status == 404


def test_a_file_that_becomes_a_link_is_not_followed(files, folder):
    """The name is changed between a file and a link to the secret, while it is asked for."""
    path, spare = folder / "flip.txt", folder / "flip.new"
    done = threading.Event()

    def flip():
        while not done.is_set():
            for make in [
                lambda: spare.write_text("open"),
                lambda: spare.symlink_to("../secret.txt"),
            ]:
                spare.unlink(missing_ok=True)
                make()
                os.replace(spare, path)

    thread = threading.Thread(target=flip)
    thread.start()
    try:
        connection = files.connect()
        seen = {}
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline and (len(seen) < 2 or min(seen.values()) < 100):
            body = http.exchange(connection, "GET", "/flip.txt").body
            seen[body] = seen.get(body, 0) + 1
    finally:
        done.set()
        thread.join()
    assert set(seen) == {b"open", b"no such page: /flip.txt"}


# --- clients that are slow, or go ----------------------------------------------------------------


@pytest.fixture
def huge(folder):
    path = folder / "huge.bin"
    with open(path, "wb") as file:
        file.truncate(1 << 30)
    yield path
    path.unlink()


def test_slow_readers_cost_little(files, huge):
    """32 clients of a gigabyte, none of whom reads: a piece each, and they hold no thread."""
    connections = [files.connect() for _ in range(32)]
    before, threads = files.server.memory, files.server.threads
    for connection in connections:
        connection.send(http.request("GET", "/huge.bin"))
        connection.read_until(b"\r\n\r\n")
    assert get(files, "/index.html").body == PAGE
    assert files.server.memory - before < 32 * 256 * 1024
    assert files.server.threads - threads <= 4
    for connection in connections:
        assert connection.read_exactly(100_000) == bytes(100_000)
        connection.close()
    files.server.wait_for_counts(connections=1)


def test_clients_that_go(files, huge):
    get(files, "/")
    before = files.server.descriptors
    for _ in range(50):
        connection = files.connect()
        connection.send(http.request("GET", "/huge.bin"))
        connection.read_exactly(1000)
        connection.reset()
    files.server.wait_for_counts(connections=1)
    deadline = time.monotonic() + PATIENCE  # files are closed on their own thread
    while files.server.descriptors > before + 1:
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_a_file_that_is_cut_off_ends_the_connection(files, huge):
    connection = files.connect()
    connection.send(http.request("GET", "/huge.bin"))
    connection.read_exactly(1000)
    os.truncate(huge, 0)
    with pytest.raises(Closed):
        while True:
            connection.read_exactly(MEGABYTE)


def test_closing_ends_what_is_being_sent(servers, folder, huge):
    server = servers.start(files=f"/={folder}")
    connection = Connection(server.port)
    connection.send(http.request("GET", "/huge.bin"))
    connection.read_exactly(1000)
    assert server.shut_down() == 0
    connection.close()


def test_no_thread_before_the_first_file(servers, folder):
    server = servers.start(files=f"/static={folder}")
    connection = Connection(server.port)
    assert http.exchange(connection, "GET", "/counts").status == 200
    idle = server.threads
    assert http.exchange(connection, "GET", "/static/nothing").status == 404
    assert server.threads == idle + 1
    connection.close()
    assert server.shut_down() == 0


def test_a_file_that_is_leased_is_not_waited_for(files, folder):
    """fcntl(2), F_SETLEASE: opening such a file could take as long as its holder wants."""
    before = signal.signal(signal.SIGIO, lambda *_: None)  # how the holder is asked for it
    try:
        with open(folder / "leased.txt", "w") as file:
            file.write("leased")
        descriptor = os.open(folder / "leased.txt", os.O_WRONLY)
        fcntl.fcntl(descriptor, fcntl.F_SETLEASE, fcntl.F_WRLCK)
        started = time.monotonic()
        assert get(files, "/leased.txt").status == 503
        assert time.monotonic() - started < 15
        assert get(files, "/index.html").body == PAGE
        fcntl.fcntl(descriptor, fcntl.F_SETLEASE, fcntl.F_UNLCK)
        os.close(descriptor)
        assert get(files, "/leased.txt").body == b"leased"
    finally:
        signal.signal(signal.SIGIO, before)
