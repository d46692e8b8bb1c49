"""Servers that mean harm: a table of what they do with a connection.

Each behaviour is a function of a `Wire`. Those in AT_ONCE are met by a client of either
transport; those in POLLING and SOCKET presume one, and those in CONNECTED wait until it
believes that it is connected. None lets a client connect for good: it has to notice, to
close the connection, and to neither crash nor grow nor wait for ever.
"""

import json
import os
import random
import socket
import threading
import zlib

from wire import OPEN, Gone, Wire, head

MEGABYTE = 1 << 20
BOMB_SIZE = 256 * MEGABYTE

# --- before anything is agreed on


def random_bytes(wire):
    wire.request()
    wire.send_for_ever(random.Random(1).randbytes(4096))


def random_bytes_unasked(wire):
    wire.send_for_ever(random.Random(2).randbytes(4096))


def closes_at_once(wire):
    pass


def closes_after_request(wire):
    wire.request()


def never_answers(wire):
    wire.wait_for_end()


def endless_headers(wire):
    wire.request()
    wire.send(b"HTTP/1.1 200 OK\r\n")
    wire.send_for_ever(b"X-More: and more\r\n" * 100)


def endless_header(wire):
    wire.request()
    wire.send(b"HTTP/1.1 200 OK\r\nX-Long: ")
    wire.send_for_ever(b"x" * 4096)


def endless_status(wire):
    wire.request()
    wire.send(b"HTTP/1.1 200 ")
    wire.send_for_ever(b"O" * 4096)


def endless_interim_responses(wire):
    wire.request()
    wire.send_for_ever(b"HTTP/1.1 103 Early Hints\r\n\r\n" * 50)


def redirect_loop(wire):
    target = wire.request().target
    wire.answer(b"", status="302 Found", location=target)


def redirect_to_elsewhere(wire):
    wire.request()
    wire.answer(b"", status="301 Moved Permanently", location="http://localhost:1/socket.io/")


def switches_to_nothing(wire):
    wire.request()
    wire.send(head("101 Switching Protocols", {"upgrade": "tea", "connection": "Upgrade"}))
    wire.wait_for_end()


def error_page(wire):
    wire.request()
    wire.answer(b"<html>no", status="500 Internal Server Error")


AT_ONCE = {
    function.__name__: function
    for function in (
        random_bytes,
        random_bytes_unasked,
        closes_at_once,
        closes_after_request,
        never_answers,
        endless_headers,
        endless_header,
        endless_status,
        endless_interim_responses,
        redirect_loop,
        redirect_to_elsewhere,
        switches_to_nothing,
        error_page,
    )
}

# --- bodies of polls


def opened(**changes):
    return "0" + json.dumps({**OPEN, **changes})


def giant_body(wire):
    wire.request()
    wire.send(head("200 OK", {"content_length": 10**13}))
    wire.send_for_ever(b"4" * 65536)


def giant_length(wire):
    wire.request()
    wire.send(head("200 OK", {"content_length": "9" * 40}))
    wire.wait_for_end()


def negative_length(wire):
    wire.request()
    wire.send(head("200 OK", {"content_length": "-1"}) + opened().encode())


def two_lengths(wire):
    wire.request()
    body = opened().encode()
    lengths = f"Content-Length: {len(body)}\r\nContent-Length: {len(body) + 1}\r\n\r\n"
    wire.send(b"HTTP/1.1 200 OK\r\n" + lengths.encode() + body)


def endless_chunks(wire):
    wire.request()
    wire.send(head("200 OK", {"transfer_encoding": "chunked"}))
    wire.send_for_ever(b"10000\r\n" + b"4" * 65536 + b"\r\n")


def giant_chunk(wire):
    wire.request()
    wire.send(head("200 OK", {"transfer_encoding": "chunked"}) + b"f" * 30 + b"\r\n")
    wire.send_for_ever(b"4" * 65536)


def bomb(wire):
    """A quarter of a megabyte that becomes a quarter of a gigabyte."""
    wire.request()
    wire.answer(BOMB, content_encoding="gzip")
    wire.wait_for_end()


def _bomb():
    squeezer = zlib.compressobj(9, zlib.DEFLATED, 31)
    pieces = [squeezer.compress(b"4" * MEGABYTE) for _ in range(BOMB_SIZE // MEGABYTE)]
    return b"".join([*pieces, squeezer.flush()])


BOMB = _bomb()  # takes a second, which is none of the answer


def unpacked_size(data):
    """How many bytes it becomes."""
    unpacker, size = zlib.decompressobj(31), 0
    while data:
        size += len(unpacker.decompress(data, 16 * MEGABYTE))
        data = unpacker.unconsumed_tail
    return size


def not_what_it_says(wire):
    wire.request()
    wire.answer(opened(), content_encoding="gzip")


def half_of_it(wire):
    wire.request()
    wire.send(head("200 OK", {"content_length": 500}) + opened().encode())


def not_json(wire):
    wire.request()
    wire.answer("0{sid:")


def no_session(wire):
    wire.request()
    wire.answer("0{}")


def no_open_packet(wire):
    wire.request()
    wire.answer("4hello\x1e2\x1e3")


def empty_body(wire):
    wire.request()
    wire.answer(b"")


def unknown_packet(wire):
    wire.request()
    wire.answer("9\x1ez\x1e")


def strange_times(wire):
    wire.request()
    wire.answer(opened(pingInterval=-1, pingTimeout=1e300))


def strange_sid(wire):
    """One that would end the request line that it is put into."""
    wire.request()
    wire.answer(opened(sid="a HTTP/1.1\r\nHost: evil\r\n\r\nGET /"))
    _expect_clean(wire)


def giant_sid(wire):
    wire.request()
    wire.answer(opened(sid="s" * 900_000))
    _expect_clean(wire)


def number_as_sid(wire):
    wire.request()
    wire.answer(opened(sid=17))


def _expect_clean(wire):
    """Whatever comes next has to be a request to where the first one went."""
    request = wire.request()
    assert request.target.startswith("/socket.io/"), request.target
    assert "evil" not in request.fields.get("host", "")
    wire.answer(b"", status="400 Bad Request")


def forgets_session(wire):
    """Gives a session, and knows nothing of it afterwards."""
    wire.request()
    wire.answer(opened())
    while True:
        wire.request()
        wire.answer('{"code":1,"message":"Session ID unknown"}', status="400 Bad Request")


def deep_open_packet(wire):
    wire.request()
    wire.answer("0" + "[" * 100_000)


POLLING = {
    function.__name__: function
    for function in (
        giant_body,
        giant_length,
        negative_length,
        two_lengths,
        endless_chunks,
        giant_chunk,
        bomb,
        not_what_it_says,
        half_of_it,
        not_json,
        no_session,
        no_open_packet,
        empty_body,
        unknown_packet,
        strange_times,
        strange_sid,
        giant_sid,
        number_as_sid,
        forgets_session,
        deep_open_packet,
    )
}

# --- WebSockets before Socket.IO has begun


def wrong_accept_key(wire):
    wire.upgrade(wire.request(), sec_websocket_accept="AAAAAAAAAAAAAAAAAAAAAAAAAAA=")
    wire.frame(opened())
    wire.wait_for_end()


def no_accept_key(wire):
    wire.request()
    fields = {"upgrade": "websocket", "connection": "Upgrade"}
    wire.send(head("101 Switching Protocols", fields))
    wire.frame(opened())
    wire.wait_for_end()


def unasked_extension(wire):
    wire.upgrade(wire.request(), sec_websocket_extensions="x-unheard-of")
    wire.frame(opened())
    wire.wait_for_end()


def unasked_protocol(wire):
    wire.upgrade(wire.request(), sec_websocket_protocol="soap")
    wire.frame(opened())
    wire.wait_for_end()


def giant_frame(wire):
    wire.upgrade(wire.request())
    wire.frame(b"", length=2**62)
    wire.send_for_ever(b"0" * 65536)


def impossible_frame(wire):
    wire.upgrade(wire.request())
    wire.frame(b"", length=2**64 - 1)
    wire.wait_for_end()


def endless_fragments(wire):
    wire.upgrade(wire.request())
    wire.frame("0", final=False)
    while True:
        wire.frame(b"x" * 65536, opcode=0, final=False)


def endless_empty_fragments(wire):
    wire.upgrade(wire.request())
    wire.frame("0", final=False)
    while True:
        wire.send(b"\x00\x00" * 1000)


def masked_frame(wire):
    wire.upgrade(wire.request())
    wire.send(b"\x81\x81\x00\x00\x00\x000")
    wire.wait_for_end()


def reserved_bits(wire):
    wire.upgrade(wire.request())
    wire.frame(opened(), reserved=7)
    wire.wait_for_end()


def unknown_opcode(wire):
    wire.upgrade(wire.request())
    wire.frame(opened(), opcode=6)
    wire.wait_for_end()


def fragmented_ping(wire):
    wire.upgrade(wire.request())
    wire.frame("", opcode=9, final=False)
    wire.wait_for_end()


def long_ping(wire):
    wire.upgrade(wire.request())
    wire.frame(b"x" * 126, opcode=9)
    wire.wait_for_end()


def not_utf8(wire):
    wire.upgrade(wire.request())
    wire.frame(b"0\xff\xfe{}")
    wire.wait_for_end()


def strange_close(wire):
    wire.upgrade(wire.request())
    wire.frame(b"\x00\x01\xff", opcode=8)
    wire.wait_for_end()


def socket_not_json(wire):
    wire.upgrade(wire.request())
    wire.frame("0{sid:")
    wire.wait_for_end()


def socket_never_opens(wire):
    wire.upgrade(wire.request())
    wire.wait_for_end()


SOCKET = {
    function.__name__: function
    for function in (
        wrong_accept_key,
        no_accept_key,
        unasked_extension,
        unasked_protocol,
        giant_frame,
        impossible_frame,
        endless_fragments,
        endless_empty_fragments,
        masked_frame,
        reserved_bits,
        unknown_opcode,
        fragmented_ping,
        long_ping,
        not_utf8,
        strange_close,
        socket_not_json,
        socket_never_opens,
    )
}

# --- a WebSocket whose client is connected to "/"


def _says(*packets):
    """Says something, and waits for the end of the connection."""

    def behaviour(wire):
        wire.connect_socket()
        for packet in packets:
            if isinstance(packet, bytes):
                wire.frame(packet, opcode=2)
            else:
                wire.frame(packet)
        wire.wait_for_end()

    return behaviour


def endless_attachments(wire):
    wire.connect_socket()
    wire.frame('4599999999-["event"]')
    while True:
        wire.frame(os.urandom(4096), opcode=2)


def flood_of_pings(wire):
    """More than can be answered to somebody who does not read."""
    wire.connect_socket()
    while True:
        wire.send(b"\x89\x7d" + b"x" * 125)


CONNECTED = {
    "endless_attachments": endless_attachments,
    "unknown_type": _says("49"),
    "not_an_array": _says('42{"a":1}'),
    "no_name": _says("42[]"),
    "number_as_name": _says('42[{"a":1}]'),
    "cut_off": _says('42["event",'),
    "too_many_attachments": _says('452000000000-["event"]'),
    "attachment_unasked": _says(b"nobody waits for this"),
    "text_for_attachment": _says('451-["event",{"_placeholder":true,"num":0}]', '42["other"]'),
    "placeholder_out_of_range": _says('451-["event",{"_placeholder":true,"num":7}]', b"x"),
    "negative_placeholder": _says('451-["event",{"_placeholder":true,"num":-1}]', b"x"),
    "deep": _says('42["event",' + "[" * 100_000),
    "giant_ack_id": _says("42" + "9" * 60 + '["event"]'),
}

#: What a client has to live with.
HARMLESS = {
    "unknown_ack": _says("43999[1]"),
    "foreign_namespace": _says('42/elsewhere,["event"]'),
    "connects_twice": _says('40{"sid":"another"}'),
    "noop": _says("6"),
    "flood_of_pings": flood_of_pings,
}


class HostileServer:
    """Does the same to everyone who comes. How many have come is counted."""

    def __init__(self, behaviour):
        self._behaviour = behaviour
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self.url = f"http://localhost:{self.port}"
        self._connections = []
        self._lock = threading.Lock()
        self._came = threading.Semaphore(0)
        self._left = threading.Semaphore(0)
        #: What the behaviours themselves have found wrong.
        self.complaints = []
        self._thread = threading.Thread(target=self._accept)
        self._thread.start()

    @property
    def count(self):
        return len(self._connections)

    def wait_for_client(self, patience):
        return self._came.acquire(timeout=patience)

    def wait_for_end(self, patience):
        """Whether a connection has come to its end."""
        return self._left.acquire(timeout=patience)

    def _accept(self):
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            thread = threading.Thread(target=self._serve, args=(connection,))
            with self._lock:
                self._connections.append((connection, thread))
            thread.start()
            self._came.release()

    def _serve(self, connection):
        with connection:
            try:
                self._behaviour(Wire(connection))
            except (Gone, ValueError, KeyError):
                pass
            except AssertionError as complaint:
                self.complaints.append(complaint)
        self._left.release()

    def close(self):
        # A thread that waits in accept is not woken by a close.
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join()
        with self._lock:
            for connection, thread in self._connections:
                try:
                    connection.shutdown(socket.SHUT_RDWR)
                except OSError:
                    pass
                thread.join()
