"""A real scheduler and two workers on this computer; the jobs themselves are pretended, but for one."""

import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from cluster_worker_program import install_release, pretend, use
from distributed import Client, LocalCluster
from synthetic_project import fill

import mww_studio
from mww_studio.errors import Cancelled, StudioError
from mww_studio.jobs.cluster import ClusterPool
from mww_studio.jobs.cluster_worker import SentFile, keep, lacking
from mww_studio.jobs.planning import plan_training
from mww_studio.jobs.spec import TrainSpec
from mww_studio.jobs.tuning_records import TrialSpec
from mww_studio.presets import load_preset
from mww_studio.project.records import Split
from mww_studio.project.store import Project

pytestmark = pytest.mark.skipif(os.name != "posix", reason="stands in for the worker with a script")


@pytest.fixture(scope="module")
def places(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cluster")


@pytest.fixture(scope="module")
def cluster(places: Path) -> Iterator[LocalCluster]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(places / "cache"))
        with LocalCluster(
            n_workers=2,
            threads_per_worker=1,
            host="127.0.0.1",
            dashboard_address=None,
            worker_dashboard_address=None,
            local_directory=str(places),
        ) as made:
            yield made


@pytest.fixture
def on_workers(cluster: LocalCluster, places: Path) -> Iterator[Callable[..., Any]]:
    """Calls a function on every worker; on each, the pretended program stands in for Python."""
    with Client(cluster.scheduler_address, set_as_default=False) as client:
        program = pretend(places / "program", places)
        client.run(use, program)
        yield client.run


@pytest.fixture(scope="module")
def spec(places: Path) -> TrainSpec:
    with Project.create(places / "project", "kosita") as project:
        fill(project, takes=12, people=6, talks=4, talk_s=2.0)
        preset = load_preset("fast_test")
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("mww_studio.jobs.planning.MIN_OTHER_S", 1.0)
            return plan_training(project, preset, seed=0)


@pytest.fixture
def pool(cluster: LocalCluster, spec: TrainSpec, on_workers: object) -> Iterator[ClusterPool]:  # noqa: ARG001
    with ClusterPool(cluster.scheduler_address, spec.project) as made:
        yield made


def trial(spec: TrainSpec, seed: int) -> TrialSpec:
    checkpoint = spec.project / "runs" / "before" / "checkpoint.npz"
    checkpoint.parent.mkdir(parents=True, exist_ok=True)
    checkpoint.write_bytes(b"weights")
    training = spec.model_copy(update={"seed": seed, "start": "runs/before/checkpoint.npz"})
    return TrialSpec(training=training, target_per_hour=0.3, windows=(5,))


def folder_of(job: TrialSpec) -> Path:
    return job.training.project / "tuning" / "one" / "trials" / job.key


def test_jobs_are_done_on_both_workers_without_this_machines_paths(pool: ClusterPool, spec: TrainSpec) -> None:
    assert pool.slots == 2
    jobs = [trial(spec, seed) for seed in range(1, 5)]
    results = [pool.start(folder_of(job), job) for job in jobs]
    for job, future in zip(jobs, results, strict=True):
        folder = folder_of(job)
        assert future.result(timeout=120) == {"made": str(folder / "present.json"), "run": "x"}
        present, project, _ = json.loads((folder / "present.json").read_text(encoding="utf-8"))
        assert str(spec.project) not in (folder / "spec.json").read_text(encoding="utf-8")
        assert project == "."
        # The test side was not even sent.
        assert present == sorted(clip.path for clip in spec.clips if spec.splits[clip.id] is not Split.TEST)
        assert not (folder / "tensorboard").exists()


def test_a_whole_training_is_sent_its_test_side_too(pool: ClusterPool, spec: TrainSpec) -> None:
    folder = spec.project / "runs" / "seed-1"
    result = pool.start(folder, spec).result(timeout=120)
    present, _, _ = json.loads(Path(result["made"]).read_text(encoding="utf-8"))
    assert present == sorted(clip.path for clip in spec.clips)


def test_what_a_job_says_of_its_failure_comes_back(pool: ClusterPool, spec: TrainSpec) -> None:
    job = trial(spec, 13)
    with pytest.raises(StudioError) as caught:
        pool.start(folder_of(job), job).result(timeout=120)
    assert (caught.value.code, caught.value.why) == ("train.killed", "Why.")


def test_leaving_the_pool_stops_its_jobs(
    cluster: LocalCluster,
    spec: TrainSpec,
    places: Path,
    on_workers: object,  # noqa: ARG001
) -> None:
    job = trial(spec, 99)
    with ClusterPool(cluster.scheduler_address, spec.project) as pool:
        future = pool.start(folder_of(job), job)
        while not (pids := [path.name for path in places.iterdir() if path.name.isdigit()]):
            assert not future.done()
    with pytest.raises(Cancelled):
        future.result(timeout=60)
    while not (places / f"{pids[0]} stopped").exists():
        assert not future.cancelled()


def test_another_worker_does_what_a_lost_one_did_not_end(pool: ClusterPool, spec: TrainSpec) -> None:
    """The job ends its worker at the first try, as a machine without memory does; a nanny starts a new one."""
    job = trial(spec, 50)
    assert pool.start(folder_of(job), job).result(timeout=120)["run"] == "x"


def test_another_release_is_refused(pool: ClusterPool, spec: TrainSpec, on_workers: Callable[..., Any]) -> None:
    on_workers(install_release, "0.0.1")
    job = trial(spec, 7)
    try:
        with pytest.raises(StudioError, match=r"has the release 0\.0\.1") as caught:
            pool.start(folder_of(job), job).result(timeout=120)
    finally:
        on_workers(install_release, mww_studio.__version__)
    assert caught.value.code == "cluster.release"


def test_sound_that_is_not_there_is_named(pool: ClusterPool, spec: TrainSpec) -> None:
    paths = spec.preset.paths.model_copy(update={"extra_negatives": ("/nowhere/speech",)})
    preset = spec.preset.model_copy(update={"paths": paths})
    job = trial(spec.model_copy(update={"preset": preset}), 8)
    with pytest.raises(StudioError, match="/nowhere/speech"):
        pool.start(folder_of(job), job).result(timeout=120)


def test_no_scheduler_there(spec: TrainSpec, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mww_studio.jobs.cluster._CONNECT_S", 0.2)
    with pytest.raises(StudioError) as caught:
        ClusterPool("tcp://127.0.0.1:9", spec.project)
    assert caught.value.code == "cluster.unreachable"


def test_files_are_checked_as_they_come(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    file = SentFile("audio/a.wav", "0" * 64, 3)
    with pytest.raises(StudioError, match="damaged"):
        keep("corpus", (file,), (b"abc",))
    assert lacking("corpus", (file,)) == ("audio/a.wav",)
    for path in ("../a", "/etc/a", "a/../../b", "c:/a"):
        with pytest.raises(StudioError, match="is no place"):
            lacking("corpus", (SentFile(path, "", 0),))
