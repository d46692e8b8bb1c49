"""How coroutine handlers are run, without a network."""

import asyncio
import contextvars

import pytest

from libsocketio._jobs import Jobs

VARIABLE = contextvars.ContextVar("VARIABLE", default="none")


class World:
    """Jobs, and what became of them."""

    def __init__(self):
        self.replies = []
        self.failures = []
        loop = asyncio.get_running_loop()
        self.jobs = Jobs(loop, lambda ack, value: self.replies.append((ack, value)), self.fail)

    def fail(self, error):
        self.failures.append(error)

    async def settle(self):
        """Lets everything run that can."""
        for _ in range(40):
            await asyncio.sleep(0)


def in_loop(test):
    """Runs an async test with a world."""

    def wrapper():
        async def main():
            world = World()
            await test(world)
            await world.jobs.close(1)

        asyncio.run(asyncio.wait_for(main(), 20))

    wrapper.__name__ = test.__name__
    return wrapper


@in_loop
async def test_results_become_replies(world):
    async def double(x):
        return 2 * x

    async def slow(x):
        await asyncio.sleep(0.001)
        return 3 * x

    world.jobs.put(double, (1,), 1)
    world.jobs.put(double, (1,))
    world.jobs.put(lambda x: x, ("plain",), 2)
    world.jobs.put(slow, (1,), 3)
    while len(world.replies) < 3:
        await asyncio.sleep(0.001)
    assert world.replies == [(1, 2), (2, "plain"), (3, 3)]


@in_loop
async def test_they_start_in_order_and_wait_at_the_same_time(world):
    order = []
    gate = asyncio.Event()

    async def handler(number):
        order.append(number)
        await gate.wait()
        order.append(number + 100)

    for number in range(50):
        world.jobs.put(handler, (number,))
    await world.settle()
    assert order == list(range(50))
    gate.set()
    await world.settle()
    assert sorted(order[50:]) == [number + 100 for number in range(50)]


@in_loop
async def test_failures_are_reported_and_others_go_on(world):
    async def fails(wait):
        if wait:
            await asyncio.sleep(0)
        raise KeyError("on purpose")

    async def works():
        return "fine"

    world.jobs.put(fails, (False,), 1)
    world.jobs.put(fails, (True,), 2)
    world.jobs.put(lambda: 1 / 0, (), 3)
    world.jobs.put(works, (), 4)
    await world.settle()
    assert sorted(type(error).__name__ for error in world.failures) == [
        "KeyError",
        "KeyError",
        "ZeroDivisionError",
    ]
    assert world.replies == [(4, "fine")]


@in_loop
async def test_each_has_a_context_of_its_own(world):
    seen = []

    async def handler(value, wait):
        seen.append(VARIABLE.get())
        VARIABLE.set(value)
        if wait:
            await asyncio.sleep(0)
        assert VARIABLE.get() == value

    for wait in (False, True, False):
        world.jobs.put(handler, (f"set {wait}", wait))
    await world.settle()
    assert seen == ["none"] * 3
    assert world.failures == []
    assert VARIABLE.get() == "none"


@in_loop
async def test_a_handler_has_one_task_from_start_to_end(world):
    async def handler():
        first = asyncio.current_task()
        assert first is not None
        await asyncio.sleep(0.001)
        assert asyncio.current_task() is first
        with pytest.raises(asyncio.TimeoutError):
            await asyncio.wait_for(asyncio.sleep(20), 0.01)
        if hasattr(asyncio, "timeout"):
            with pytest.raises(asyncio.TimeoutError):
                async with asyncio.timeout(0.01):
                    await asyncio.sleep(20)
        if hasattr(asyncio, "TaskGroup"):
            async with asyncio.TaskGroup() as group:
                group.create_task(asyncio.sleep(0))
        await asyncio.gather(asyncio.sleep(0), asyncio.sleep(0.001))
        return "fine"

    for ack in (1, 2, 3):
        world.jobs.put(handler, (), ack)
    while len(world.replies) + len(world.failures) < 3:
        await asyncio.sleep(0.001)
    assert world.failures == []
    assert world.replies == [(1, "fine"), (2, "fine"), (3, "fine")]


@in_loop
async def test_exceptions_thrown_into_a_waiting_handler_arrive(world):
    future = asyncio.get_running_loop().create_future()

    async def handler():
        try:
            await future
        except ZeroDivisionError:
            await asyncio.sleep(0)
            return "caught"

    world.jobs.put(handler, (), 1)
    await world.settle()
    future.set_exception(ZeroDivisionError())
    await world.settle()
    assert world.replies == [(1, "caught")]


@in_loop
async def test_a_cancelled_handler_ends_alone(world):
    tasks = []

    async def waits():
        tasks.append(asyncio.current_task())
        await asyncio.sleep(20)

    async def swallows():
        asyncio.current_task().cancel()
        try:
            await asyncio.sleep(20)
        except asyncio.CancelledError:
            return "swallowed"

    async def works():
        await asyncio.sleep(0)
        return "fine"

    world.jobs.put(waits, ())
    await world.settle()
    tasks[0].cancel()
    world.jobs.put(swallows, (), 1)
    for ack in range(2, 6):
        world.jobs.put(works, (), ack)
    await world.settle()
    assert sorted(world.replies) == [(1, "swallowed")] + [(ack, "fine") for ack in range(2, 6)]


@in_loop
async def test_few_workers_do_it(world):
    async def quick():
        pass

    for _ in range(5):
        for _ in range(200):
            world.jobs.put(quick, ())
        await world.settle()
    assert len(world.jobs._workers) == 1


@in_loop
async def test_jobs_of_jobs(world):
    async def handler(depth):
        if depth:
            world.jobs.put(handler, (depth - 1,), depth)
            await asyncio.sleep(0)
        return depth

    world.jobs.put(handler, (30,))
    for _ in range(10):
        await world.settle()
    assert len(world.replies) == 30


@in_loop
async def test_futures_and_other_awaitables(world):
    future = asyncio.get_running_loop().create_future()
    world.jobs.put(lambda: future, (), 1)
    await world.settle()
    future.set_result("later")
    await world.settle()
    assert world.replies == [(1, "later")]


def test_close_waits_then_cancels():
    async def main():
        world = World()
        ended = []

        async def handler(seconds):
            try:
                await asyncio.sleep(seconds)
                ended.append("slept")
            except asyncio.CancelledError:
                ended.append("cancelled")
                raise

        world.jobs.put(handler, (0.01,))
        world.jobs.put(handler, (20,))
        await world.settle()
        await world.jobs.close(0.2)
        assert ended == ["slept", "cancelled"]
        assert not world.jobs._workers

    asyncio.run(asyncio.wait_for(main(), 20))


class Cork:
    """A runtime, as far as jobs know one."""

    def __init__(self):
        self.log = []

    def cork(self):
        self.log.append("cork")

    def uncork(self):
        self.log.append("uncork")


@in_loop
async def test_what_handlers_emit_in_a_row_leaves_together(world):
    world.jobs.runtime = cork = Cork()
    for number in range(3):
        world.jobs.put(cork.log.append, (number,))
    await world.settle()
    assert cork.log == ["cork", 0, 1, 2, "uncork"]


@in_loop
async def test_what_one_handler_emits_leaves_at_once(world):
    world.jobs.runtime = cork = Cork()
    for number in range(2):
        world.jobs.put(cork.log.append, (number,))
        await world.settle()
    assert cork.log == [0, 1]


@in_loop
async def test_nothing_is_held_back_while_a_handler_waits(world):
    world.jobs.runtime = cork = Cork()
    go_on = asyncio.Event()

    async def wait(number):
        cork.log.append(number)
        await go_on.wait()

    for number in range(2):
        world.jobs.put(wait, (number,))
    await world.settle()
    assert cork.log == ["cork", 0, "uncork", 1]
    go_on.set()
    await world.settle()
    assert cork.log == ["cork", 0, "uncork", 1]


@in_loop
async def test_nothing_is_held_back_by_a_worker_that_ends(world):
    world.jobs.runtime = cork = Cork()

    def end():
        raise asyncio.CancelledError

    world.jobs.put(end, ())
    world.jobs.put(cork.log.append, (1,))
    await world.settle()
    assert cork.log == ["cork", "uncork", 1]
