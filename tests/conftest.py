"""What the tests share: an empty store, and one run trained for real."""

from __future__ import annotations

import random
import subprocess
import sys
from pathlib import Path

import filelock
import pytest
from streamlit.runtime.scriptrunner import script_runner

from genmod.runs import Run, Store
from genmod.system import processes
from genmod.system.project import PROJECT

TRAINING = 300.0  # seconds that a small one may take where other work has the cores
TINY = ("--epochs", "2", "--images", "1000", "--id", "tiny")


@pytest.hookimpl(tryfirst=True)  # before `-m "not long"` is obeyed
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Of each test marked `sampled(count)` leave all but so many of its cases, always the same, to the long run."""
    families: dict[str, list[pytest.Item]] = {}
    for item in items:
        if item.get_closest_marker("sampled"):
            families.setdefault(item.nodeid.partition("[")[0], []).append(item)
    for name, cases in families.items():
        marker = cases[0].get_closest_marker("sampled")
        assert marker is not None
        for item in random.Random(name).sample(cases, max(len(cases) - int(marker.args[0]), 0)):
            item.add_marker(pytest.mark.long)


@pytest.fixture(autouse=True)
def own_home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Keep every test away from the runs of whoever starts it."""
    monkeypatch.setenv("GENMOD_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("GENMOD_SPARE", "0")
    # A command called within this process would make it, and every server a later test starts, give way for good.
    monkeypatch.setattr(processes, "yield_to_pages", lambda nice: None)
    for name in (
        "WORKERS", "MAX_EPOCHS", "MAX_IMAGES", "MAX_PARAMETERS", "MAX_MINUTES", "MAX_STORE_MB", "MAX_MEMORY_MB",
        "MAX_VISITORS", "MAX_RERUNS_PER_SECOND", "TRUSTED_PROXIES", "FRAME_ANCESTORS",
    ):  # fmt: skip
        monkeypatch.delenv(f"GENMOD_{name}", raising=False)


@pytest.fixture(autouse=True)
def no_clean_up_of_keras(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where Keras is loaded Streamlit resets it after every run of a page, which collects all garbage: for seconds.

    No server ever loads it; a process of the tests has, if it has trained before.
    """
    monkeypatch.setattr(script_runner, "_clean_problem_modules", lambda: None)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """An empty store."""
    return Store(tmp_path / "store")


@pytest.fixture(scope="session")
def training_output(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> tuple[str, str]:
    """What `python -m genmod train` printed on its two outputs; trained once for all test processes."""
    folder = shared_folder(tmp_path_factory, request)
    out, err = folder / "stdout", folder / "stderr"
    with filelock.FileLock(folder / "training.lock"):
        if not err.exists():
            command = [sys.executable, "-m", "genmod", "train", "vae", *TINY, "--store", str(folder)]
            ended = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, timeout=TRAINING, check=False)
            assert ended.returncode == 0, ended.stderr
            out.write_text(ended.stdout)
            err.write_text(ended.stderr)
    return out.read_text(), err.read_text()


TINY_GAN = (
    "--preset", "non-saturating", "--architecture", "conv", "--generator-filters", "4,3",
    "--discriminator-filters", "2,4", "--conditional",
    "--epochs", "2", "--images", "300", "--latent-dim", "6", "--id", "tiny-gan",
)  # fmt: skip
TINY_SHAPES = (
    "--dataset", "shapes", "--hidden-units", "32", "--conditional", "yes", "--epochs", "1", "--images", "500",
    "--id", "tiny-shapes",
)  # fmt: skip
TINY_FASHION = (
    "--dataset", "fashion-mnist", "--generator-units", "24", "--discriminator-units", "24", "--conditional", "yes",
    "--latent-dim", "4", "--epochs", "1", "--images", "500", "--id", "tiny-fashion",
)  # fmt: skip
TINY_AE = ("--epochs", "1", "--images", "500", "--hidden-units", "32", "--id", "tiny-ae")


def trained_once(
    kind: str, options: tuple[str, ...], factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Run:
    """A run of the command line, shared by all test processes."""
    folder = shared_folder(factory, request) / "other-kinds"
    folder.mkdir(exist_ok=True)
    run = Run(folder / options[-1])
    with filelock.FileLock(folder / f"{run.id}.lock"):
        if not run.path.exists():
            command = [sys.executable, "-m", "genmod", "train", kind, *options, "--store", str(folder)]
            ended = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, timeout=TRAINING, check=False)
            assert ended.returncode == 0, ended.stderr
            assert ended.stdout == f"{run.path}\n"
    return run


TINY_FLOW = (
    "--preset", "map", "--velocity-units", "16", "--epochs", "1", "--images", "1000", "--id", "tiny-flow",
)  # fmt: skip


@pytest.fixture(scope="session")
def tiny_flow(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Run:
    """A finished velocity field for the shipped two-dimensional VAE: to be read, never changed."""
    return trained_once("flow", TINY_FLOW, tmp_path_factory, request)


@pytest.fixture(scope="session")
def tiny_gan(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Run:
    """A finished convolutional GAN by class, shared by all tests: to be read, never changed."""
    return trained_once("gan", TINY_GAN, tmp_path_factory, request)


@pytest.fixture(scope="session")
def tiny_ae(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Run:
    """A finished autoencoder, shared by all tests: to be read, never changed."""
    return trained_once("ae", TINY_AE, tmp_path_factory, request)


@pytest.fixture(scope="session")
def tiny_shapes(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Run:
    """A finished VAE of Shapes by class, shared by all tests: to be read, never changed."""
    return trained_once("vae", TINY_SHAPES, tmp_path_factory, request)


@pytest.fixture(scope="session")
def tiny_fashion(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Run:
    """A finished GAN of Fashion-MNIST by class, shared by all tests: to be read, never changed."""
    return trained_once("gan", TINY_FASHION, tmp_path_factory, request)


@pytest.fixture(scope="session")
def tiny_run(
    training_output: tuple[str, str], tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Run:
    """A finished run, shared by all tests: to be read, never changed."""
    return Run(shared_folder(tmp_path_factory, request) / "tiny")


def shared_folder(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Path:
    """One folder for all processes of this test session."""
    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if hasattr(request.config, "workerinput") else base) / "trained"
    folder.mkdir(exist_ok=True)
    return folder
