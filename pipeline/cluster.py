"""The work of a batch on a Dask cluster: the extra [scale].

Without a store, workers read the plans and write the results themselves, under the same paths as here: a cluster of several machines needs the folders of plans, rules and
results on storage that all of them mount. With a store (any address that fsspec knows: `s3://bucket/prefix`), plans go to the workers and results come back through it,
nothing is mounted, and reports are written here. Every task can be done twice without harm (results are written aside and renamed, under names that depend on content
alone), so a task whose worker is lost is simply given to another one.
"""

from __future__ import annotations

import atexit
import hashlib
import importlib.util
import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from pipeline.cache import write_aside
from pipeline.errors import LuoshiError
from pipeline.hands import Portable, Processes


class Cluster:
    """Hands of a scheduler (`tcp://host:8786`), or of a cluster of this machine's processes (`local`). A context manager: at its end a local cluster is gone.

    Raises LuoshiError where Dask is not installed or nobody answers.
    """

    chunk = 100  # towns that are handed over at once: less costs more in messages than it gains
    _lost = 5  # workers that a task may lose before it counts as their murderer

    def __init__(self, scheduler: str, jobs: int, store: str | None = None):
        if importlib.util.find_spec("distributed") is None:
            raise LuoshiError("--scheduler 需要 Dask；安装：pip install 'luoshi[scale]'")
        import dask
        from distributed import Client, LocalCluster

        dask.config.set({"distributed.scheduler.allowed-failures": self._lost})
        self._local, self._jobs = None, jobs
        self._depot = _Depot(store) if store else None
        try:
            if scheduler == "local":
                self._local = LocalCluster(n_workers=jobs, threads_per_worker=1, processes=True, dashboard_address=None, silence_logs=50)
            self._client = Client(self._local or scheduler, timeout=10)
        except (OSError, TimeoutError, ValueError) as error:
            raise LuoshiError(f"--scheduler {scheduler}：连不上（{error}）；请写成 tcp://主机:8786，或写 local") from error

    def __enter__(self) -> "Cluster":
        return self

    def __exit__(self, *error: object) -> None:
        self._client.close()
        if self._local is not None:
            self._local.close()

    def each(self, function: Callable, tasks: Sequence) -> Iterator[tuple[int, Any]]:
        """As `batch.Hands`. With a store, tasks that cannot be done elsewhere are done here."""
        if self._depot is None:
            yield from self._each(function, tasks)
        elif tasks and hasattr(tasks[0], "moved"):
            yield from self._depot.each(function, tasks, self._each)
        else:
            yield from Processes(self._jobs).each(function, tasks)

    def _each(self, function: Callable, tasks: Sequence) -> Iterator[tuple[int, Any]]:
        from distributed import KilledWorker, as_completed

        waiting = {self._client.submit(function, task, pure=False, retries=self._lost): index for index, task in enumerate(tasks)}
        try:
            for future in as_completed(list(waiting)):
                yield waiting[future], future.result()
        except KilledWorker as error:
            raise LuoshiError(f"集群上有一项工作接连使{self._lost}个工作进程退出（多半是内存不够）；请给工作进程更多内存再试，已核对的不会重做") from error
        finally:
            self._client.cancel(list(waiting))


class _Depot:
    """A place in an object store through which tasks and what they leave go; empty again at the end of each round of tasks.

    Raises LuoshiError where fsspec cannot use the address.
    """

    def __init__(self, address: str):
        self._address = address.rstrip("/")
        try:
            self._files = _files(self._address)
            for part in ("read", "left"):
                self._files.makedirs(f"{self._address}/{part}", exist_ok=True)
        except Exception as error:  # of whatever library stands behind the address
            raise LuoshiError(f"--store {address}：用不了（{error}）；请写成 s3://桶/前缀 一类的地址，并安装对应的库（如 pip install s3fs）") from error

    def each(self, function: Callable, tasks: Sequence[Portable], hands: Callable[[Callable, Sequence], Iterator[tuple[int, Any]]]) -> Iterator[tuple[int, Any]]:
        put: dict[Path, str] = {}
        for path in dict.fromkeys(path for task in tasks for path in task.reads()):
            try:
                content = path.read_bytes()
            except OSError:
                continue  # the worker will not find it either, and says so
            put[path] = f"{self._address}/read/{hashlib.sha256(content).hexdigest()}"
            self._files.pipe_file(put[path], content)
        try:
            for index, result in hands(_elsewhere, [(self._address, function, task, {path: put[path] for path in task.reads() if path in put}) for task in tasks]):
                for path in tasks[index].leaves():
                    if self._files.exists(_left(self._address, path)):
                        write_aside(path, self._files.cat_file(_left(self._address, path)))
                yield index, result
        finally:
            for address in (*put.values(), *(_left(self._address, path) for task in tasks for path in task.leaves())):
                if self._files.exists(address):
                    self._files.rm_file(address)


def _left(address: str, path: Path) -> str:
    return f"{address}/left/{hashlib.sha256(str(path).encode()).hexdigest()}"


def _elsewhere(task: tuple[str, Callable, Portable, dict[Path, str]]) -> Any:
    """On a worker: fetch what a task reads, do it in folders of our own, and leave what it wrote in the store."""
    address, function, given, objects = task
    files = _files(address)
    for path, source in objects.items():
        if not _fetched(path, source).exists():
            write_aside(_fetched(path, source), files.cat_file(source))
    with tempfile.TemporaryDirectory(prefix="luoshi-left-") as folder:
        moved = given.moved(lambda path: _fetched(path, objects[path]) if path in objects else Path(folder) / path.name)
        result = function(moved)
        for written, path in zip(moved.leaves(), given.leaves()):
            if written.exists():
                files.pipe_file(_left(address, path), written.read_bytes())
    for path in given.reads()[1:]:  # the first one serves all tasks
        if path in objects:
            _fetched(path, objects[path]).unlink(missing_ok=True)
    return result


def _fetched(path: Path, source: str) -> Path:
    return _fetched_into() / source.rpartition("/")[2] / path.name


@cache
def _fetched_into() -> Path:
    """A folder of this process, gone with it."""
    folder = tempfile.mkdtemp(prefix="luoshi-read-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return Path(folder)


def _files(address: str) -> Any:
    """The file system of an address, as fsspec knows it."""
    import fsspec

    return fsspec.core.url_to_fs(address)[0]
