"""The run folder: written, read, listed, locked, and read again when parts of it are gone."""

from __future__ import annotations

import errno
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import filelock
import numpy as np
import pytest

from genmod import kinds, runs
from genmod.datasets import MNIST_SHA256
from genmod.drawing import images
from genmod.errors import RunError, StoreError
from genmod.kinds import VAEConfig
from genmod.runs import Run, Status, Store
from genmod.system import files
from genmod.system.project import PROJECT

COLUMNS = ("epoch", "seconds", "loss")
FILES = (
    "config.json", "status.json", "history.csv", "samples/epoch-00001.png", "samples/reconstructions.png",
    "encoder.tflite", "decoder.tflite", "model.keras",
)  # fmt: skip


@pytest.fixture
def run(store: Store) -> Run:
    return store.create(VAEConfig(epochs=3), "first")


@pytest.fixture
def copied(store: Store, tiny_run: Run) -> Run:
    """A finished run of one's own, to be damaged."""
    shutil.copytree(tiny_run.path, store.root / "tiny")
    return Run(store.root / "tiny")


# A new run


def test_a_new_run_waits_and_knows_its_settings(store: Store, run: Run) -> None:
    assert run.status() == runs.Status(runs.QUEUED, "Waiting to start.")
    assert run.config() == VAEConfig(epochs=3)
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}\+00:00", run.created())
    assert store.runs() == [run]
    assert not run.usable()
    assert (run.history(), run.progress(), run.control(), run.sheet(), run.reconstructions()) == (
        [],
        {},
        {},
        None,
        None,
    )


def test_config_json_says_where_the_run_comes_from(run: Run) -> None:
    data = json.loads(run.file("config.json").read_text())
    assert data["format"] == kinds.FORMAT
    assert data["data"] == {"dataset": "mnist", "sha256": MNIST_SHA256, "images": 60_000, "classes": []}
    assert set(data["versions"]) == {"genmod", "python", "tensorflow", "keras", "numpy"}


def test_ids_are_fresh_and_safe(store: Store) -> None:
    ids = {store.new_id(VAEConfig()) for _ in range(200)}
    assert len(ids) == 200
    assert all(runs.store.ID.fullmatch(name) and name.startswith("vae-article-") for name in ids)


@pytest.mark.parametrize(
    "name",
    ["../x", "..", ".", "", "a/b", "a\\b", "A", "a b", "-a", "a-", "a--b", "a.b", "a_b", "a\n", "é", "a\0", "a" * 65],
)
def test_an_unsafe_id_is_refused_before_anything_is_written(store: Store, name: str) -> None:
    with pytest.raises(RunError, match="cannot be used; it must be"):
        store.create(VAEConfig(), name)
    assert not store.root.exists()


def test_an_id_is_taken_only_once(store: Store, run: Run) -> None:
    with pytest.raises(RunError, match="already exists"):
        store.create(VAEConfig(epochs=7), run.id)
    assert run.config() == VAEConfig(epochs=3)
    assert not [name for name in os.listdir(store.root) if name.startswith(".draft")]


def test_a_full_disk_leaves_no_draft(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(path: Path, data: object, durable: bool = True) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(files, "write_json", full)
    with pytest.raises(
        StoreError, match=r"^Runs cannot be saved .* \(No space left on device\); free some space or .*\.$"
    ):
        store.create(VAEConfig())
    assert set(os.listdir(store.root)) <= {".store.lock"}


# A store that cannot be written


def test_a_file_in_place_of_the_store_gives_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for root in (tmp_path / "file", tmp_path / "file" / "store"):
        store = Store(root)
        assert store.runs() == []
        assert store.find("x") is None
        with pytest.raises(StoreError, match="^Runs cannot be saved in the folder .*GENMOD_HOME"):
            store.create(VAEConfig())
        with pytest.raises(StoreError), store.lock():
            pass


@pytest.mark.parametrize("code", [errno.EROFS, errno.EACCES, errno.ENOSPC])
def test_a_read_only_place_gives_one_sentence(store: Store, monkeypatch: pytest.MonkeyPatch, code: int) -> None:
    def refuse(path: object, *arguments: object, **named: object) -> None:
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(os, "mkdir", refuse)
    with pytest.raises(StoreError, match=re.escape(os.strerror(code))):
        store.create(VAEConfig())


def test_a_status_or_wish_that_cannot_be_saved_gives_one_sentence(run: Run) -> None:
    shutil.rmtree(run.path)
    with pytest.raises(StoreError, match=r"^The state of run first could not be saved \(.*\); .*\.$"):
        run.set_status(runs.DONE, "x")
    with pytest.raises(StoreError, match="could not be saved"):
        run.ask(wanted="stopped")


# Listing


def test_the_newest_run_stands_first_and_shipped_ones_by_name(store: Store) -> None:
    for name in ("b", "c", "a"):
        store.create(VAEConfig(), name)
    assert [run.id for run in store.runs()] == ["a", "c", "b"]
    assert [run.id for run in Store(store.root, shipped=True).runs()] == ["a", "b", "c"]


def test_only_run_folders_are_listed(store: Store, run: Run) -> None:
    for folder in ("empty", ".draft-0a1b2c", "Not-An-Id"):
        (store.root / folder).mkdir()
    (store.root / "file").write_text("")
    assert store.runs() == [run]


@pytest.mark.parametrize("name", ["../store/first", "./first", "first/", "/etc", "", ".", "first\0", "a" * 5000])
def test_what_a_visitor_types_never_becomes_a_path(store: Store, run: Run, name: str) -> None:
    assert store.find(run.id) == run
    assert store.find(name) is None


def test_a_run_is_found_by_folder_and_by_id_own_ones_first(store: Store, tmp_path: Path) -> None:
    own = store.create(VAEConfig(), "vae-article")
    assert runs.find("vae-article", store) == own
    assert runs.find(str(own.path)) == own
    shipped = runs.find("vae-article")
    assert shipped == Run(runs.SHIPPED / "vae-article", shipped=True)
    assert runs.find(str(runs.SHIPPED / "vae-article")) == shipped


@pytest.mark.parametrize("name", ["nope", "../x", "", "a\0b", "a" * 300, "a" * 5000, "/" * 3, "~"])
def test_a_run_that_is_not_there_gives_one_sentence(store: Store, name: str) -> None:
    with pytest.raises(RunError, match=r"^There is no run .*; give a run's folder or one of the ids .*\.$"):
        runs.find(name, store)


def test_home_follows_the_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("GENMOD_HOME", str(tmp_path / "mine"))
    assert runs.home().root == tmp_path / "mine"
    monkeypatch.setenv("GENMOD_HOME", "")
    assert runs.home().root == PROJECT / "runs"


def test_a_shipped_run_is_what_its_preset_makes() -> None:
    for run in runs.shipped().runs():
        config = run.config()
        changed = set(kinds.changes(config)) - {"dataset", "learning_rate"}  # other images may want another rate
        if run.id.startswith("row-"):  # small ones, alike but for beta or the size
            trained = {"epochs", "optimizer", "learning_rate_schedule"} if "size" in run.id else set()
            assert changed - {"beta", "latent_dim"} == {"hidden_units"} | trained, run.id
            continue
        if run.config().preset == "elbo" and run.id != "vae-elbo":  # small ones, alike but for what they were shown
            trained = {"hidden_units", "activation", "optimizer", "learning_rate_schedule", "batch_size", "epochs"}
            assert changed - {"classes", "latent_dim"} == trained, run.id
            continue
        assert not changed, run.id
        assert not kinds.changes(config), run.id


def test_shipped_runs_are_finished_and_usable() -> None:
    found = runs.shipped().runs()
    assert [run.id for run in found if not run.kind().borrowed] == [
        "ae-article", "all-digits", "discriminator-wins", "fashion-gan", "fashion-vae-map", "gan-conditional",
        "gan-dcgan", "gan-dense", "generator-wins", "kl-too-strong", "learning-rate-too-high", "mode-collapse", "no-kl",
        "no-sevens", "only-sevens", "only-shapes", "row-ae", "row-beta-0", "row-beta-0-1", "row-beta-1", "row-beta-30",
        "row-beta-5", "row-size-1", "row-size-16", "row-size-2", "row-size-32", "row-size-4", "row-size-8",
        "vae-article", "vae-best", "vae-conditional", "vae-elbo", "vae-map",
    ]  # fmt: skip
    for run in found:
        assert run.shipped
        assert run.status().state == runs.DONE
        assert run.usable()
        assert len(run.history()) == run.config().epochs
        assert run.frames()[0] == 0 and run.frames()[-1] == run.config().epochs


def test_the_shipped_runs_are_small() -> None:
    files = [path for run in runs.shipped().runs() for path in run.path.rglob("*") if path.is_file()]
    assert sum(path.stat().st_size for path in files) < 25_000_000


def test_a_shipped_run_that_is_bad_on_purpose_is_named_by_its_own_numbers() -> None:
    named = {}
    for run in runs.shipped().runs():
        preset = run.kind().preset(run.config().preset)
        found = run.diagnosis(run.history(), {})
        if preset.fails_as:
            assert found is not None and not found.sound
            named[run.id] = (found.state, preset.fails_as)
        elif run.kind().held_out is False:
            assert found is not None and found.sound, (run.id, found)
    assert len(named) == 6
    assert all(state == expected for state, expected in named.values())


# History


def test_history_comes_back_in_order(run: Run) -> None:
    run.write_history(COLUMNS, [])
    assert run.history() == []
    for epoch in (1, 2):
        run.append_history(COLUMNS, {"epoch": epoch, "seconds": 0.5 * epoch, "loss": 123.456789})
    assert run.history() == [
        {"epoch": 1, "seconds": 0.5, "loss": 123.4568},
        {"epoch": 2, "seconds": 1.0, "loss": 123.4568},
    ]


@pytest.mark.parametrize("torn", ["3", "3,1.5", "3,1.5,", "3,1.5,120.1", "3,1.5,\xff"])
def test_a_torn_last_line_is_left_out(run: Run, torn: str) -> None:
    run.file("history.csv").write_text("epoch,seconds,loss\n1,0.5,130\n2,1,125\n" + torn)
    assert [row["epoch"] for row in run.history()] == [1, 2]


@pytest.mark.parametrize("line", ["2,1", "2,1,125,7", "2,,125", "two,1,125", "\0\0\0\0", ""])
def test_a_damaged_line_is_left_out(run: Run, line: str) -> None:
    run.file("history.csv").write_text(f"epoch,seconds,loss\n1,0.5,130\n{line}\n3,2,120\n")
    assert [row["epoch"] for row in run.history()] == [1, 3]


@pytest.mark.parametrize("content", [b"", b"epoch,sec", b"\xff\xfe\x00\n\x80\n", b"\0" * 4096, b"\n\n\n"])
def test_a_damaged_history_reads_as_empty(run: Run, content: bytes) -> None:
    run.file("history.csv").write_bytes(content)
    assert run.history() == []


# Damage


@pytest.mark.parametrize("missing", FILES)
def test_a_half_deleted_run_harms_no_other(store: Store, run: Run, copied: Run, missing: str) -> None:
    copied.file(missing).unlink()
    assert {found.id for found in store.runs()} == {"first", "tiny"}
    assert run.config() == VAEConfig(epochs=3)
    for look in (copied.status, copied.created, copied.history, copied.usable, copied.sheet, copied.reconstructions):
        look()
    if missing == "config.json":
        with pytest.raises(RunError, match="^The run tiny has no readable config.json; delete its folder"):
            copied.config()
    if missing == "status.json":
        assert copied.status() == runs.Status(runs.FAILED, "The run's status.json is missing or damaged.")
    assert copied.usable() == (missing != "decoder.tflite")


def test_a_run_without_its_folder_of_pictures_is_read(copied: Run) -> None:
    shutil.rmtree(copied.file("samples"))
    assert copied.sheet() is None
    assert copied.reconstructions() is None
    assert copied.status().state == runs.DONE


@pytest.mark.parametrize("name", ["config.json", "status.json"])
@pytest.mark.parametrize("content", [b"", b'{"format": 1, "ki', b"[]", b"\0" * 100, b"\xff"])
def test_a_torn_json_file_harms_no_other(store: Store, copied: Run, name: str, content: bytes) -> None:
    copied.file(name).write_bytes(content)
    assert [run.id for run in store.runs()] == ["tiny"]
    copied.status()
    if name == "config.json":
        with pytest.raises(RunError, match="no readable config.json"):
            copied.config()
    else:
        assert copied.status().state == runs.FAILED


@pytest.mark.parametrize("version", [0, kinds.FORMAT + 1, "1", None])
def test_another_format_is_refused_in_one_sentence(copied: Run, version: object) -> None:
    files.write_json(
        copied.file("config.json"), json.loads(copied.file("config.json").read_text()) | {"format": version}
    )
    with pytest.raises(
        RunError,
        match=r"^The run tiny has format .* and this version reads 1, 2, 3, 4, 5 and 6; train it again or .*\.$",
    ):
        copied.config()


def test_settings_out_of_range_are_refused_in_one_sentence(copied: Run) -> None:
    data = json.loads(copied.file("config.json").read_text())
    data["architecture"]["latent_dim"] = 10**9
    files.write_json(copied.file("config.json"), data)
    with pytest.raises(RunError, match=r"^The config.json of run tiny cannot be used: latent_dim is 1000000000; .*\.$"):
        copied.config()


def test_an_unknown_state_reads_as_failed(run: Run) -> None:
    files.write_json(run.file("status.json"), {"state": "dreaming", "message": "zzz"})
    assert run.status().state == runs.FAILED


# Why


def test_a_cause_is_kept_and_an_older_status_has_none(run: Run) -> None:
    run.set_status(runs.FAILED, "x", cause=runs.DIVERGED)
    assert run.status().cause == runs.DIVERGED
    for cause in ({}, {"cause": None}, {"cause": "love"}, {"cause": ["memory"]}):
        files.write_json(run.file("status.json"), {"state": "failed", "message": "x", **cause})
        assert run.status() == runs.Status(runs.FAILED, "x")
        assert run.status().cause == ""


def test_last_words_are_heard_when_the_status_cannot_be_written(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    run.reserve()
    run.set_status(runs.RUNNING, "Training.")

    def full(path: Path, content: bytes, durable: bool = True) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patch:
        patch.setattr(files, "write_bytes", full)
        run.record_end(runs.FAILED, "No room – none.", runs.DISK)
    assert run.status() == runs.Status(runs.FAILED, "No room – none.")
    assert run.status().cause == runs.DISK
    assert run.file(runs.run.RESERVE).stat().st_size == runs.run.RESERVED
    with filelock.FileLock(run.lock_path):
        assert run.status().state == runs.RUNNING  # another trainer is at work
        run.reserve()
    assert run.status().state == runs.INTERRUPTED


def test_last_words_never_raise(run: Run) -> None:
    run.set_status(runs.RUNNING, "Training.")
    shutil.rmtree(run.path)
    run.record_end(runs.FAILED, "x")


def test_a_trainer_that_died_on_a_full_disk_is_named_so(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    run.set_status(runs.RUNNING, "Training.")
    assert run.status().cause == ""
    monkeypatch.setattr(os, "statvfs", lambda path: SimpleNamespace(f_bavail=3, f_frsize=4096, f_files=9, f_favail=9))
    assert run.status() == runs.Status(
        runs.INTERRUPTED,
        "The training was interrupted in its first epoch: the disk is full; free some space and resume the run.",
    )
    assert run.status().cause == runs.DISK


# The lock


def test_a_run_that_nobody_holds_was_interrupted(run: Run) -> None:
    run.set_status(runs.RUNNING, "Training.")
    assert run.status() == runs.Status(runs.INTERRUPTED, "The training was interrupted in its first epoch.")
    run.write_history(COLUMNS, [{"epoch": 1, "seconds": 1.0, "loss": 1.0}])
    assert run.status().message == "The training was interrupted after 1 epoch."


def test_a_run_that_somebody_holds_is_running(run: Run) -> None:
    with filelock.FileLock(run.lock_path):
        run.set_status(runs.RUNNING, "Training.")
        assert run.locked()
        assert run.status() == runs.Status(runs.RUNNING, "Training.")
    assert not run.locked()


def test_a_killed_trainer_leaves_an_interrupted_run(run: Run) -> None:
    script = (
        "import sys, time; from pathlib import Path; from genmod import jobs, runs;"
        "held = jobs.hold(runs.Run(Path(sys.argv[1]))); print('held', flush=True); time.sleep(60)"
    )
    command = [sys.executable, "-c", script, str(run.path)]
    with subprocess.Popen(command, cwd=PROJECT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        assert run.status().state == runs.RUNNING
        process.send_signal(signal.SIGKILL)
        process.wait()
    assert run.status().state == runs.INTERRUPTED


def test_a_shipped_run_is_never_interrupted(run: Run) -> None:
    run.set_status(runs.RUNNING, "Training.")
    assert Run(run.path, shipped=True).status().state == runs.RUNNING


# Wishes and deleting


def test_wishes_add_up(run: Run) -> None:
    run.ask(wanted="stopped")
    run.ask(learning_rate=0.1)
    assert run.control() == {"wanted": "stopped", "learning_rate": 0.1}


def test_a_deleted_run_is_gone(store: Store, run: Run) -> None:
    store.delete(run)
    assert store.runs() == []
    assert [name for name in os.listdir(store.root) if not name.endswith(".lock")] == []


def test_a_run_in_training_or_shipped_is_not_deleted(store: Store, run: Run) -> None:
    with filelock.FileLock(run.lock_path), pytest.raises(RunError, match="is being trained; stop it first"):
        store.delete(run)
    with pytest.raises(RunError, match="ships with the project"):
        Store(store.root, shipped=True).delete(run)
    assert store.runs() == [run]


def test_deleting_twice_gives_one_sentence(store: Store, run: Run) -> None:
    store.delete(run)
    with pytest.raises(StoreError):
        store.delete(run)


# Pinned and removed


def test_a_run_with_a_name_of_its_own_is_pinned_from_the_start(store: Store, run: Run) -> None:
    assert run.pinned()
    anonymous = store.create(VAEConfig())
    assert not anonymous.pinned()
    anonymous.pin()
    anonymous.pin()
    assert anonymous.pinned()
    for _ in range(2):
        anonymous.pin(False)
        assert not anonymous.pinned()
    assert runs.shipped().runs()[0].pinned()


def test_pinning_what_is_gone_gives_one_sentence(run: Run) -> None:
    shutil.rmtree(run.path)
    with pytest.raises(StoreError, match=r"^The run first could not be pinned or unpinned \(.*\)\.$"):
        run.pin()


def test_a_removed_run_is_remembered_with_its_reason(store: Store, run: Run) -> None:
    other = store.create(VAEConfig(), "other")
    store.delete(run, 'had to go: "quoted"\nand more')
    store.delete(other)
    assert store.why_removed("first") == 'had to go: "quoted"\nand more'
    assert store.why_removed("other") is None  # somebody asked for it
    with (store.root / runs.store.REMOVED).open("a") as stream:
        stream.write('[1]\n{"id": "fir')  # torn
    assert store.why_removed("first") is not None
    assert store.why_removed("fir") is None
    (store.root / runs.store.REMOVED).write_bytes(b"\xff")
    assert store.why_removed("first") is None


def test_the_size_of_a_run_follows_it_until_it_rests(run: Run) -> None:
    before = run.size()
    run.file("a.bin").write_bytes(b"x" * 5000)
    run.file("samples/b.bin").write_bytes(b"x" * 700)
    assert run.size() == before + 5700
    run.set_status(runs.DONE, "x")
    backdate(run.file("status.json"))
    resting = run.size()
    run.file("c.bin").write_bytes(b"x" * 100)
    assert run.size() == resting  # not looked at again
    run.set_status(runs.QUEUED, "x")
    assert run.size() > resting


# What is remembered of small files


def backdate(path: Path, seconds: float = 10) -> None:
    """As if the file had been written a while ago: only such files are remembered."""
    found = path.stat()
    os.utime(path, ns=(found.st_atime_ns, found.st_mtime_ns - int(seconds * 1e9)))


def test_an_old_status_is_never_served(run: Run) -> None:
    path = run.file("status.json")
    for number in range(300):
        run.set_status(runs.DONE if number % 2 else runs.STOPPED, f"{number:03d}", since="x")
        if number % 3 == 0:
            backdate(path)
        for _ in range(2):
            assert run.status().message == f"{number:03d}"


def test_another_file_of_the_same_age_and_size_is_read_again(run: Run) -> None:
    path = run.file("status.json")
    times = (10**18, 10**18)
    for message in ("one", "two", "six", "ten"):
        run.set_status(runs.DONE, message, since="x")
        os.utime(path, ns=times)
        assert run.status().message == message
        assert run.status().message == message


def test_a_status_written_by_another_process_is_seen(run: Run) -> None:
    run.set_status(runs.DONE, "Mine.")
    backdate(run.file("status.json"))
    assert run.status().message == "Mine."
    script = "import sys; from pathlib import Path; from genmod import runs; "
    script += "runs.Run(Path(sys.argv[1])).set_status('stopped', 'Ours.')"
    subprocess.run([sys.executable, "-c", script, str(run.path)], cwd=PROJECT, check=True, timeout=30)
    assert run.status() == runs.Status(runs.STOPPED, "Ours.")


def test_what_is_damaged_or_gone_is_not_remembered(run: Run) -> None:
    path = run.file("status.json")
    run.set_status(runs.DONE, "x")
    backdate(path)
    assert run.status().state == runs.DONE
    path.write_bytes(b"{")
    assert run.status().state == runs.FAILED
    path.unlink()
    assert run.status().state == runs.FAILED
    run.set_status(runs.DONE, "y")
    assert run.status().message == "y"


def test_a_thousand_finished_runs_are_listed_newest_first(store: Store, run: Run) -> None:
    run.set_status(runs.DONE, "Finished.")
    config, status = (json.loads(run.file(name).read_text()) for name in ("config.json", "status.json"))
    for number in range(1000):
        folder = store.root / f"run-{(number * 7919) % 1000:04d}"
        folder.mkdir()
        config["created"] = f"2020-01-01T{number // 60:02d}:{number % 60:02d}:00.000000+00:00"
        (folder / "config.json").write_text(json.dumps(config))
        (folder / "status.json").write_text(json.dumps(status | {"message": f"Number {number}."}))
        if number % 2:  # some are remembered, some not
            backdate(folder / "config.json")
            backdate(folder / "status.json")
    for _ in range(2):
        listed = store.runs()
        assert listed[0] == run
        assert [found.status().message for found in listed[1:]] == [f"Number {n}." for n in reversed(range(1000))]
    store.delete(listed[500])
    assert listed[500] not in store.runs()
    assert len(store.runs()) == 1000


@pytest.mark.parametrize(
    ("text", "epochs", "sentence"),
    [
        ("epoch,loss\n1,2.5\n2,nan\n3,2.0\n", [1, 3], "is damaged; 1 of its lines cannot be used."),
        ("epoch,loss\n1,2.5\n2,inf\n", [1], "is damaged; 1 of its lines cannot be used."),
        ("epoch,loss\n2,2.5\n1,2.0\n3,1.5\n", [2, 3], "is damaged; 1 of its lines cannot be used."),
        ("epoch,loss\n1,2.5\n1.5,2.0\n1e300,1\n", [1], "is damaged; 2 of its lines cannot be used."),
        ("loss\n2.5\n2.0\n", [], "is damaged; 2 of its lines cannot be used."),
        ("epoch,loss\n" + "1,2.5\n" * 200_000, [], "cannot be read (it takes 1,200,011 bytes"),
    ],
)
def test_an_odd_history_is_read_as_far_as_it_makes_sense(run: Run, text: str, epochs: list[int], sentence: str) -> None:
    run.file("history.csv").write_text(text)
    assert [row["epoch"] for row in run.history()] == epochs
    [complaint] = run.complaints()
    assert complaint.startswith("The history.csv of run first ")
    assert sentence in complaint


def test_a_sound_history_is_no_reason_to_complain(run: Run) -> None:
    assert run.complaints() == []
    run.write_history(["epoch", "loss"], [{"epoch": 1, "loss": 2.5}])
    assert run.complaints() == []


def test_a_picture_torn_by_a_power_cut_gives_way_to_an_older_one(run: Run) -> None:
    old, new = (images.png(np.full((4, 4), grey, np.uint8)) for grey in (7, 8))
    samples = run.file("samples")
    (samples / "epoch-00001.png").write_bytes(old)
    (samples / "epoch-00002.png").write_bytes(b"")
    (samples / "live.png").write_bytes(new[:-5])
    (samples / "reconstructions.png").write_bytes(bytes(len(new)))
    assert run.sheet() == old
    assert run.reconstructions() is None
    (samples / "live.png").write_bytes(new)
    assert run.sheet() == new


def test_one_damaged_run_hides_no_other_and_costs_no_time(store: Store, run: Run) -> None:
    (store.root / "loop").symlink_to("loop")
    for name, kind in (("pipe", "pipe"), ("huge", "huge"), ("deep", "deep")):
        (store.root / name).mkdir()
        for file in ("config.json", "status.json"):
            path = store.root / name / file
            if kind == "pipe":
                os.mkfifo(path)
            elif kind == "huge":
                path.touch()
                os.truncate(path, 5_000_000_000)
            else:
                path.write_bytes(b"[" * 60_000)
    started = time.monotonic()
    assert {found.id for found in store.runs()} == {"first", "pipe", "huge", "deep"}
    for found in store.runs():
        assert found.status().message
        if found.id != "first":
            with pytest.raises(RunError, match=r"has no readable config.json"):
                found.config()
            assert found.size() < 1_000_000  # a file with holes makes no other run go
    assert time.monotonic() - started < 2


@pytest.mark.parametrize("state", [[], {}, 7, None, True, "\ud800"])
def test_a_state_of_another_type_is_one_sentence(run: Run, state: object) -> None:
    run.file("status.json").write_text(json.dumps({"state": state, "message": [1]}))
    assert run.status() == Status("failed", "The run's status.json is missing or damaged.")
