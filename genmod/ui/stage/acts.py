"""What the stage shows of a run: its pictures, numbers, sentences and curves, as plain data for the browser."""

from __future__ import annotations

import base64
import functools
import os
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from genmod import kinds, runs
from genmod.drawing import curves
from genmod.kinds import Config, Plot
from genmod.quality import standing
from genmod.quality.standing import Standing
from genmod.runs import Run, Status, Store, frames, history
from genmod.system import files

FRESH = 5.0  # seconds for which is kept how good a number is
MOST_ROWS = 100  # places at which the film strip can stop
TILES = 50  # images in the picture of the fixed latents, unless the run is by class
ROWS_BY_CLASS = 5
LIVE = {"epoch", "epochs", "step", "steps", "share", "seconds_left", "images_per_second", "metrics"}  # of progress.json
Table = dict[str, Any]


@dataclass(frozen=True)
class Situation:
    """Where a training stands, as its folder says right now."""

    status: Status
    progress: Mapping[str, Any]
    notice: str = ""

    @property
    def metrics(self) -> Mapping[str, float]:
        """The numbers of the unfinished epoch; empty if nothing trains or before the first step."""
        live = self.status.active and self.progress.keys() >= LIVE
        return self.progress["metrics"] if live else {}


def situation(run: Run, notice: str = "") -> Situation:
    """Read where a training stands."""
    status = run.status()
    return Situation(status, run.progress() if status.active else {}, notice)


def empty(config: Config, waiting: str) -> Table:
    """A stage on which nothing has been shown yet, of the size that it will have."""
    return _words(config) | {
        "id": "", "version": "", "rows": [], "now": None, "plots": _plots(config, [], standings(config, [])),
        "marks": [], "share": 0.0, "frames": False, "waiting": waiting, "notice": "",
    }  # fmt: skip


def act(run: Run, config: Config, now: Situation, marks: Sequence[tuple[float, str]] = ()) -> Table:
    """All that the stage shows of a run.

    Args:
        marks: where a setting was changed while it trained, in epochs, and what it was.
    """
    stands = tuple(standings(config, run.history()))
    past = _past(run, config, _time_of(run), tuple(frames.chosen(run.frames(), MOST_ROWS)), stands)
    return (
        _words(config)
        | past
        | _live(run, config, now)
        | {
            "id": run.id,
            "version": run.created(),
            "marks": [list(mark) for mark in marks],
            "notice": now.notice,
            "waiting": "Getting ready: the compiler builds the training step." if now.status.active else "",
            "frames": bool(past["epochs_shown"]),
            "address": f"frames/{run.id}/EPOCH.png?v={_stamp(run)}",
            "originals": f"frames/{run.id}/test-images.png?v={_stamp(run)}"
            if run.test_images() or run.reconstructions()
            else "",
        }
    )


def _has_test_images(run: Run) -> bool:
    return (run.test_images() or run.reconstructions()) is not None


def texts(config: Config) -> list[str]:
    """All that the stage and the page around it say of a model with these settings, whatever its numbers."""
    kind, words = kinds.of(config), _words(config)
    plots = kind.plots(config)
    return [
        *(words[name] for name in ("secondCaption", "caption", "evenWords")),
        *words["numbers"],
        *(f"{plot.title} {plot.unit} {' '.join((*plot.curves, *plot.stacked))}" for plot in plots),
        *(f"{plot.remark} {plot.reason} {'noise, test images' if plot.scale else ''}" for plot in plots),
        kind.explanation(config),
        kind.story(config),
        "epoch",
    ]


def _stamp(run: Run) -> str:
    return "".join(sign for sign in run.created() if sign.isdigit())


@functools.lru_cache(maxsize=64)
def _words(config: Config) -> Table:
    """What depends on the settings alone; shared, so never to be changed."""
    source, kind = config.source, kinds.of(config)
    dial, by_class = kind.dial(config), config.conditional
    columns = source.classes if by_class else 10
    latents = "random latents" if not by_class else f"random latents, each drawn as every {source.noun}"
    if dial:
        secondary = f"Frames: what the discriminator says of each image, here of ten test images. {dial.meaning}"
    else:
        secondary = "Above: ten test images, which the model never trains on. Below: what comes back from their codes."
    return {
        "epochs": config.epochs,
        "images": len(config.learned),
        "columns": columns,
        "tiles": ROWS_BY_CLASS * source.classes if by_class else TILES,
        "frame": dial is not None,
        "even": dial.even if dial else None,
        "evenWords": dial.meaning if dial else "",
        "second": "dial" if dial else "pairs" if kind.encodes else "",
        "secondCaption": secondary if dial or kind.encodes else "",
        "secondAlt": "Ten test images." if dial else "Ten test images above their reconstructions.",
        "caption": f"{'Five' if by_class else 'Fifty'} {latents}, always the same, decoded",
        "alt": f"{source.plural.capitalize()} decoded from fixed {latents}",
        "empty": f"Here the {source.plural} will form: fixed {latents}, decoded again and again.",
        "numbers": list(kind.headline(config, {})),
    }


def _time_of(run: Run) -> files.Stamp | None:
    """Changes with the run's history."""
    try:
        return files.stamp_of(os.stat(run.file(history.NAME)))
    except OSError:
        return None


# The rows change once an epoch, and a training is looked at several times a second by many.
@functools.lru_cache(maxsize=64)
def _past(
    run: Run, config: Config, time: files.Stamp | None, with_frames: tuple[int, ...], stands: tuple[Standing, ...]
) -> Table:
    """What the finished epochs gave; `time`, `with_frames` and `stands` say whether it is still the same."""
    rows = run.history()
    shown = with_frames or frames.chosen([int(row["epoch"]) for row in rows], MOST_ROWS)
    return {
        "rows": [_row(config, rows, epoch) for epoch in shown],
        "plots": _plots(config, rows, stands),
        "epochs_shown": list(with_frames),
        "pairs": bool(with_frames) and run.reconstructions_after(with_frames[-1]) is not None,
    }


def _row(config: Config, rows: Sequence[Mapping[str, float]], epoch: int) -> Table:
    """What stands at one place of the film strip: `epoch` epochs are finished there."""
    until = [row for row in rows if row["epoch"] <= epoch]
    if epoch == 0 or not until:
        begun = "before the first step"
        return {
            "e": epoch, "n": [], "s": "", "d": None, "when": begun, "w": f"Before epoch 1 of {config.epochs}",
            "t": "The weights are still random, and so is what the model draws.",
        }  # fmt: skip
    state, sentence = _said(config, until, {})
    return {
        "e": epoch,
        "n": list(kinds.of(config).headline(config, until[-1]).values()),
        "s": state,
        "t": sentence,
        "d": _answers(config, until[-1]),
        "when": f"after epoch {epoch}",
        "w": f"After epoch {epoch} of {config.epochs}",
    }


def _said(config: Config, rows: Sequence[Mapping[str, float]], metrics: Mapping[str, float]) -> tuple[str, str]:
    """The state of a training and the sentence on it; without a state the numbers after the last epoch."""
    kind = kinds.of(config)
    found = kind.diagnose(config, rows, metrics)
    if found is not None:
        return found.state.capitalize(), found.sentence
    return "", kind.latest(config, rows)


def _answers(config: Config, row: Mapping[str, float]) -> list[float] | None:
    dial = kinds.of(config).dial(config)
    if dial is None or not row.keys() >= {dial.real, dial.generated}:
        return None
    return [round(row[dial.real], 3), round(row[dial.generated], 3)]


def _live(run: Run, config: Config, now: Situation) -> Table:
    """The unfinished epoch, if a training is under way."""
    if not now.status.active:
        finished = len(run.history())
        return {"now": None, "share": min(1.0, finished / config.epochs)}
    if not now.metrics:
        return {"now": None, "share": 0.0}
    progress, rows = now.progress, run.history()
    kind = kinds.of(config)
    epoch = progress["epoch"] - 1 + progress["step"] / max(progress["steps"], 1)
    # What is measured once an epoch stands as it was after the last.
    known = {**(rows[-1] if rows else {}), **now.metrics}
    state, sentence = _said(config, rows, now.metrics)
    share = min(max(progress["share"], 0.0), 1.0)
    row = {
        "e": min(round(epoch, 4), config.epochs),
        "n": list(kind.headline(config, known).values()),
        "s": state,
        "t": sentence or "The first epoch is under way.",
        "d": _answers(config, now.metrics),
        "when": f"now, in epoch {progress['epoch']:.0f}",
        "w": f"Epoch {progress['epoch']:.0f} of {config.epochs}, {_pace(progress, now.status)}",
        "p": [
            [curves.weighted_sum(now.metrics, weights) for _, weights, _ in _curves(plot)]
            for plot in kind.plots(config)
        ],
    }
    sheet, second = run.sheet(), run.reconstructions() if kind.encodes else None
    return {"now": row, "live": _address(sheet), "liveSecond": _address(second), "share": share}


def _pace(progress: Mapping[str, Any], status: Status) -> str:
    """How long it will take still, or that it waits."""
    if status.state == runs.PAUSED:
        return f"step {progress['step']:.0f}, paused"
    left = progress["seconds_left"]
    if left is None:
        return f"step {progress['step']:.0f}"
    left = max(0, round(left))
    return f"{left // 60}:{left % 60:02d} min left"


def _address(picture: bytes | None) -> str:
    return "" if picture is None else f"data:image/png;base64,{base64.b64encode(picture).decode()}"


def _curves(plot: Plot) -> list[tuple[str, Mapping[str, float], bool]]:
    """The curves of a plot: name, weights of the columns, and whether it is stacked upon the one before."""
    return [
        *((name, weights, True) for name, weights in plot.stacked.items()),
        *(
            (name, {column: plot.weights.get(column, 1.0) for column in columns}, False)
            for name, columns in plot.curves.items()
        ),
    ]


def standings(config: Config, rows: Sequence[Mapping[str, float]]) -> Sequence[Standing]:
    """Whether the numbers of each plot are good, as far as that can be said; of some seconds ago at most."""
    return _stands(config, tuple(rows[-1].items()) if rows else (), runs.home().root, int(time.monotonic() / FRESH))


# Every run of the store is asked, and a training is looked at several times a second by many.
@functools.lru_cache(maxsize=64)
def _stands(config: Config, last: tuple[tuple[str, float], ...], root: Path, when: int) -> Sequence[Standing]:
    own = Store(root)
    known = standing.compared_with(own, runs.shipped()) if last else ()
    return standing.of(config, [dict(last)] if last else [], known, own)


def _plots(config: Config, rows: Sequence[Mapping[str, float]], stands: Sequence[Standing]) -> list[Table]:
    found = []
    for plot, stand in zip(kinds.of(config).plots(config), stands, strict=True):
        lines = _curves(plot)
        flat = [name for name, _, stacked in lines if not stacked]
        found.append(
            {
                "title": plot.title,
                "unit": plot.unit,
                "standing": stand.short,
                "stacked": bool(plot.stacked),
                "bounds": list(plot.bounds) if plot.bounds else None,
                "rules": [{"name": name, "value": value} for name, value in plot.rules.items()],
                "curves": [
                    {
                        "name": name,
                        "stacked": stacked,
                        "style": "front" if not stacked and name == flat[-1] else "back",
                        "points": curves.points(rows, weights),
                    }
                    for name, weights, stacked in lines
                ],
            }
        )
    return found
