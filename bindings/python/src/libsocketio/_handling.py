"""Events and replies, as servers and clients have them in common."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any, Callable

from . import _ffi
from ._errors import reached
from ._events import NO_RELEASE, Slot, free_slot, take_slot, trampoline
from ._json import Codec, pack
from ._library import quick
from ._listeners import Steps
from ._native import emit_options, read_attachments, text_of

Handler = Callable[..., Any]

#: What becomes of an event that nobody is to reply to.
NO_REPLY: Any = object()


class Handling(ABC):
    """What does not depend on how handlers are run, nor on who is at the other end."""

    _codec: Codec
    _logger: Any

    # --- how handlers are run

    @abstractmethod
    def _run_steps(self, steps: Steps) -> Any:
        """Makes calls one after the other, and returns the result of the whole."""

    @abstractmethod
    def _call_back(self, callback: Handler, args: list[Any]) -> None:
        """Calls a function of the application's, whose result is nobody's."""

    @abstractmethod
    def _fatal(self, failure: BaseException) -> None:
        """Deals with SystemExit and KeyboardInterrupt from a handler."""

    # --- what comes

    def _failed(self, failure: BaseException) -> None:
        """Logs what a handler raised, and goes on."""
        if not isinstance(failure, Exception):
            self._fatal(failure)
            return
        self._logger.error("an exception in a handler", exc_info=failure)

    def _guarded(self, slot: Slot) -> Slot:
        """A slot whose exceptions are dealt with."""

        def guarded(view: Any) -> None:
            try:
                slot(view)
            except BaseException as failure:
                self._failed(failure)

        return guarded

    def _prepared(self, handler: Handler) -> Any:
        """What the table of handlers keeps for a handler."""
        return handler

    def _arguments(self, view: Any) -> list[Any]:
        """The arguments of an event."""
        text = view.args
        if not text:
            return []
        if view.attachment_count:
            result: list[Any] = self._codec.decode(text, read_attachments(view))
        else:
            result = self._codec.loads(text.decode())
        return result

    # --- what goes

    def _reply(self, ack: int, result: Any) -> None:
        """Replies to an event with what its handler returned."""
        if result is NO_REPLY:
            return
        payload, attachments = self._codec.encode(pack(result))
        options = emit_options(0, attachments)
        status = quick.sio_reply(_ffi.sio_ack(ack), text_of(payload), options)
        if status:
            reached(status)

    def _await_ack(
        self,
        function: Callable[..., int],
        *whom: Any,
        payload: bytes,
        options: Any,
        timeout_ms: int,
        answered: Callable[[int, list[Any]], None],
    ) -> int:
        """Emits with one of the functions that want an ack; its status.

        `answered` is called once, if that is SIO_OK.
        """

        def ack(view: Any) -> None:
            free_slot(number)
            status = view.status
            answered(status, self._arguments(view) if status == _ffi.SIO_OK else [])

        number = take_slot(self._guarded(ack))
        text = text_of(payload)
        status = function(*whom, text, options, timeout_ms, trampoline, number, NO_RELEASE)
        if status:
            free_slot(number)
        return status

    def _if_ok(self, callback: Handler) -> Callable[[int, list[Any]], None]:
        """Calls a callback with a reply, and not if there is none."""

        def answered(status: int, args: list[Any]) -> None:
            if status == _ffi.SIO_OK:
                self._call_back(callback, args)

        return answered
