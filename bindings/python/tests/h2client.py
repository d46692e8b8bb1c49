"""A client of HTTP/2 that can do what no client should, on the sans-IO package h2."""

from __future__ import annotations

import os
import socket
import ssl
import struct
import time

import h2.config
import h2.connection
import h2.events
from h2.settings import SettingCodes

TIMEOUT = 20


class H2:
    """One connection; what came is kept by stream."""

    def __init__(self, port: int, context: ssl.SSLContext, *, checked: bool = True, window=None):
        context.set_alpn_protocols(["h2"])
        raw = socket.create_connection(("127.0.0.1", port), TIMEOUT)
        self.socket = context.wrap_socket(raw, server_hostname="localhost")
        assert self.socket.selected_alpn_protocol() == "h2"
        self.port = port
        self.h2 = h2.connection.H2Connection(
            h2.config.H2Configuration(
                header_encoding="utf-8",
                validate_outbound_headers=checked,
                normalize_outbound_headers=checked,
            )
        )
        self.headers: dict[int, dict[str, str]] = {}
        self.informational: dict[int, list[str]] = {}
        self.data: dict[int, bytearray] = {}
        self.ended: set[int] = set()
        self.reset: dict[int, int] = {}
        self.goaway: int | None = None
        self.closed = False
        #: Streams whose data is not acknowledged: their windows are not opened.
        self.unread: set[int] = set()
        self.has_settings = False
        self._rest = bytearray()
        self.h2.initiate_connection()
        if window is not None:
            self.h2.update_settings({SettingCodes.INITIAL_WINDOW_SIZE: window})
        self.flush()
        self.until(lambda: self.has_settings)

    # --- moving bytes

    def flush(self) -> None:
        data = self.h2.data_to_send()
        if data:
            self.raw(data)

    def raw(self, data: bytes) -> None:
        """Bytes that h2 knows nothing of."""
        try:
            self.socket.sendall(data)
        except (BrokenPipeError, ConnectionResetError, ssl.SSLError):
            self.closed = True

    def frame(self, kind: int, flags: int, stream: int, payload: bytes = b"") -> bytes:
        return (
            struct.pack("!I", len(payload))[1:] + struct.pack("!BBI", kind, flags, stream) + payload
        )

    def until(self, done, patience: float = TIMEOUT) -> None:
        """Reads until something holds, or the server closes."""
        deadline = time.monotonic() + patience
        while not done() and not self.closed:
            left = deadline - time.monotonic()
            assert left > 0, "nothing came in time"
            self.socket.settimeout(left)
            try:
                data = self.socket.recv(65536)
            except (ConnectionResetError, ssl.SSLError):
                data = b""
            if not data:
                self.closed = True
                return
            self._received(data)
            self.flush()

    def until_ended(self, stream: int) -> None:
        self.until(lambda: stream in self.ended)

    def until_closed(self, patience: float = TIMEOUT) -> None:
        self.until(lambda: False, patience)
        assert self.closed

    def _received(self, data: bytes) -> None:
        """Frame by frame: h2 takes a GOAWAY for the end, and streams go on behind it."""
        self._rest += data
        while len(self._rest) >= 9 + (size := int.from_bytes(self._rest[:3], "big")):
            frame = bytes(self._rest[: 9 + size])
            del self._rest[: 9 + size]
            for event in self.h2.receive_data(frame):
                self._handle(event)
            if self.goaway is not None:
                self.h2.state_machine.state = h2.connection.ConnectionState.CLIENT_OPEN

    def _handle(self, event) -> None:
        stream = getattr(event, "stream_id", None)
        if isinstance(event, h2.events.ResponseReceived):
            self.headers[stream] = dict(event.headers)
        elif isinstance(event, h2.events.InformationalResponseReceived):
            self.informational.setdefault(stream, []).append(dict(event.headers)[":status"])
        elif isinstance(event, h2.events.DataReceived):
            self.data.setdefault(stream, bytearray()).extend(event.data)
            if stream not in self.unread and event.flow_controlled_length:
                self.h2.acknowledge_received_data(event.flow_controlled_length, stream)
        elif isinstance(event, h2.events.StreamEnded):
            self.ended.add(stream)
        elif isinstance(event, h2.events.StreamReset):
            self.reset[stream] = event.error_code
            self.ended.add(stream)
        elif isinstance(event, h2.events.ConnectionTerminated):
            self.goaway = event.error_code
        elif isinstance(event, h2.events.RemoteSettingsChanged):
            self.has_settings = True

    # --- requests

    def fields(self, method: str, path: str, headers=()) -> list[tuple[str, str]]:
        return [
            (":method", method),
            (":scheme", "https"),
            (":authority", f"localhost:{self.port}"),
            (":path", path),
            *headers,
        ]

    def start(self, method, path, headers=(), body: bytes | None = None, end=True) -> int:
        stream = self.h2.get_next_available_stream_id()
        self.h2.send_headers(
            stream, self.fields(method, path, headers), end_stream=body is None and end
        )
        self.flush()
        if body is not None:
            self.send(stream, body, end=end)
        return stream

    def send(self, stream: int, data: bytes, end: bool = False) -> None:
        """Data, as fast as the server's windows let it."""
        data = memoryview(data)
        while data and stream not in self.ended:
            room = min(
                self.h2.local_flow_control_window(stream),
                self.h2.max_outbound_frame_size,
                len(data),
            )
            if room:
                self.h2.send_data(stream, bytes(data[:room]))
                data = data[room:]
                self.flush()
            else:
                self.until(
                    lambda: self.h2.local_flow_control_window(stream) or stream in self.ended
                )
                if self.closed:
                    return
        if end and stream not in self.ended:
            self.h2.end_stream(stream)
            self.flush()

    def response(self, stream: int) -> tuple[int, dict[str, str], bytes]:
        self.until(lambda: stream in self.ended)
        assert stream in self.ended, f"closed, GOAWAY {self.goaway}"
        headers = self.headers.get(stream, {})
        return int(headers.get(":status", 0)), headers, bytes(self.data.get(stream, b""))

    def request(self, method, path, headers=(), body: bytes | None = None):
        return self.response(self.start(method, path, headers, body))

    # --- WebSocket

    def open_websocket(self, path: str, headers=()) -> H2WebSocket:
        fields = self.fields("CONNECT", path, [("sec-websocket-version", "13"), *headers])
        stream = self.h2.get_next_available_stream_id()
        self.h2.send_headers(stream, [fields[0], (":protocol", "websocket"), *fields[1:]])
        self.flush()
        self.until(lambda: stream in self.headers or stream in self.ended)
        return H2WebSocket(self, stream)

    def close(self) -> None:
        self.socket.close()


class H2WebSocket:
    """A WebSocket in a stream."""

    def __init__(self, connection: H2, stream: int):
        self.connection = connection
        self.stream = stream
        self.headers = connection.headers.get(stream, {})

    def send(self, message: str | bytes, opcode: int | None = None) -> None:
        payload = message.encode() if isinstance(message, str) else message
        opcode = opcode or (1 if isinstance(message, str) else 2)
        key = os.urandom(4)
        if len(payload) < 126:
            length = bytes([0x80 | len(payload)])
        elif len(payload) < 65536:
            length = b"\xfe" + struct.pack("!H", len(payload))
        else:
            length = b"\xff" + struct.pack("!Q", len(payload))
        mask = (key * (len(payload) // 4 + 1))[: len(payload)]
        masked = (int.from_bytes(payload, "big") ^ int.from_bytes(mask, "big")).to_bytes(
            len(payload), "big"
        )
        self.connection.send(self.stream, bytes([0x80 | opcode]) + length + key + masked)

    def receive(self) -> str | bytes | int:
        """The next message; of a Close frame its code."""
        opcode, payload = self._frame()
        if opcode == 8:
            return struct.unpack("!H", payload[:2])[0] if payload else 1005
        return payload.decode() if opcode == 1 else payload

    def _frame(self) -> tuple[int, bytes]:
        head = self._take(2)
        length = head[1]
        if length == 126:
            length = struct.unpack("!H", self._take(2))[0]
        elif length == 127:
            length = struct.unpack("!Q", self._take(8))[0]
        return head[0] & 15, self._take(length)

    def _take(self, count: int) -> bytes:
        data = self.connection.data.setdefault(self.stream, bytearray())
        self.connection.until(lambda: len(data) >= count or self.stream in self.connection.ended)
        assert len(data) >= count, "the stream ended"
        taken = bytes(data[:count])
        del data[:count]
        return taken
