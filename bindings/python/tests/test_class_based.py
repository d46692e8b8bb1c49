"""Class-based namespaces have what servers have for a namespace, by introspection."""

import inspect

import pytest

import libsocketio
from conftest import Inbox
from libsocketio import _chain, emitter

#: The handlers of events that are named "any", "any_outgoing" and "server_side".
HANDLERS = {"on_any", "on_any_outgoing", "on_server_side"}

KINDS = [
    (libsocketio.Server, libsocketio.Namespace),
    (libsocketio.AsyncServer, libsocketio.AsyncNamespace),
]


def public(cls):
    return {name: getattr(cls, name) for name in dir(cls) if not name.startswith("_")}


def parameters(function):
    return list(inspect.signature(function).parameters.values())


def of_a_namespace(server):
    """The methods of a server that take a namespace."""
    for name, member in public(server).items():
        if inspect.isfunction(member) and "namespace" in inspect.signature(member).parameters:
            yield name, member


@pytest.mark.parametrize(("server", "namespace"), KINDS)
def test_methods_that_take_a_namespace(server, namespace):
    methods = dict(of_a_namespace(server))
    assert {"emit", "rooms", "get_socket", "use", "transport"} <= set(methods)
    # What `of` makes of it, and what gives a namespace a class.
    for name in set(methods) - HANDLERS - {"of"}:
        ours = getattr(namespace, name)
        wanted = [(one.name, one.kind) for one in parameters(methods[name])]
        assert [(one.name, one.kind) for one in parameters(ours)] == wanted, name
        assert inspect.iscoroutinefunction(ours) == inspect.iscoroutinefunction(methods[name])


@pytest.mark.parametrize("kind", [_chain.Chain, emitter.Emitter])
@pytest.mark.parametrize("namespace", [namespace for _, namespace in KINDS])
def test_the_chain_and_the_emitter(kind, namespace):
    missing = set(public(kind)) - set(public(namespace))
    assert missing == (HANDLERS & set(public(kind)))


@pytest.mark.parametrize("namespace", [namespace for _, namespace in KINDS])
def test_no_method_is_taken_for_a_handler(namespace):
    assert [name for name in dir(namespace) if name.startswith("on_")] == []


@pytest.mark.parametrize("namespace", [namespace for _, namespace in KINDS])
def test_what_of_gives_is_there_as_well(namespace):
    missing = set(public(libsocketio.NamespaceChain)) - set(public(namespace))
    # `namespace` and `send`, and what Socket.IO 2 has.
    assert missing == {*HANDLERS, "name", "write", "clients", "in"}


def test_they_work_in_their_namespace(server_class, run, connect):
    base = dict(KINDS)[server_class]

    class Chat(base):
        def on_connect(self, sid, environ):
            self.get_socket(sid).join("all")

        def on_any(self, sid):
            return "any"

    io = server_class()
    chat = Chat("/chat")
    io.register_namespace(chat)
    running = run(io)
    inbox = Inbox()

    def client(number):
        handlers = {
            ("number", "/chat"): lambda: number,
            ("ping", "/chat"): lambda *args: inbox.add(number, *args),
            ("disconnect", "/chat"): lambda *args: inbox.add(number, "gone"),
        }
        return connect(running, namespaces=["/chat", "/"], handlers=handlers)

    one, two = client(1), client(2)
    sids = [one.get_sid("/chat"), two.get_sid("/chat")]
    assert sorted(running.wait_for(chat.timeout(20).emit_with_ack("number"))) == [1, 2]
    assert sorted(running.wait_for(chat.to("all").timeout(20).call("number"))) == [1, 2]
    assert {one.id for one in running.wait_for(chat.fetch_sockets())} == set(sids)
    assert sorted(chat.sockets("all")) == sorted(sids)
    assert chat.adapter.rooms["all"] == set(sids)
    chat.sockets_join("more")
    chat.to(sids[0]).sockets_leave("more")
    assert chat.sockets("more") == [sids[1]]
    chat.except_(sids[0]).emit("ping", 1, 2)
    assert inbox.take() == (2, 1, 2)
    assert one.call("any", namespace="/chat", timeout=20) == "any"

    heard = Inbox()
    chat.once("x", lambda sid, *args: heard.add(sid, *args))
    chat.prepend_any(lambda event, sid, *args: heard.add(event, sid))
    one.call("x", 1, namespace="/chat", timeout=20)
    assert heard.take() == ("x", sids[0])
    assert heard.take() == (sids[0], 1)
    assert chat.event_names() == []
    chat.off_any()
    chat.on("y", lambda sid: "y")
    assert one.call("y", namespace="/chat", timeout=20) == "y"
    assert chat.listener_count("y") == 1
    chat.to(sids[1]).disconnect_sockets()
    assert inbox.take() == (2, "gone")
    assert len(io.sockets()) == 2
