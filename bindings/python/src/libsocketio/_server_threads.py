"""The handlers of a `Server`: how each kind is called, on its threads."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

from . import _http
from ._clients import Client
from ._events import Slot
from ._handlers import UNHANDLED, Handler, NamespaceState, Refusal, rejected
from ._hooks import Asked, Step
from ._namespaces import Namespaces
from ._threads import OnThreads


class ServerOnThreads(OnThreads, Namespaces):
    """The part of a server that calls what was registered, and does what it says."""

    #: Whether the handlers of events run on a pool of threads: this one.
    async_handlers: bool
    _pool: ThreadPoolExecutor | None
    _http_handler: Handler | None

    def _message_slot(self, state: NamespaceState) -> Slot:
        # Everything here happens for every event: no attribute, call or object
        # that can be spared.
        handlers, clients = state.resolved, state.clients.by_handle
        resolve, join, arguments = state.resolve, state.clients.join, self._arguments
        loads, reply, failed = self._codec.loads, self._reply, self._failed
        pooled = self._pooled if self.async_handlers else None

        def message(view: Any) -> None:
            try:
                name = view.name
                handler = handlers.get(name) or resolve(name)
                if handler is UNHANDLED:
                    return
                client = clients.get(view.socket) or join(view.socket)
                if client is None:
                    return
                if view.attachment_count:
                    args = arguments(view)
                else:
                    args = loads(view.args.decode())
                ack = view.ack
                if pooled is not None:
                    pooled(handler, client.sid, args, ack)
                    return
                result = handler(client.sid, *args)
                if ack:
                    reply(ack, result)
            except BaseException as failure:
                failed(failure)

        return message

    def _pooled(self, handler: Handler, sid: str, args: list[Any], ack: int) -> None:
        """Runs a handler on the pool."""

        def run() -> None:
            try:
                result = handler(sid, *args)
                if ack:
                    self._reply(ack, result)
            except BaseException as failure:
                self._failed(failure)

        assert self._pool is not None
        self._pool.submit(run)

    def _ask_application(
        self, state: NamespaceState, client: Client, request: int, auth: Any
    ) -> None:
        refusal: Refusal = None
        try:
            for step in state.connect_steps(middlewares=request != 0):
                if step(client.sid, client.environ, auth) is False:
                    refusal = rejected()
                    break
        except BaseException as failure:
            refusal = self._refusal(failure)
        self._settle(state, client, request, refusal)

    def _ask_matcher(self, matcher: Handler, request: int, name: str, auth: Any) -> None:
        allowed = False
        try:
            allowed = bool(matcher(name, auth))
        except BaseException as failure:
            self._failed(failure)
        self._allow(request, allowed)

    def _tell_application(
        self, state: NamespaceState, client: Client, reason: str, details: str
    ) -> None:
        try:
            handler = state.end_handler("disconnect")
            client.left = True
            if handler is not None:
                handler(client.sid, reason, details)
        finally:
            state.clients.remove(client)

    def _ask_hook(self, request: Asked, steps: list[Step]) -> None:
        try:
            if all(meaning(request, function(request.environ)) for function, meaning in steps):
                request.proceed()
        except BaseException as failure:
            self._failed(failure)
            request.refuse()

    def _on_http(self, view: Any) -> None:
        result: Any = None
        try:
            if self._http_handler is not None:
                result = self._http_handler(_http.read_request(view))
            _http.respond(view.http, result)
        except BaseException:
            _http.respond(view.http, _http.FAILED)
            raise
