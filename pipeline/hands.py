"""Who does the work of a batch, and that nobody else does it at the same time in the same folder."""

from __future__ import annotations

import os
import shutil
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, Protocol

from pipeline.cache import ASIDE
from pipeline.errors import LuoshiError


class Hands(Protocol):
    """Who does the work: this process, several, or a cluster."""

    chunk: int  # towns that are handed over at once

    def each(self, function: Callable, tasks: Sequence) -> Iterator[tuple[int, Any]]:
        """(index of the task, what the function makes of it), in any order."""


class Portable(Protocol):
    """A task that can be done where our folders are not: it says what it reads and what it leaves behind."""

    def reads(self) -> tuple[Path, ...]: ...

    def leaves(self) -> tuple[Path, ...]:
        """Files that it may write, in an order that does not depend on where it is done."""

    def moved(self, place: Callable[[Path], Path]) -> "Portable":
        """The same task with every path of it somewhere else."""


class Processes:
    """The processes of this machine, started when there is work for more than one."""

    chunk = 4
    _tries = 3

    def __init__(self, jobs: int):
        self._jobs = jobs

    def each(self, function: Callable, tasks: Sequence) -> Iterator[tuple[int, Any]]:
        """A process that dies (memory runs out, somebody kills it) takes none of the others' results with it: what is left is begun again.

        Raises LuoshiError where that happens three times without anything done.
        """
        left, tries = dict(enumerate(tasks)), 0
        if min(self._jobs, len(tasks)) < 2:
            for index, task in left.items():
                yield index, function(task)
            return
        from concurrent.futures import ProcessPoolExecutor, as_completed
        from concurrent.futures.process import BrokenProcessPool

        while left:
            done = 0
            with ProcessPoolExecutor(min(self._jobs, len(left)), initializer=_attend, initargs=(os.getpid(),)) as pool:
                waiting = {pool.submit(function, task): index for index, task in left.items()}
                try:
                    for future in as_completed(waiting):
                        index = waiting[future]
                        result = future.result()
                        del left[index]
                        done += 1
                        yield index, result
                except BrokenProcessPool:
                    pass
                except BaseException:  # Ctrl-C, or nobody wants the rest: what has not begun does not begin
                    pool.shutdown(wait=False, cancel_futures=True)
                    raise
            tries = 0 if done else tries + 1
            if tries == self._tries:
                raise LuoshiError("工作进程一再中途退出（多半是内存不够）；请用 --jobs 1 再试，已核对的不会重做")


_LOCKS: list = []  # open files that hold a folder for this process


def _attend(parent: int) -> None:
    """In a new worker: what its parent holds is not its own, and without a parent it ends, so that a killed run leaves nobody behind."""
    for lock in _LOCKS:
        lock.close()

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(0.5)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


class Alone:
    """Holds a folder for one run; what an earlier one left half written is swept out. A killed run holds nothing."""

    def __init__(self, folder: Path):
        self._folder = folder

    def __enter__(self) -> None:
        self._lock = (self._folder / ".lock").open("a")
        _LOCKS.append(self._lock)
        try:
            import fcntl

            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except ImportError:
            pass  # no such locks on this system
        except OSError as error:
            self.__exit__()
            raise LuoshiError(f"{self._folder}：另一次核对正在写这个文件夹；请等它结束，或换一个 --out") from error
        for left in sorted(self._folder.rglob(f".*{ASIDE}")):
            left.unlink(missing_ok=True)
        for left in sorted(self._folder.glob(".zip-*")):
            shutil.rmtree(left, ignore_errors=True)

    def __exit__(self, *error: object) -> None:
        _LOCKS.remove(self._lock)
        self._lock.close()
