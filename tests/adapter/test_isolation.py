"""Killable workers: a hostile item is reported, its neighbours are handled, nobody is left."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import psutil

from infra.isolation import Crashed, IsolationError, OutOfMemory, TimedOut, Workers


HERE = "tests.adapter.isolated_work"


@asynccontextmanager
async def workers(function: str = "work", **options) -> AsyncIterator[Workers]:
    pool = Workers(f"{HERE}:{function}", **{"deadline": 20.0, "memory": 1 << 29} | options)
    try:
        yield pool
    finally:
        await pool.close()


def children() -> list[psutil.Process]:
    found = psutil.Process().children(recursive=True)
    return [one for one in found if "infra.isolated" in " ".join(one.cmdline())]


async def test_results_come_back_in_the_order_of_the_items():
    async with workers() as pool:
        items = [f"echo {number}".encode() for number in range(500)]
        assert await pool.run(items) == items


async def test_an_empty_batch_starts_no_process():
    async with workers() as pool:
        assert await pool.run([]) == []
        assert not children()


async def test_one_hanging_item_is_reported_and_its_neighbours_are_handled():
    async with workers(count=1, deadline=3.0) as pool:
        results = await pool.run([b"echo a", b"hang", b"echo b"])
    assert results[::2] == [b"echo a", b"echo b"]
    assert isinstance(results[1], TimedOut)
    assert results[1].code == "isolated.timeout"


async def test_an_item_that_kills_its_process_is_reported_and_its_neighbours_are_handled():
    async with workers(count=1) as pool:
        results = await pool.run([b"echo a", b"die", b"echo b"])
    assert results[::2] == [b"echo a", b"echo b"]
    assert isinstance(results[1], Crashed)
    assert results[1].code == "isolated.crashed"


async def test_an_item_that_eats_memory_is_reported_and_its_neighbours_are_handled():
    async with workers(count=1) as pool:
        results = await pool.run([b"echo a", b"eat", b"echo b"])
    assert results[::2] == [b"echo a", b"echo b"]
    assert isinstance(results[1], OutOfMemory)
    assert results[1].code == "isolated.memory"


async def test_an_exception_is_a_result_of_its_item_alone():
    async with workers(count=1) as pool:
        results = await pool.run([b"fail", b"echo b"])
    assert isinstance(results[0], IsolationError)
    assert "no such luck" in str(results[0])
    assert results[1] == b"echo b"


async def test_an_item_killed_by_what_its_neighbour_left_behind_gets_a_second_try():
    async with workers(count=1) as pool:
        results = await pool.run([b"mine", b"step"])
    assert results == [b"mine", b"step"]


async def test_what_a_library_prints_is_not_taken_for_a_result():
    async with workers(count=1) as pool:
        assert await pool.run([b"print", b"echo b"]) == [b"print", b"echo b"]


async def test_big_items_and_big_results_do_not_make_both_sides_wait_for_each_other():
    big = b"echo " + bytes(3 << 20)
    async with workers(count=1, deadline=20.0) as pool:
        assert await pool.run([big, b"echo a", big, b"echo b"]) == [big, b"echo a", big, b"echo b"]


async def test_the_setup_is_called_once_with_its_argument():
    async with workers("prefixed", setup=f"{HERE}:set_prefix", argument=b"hello ") as pool:
        assert await pool.run([b"a", b"b"]) == [b"hello a", b"hello b"]


async def test_a_worker_that_cannot_start_fails_its_items_and_not_the_pool():
    async with workers("nothing_of_that_name") as pool:
        (result,) = await pool.run([b"a"])
    assert isinstance(result, Crashed)


async def test_the_event_loop_is_never_held_up_by_a_hanging_item():
    worst = 0.0

    async def watch() -> None:
        nonlocal worst
        while True:
            before = time.perf_counter()
            await asyncio.sleep(0.005)
            worst = max(worst, time.perf_counter() - before - 0.005)

    async with workers(deadline=3.0) as pool:
        await pool.run([b"echo warm"])
        task = asyncio.create_task(watch())
        await pool.run([b"hang", b"echo " + bytes(8 << 20), b"echo b"])
        task.cancel()
    assert worst < 1.0  # the machine is shared; alone it is below 0.02


async def test_closing_leaves_no_process():
    async with workers(deadline=30.0) as pool:  # no busy machine shall end them before
        assert await pool.run([b"echo a", b"echo b"]) == [b"echo a", b"echo b"]
        assert children()
    assert not children()


async def test_a_worker_of_a_large_hub_is_used_again():
    ballast = bytearray(400 << 20)
    ballast[::4096] = b"x" * len(ballast[::4096])
    async with workers(count=1, deadline=30.0) as pool:
        await pool.run([b"echo a"])
        (first,) = children()
        await pool.run([b"echo b"])
        assert children() == [first]
    del ballast


async def test_cancelling_a_batch_kills_what_it_was_running():
    async with workers(deadline=60.0) as pool:
        task = asyncio.create_task(pool.run([b"hang", b"hang"]))
        await asyncio.sleep(1.0)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        assert not children()


def test_a_worker_busy_with_a_hanging_item_dies_with_its_parent():
    script = (
        "import asyncio\nfrom infra.isolation import Workers\n"
        f"asyncio.run(Workers('{HERE}:work', count=1).run([b'pid', b'hang']))\n"
    )
    parent = subprocess.Popen([sys.executable, "-c", script], stderr=subprocess.PIPE, text=True)
    try:
        worker = int(parent.stderr.readline())
        parent.send_signal(signal.SIGKILL)
        parent.wait()
        for _ in range(100):
            if not psutil.pid_exists(worker) or (
                psutil.Process(worker).status() == psutil.STATUS_ZOMBIE
            ):
                break
            time.sleep(0.05)
        else:
            os.kill(worker, signal.SIGKILL)
            raise AssertionError("the worker outlived its parent")
    finally:
        parent.kill()
        parent.stderr.close()
