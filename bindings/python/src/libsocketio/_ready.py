"""What the functions of AsyncServer return that have nothing to wait for."""

from __future__ import annotations

from collections.abc import Coroutine, Generator, Iterator
from types import TracebackType
from typing import Any, NoReturn, TypeVar

T = TypeVar("T")


class Ready(Coroutine[Any, Any, T]):
    """A result that is there already; `await` gives it without suspending.

    An emit is done when the call returns: nothing is waited for. python-socketio
    has coroutines there, so that programs say `await sio.emit(...)`, or
    `asyncio.create_task(sio.emit(...))`: both work, and so does leaving the
    await out.
    """

    __slots__ = ("value",)

    def __init__(self, value: T) -> None:
        self.value = value

    def __await__(self) -> Generator[Any, Any, T]:
        return self.value
        yield  # makes it a generator

    def send(self, value: Any) -> NoReturn:
        """Ends at once, with the result."""
        raise StopIteration(self.value)

    def throw(
        self,
        typ: type[BaseException] | BaseException,
        val: Any = None,
        tb: TracebackType | None = None,
    ) -> NoReturn:
        """Raises what is thrown in: there is nothing that could catch it."""
        error = typ if isinstance(typ, BaseException) else typ() if val is None else val
        raise error.with_traceback(tb) if tb is not None else error

    def close(self) -> None:
        """Does nothing: there is nothing to close."""


class _Done(Ready[None]):
    """No result; awaited once or more for every event, so it makes no generator for that."""

    __slots__ = ()

    _ENDED: Iterator[Any] = iter(())

    def __await__(self) -> Generator[Any, Any, None]:
        return self._ENDED  # type: ignore[return-value] # await wants no more than an iterator


#: The result of everything that has none.
DONE: Ready[None] = _Done(None)
