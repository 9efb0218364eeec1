"""The command line as a person types it: each command a process of its own."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from genmod import jobs, quality, runs
from genmod.__main__ import main
from genmod.datasets import MNIST, MNIST_SHA256
from genmod.inference import Encoder
from genmod.kinds import VAEConfig
from genmod.runs import Run, Store, control
from genmod.runs.control import Requests
from genmod.system import files
from genmod.system.project import PROJECT

Ended = subprocess.CompletedProcess[str]
COLUMNS = [
    "epoch",
    "seconds",
    "loss",
    "reconstruction_loss",
    "kl_loss",
    "val_loss",
    "val_reconstruction_loss",
    "val_kl_loss",
]


def genmod(*arguments: object) -> Ended:
    command = [sys.executable, "-m", "genmod", *map(str, arguments)]
    return subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, timeout=60, check=False)


def said(ended: Ended) -> list[str]:
    """The lines on standard error."""
    return [line for line in ended.stderr.splitlines() if line]


def assert_one_sentence(ended: Ended, code: int = 2) -> None:
    assert ended.returncode == code
    assert ended.stdout == ""
    lines = said(ended)
    assert len(lines) == 1
    assert lines[0][0].isupper() or lines[0].startswith(("-", "preset"))
    assert lines[0].endswith(".")
    assert "Traceback" not in lines[0]


# train


def test_the_last_line_of_a_training_is_its_folder(tiny_run: Run, training_output: tuple[str, str]) -> None:
    stdout, _ = training_output
    assert Path(stdout.splitlines()[-1]) == tiny_run.path
    assert tiny_run.path.is_dir()


def test_a_training_shows_loss_speed_and_time_left(training_output: tuple[str, str]) -> None:
    _, stderr = training_output
    assert re.search(r"epoch 2/2 \|.*\| 100% .*loss \d+\.\d nats, [\d,]+ images/s, 0:\d\d left", stderr)
    assert "Finished 2 epochs" in stderr.splitlines()[-1]
    assert "Traceback" not in stderr
    assert "WARNING" not in stderr


def test_a_training_leaves_the_whole_folder(tiny_run: Run) -> None:
    left = {str(path.relative_to(tiny_run.path)) for path in tiny_run.path.rglob("*") if path.is_file()}
    assert left >= {
        "config.json", "status.json", "history.csv", "model.keras", "encoder.tflite", "decoder.tflite",
        "samples/epoch-00001.png", "samples/epoch-00002.png", "samples/reconstructions.png",
    }  # fmt: skip
    assert not any(".tmp" in name for name in left)
    assert tiny_run.status().state == runs.DONE


def test_the_history_has_the_promised_columns(tiny_run: Run) -> None:
    lines = tiny_run.file("history.csv").read_text().splitlines()
    assert lines[0].split(",") == COLUMNS
    assert [line.split(",")[0] for line in lines[1:]] == ["1", "2"]


def test_the_config_holds_what_was_typed(tiny_run: Run) -> None:
    assert tiny_run.config() == VAEConfig(epochs=2, images=1000)
    assert (files.read_json(tiny_run.file("config.json")) or {})["data"]["sha256"] == MNIST_SHA256


def test_a_finished_run_is_not_trained_again(tiny_run: Run) -> None:
    before = tiny_run.file("history.csv").stat().st_mtime_ns
    ended = genmod("train", "--resume", tiny_run.path)
    assert (ended.returncode, ended.stdout) == (0, f"{tiny_run.path}\n")
    assert tiny_run.file("history.csv").stat().st_mtime_ns == before


def test_ctrl_c_stops_well(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "genmod", "train", "vae", "--epochs", "500", "--images", "100"]
    command += ["--hidden-units", "8", "--batch-size", "1", "--store", str(tmp_path), "--id", "long"]
    run = Run(tmp_path / "long")
    with subprocess.Popen(command, cwd=PROJECT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        deadline = time.monotonic() + 60
        while not run.history() and time.monotonic() < deadline:
            time.sleep(0.05)
        assert run.status().state == runs.RUNNING
        assert_one_sentence(genmod("train", "--resume", run.path))  # somebody else is at it
        process.send_signal(signal.SIGINT)
        stdout, stderr = process.communicate(timeout=60)
    assert process.returncode == 0
    assert stdout == f"{run.path}\n"
    assert "Traceback" not in stderr
    assert run.status().state == runs.STOPPED
    assert re.fullmatch(r"Stopped after \d+ of 500 epochs( and a part of the next)?\.", run.status().message)
    assert run.usable()


# sample


def test_samples_are_images_with_their_latents(tiny_run: Run, tmp_path: Path) -> None:
    out = tmp_path / "samples.npz"
    ended = genmod("sample", tiny_run.path, "--n", 7, "--seed", 3, "--npz", out)
    assert (ended.returncode, ended.stdout, said(ended)) == (0, f"{out}\n", [])
    with np.load(out, allow_pickle=False) as arrays:
        assert sorted(arrays) == ["images", "latents"]
        images, latents = arrays["images"], arrays["latents"]
    assert (images.shape, images.dtype) == ((7, 28, 28), np.uint8)
    assert (latents.shape, latents.dtype) == ((7, 4), np.float32)
    assert images.max() > 100
    np.testing.assert_array_equal(latents, np.random.default_rng(3).standard_normal((7, 4)).astype(np.float32))


def test_a_contact_sheet_shows_the_very_samples(tiny_run: Run, tmp_path: Path) -> None:
    sheet, arrays = tmp_path / "grid.png", tmp_path / "samples.npz"
    assert genmod("sample", tiny_run.path, "--out", sheet, "--npz", arrays).returncode == 0
    with np.load(arrays) as data, Image.open(sheet) as picture:
        pixels = np.asarray(picture)
        assert pixels.shape == (289, 289)
        np.testing.assert_array_equal(pixels[:28, :28], data["images"][0])
        np.testing.assert_array_equal(pixels[-28:, -28:], data["images"][99])


def test_an_id_is_looked_up_in_the_store(tiny_run: Run, tmp_path: Path) -> None:
    ended = genmod("sample", "tiny", "--store", tiny_run.path.parent, "--n", 1, "--npz", tmp_path / "a.npz")
    assert ended.returncode == 0


def test_a_place_that_cannot_be_written_gives_one_sentence(tiny_run: Run, tmp_path: Path) -> None:
    for option in ("--out", "--npz"):
        ended = genmod("sample", tiny_run.path, "--n", 1, option, tmp_path / "none" / "file")
        assert_one_sentence(ended, code=1)


def test_a_gan_leaves_its_history_and_its_two_networks(tiny_gan: Run) -> None:
    lines = tiny_gan.file("history.csv").read_text().splitlines()
    assert lines[0] == "epoch,seconds,d_loss,g_loss,d_real,d_fake,real_accuracy,fake_accuracy,variety"
    assert [line.split(",")[0] for line in lines[1:]] == ["1", "2"]
    left = {path.name for path in tiny_gan.path.iterdir()}
    assert left >= {"generator.tflite", "discriminator.tflite", "model.keras"}
    assert not left & {"encoder.tflite", "decoder.tflite"}
    assert not tiny_gan.file("samples/reconstructions.png").exists()
    assert tiny_gan.file("samples/epoch-00002.png").exists()


def test_an_autoencoder_leaves_its_history(tiny_ae: Run) -> None:
    head = tiny_ae.file("history.csv").read_text().splitlines()[0]
    assert head == "epoch,seconds,loss,reconstruction_loss,val_loss,val_reconstruction_loss"


def test_a_digit_can_be_asked_of_a_run_trained_by_class(tiny_gan: Run, tmp_path: Path) -> None:
    drawn = {}
    for digit in ("7", "1"):
        out = tmp_path / f"{digit}.npz"
        assert genmod("sample", tiny_gan.path, "--class", digit, "--n", 5, "--npz", out).returncode == 0
        with np.load(out, allow_pickle=False) as arrays:
            drawn[digit] = arrays["images"], arrays["latents"]
    np.testing.assert_array_equal(drawn["7"][1], drawn["1"][1])
    assert not np.array_equal(drawn["7"][0], drawn["1"][0])


def test_what_a_run_cannot_do_is_said_in_one_sentence(tiny_gan: Run, tiny_run: Run) -> None:
    assert_one_sentence(genmod("sample", tiny_run.path, "--class", "7"))
    for source in ("fitted", "mixture", "codes"):
        assert_one_sentence(genmod("sample", tiny_gan.path, "--latents", source))


def test_an_autoencoder_samples_from_its_codes_or_shows_its_holes(tiny_ae: Run, tmp_path: Path) -> None:
    latents = {}
    for source in ("normal", "fitted", "mixture", "codes", None):
        out = tmp_path / f"{source}.npz"
        options = ("--latents", source) if source else ()
        assert genmod("sample", tiny_ae.path, "--n", 200, *options, "--npz", out).returncode == 0
        with np.load(out, allow_pickle=False) as arrays:
            latents[source] = arrays["latents"]
    np.testing.assert_array_equal(latents[None], latents["normal"])
    assert latents["normal"].std() == pytest.approx(1.0, abs=0.1)
    z_mean, _ = Encoder(tiny_ae).encode(MNIST.load().train_images[:500])  # those it was trained on
    for source in ("fitted", "mixture", "codes"):
        np.testing.assert_allclose(latents[source].mean(axis=0), z_mean.mean(axis=0), atol=0.3 * z_mean.std())
        np.testing.assert_allclose(latents[source].std(axis=0), z_mean.std(axis=0), rtol=0.2)
    # The codes are some of those themselves, and no two the same.
    distances = np.abs(latents["codes"][:, np.newaxis] - z_mean).max(axis=2)
    assert distances.min(axis=1).max() < 1e-4
    assert len(set(distances.argmin(axis=1))) == 200
    assert not np.allclose(z_mean.mean(axis=0), 0.0, atol=0.3)


# evaluate


def test_evaluation_has_the_promised_keys_and_agrees_with_the_history(tiny_run: Run) -> None:
    ended = genmod("evaluate", tiny_run.path, "--json", "--samples", 300)
    assert (ended.returncode, said(ended)) == (0, [])
    values: dict[str, Any] = json.loads(ended.stdout)
    last = tiny_run.history()[-1]
    assert values.keys() >= {
        "frechet_distance", "confident_share", "class_shares", "class_coverage", "class_entropy",
        "smallest_class_share", "largest_class_share", "precision", "recall", "nearest_distance", "copied_share",
        "test_elbo", "test_log_likelihood_bound",
    }  # fmt: skip
    for name in ("test_loss", "test_reconstruction_loss", "test_kl_loss"):
        assert values[name] == pytest.approx(last[name.replace("test_", "val_")], rel=1e-4)


def test_evaluation_for_people_names_its_unit(tiny_run: Run) -> None:
    ended = genmod("evaluate", tiny_run.path, "--samples", 100)
    assert re.search(r"^KL divergence +\d+\.\d nats$", ended.stdout, re.MULTILINE)
    assert re.search(r"^Clear digits +\d+\.\d %   real test images \d\d\.\d %, noise", ended.stdout, re.MULTILINE)
    assert not tiny_run.file("quality.json").exists()  # other numbers than its page shows


def test_the_whole_evaluation_is_kept_in_the_run_s_folder(tiny_run: Run, tmp_path: Path) -> None:
    shutil.copytree(tiny_run.path, tmp_path / "copy")
    run = Run(tmp_path / "copy")
    values = json.loads(genmod("evaluate", run.path, "--json").stdout)
    kept = quality.kept(run.path)
    assert kept is not None
    assert kept.values == values
    assert not kept.stale(run)


# runs


def test_runs_are_listed_as_json_own_ones_first(tiny_run: Run) -> None:
    rows: list[dict[str, Any]] = json.loads(genmod("runs", "--store", tiny_run.path.parent, "--json").stdout)
    shipped = [run.id for run in runs.shipped().runs()]
    assert [row["id"] for row in rows][-len(shipped) :] == shipped
    assert [row["shipped"] for row in rows] == [False] * (len(rows) - len(shipped)) + [True] * len(shipped)
    [tiny] = [row for row in rows if row["id"] == "tiny"]
    assert (tiny["state"], tiny["kind"], tiny["preset"], tiny["epochs"]) == ("done", "vae", "article", 2)
    assert tiny["path"] == str(tiny_run.path)
    assert tiny["val_loss"] == tiny_run.history()[-1]["val_loss"]


def test_runs_are_listed_for_people(tiny_run: Run) -> None:
    lines = genmod("runs", "--store", tiny_run.path.parent).stdout.splitlines()
    assert len(lines) == len(Store(tiny_run.path.parent).runs()) + len(runs.shipped().runs())
    pattern = r"tiny +done +article, with epochs 2 and training images 1000 +Finished"
    assert any(re.match(pattern, line) for line in lines)


def test_damaged_runs_are_listed_with_the_others(store: Store) -> None:
    for name in ("whole", "no-config", "no-status", "newer"):
        store.create(VAEConfig(), name)
    (store.root / "no-config" / "config.json").unlink()
    (store.root / "no-status" / "status.json").unlink()
    (store.root / "newer" / "config.json").write_text('{"format": 99}')
    ended = genmod("runs", "--store", store.root, "--json")
    assert (ended.returncode, ended.stderr) == (0, "")
    rows = {row["id"]: row for row in json.loads(ended.stdout)}
    assert rows["whole"]["state"] == "queued"
    assert "no readable config.json" in rows["no-config"]["message"]
    assert rows["no-status"]["state"] == "failed"
    assert "has format 99" in rows["newer"]["message"]


def test_a_pipe_that_closes_is_no_error(tiny_run: Run) -> None:
    command = [sys.executable, "-m", "genmod", "runs", "--json"]
    process = subprocess.Popen(command, cwd=PROJECT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout is not None and process.stderr is not None
    with process:
        process.stdout.close()
        said = process.stderr.read()
        process.wait(timeout=30)
    assert "Traceback" not in said


# Wrong use


@pytest.mark.sampled(15)
@pytest.mark.parametrize(
    "arguments",
    [
        "",
        "dance",
        "train",
        "train gan --latent-dim 129",
        "train gan --beta 1",
        "train ae --beta 1",
        "train ae --conditional",
        "train gan --preset article",
        "train gan --loss least-squares",
        "train gan --discriminator-steps 0",
        "train vae --conditional perhaps",
        "train vae now",
        "train vae --epochs 0",
        "train vae --epochs many",
        "train vae --epochs",
        "train vae --epochs " + "9" * 400,
        "train vae --latent-dim 33",
        "train vae --batch-size 0",
        "train vae --beta -1",
        "train vae --learning-rate nan",
        "train vae --seed -1",
        "train vae --images 60001",
        "train vae --hidden-units 1,,2",
        "train vae --optimizer lion",
        "train vae --preset worst",
        "train vae --id ../x",
        "train vae --dropout 0.3",
        "train --resume nope",
        "train --resume vae-article",
        "train vae --resume vae-article",
        "train --resume vae-article --epochs 3",
        "sample",
        "sample nope",
        "sample ../x",
        "sample " + "a" * 400,
        "sample vae-article --n 0",
        "sample vae-article --n 1000000",
        "sample vae-article --n all",
        "sample vae-article --seed -1",
        "sample vae-article --class 3",
        "sample vae-article --class 10",
        "sample vae-article --latents odd",
        "train --queue",
        "evaluate --queue",
        "runs --js",
        "evaluate",
        "evaluate nope",
        "evaluate vae-article --loud",
        "evaluate vae-article --samples 99",
        "evaluate vae-article --importance-samples 0",
        "runs --loud",
    ],
    ids=lambda text: text[:40] or "nothing",
)
def test_wrong_use_gives_one_sentence_and_code_2(arguments: str) -> None:
    assert_one_sentence(genmod(*arguments.split()))


def test_an_id_that_is_taken_gives_one_sentence(tiny_run: Run) -> None:
    assert_one_sentence(genmod("train", "vae", "--store", tiny_run.path.parent, "--id", "tiny"))


def test_an_empty_id_is_refused(store: Store) -> None:
    assert_one_sentence(genmod("train", "vae", "--store", store.root, "--id", ""))


@pytest.mark.parametrize("damage", ["missing", "torn"])
def test_a_run_without_a_sound_model_gives_one_sentence(tiny_run: Run, tmp_path: Path, damage: str) -> None:
    folder = tmp_path / "worn"
    shutil.copytree(tiny_run.path, folder)
    if damage == "missing":
        (folder / "decoder.tflite").unlink()
    else:
        os.truncate(folder / "decoder.tflite", 1000)
    assert_one_sentence(genmod("sample", folder, "--npz", tmp_path / "a.npz"))
    assert_one_sentence(genmod("evaluate", folder))


@pytest.mark.parametrize("arguments", [("train", "vae"), ("train", "--queued")])
def test_a_store_that_cannot_be_written_gives_one_sentence(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    (tmp_path / "file").write_text("")
    assert_one_sentence(genmod(*arguments, "--store", tmp_path / "file" / "store"), code=1)


# Light


@pytest.mark.parametrize("command", ["sample", "evaluate", "runs"])
def test_tensorflow_is_only_imported_to_train(tiny_run: Run, tmp_path: Path, command: str) -> None:
    arguments = {
        "sample": ["sample", str(tiny_run.path), "--n", "1", "--out", str(tmp_path / "a.png")],
        "evaluate": ["evaluate", str(tiny_run.path), "--json", "--samples", "100"],
        "runs": ["runs", "--json"],
    }[command]
    script = (
        "import sys; from genmod.__main__ import main; code = main(sys.argv[1:]);"
        "heavy = {'tensorflow', 'keras', 'streamlit'} & set(sys.modules);"
        "sys.exit(code or (str(heavy) if heavy else 0))"
    )
    ended = subprocess.run(
        [sys.executable, "-c", script, *arguments], cwd=PROJECT, capture_output=True, text=True, timeout=60, check=False
    )
    assert (ended.returncode, said(ended)) == (0, [])


# control, pin and bounds: in this process, for each is over in an instant


@pytest.fixture
def training(store: Store) -> Iterator[Run]:
    """A run that trains, as far as anybody can see."""
    run = store.create(VAEConfig(epochs=3), "first")
    with jobs.hold(run):
        yield run


def typed(capsys: pytest.CaptureFixture[str], arguments: str, store: Store) -> tuple[int, str, str]:
    """Exit code and both outputs."""
    try:
        code = main([*arguments.split(), "--store", str(store.root)])
    except SystemExit as end:
        code = int(str(end.code))
    out, err = capsys.readouterr()
    return code, out, err


@pytest.mark.parametrize(
    ("action", "answer", "wishes"),
    [
        ("pause", "first pauses.", Requests("paused")),
        ("stop", "first stops and keeps what it has learned.", Requests("stopped")),
        ("step", "first takes 1 step and waits then.", Requests("paused", 1)),
        ("step 5", "first takes 5 steps and waits then.", Requests("paused", 5)),
        ("step --n 5", "first takes 5 steps and waits then.", Requests("paused", 5)),
        ("step --steps 7", "first takes 7 steps and waits then.", Requests("paused", 7)),
        ("set learning_rate=0.0005 beta=2", "first goes on with learning_rate 0.0005, beta 2.",
         Requests(settings={"learning_rate": (1, 0.0005), "beta": (1, 2.0)})),
        ("set --learning-rate 0.0005", "first goes on with learning_rate 0.0005.",
         Requests(settings={"learning_rate": (1, 0.0005)})),
        ("set learning-rate 0.1 --beta 2", "first goes on with beta 2, learning_rate 0.1.",
         Requests(settings={"learning_rate": (1, 0.1), "beta": (1, 2.0)})),
        ("set steps_per_second=4", "first goes on with steps_per_second 4.", Requests(pace=4.0)),
    ],
)  # fmt: skip
def test_a_training_does_what_is_typed(
    training: Run, store: Store, capsys: pytest.CaptureFixture[str], action: str, answer: str, wishes: Requests
) -> None:
    assert typed(capsys, f"control first {action}", store) == (0, f"{answer}\n", "")
    assert control.read(training) == wishes


def test_a_paused_training_goes_on_when_typed(training: Run, store: Store, capsys: pytest.CaptureFixture[str]) -> None:
    control.pause(training)
    training.set_status(runs.PAUSED, "Paused in epoch 1.")
    assert typed(capsys, "control first resume", store) == (0, "first goes on.\n", "")
    assert control.read(training).wanted == control.TRAIN


def test_a_waiting_run_is_stopped_and_queued_again_when_typed(
    store: Store, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("genmod.jobs.dispatch.call_worker", lambda store: None)
    run = store.create(VAEConfig(), "waits")
    assert typed(capsys, "control waits stop", store)[0] == 0
    assert run.status().state == runs.STOPPED
    assert typed(capsys, "control waits resume", store)[0] == 0
    assert run.status().waiting


@pytest.mark.parametrize(
    "arguments",
    [
        "control", "control first", "control first dance", "control nope pause", "control vae-article pause",
        "control vae-article resume", "control first pause 3", "control first pause --n 3",
        "control first stop --beta 2",
        "control first resume now", "control first step 0", "control first step -1", "control first step many",
        "control first step 2.5", "control first step 5 6", "control first step 5 --n 6", "control first step --n",
        "control first step 100001", "control first step beta=2", "control first step --beta 2", "control first set",
        "control first set beta", "control first set beta=", "control first set beta=many",
        "control first set beta=101",
        "control first set --beta -1", "control first set epochs=3", "control first set =2",
        "control first set beta 2 3",
        "control first set learning_rate=nan", "control first set steps_per_second=0.01", "control first set --n 3",
        "control first pause --loud", "pin", "pin nope", "pin vae-article", "unpin vae-article",
    ],
)  # fmt: skip
def test_wrong_control_gives_one_sentence_and_code_2(
    training: Run, store: Store, capsys: pytest.CaptureFixture[str], arguments: str
) -> None:
    code, out, err = typed(capsys, arguments, store)
    assert (code, out) == (2, "")
    assert re.fullmatch(r"[^\n]+\.\n", err), err
    assert training.control() == {}


def test_a_run_that_has_ended_is_not_controlled(store: Store, capsys: pytest.CaptureFixture[str]) -> None:
    store.create(VAEConfig(), "over").set_status(runs.DONE, "x")
    for action in ("pause", "stop", "step", "set beta=2"):
        code, out, err = typed(capsys, f"control over {action}", store)
        assert (code, out, err) == (2, "", "The run over is not training; it is done.\n")
    code, out, err = typed(capsys, "control over resume", store)
    assert (code, out, err) == (2, "", "The run over cannot be resumed; it is done.\n")


def test_a_run_is_pinned_and_unpinned(store: Store, capsys: pytest.CaptureFixture[str]) -> None:
    run = store.create(VAEConfig())
    assert typed(capsys, f"pin {run.id}", store) == (0, f"{run.id} is kept when old runs have to make room.\n", "")
    assert run.pinned()
    assert typed(capsys, f"unpin {run.id}", store) == (0, f"{run.id} is removed when old runs have to make room.\n", "")
    assert not run.pinned()


@pytest.mark.parametrize(
    ("variable", "value", "said"),
    [
        ("EPOCHS", "3", "50 epochs, and this server allows at most 3"),
        ("IMAGES", "500", "60,000 training images, and this server allows at most 500"),
        ("PARAMETERS", "1e5", "203,288 parameters, and this server allows at most 100,000"),
    ],
)
def test_a_training_over_the_bounds_is_refused(
    store: Store,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    variable: str,
    value: str,
    said: str,
) -> None:
    monkeypatch.setenv(f"GENMOD_MAX_{variable}", value)
    code, out, err = typed(capsys, "train vae", store)
    assert (code, out, err) == (2, "", f"This training would have {said}; choose less.\n")
    assert store.runs() == []


def test_a_full_store_refuses_a_training(
    store: Store, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    store.create(VAEConfig(), "pinned").set_status(runs.DONE, "x")
    monkeypatch.setenv("GENMOD_MAX_STORE_MB", "0.0001")
    code, out, err = typed(capsys, "train vae", store)
    assert (code, out) == (1, "")
    assert re.fullmatch(r"All runs together may take [^\n]+; delete or unpin one\.\n", err)


def test_control_from_a_shell(store: Store) -> None:
    run = store.create(VAEConfig(), "first")
    with jobs.hold(run):
        ended = genmod("control", run.path, "set", "learning_rate=0.0005")
        assert (ended.returncode, ended.stdout, ended.stderr) == (0, "first goes on with learning_rate 0.0005.\n", "")
        assert_one_sentence(genmod("control", run.path, "set"))
    assert control.read(run).settings == {"learning_rate": (1, 0.0005)}


@pytest.mark.parametrize(
    ("variable", "value"), [("GENMOD_MAX_EPOCHS", "abc"), ("GENMOD_WORKERS", "-1"), ("GENMOD_SPARE", "nan")]
)
def test_a_variable_that_bounds_nothing_is_refused_at_the_start(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], variable: str, value: str
) -> None:
    monkeypatch.setenv(variable, value)
    assert main(["runs"]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith(f"The environment variable {variable} is {value!r}; it must be ")
    assert said.err.count("\n") == 1


def test_a_training_beyond_the_memory_is_refused(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], store: Store
) -> None:
    monkeypatch.setenv("GENMOD_MAX_MEMORY_MB", "2000")
    large = ["--preset", "dcgan", "--generator-filters", "128,128,128", "--batch-size", "3000"]
    assert main(["train", "gan", *large, "--store", str(store.root)]) == 2
    assert "GB of memory, and this server allows one training 2.0 GB" in capsys.readouterr().err
    assert store.runs() == []
