"""A Dask cluster gives the bytes of a run on one machine, also where a worker is killed in the middle."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner
from plans import write_small_city

from pipeline import batch, cli, cluster, project
from pipeline.errors import LuoshiError

distributed = pytest.importorskip("distributed")


@pytest.fixture()
def province(tmp_path, monkeypatch) -> Path:
    """Ten towns; chunks of one, so that there is a middle."""
    monkeypatch.setattr(cluster.Cluster, "chunk", 1)
    monkeypatch.setattr(batch, "PART", 3)
    folder = tmp_path / "鹤 城"
    write_small_city(folder)
    for number in range(8):
        (folder / f"镇{number}.txt").write_text((folder / "luwei.txt").read_text(encoding="utf-8").replace("30户", f"{30 + number}户"), encoding="utf-8")
    batch.run_project(project.load(folder, tmp_path / "alone"), batch.Processes(1), lambda text: None).__next__()
    return folder


def written(folder: Path) -> dict[str, bytes]:
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file() and not p.name.startswith(".") and not p.parent.name.startswith("run-")}


def test_two_workers_write_the_bytes_of_one_process(province, tmp_path):
    with cluster.Cluster("local", 2) as hands:
        list(batch.run_project(project.load(province, tmp_path / "out"), hands, lambda text: None))
    assert written(tmp_path / "out") == written(tmp_path / "alone") and len(written(tmp_path / "out")) > 30


@pytest.mark.skipif(sys.platform == "win32", reason="no kill -9 there")
def test_a_worker_killed_in_the_middle_changes_no_byte(province, tmp_path):
    killed: list[int] = []
    with cluster.Cluster("local", 2) as hands:
        def say(text: str) -> None:
            if not killed:
                killed.append(next(iter(hands._client.run(os.getpid).values())))
                os.kill(killed[0], signal.SIGKILL)

        list(batch.run_project(project.load(province, tmp_path / "out"), hands, say))
    assert killed and written(tmp_path / "out") == written(tmp_path / "alone")


@pytest.mark.skipif(sys.platform == "win32", reason="no kill -9 there")
def test_through_a_store_the_bytes_are_the_same_also_where_a_worker_is_killed(province, tmp_path):
    killed: list[int] = []
    with cluster.Cluster("local", 2, f"file://{tmp_path}/store") as hands:
        def say(text: str) -> None:
            if not killed:
                killed.append(next(iter(hands._client.run(os.getpid).values())))
                os.kill(killed[0], signal.SIGKILL)

        list(batch.run_project(project.load(province, tmp_path / "out"), hands, say))
    assert killed and written(tmp_path / "out") == written(tmp_path / "alone") and len(written(tmp_path / "out")) > 30
    assert not [p for p in (tmp_path / "store").rglob("*") if p.is_file()], "what was left in the store is of no use to anybody"


def test_a_worker_with_a_store_needs_none_of_our_folders(tmp_path):
    """The work is done after the folder of plans has gone, and while the folder of results is not there."""
    folder, away, kept = tmp_path / "鹤 城", tmp_path / "away", tmp_path / "kept"
    write_small_city(folder)
    (city,) = project.load(folder).cities
    plan = batch._plan(city, tmp_path / "out", batch._line(None), None, tmp_path, None)
    chunk = batch._Chunk(plan.duty, kept, plan.parts[0].towns)

    def hands(function, tasks):
        folder.rename(away)
        result = function(tasks[0])
        assert not kept.exists()
        yield 0, result

    depot = cluster._Depot("memory://luoshi/test")
    assert list(depot.each(batch._judge_some, [chunk], hands)) == [(0, [])]
    left = [path for path in chunk.leaves() if path.is_file()]
    assert len(left) == len(chunk.towns) > 1 and not depot._files.find("/luoshi/test")
    found = [path.read_bytes() for path in left]
    away.rename(folder)
    batch._judge_some(chunk)
    assert [path.read_bytes() for path in left] == found


def test_a_store_that_cannot_be_used_is_said(tmp_path):
    with pytest.raises(LuoshiError, match="用不了"):
        cluster._Depot("nothing://here")
    said = CliRunner().invoke(cli.main, ["batch", str(tmp_path), "--store", "memory://x"])
    assert said.exit_code == 2 and "--scheduler" in said.stderr


def test_a_scheduler_that_does_not_answer_is_said():
    with pytest.raises(LuoshiError, match="连不上"):
        cluster.Cluster("tcp://127.0.0.1:9", 1)


def test_the_command_runs_on_a_cluster_of_this_machine(province, tmp_path):
    said = CliRunner().invoke(cli.main, ["batch", str(province), "--out", str(tmp_path / "out"), "--scheduler", "local", "--jobs", "1"])
    assert said.exit_code == 0 and "鹤 城" in said.stdout
