"""The work of a batch on a Dask cluster: the extra [scale].

Workers read the plans and write the results themselves, under the same paths as here: a cluster of several machines needs the folders of plans, rules and results
on storage that all of them mount. Every task can be done twice without harm (results are written aside and renamed, under names that depend on content alone), so a
task whose worker is lost is simply given to another one.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from pipeline.errors import LuoshiError


class Cluster:
    """Hands of a scheduler (`tcp://host:8786`), or of a cluster of this machine's processes (`local`). A context manager: at its end a local cluster is gone.

    Raises LuoshiError where Dask is not installed or nobody answers.
    """

    chunk = 100  # towns that are handed over at once: less costs more in messages than it gains
    _lost = 5  # workers that a task may lose before it counts as their murderer

    def __init__(self, scheduler: str, jobs: int):
        if importlib.util.find_spec("distributed") is None:
            raise LuoshiError("--scheduler 需要 Dask；安装：pip install 'luoshi[scale]'")
        import dask
        from distributed import Client, LocalCluster

        dask.config.set({"distributed.scheduler.allowed-failures": self._lost})
        self._local = None
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
        """As `batch.Hands`."""
        from distributed import KilledWorker, as_completed

        waiting = {self._client.submit(function, task, pure=False, retries=self._lost): index for index, task in enumerate(tasks)}
        try:
            for future in as_completed(list(waiting)):
                yield waiting[future], future.result()
        except KilledWorker as error:
            raise LuoshiError(f"集群上有一项工作接连使{self._lost}个工作进程退出（多半是内存不够）；请给工作进程更多内存再试，已核对的不会重做") from error
        finally:
            self._client.cancel(list(waiting))
