"""Broadcasting: what is sent to many clients, asked of them, and done to them."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, Callable

from . import _ffi
from ._clients import Client
from ._errors import check, error, reached
from ._events import NO_RELEASE, free_slot, take_slot, trampoline
from ._handlers import Handler, NamespaceState, normalized
from ._json import pack, unpack
from ._library import quick
from ._native import (
    emit_options,
    name_bytes,
    read_array,
    room_bytes,
    send,
    socket_id,
    target_of,
    text_of,
)
from ._outbound import DEFAULT, Delivery
from ._sending import Sending
from .exceptions import NoReplyError
from .remote import RemoteSocket

if TYPE_CHECKING:
    from .broadcast import Broadcast, ToSocket


class Broadcasting(Sending):
    """The part of a server that deals with many clients at once."""

    def _emit(
        self,
        event: str,
        data: Any,
        room: Any,
        skip_sid: Any,
        namespace: str | None,
        callback: Handler | None,
        local: bool,
        how: Delivery,
    ) -> None:
        """Sends an event with python-socketio's arguments."""
        state = self._states.get(namespace or "/") or self._states.get(normalized(namespace))
        name = name_bytes(event)
        payload, attachments = self._codec.encode(pack(data))
        if state is None or self._core is None:
            return
        if room.__class__ is str and skip_sid is None:
            client = state.clients.by_sid.get(room)
            if client is not None:
                if callback is not None:
                    self._request(
                        client.socket, name, payload, attachments, 0, self._if_ok(callback), how
                    )
                    return
                if attachments is None and how is DEFAULT:
                    status = send(client.socket, name, payload)
                else:
                    options = emit_options(0, attachments, *how)
                    text = text_of(payload)
                    status = quick.sio_emit(client.socket, name, text, options)
                if status:
                    reached(status)
                return
        rooms = _as_list(room)
        skipped = _as_list(skip_sid) or []
        if callback is not None and rooms is None:
            raise ValueError("an emit with a callback needs a client or a room: give `to`")
        if rooms is not None and not rooms:
            return
        target = target_of(rooms or (), skipped)
        options = emit_options(_ffi.SIO_EMIT_LOCAL if local else 0, attachments, *how)
        if callback is None:
            self._send_many(state, target, name, payload, options)
        else:
            each = self._if_ok(callback)
            self._ask_many(state, target, name, payload, options, 0, each, _ignore)

    def _broadcast(self, whom: Broadcast[Any], event: str, args: Sequence[Any]) -> None:
        """Sends an event with the chain's arguments."""
        name = name_bytes(event)
        payload, attachments = self._codec.encode(args)
        options = emit_options(whom._flags, attachments, *whom._how)
        for state in self._audiences(whom):
            self._send_many(state, whom._target, name, payload, options)

    def _ask_each(
        self, whom: Broadcast[Any], event: str, args: Sequence[Any], callback: Handler
    ) -> None:
        """Sends an event with a callback for the reply of each client."""
        self._ask_audience(whom, event, args, self._if_ok(callback), _ignore)

    def _emit_one(
        self, whom: ToSocket[Any], event: str, args: Sequence[Any], callback: Handler | None
    ) -> None:
        """Sends one client an event, by its handle: it need not have joined yet."""
        name, socket = name_bytes(event), whom._client.socket
        payload, attachments = self._codec.encode(args)
        if callback is None:
            options = emit_options(whom._flags, attachments, *whom._how)
            reached(quick.sio_emit(socket, name, text_of(payload), options))
            return
        each, timeout_ms = self._if_ok(callback), whom._timeout_ms
        self._request(socket, name, payload, attachments, timeout_ms, each, whom._how, whom._flags)

    @abstractmethod
    def _ask_one(
        self,
        client: Client | None,
        sid: str,
        event: str,
        args: Sequence[Any],
        timeout_ms: int,
        how: Delivery = DEFAULT,
        flags: int = 0,
    ) -> Any:
        """Sends one client an event, and waits for its reply; None is one that is gone."""

    def _ask_by_handle(
        self,
        client: Client | None,
        sid: str,
        event: str,
        args: Sequence[Any],
        timeout_ms: int,
        answered: Any,
        how: Delivery,
        flags: int,
    ) -> None:
        """Sends one client an event; `answered` is called with the reply. Raises if it is gone."""
        name = name_bytes(event)
        payload, attachments = self._codec.encode(args)
        if client is None:
            raise NoReplyError(f"no client {sid!r} is connected")
        if not self._request(
            client.socket, name, payload, attachments, timeout_ms, answered, how, flags
        ):
            raise NoReplyError(f"the client {sid!r} has just left")

    @abstractmethod
    def _ask_all(self, whom: Broadcast[Any], event: str, args: Sequence[Any]) -> Any:
        """Sends an event, and waits for the replies of all clients."""

    def _ask_audience(
        self,
        whom: Broadcast[Any],
        event: str,
        args: Sequence[Any],
        each: Callable[[int, list[Any]], None],
        ended: Callable[[int, list[str]], None],
    ) -> bool:
        """As `_ask_many`. False if there is nobody to ask: then `ended` is not called."""
        name = name_bytes(event)
        payload, attachments = self._codec.encode(args)
        states = self._audiences(whom)
        options = emit_options(whom._flags, attachments, *whom._how)
        if len(states) > 1:
            ended = _behind_all(len(states), ended)
        asked = [
            self._ask_many(
                state, whom._target, name, payload, options, whom._timeout_ms, each, ended
            )
            for state in states
        ]
        return any(asked)

    def _audiences(self, whom: Broadcast[Any]) -> list[NamespaceState]:
        """The namespaces of a broadcast; none if that is for nobody."""
        if self._core is None or whom._is_nobody:
            return []
        state = self._states.get(whom._namespace)
        return [] if state is None else state.audiences

    def _send_many(
        self, state: NamespaceState, target: Any, name: bytes, payload: bytes, options: Any
    ) -> None:
        if self._core is None:
            return
        server, text = self._core.server, text_of(payload)
        status = quick.sio_server_emit(server, state.encoded, target, name, text, options)
        if status:
            reached(status)

    def _ask_many(
        self,
        state: NamespaceState,
        target: Any,
        name: bytes,
        payload: bytes,
        options: Any,
        timeout_ms: int,
        each: Callable[[int, list[Any]], None],
        ended: Callable[[int, list[str]], None],
    ) -> bool:
        """Calls `each` for every reply, and behind them `ended` with who was silent."""
        if self._core is None:
            return False

        def answered(view: Any) -> None:
            if view.kind == _ffi.SIO_EVENT_ACK:
                each(view.status, self._arguments(view))
                return
            free_slot(number)
            silent = read_array(view.sockets, _ffi.sio_socket, view.socket_count)
            ended(view.status, [sid for sid in map(_sid_in(state), silent) if sid])

        number = take_slot(self._guarded(answered))
        status = quick.sio_server_emit_with_ack(
            self._core.server,
            state.encoded,
            target,
            name,
            text_of(payload),
            options,
            timeout_ms,
            trampoline,
            number,
            NO_RELEASE,
        )
        if status:
            free_slot(number)
        return reached(status)

    # --- clients

    def _fetch(self, whom: Broadcast[Any]) -> list[RemoteSocket]:
        """The clients of a broadcast."""
        found = []
        for state in self._audiences(whom):
            core = self._core
            for handle in [] if core is None else core.fetch(state.encoded, whom._target):
                for one in state.places:
                    client = self._client(one, handle)
                    if client is not None:
                        found.append(RemoteSocket(self, one.name, client))
                        break
        return found

    def get_socket(self, sid: str, namespace: str | None = None) -> RemoteSocket | None:
        """A client as an object, for what is done to one client; None if it is not connected."""
        client = self._find(sid, namespace)
        return None if client is None else RemoteSocket(self, normalized(namespace), client)

    def _client(self, state: NamespaceState, handle: int) -> Client | None:
        """The client with a handle; None if it is gone."""
        client = state.clients.by_handle.get(handle)
        if client is not None:
            return client
        sid = socket_id(_ffi.sio_socket(handle))
        return None if sid is None else self._find(sid, state.name)

    def _change_rooms(self, whom: Broadcast[Any], function: str, rooms: Iterable[Any]) -> None:
        """Calls `sio_server_sockets_join` or `..._leave` for each room."""
        names = [room_bytes(room) for room in rooms]
        for state in self._audiences(whom):
            for name in names:
                core = self._core
                if core is not None:
                    change = getattr(quick, function)
                    check(change(core.server, state.encoded, whom._target, name))

    def _disconnect_many(self, whom: Broadcast[Any], close: bool) -> None:
        for state in self._audiences(whom):
            core, target = self._core, whom._target
            if core is not None:
                reached(quick.sio_server_disconnect(core.server, state.encoded, target, int(close)))


def replies_of(event: str, replies: list[Any], status: int, silent: list[str]) -> list[Any]:
    """What `emit_with_ack` returns, or raises."""
    if status == _ffi.SIO_OK:
        return replies
    failure = error(status, f"no reply to {event!r} from {len(silent)} clients")
    failure.replies, failure.silent = replies, silent  # type: ignore[attr-defined]
    raise failure


def collect(replies: list[Any]) -> Callable[[int, list[Any]], None]:
    """Puts the replies of clients into a list."""
    return lambda _, args: replies.append(unpack(args))


def _behind_all(
    count: int, ended: Callable[[int, list[str]], None]
) -> Callable[[int, list[str]], None]:
    """Calls `ended` for the last of several broadcasts that are one to the application."""
    ends: list[tuple[int, list[str]]] = []

    def end(status: int, silent: list[str]) -> None:
        ends.append((status, silent))
        if len(ends) == count:
            failure = next((status for status, _ in ends if status), _ffi.SIO_OK)
            ended(failure, [sid for _, silent in ends for sid in silent])

    return end


def _sid_in(state: NamespaceState) -> Callable[[Any], str | None]:
    """The sid of a socket."""

    def sid(socket: Any) -> str | None:
        client = state.clients.by_handle.get(socket.id)
        return client.sid if client is not None else socket_id(socket)

    return sid


def _ignore(status: int, silent: list[str]) -> None:
    pass


def _as_list(value: Any) -> Sequence[Any] | None:
    """Rooms as python-socketio takes them: one, or several in a list; None for none."""
    if value is None or value == "":
        return None
    if isinstance(value, (list, tuple, set, frozenset)):
        return list(value)
    return [value]
