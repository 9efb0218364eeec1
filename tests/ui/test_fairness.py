"""Who may run a script now."""

from __future__ import annotations

import asyncio

import pytest

from genmod.ui import fairness
from genmod.ui.fairness import Address, Bucket, Turns, Usage, Visitor


def visitor(used: float = 0.0) -> Visitor:
    """Somebody who has used that much lately."""
    one = Visitor(Address("here", Bucket(100, 100)), Bucket(40, 5))
    one.usage.add(used)
    return one


def test_a_bucket_gives_its_burst_at_once_and_then_its_rate() -> None:
    clock = [0.0]
    bucket = Bucket(3, 2, lambda: clock[0])
    assert [bucket.take() for _ in range(5)] == [0, 0, 0, 0.5, 1.0]
    clock[0] = 10
    assert [bucket.take() for _ in range(4)] == [0, 0, 0, 0.5]


def test_usage_fades() -> None:
    clock = [0.0]
    usage = Usage(lambda: clock[0])
    usage.add(10)
    clock[0] = fairness.MEMORY
    assert usage.now() == pytest.approx(3.68, abs=0.01)


def test_nobody_waits_while_there_is_room_and_then_whoever_used_least_comes_first() -> None:
    async def scene() -> list[str]:
        turns, order = Turns(2, 2), []
        first, second = visitor(), visitor()
        await turns.take(first)
        await turns.take(second)

        async def wait(name: str, one: Visitor) -> None:
            await turns.take(one)
            order.append(name)
            turns.end(one)

        waiting = [
            asyncio.create_task(wait(name, visitor(used))) for name, used in (("much", 9), ("some", 3), ("none", 0))
        ]
        await asyncio.sleep(0.01)
        assert order == []
        turns.end(first)
        await asyncio.gather(*waiting)
        return order

    assert asyncio.run(scene()) == ["none", "some", "much"]


def test_those_who_ask_much_leave_room() -> None:
    async def scene() -> None:
        turns = Turns(3, 1)
        await turns.take(visitor(fairness.HEAVY + 5))
        heavy = asyncio.create_task(turns.take(visitor(fairness.HEAVY + 5)))
        await asyncio.sleep(0.01)
        assert not heavy.done()
        await asyncio.wait_for(turns.take(visitor()), 0.5)
        heavy.cancel()

    asyncio.run(scene())


def test_whoever_interrupts_their_own_script_for_ever_gives_the_turn_back() -> None:
    async def scene() -> None:
        turns, greedy = Turns(1, 1), visitor()
        await turns.take(greedy)
        await turns.take(greedy)  # nobody waits: a slider that is dragged replaces what it began
        other = asyncio.create_task(turns.take(visitor()))
        await asyncio.sleep(0.01)
        again = asyncio.create_task(turns.take(greedy))
        await asyncio.wait_for(other, fairness.LONGEST + 1)
        assert not again.done()
        again.cancel()

    asyncio.run(scene())


def test_who_gives_up_waiting_keeps_nobody_waiting() -> None:
    async def scene() -> None:
        turns, first = Turns(1, 1), visitor()
        await turns.take(first)
        leaving = asyncio.create_task(turns.take(visitor()))
        staying = asyncio.create_task(turns.take(visitor(5)))
        await asyncio.sleep(0.01)
        leaving.cancel()
        turns.end(first)
        await asyncio.wait_for(staying, 0.5)

    asyncio.run(scene())


def test_coming_again_and_again_gives_no_precedence() -> None:
    address = Address("there", Bucket(100, 100))
    many = [Visitor(address, Bucket(40, 5)) for _ in range(100)]
    assert many[0].usage.now() == 0 and many[-1].usage.now() > 9
