"""Every page and every command on every damage to every file of a run: a sentence or all as always, and quickly."""

from __future__ import annotations

import dataclasses
import random
import shutil
import time
from pathlib import Path

import filelock
import pytest
from streamlit.testing.v1 import AppTest

from genmod import quality, runs
from genmod.__main__ import main
from genmod.datasets import MNIST, Dataset
from genmod.errors import GenmodError
from genmod.jobs import workers
from genmod.runs import Run, Store, control
from genmod.runs.control import Event
from genmod.system import files
from genmod.training import checkpoint
from genmod.training.checkpoint import Place
from tests.damage import FILES, Damage, all_damages
from tests.training.fake_engine import FakeEngine

PROJECT = Path(__file__).resolve().parents[2]
OTHER = PROJECT / "checkpoints" / "gan-conditional"
LIVE = "train, while it trains"
PAGES = ("home", "train", "latent-space", "generate", "quality")
COMMANDS = (
    ["runs"], ["runs", "--json"], ["sample", "whole", "--n", "3", "--out", "{out}"],
    ["sample", "whole", "--n", "3", "--latents", "fitted", "--out", "{out}"],
    ["sample", "whole", "--n", "3", "--latents", "mixture", "--out", "{out}"],
    ["sample", "whole", "--n", "3", "--latents", "codes", "--out", "{out}"], ["evaluate", "whole", "--json"],
    ["control", "whole", "pause"], ["control", "whole", "set", "beta=2"], ["control", "whole", "stop"],
    ["pin", "whole"], ["unpin", "whole"], ["train", "--resume", "whole"],
)  # fmt: skip
SLOWEST = 8.0  # seconds for one page or command, on a busy machine
SAMPLED = 6
FEW = quality.Sizes(samples=100, balls=50, searched=10, bound_images=3, bound_draws=2)


@pytest.fixture
def whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """A stopped run with every file that a run may have, in the store of own runs."""
    monkeypatch.setenv("GENMOD_HOME", str(tmp_path / "store"))
    return make_whole(runs.home().root / "whole")


def make_whole(folder: Path) -> Run:
    """Every file that a run may have."""
    shutil.copytree(PROJECT / "checkpoints" / "vae-elbo", folder)
    run = Run(folder)
    history = run.history()
    run.set_status(runs.STOPPED, f"Stopped after {len(history)} of 50 epochs.")
    run.write_progress(
        {
            "epoch": 3, "epochs": 50, "step": 4, "steps": 600, "share": 0.1, "seconds": 3.0, "images_per_second": 9e4,
            "seconds_left": 30.0, "metrics": {"loss": 150.0, "reconstruction_loss": 140.0, "kl_loss": 10.0},
            "pace": 1000.0,
        }
    )  # fmt: skip
    files.write_json(
        run.file("control.json"),
        {"wanted": "paused", "granted": 3, "revoked": 1, control.PACE: 1000.0, "settings": {"beta": [1, 2.0]}},
    )
    control.record(run, Event(1.5, 900, 2.0, "beta", 2.0, 1))
    control.record(run, Event(2.0, 1200, 3.0, "pause"))
    run.write_attempt(1)
    run.pin()
    run.file("log.txt").write_text("Training started\n")
    shutil.copy(run.file("samples/epoch-00004.png"), run.file("samples/live.png"))
    for epoch in (1, 2):
        checkpoint.save(run.file("checkpoint"), Place(epoch), FakeEngine(run.config()).state, [0.0, 0.0])  # type: ignore[arg-type]
    for name in (".lock", ".control.lock"):
        run.file(name).touch()
    return run


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Nothing is trained or measured for long: that is another test's business."""

    def refuse(store: Store, mode: str) -> None:
        raise GenmodError("Tests start no training processes.")

    def few() -> Dataset:
        data = MNIST.load()
        return dataclasses.replace(
            data, train_images=data.train_images[:300], train_labels=data.train_labels[:300],
            test_images=data.test_images[:60], test_labels=data.test_labels[:60],
        )  # fmt: skip

    monkeypatch.setenv("GENMOD_MAX_MINUTES", "0.02")  # damage may ask for slow motion
    monkeypatch.setattr(workers, "_spawn", refuse)
    monkeypatch.setattr("genmod.jobs.dispatch.ensure_worker", lambda store: None)
    monkeypatch.setattr(quality.Sizes, "__init__", lambda self, **given: self.__dict__.update(FEW.__dict__))
    monkeypatch.setattr("genmod.quality.evaluation.images_of", lambda source: few())
    monkeypatch.setattr("genmod.training.engine.KerasEngine", FakeEngine)


def visit(page: str) -> None:
    """Open a page on the run; an exception would be shown on it."""
    app = AppTest.from_file(str(PROJECT / "app.py"), default_timeout=60)
    if page != "home":
        app.switch_page(f"pages/{page}.py")
    app.query_params["run"] = "whole"
    app.run()
    assert not app.exception, [element.message + "\n".join(element.stack_trace) for element in app.exception]
    assert app.title


def command(words: list[str], out: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Run a command: it succeeds or says why not in one sentence."""
    code = main([word.format(out=out) for word in words])
    said = capsys.readouterr()
    assert code in (0, 1, 2)
    assert "Traceback" not in said.err
    lines = [line for line in said.err.splitlines() if line and "%" not in line and "|" not in line]
    if code and words[0] != "train":
        assert len(lines) == 1, lines
    assert all(line.endswith(".") for line in lines), lines


@pytest.fixture(autouse=True)
def warm(small: None, whole: Run) -> None:
    """What is loaded once counts for no page."""
    for page in PAGES:
        visit(page)


def while_it_trains(run: Run, damage: Damage) -> None:
    """The Train page while a trainer holds the run."""
    with filelock.FileLock(run.path.with_name("other.lock") if damage.file == ".lock" else run.file(".lock")):
        visit("train")


def everywhere(run: Run, damage: Damage, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> list[str]:
    """What goes wrong on any page or in any command for one damage."""
    whole = run.path.with_name(".whole")
    if not whole.exists():
        shutil.copytree(run.path, whole)
    faults = []
    for place in (LIVE, *PAGES, *COMMANDS):
        shutil.rmtree(run.path)
        shutil.copytree(whole, run.path)
        if place == LIVE:
            run.set_status(runs.RUNNING, "Training.")
        damage.apply(run.file(damage.file), OTHER)
        started, began = time.monotonic(), time.process_time()
        try:
            if place == LIVE:
                while_it_trains(run, damage)
            elif isinstance(place, str):
                visit(place)
            else:
                command(place, tmp_path / "out.png", capsys)
            if time.process_time() - began > SLOWEST or time.monotonic() - started > 4 * SLOWEST:
                raise TimeoutError(f"{time.monotonic() - started:.1f} s")
        except (Exception, SystemExit) as error:
            faults.append(f"{damage} / {place}: {type(error).__name__} {str(error)[-1500:]}")
    return faults


def test_a_sample_of_all_damages_gives_sentences(
    whole: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    chosen = random.Random(7).sample(all_damages(whole), SAMPLED)
    faults = [fault for damage in chosen for fault in everywhere(whole, damage, tmp_path, capsys)]
    assert not faults, "\n".join(faults)


@pytest.mark.long
@pytest.mark.timeout(7200)
@pytest.mark.parametrize("file", FILES)
def test_all_damages_give_sentences(file: str, whole: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    chosen = [damage for damage in all_damages(whole) if damage.file == file]
    faults = [fault for damage in chosen for fault in everywhere(whole, damage, tmp_path, capsys)]
    assert not faults, "\n".join(faults)
