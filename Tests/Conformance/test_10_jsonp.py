"""Section 10: JSONP polling."""

import json
import re
from urllib.parse import quote_plus

import pytest
from wire import http
from wire.revision3 import decode, encode

FORM = {"Content-Type": "application/x-www-form-urlencoded"}
HOLDER = '{"_placeholder":true,"num":0}'


class Script:
    """A session as a page of the server's own has it."""

    def __init__(self, net, index=2, *, eio=3, extra=""):
        self.net = net
        self.index = index
        self.headers = {
            "Referer": f"http://127.0.0.1:{net.server.port}/page",
            "Host": net_host(net),
        }
        self._target = f"/socket.io/?EIO={eio}&transport=polling{extra}"
        self._separator = eio == 4
        (opened,) = self.get()
        self.sid = json.loads(opened[1:])["sid"]
        self._target += f"&sid={self.sid}"
        net.adopt(self)

    def payload(self):
        response = self.net.exchange("GET", f"{self._target}&j={self.index}", self.headers)
        assert response.status == 200, response.text
        assert response.header("content-type") == "text/plain; charset=UTF-8"
        assert response.header("cache-control") == "no-store"
        call = re.fullmatch(r"___eio\[(\d+)\]\((\".*\")\);", response.text)
        assert call, response.text
        assert call[1] == str(self.index)
        assert "\u2028" not in response.text
        return json.loads(call[2])

    def get(self):
        text = self.payload()
        return text.split("\x1e") if self._separator else decode(text)

    def post_form(self, body):
        return self.net.exchange(
            "POST", f"{self._target}&j={self.index}", {**FORM, **self.headers}, body.encode()
        )

    def post(self, *packets):
        text = "\x1e".join(packets) if self._separator else encode(packets)
        escaped = text.replace("\\n", "\\\\n").replace("\n", "\\n")
        response = self.post_form("d=" + quote_plus(escaped))
        assert (response.status, response.body) == (200, b"ok")

    def end(self):
        """Whatever state the session is in."""
        self.post_form("d=1" if self._separator else "d=1:1")


def net_host(net):
    return f"127.0.0.1:{net.server.port}"


def test_26_5_transcript(net):
    session = Script(net)
    response = session.net.exchange(
        "GET", "/socket.io/?EIO=3&transport=polling&j=2", session.headers
    )
    assert response.text.startswith('___eio[2]("118:0{\\"sid\\":\\"')
    assert response.text.endswith('}");')
    other = response.text.split('\\"')[3]
    net.exchange(
        "POST", f"/socket.io/?EIO=3&transport=polling&sid={other}&j=2", session.headers, b"d=1:1"
    )
    assert session.get() == ["40"]


def test_messages_both_ways(net):
    session = Script(net)
    assert session.get() == ["40"]
    session.post('420["q","€😀"]', '421["x","é"]')
    assert session.get() == ['430["got","€😀"]', '431["é"]']


def test_newlines_survive_the_form(net):
    r"""A newline, and the two characters \n, as the client escapes them."""
    session = Script(net)
    session.get()
    session.post('420["x",\n"a\\nb\\\\n"]')
    assert session.get() == ['430[\n"a\\nb\\\\n"]']


def test_the_end_of_a_line_of_script_is_escaped(net):
    session = Script(net)
    session.get()
    session.post('420["x","\u2028\u2029</script>"]')
    assert session.get() == ['430["\u2028\u2029</script>"]']


def test_bytes_are_base64_without_being_asked_for(net):
    session = Script(net)
    session.get()
    session.post(f'451-["x",{HOLDER}]', b"\1\2\3")
    assert session.payload() == encode([f'451-["echo","x",{HOLDER}]', b"\1\2\3"])


def test_a_form_without_a_payload_is_ignored(net):
    session = Script(net)
    session.get()
    for body in ("", "x=1", "D=1:2"):
        assert session.post_form(body).text == "ok"
    session.post('420["x"]')
    assert session.get() == ["430[]"]


def test_undecodable_payloads_end_the_session(net):
    session = Script(net)
    session.get()
    assert session.post_form("d=nonsense").text == "ok"
    assert net.server.reason_of(session.sid) == "parse error"


def test_the_callback_is_that_of_the_handshake(net):
    session = Script(net, 7)
    target = f"/socket.io/?EIO=3&transport=polling&sid={session.sid}&j=9"
    response = net.exchange("GET", target, session.headers)
    assert response.text == '___eio[7]("2:40");'


@pytest.mark.parametrize("index", ["2);alert(1);//", "2%5D%3Balert(1)", "%3Cscript%3E21"])
def test_the_callback_is_nothing_but_digits(net, index):
    headers = {"Host": net_host(net), "Referer": f"http://{net_host(net)}/"}
    response = net.exchange("GET", f"/socket.io/?EIO=3&transport=polling&j={index}", headers)
    assert re.match(r"___eio\[\d+\]\(\"\d+:0\{", response.text)
    sid = response.text.split('\\"')[3]
    net.exchange("POST", f"/socket.io/?transport=polling&sid={sid}&j=0", headers, b"d=1:1")


def test_revision_4_has_it_too(net):
    session = Script(net, eio=4)
    session.post("40")
    assert session.get()[0].startswith('40{"sid":"')
    session.post('420["a"]', f'451-["x",{HOLDER}]', "bAQID")
    assert session.get() == ["430[]", f'451-["echo","x",{HOLDER}]', "bAQID"]


@pytest.mark.parametrize(
    ("options", "fields", "allowed"),
    [
        ({}, {}, False),
        ({}, {"Referer": "http://evil.example/"}, False),
        ({}, {"Referer": "http://localhost/page"}, True),
        ({}, {"Origin": "http://evil.example", "Referer": "http://localhost/"}, False),
        ({"origin": "https://a.example"}, {"Referer": "https://a.example/page"}, True),
        ({"origin": "https://a.example"}, {"Referer": "https://b.example/page"}, False),
        ({"origin": "*"}, {}, True),
        ({"origin": "*"}, {"Referer": "http://evil.example/"}, True),
    ],
)
def test_cve_2020_28481_no_page_reads_what_is_not_for_it(networks, options, fields, allowed):
    """And CVE-2019-13611: a script has no Origin, its cookies, and a reader."""
    net = networks(**options)
    headers = {"Host": "localhost", **fields}
    response: http.Response = net.exchange(
        "GET", "/socket.io/?EIO=3&transport=polling&j=0", headers
    )
    assert response.status == (200 if allowed else 403)
    if allowed:
        sid = response.text.split('\\"')[3]
        net.exchange("POST", f"/socket.io/?transport=polling&sid={sid}&j=0", headers, b"d=1:1")
