"""Clients of this package and certificates: good ones, and those that they must not believe."""

import pytest
from libsocketio import exceptions

#: What the sentence of a failure has to name.
WRONG = {"expired": "expired", "self_signed": "sign", "wrong_host": "localhost"}


@pytest.fixture
def secure(host, host_kind, papers):
    return lambda paper: host(host_kind, tls=papers.server(paper))


def test_a_good_one(client, secure, papers, mode):
    made = secure("good")
    one = client(revision=made.revision, ssl_ca_certs=papers.authority).connect(made, mode)
    assert one.call("echo", {"a": b"1"}) == {"a": b"1"}


@pytest.mark.parametrize("paper", WRONG)
def test_bad_ones(client, secure, papers, mode, paper):
    made = secure(paper)
    one = client(revision=made.revision, ssl_ca_certs=papers.authority)
    with pytest.raises(exceptions.ConnectionError) as caught:
        one.connect(made, mode)
    assert caught.value.code == "tls", str(caught.value)


def test_one_that_the_system_does_not_trust(client, secure):
    made = secure("good")
    with pytest.raises(exceptions.ConnectionError) as caught:
        client(revision=made.revision).connect(made)
    assert caught.value.code == "tls"


@pytest.mark.parametrize("paper", WRONG)
def test_all_are_believed_on_request(client, host, papers, paper):
    made = host("aiohttp", tls=papers.server(paper))
    assert client(ssl_verify=False).connect(made).call("echo", 1) == 1


def test_another_host_on_request(client, host, papers):
    made = host("aiohttp", tls=papers.server("wrong_host"))
    for options in ({"ssl_check_hostname": False}, {"ssl_server_name": "elsewhere.test"}):
        one = client(ssl_ca_certs=papers.authority, **options).connect(made)
        assert one.call("echo", 1) == 1


def test_pins(client, host, papers):
    made = host("aiohttp", tls=papers.server("good"))
    right, wrong = papers.pin("good"), "certificate:" + "00" * 32
    one = client(ssl_ca_certs=papers.authority, ssl_pins=[wrong, right]).connect(made)
    assert one.call("echo", 1) == 1
    with pytest.raises(exceptions.ConnectionError) as caught:
        client(ssl_ca_certs=papers.authority, ssl_pins=wrong).connect(made)
    assert caught.value.code == "tls"


def test_plain_text_where_tls_is_spoken(client, host, papers, mode):
    made = host("aiohttp", tls=papers.server("good"))
    with pytest.raises(exceptions.ConnectionError):
        client().connect(made, mode, url=f"http://localhost:{made.port}")


def test_tls_where_plain_text_is_spoken(client, shared, mode):
    made = shared("aiohttp")
    with pytest.raises(exceptions.ConnectionError) as caught:
        client().connect(made, mode, url=f"https://localhost:{made.port}")
    assert caught.value.code == "tls"
