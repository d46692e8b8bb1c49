"""The handlers of an `AsyncServer`: how each kind is called, on its event loop."""

from __future__ import annotations

from typing import Any

from . import _http
from ._clients import Client
from ._events import Slot
from ._handlers import UNHANDLED, Handler, NamespaceState, Refusal, rejected
from ._hooks import Asked, Step
from ._loop import OnLoop, awaited, itself
from ._namespaces import Namespaces


class ServerOnLoop(OnLoop, Namespaces):
    """The part of a server that calls what was registered, and does what it says."""

    _http_handler: Handler | None

    def _message_slot(self, state: NamespaceState) -> Slot:
        # Everything here happens for every event: no attribute, call or object
        # that can be spared.
        handlers, clients = state.resolved, state.clients.by_handle
        resolve, join, arguments = state.resolve, state.clients.join, self._arguments
        loads, reply, failed = self._codec.loads, self._reply, self._failed
        jobs = self._jobs
        assert jobs is not None
        put, waiting = jobs.put, jobs.queue

        def message(view: Any) -> None:
            try:
                name = view.name
                entry = handlers.get(name) or resolve(name)
                if entry is UNHANDLED:
                    return
                client = clients.get(view.socket) or join(view.socket)
                if client is None:
                    return
                if view.attachment_count:
                    args = arguments(view)
                else:
                    args = loads(view.args.decode())
                args.insert(0, client.sid)
                handler, is_coroutine = entry
                if is_coroutine or waiting:
                    put(handler, args, view.ack)
                    return
                ack = view.ack
                result = handler(*args)
                if result is not None and hasattr(result, "__await__"):
                    put(itself, (result,), ack)
                elif ack:
                    reply(ack, result)
            except BaseException as failure:
                failed(failure)

        return message

    def _ask_application(
        self, state: NamespaceState, client: Client, request: int, auth: Any
    ) -> None:
        async def ask() -> None:
            refusal: Refusal = None
            try:
                for step in state.connect_steps(middlewares=request != 0):
                    if await awaited(step(client.sid, client.environ, auth)) is False:
                        refusal = rejected()
                        break
            except Exception as failure:
                refusal = self._refusal(failure)
            self._settle(state, client, request, refusal)

        assert self._jobs is not None
        self._jobs.put(ask, ())

    def _ask_matcher(self, matcher: Handler, request: int, name: str, auth: Any) -> None:
        async def ask() -> None:
            allowed = False
            try:
                allowed = bool(await awaited(matcher(name, auth)))
            finally:
                self._allow(request, allowed)

        assert self._jobs is not None
        self._jobs.put(ask, ())

    def _tell_application(
        self, state: NamespaceState, client: Client, reason: str, details: str
    ) -> None:
        handler = state.end_handler("disconnect")
        if handler is None or self._jobs is None:
            state.clients.remove(client)
            return
        client.environ  # noqa: B018 - the library forgets it after this event

        async def tell() -> None:
            client.left = True
            try:
                await awaited(handler(client.sid, reason, details))
            finally:
                state.clients.remove(client)

        self._jobs.put(tell, ())

    def _ask_hook(self, request: Asked, steps: list[Step]) -> None:
        async def ask() -> None:
            try:
                for function, meaning in steps:
                    if not meaning(request, await awaited(function(request.environ))):
                        return
                request.proceed()
            except Exception as failure:
                self._failed(failure)
                request.refuse()
            except BaseException:
                request.refuse()
                raise

        assert self._jobs is not None
        self._jobs.put(ask, ())

    def _on_http(self, view: Any) -> None:
        request, number = _http.read_request(view), view.http

        async def answer() -> None:
            result: Any = None
            try:
                if self._http_handler is not None:
                    result = await awaited(self._http_handler(request))
                _http.respond(number, result)
            except Exception:
                _http.respond(number, _http.FAILED)
                raise

        assert self._jobs is not None
        self._jobs.put(answer, ())
