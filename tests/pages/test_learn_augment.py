"""The chapter on data augmentation: what ships, an experiment of one's own, and links and files that are wrong."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from genmod.errors import GenmodError
from genmod.jobs import queues, workers
from genmod.jobs.queues import EXPERIMENTS, Queue
from genmod.lesson import augmentation, experiments
from genmod.lesson.augmentation import Cell, Experiment, Result
from genmod.runs import Store
from tests.pages.chapters import opened, said
from tests.pages.test_pages import healthy, home, texts, visit

__all__ = ["home"]
CHAPTER = "augment"


@pytest.fixture(autouse=True)
def no_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    """No page of these tests starts a process."""
    monkeypatch.setattr(Queue, "ensure_worker", lambda queue, store: None)


def press(app: AppTest, key: str) -> AppTest:
    """The page after a button of it was pressed."""
    return next(button for button in app.button if button.key == key).click().run()


def keys(app: AppTest) -> set[str]:
    """The keys of its buttons."""
    return {str(button.key) for button in app.button}


def folder(store: Store, experiment: Experiment) -> Path:
    """Where an experiment is kept."""
    return store.root / experiments.FOLDER / experiment.id


def kept(store: Store, experiment: Experiment, count: int) -> None:
    """Keep the first accuracies of an experiment."""
    folder(store, experiment).mkdir(parents=True)
    cells = tuple(Cell(way, seed, 0.7 + 0.01 * seed) for way, seed in experiment.places[:count])
    augmentation.keep(folder(store, experiment) / experiments.RESULT, Result(experiment, cells))


def test_the_shipped_results_stand_there_at_once(home: Store) -> None:
    app = opened(CHAPTER)
    assert "From 5 real images of each digit" in said(app)
    assert "sees no other real image" in said(app)
    assert len(app.get("vega_lite_chart")) == 1
    assert texts(app).count('class="gm-digits"') == 3
    assert "augment_run" in keys(app) and "augment_cancel" not in keys(app)


def test_another_number_of_real_images_is_another_answer(home: Store) -> None:
    app = opened(CHAPTER, augment_images="100")
    assert "From 100 real images of each digit" in said(app)
    assert "2 of the 100 real images" in said(app)


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ({"augment_images": "7"}, "augment_images is '7'; it must be one of 5, 10, 20, 50, 100."),
        ({"augment_own": "x"}, "augment_own is 'x'; it must be one of 5, 10, 20, 50, 100."),
        ({"augment_drawn": "1e9"}, "augment_drawn is '1e9'; it must be a whole number from 10 to 1,000."),
        ({"augment_seeds": "1"}, "augment_seeds is '1'; it must be a whole number from 3 to 6."),
        ({"augment_first": "-1"}, "augment_first is '-1'; it must be a whole number from 0 to 9,999."),
        ({"augment_ways": "magic"}, "augment_ways is 'magic'; it must be one of"),
    ],
)
def test_a_wrong_link_is_answered_with_one_sentence(query: dict[str, str], sentence: str, home: Store) -> None:
    app = opened(CHAPTER, **query)
    assert sentence in said(app)
    assert "From 5 real images of each digit" in said(app)


def test_an_experiment_can_be_asked_for_and_cancelled(home: Store) -> None:
    app = opened(CHAPTER, augment_own="20", augment_drawn="50", augment_first="7")
    wanted = Experiment(20, 50, 7)
    press(app, "augment_run")
    healthy(app)
    assert experiments.standing(home, wanted).state == "waiting"
    assert "First in the queue" in said(app)
    assert next(button for button in app.button if button.key == "augment_run").disabled
    press(app, "augment_cancel")
    healthy(app)
    assert not experiments.standing(home, wanted).changing
    assert "augment_cancel" not in keys(app)


def test_its_progress_is_shown(home: Store) -> None:
    wanted = Experiment(5, first_seed=5)
    kept(home, wanted, 5)
    experiments.ask(home, wanted)
    queues.note_progress(folder(home, wanted) / experiments.TICKET, 0.4, "Seed 6: <b>a VAE</b>")
    lock = EXPERIMENTS.hold(home)
    assert lock is not None
    app = opened(CHAPTER)
    assert "Seed 6: <b>a VAE</b>: 40 % of the whole" in said(app)
    assert 'role="progressbar"' in texts(app)
    assert len(app.get("vega_lite_chart")) == 2
    lock.release()


def test_a_finished_one_stands_beside_the_shipped_one(home: Store) -> None:
    wanted = Experiment(5, first_seed=5)
    kept(home, wanted, 12)
    app = opened(CHAPTER)
    assert "augment_run" not in keys(app)
    assert "Grey diamonds are the shipped results, with seeds 0 to 4" in said(app)
    assert "they give 76.0 %, 0.0 percentage points more: no more than chance explains" in said(app)


def test_one_that_was_cancelled_can_go_on(home: Store) -> None:
    kept(home, Experiment(5, first_seed=5), 5)
    app = opened(CHAPTER)
    assert next(button for button in app.button if button.key == "augment_run").label == "Go on"
    assert "7 classifiers to train" in said(app)


def test_a_failure_is_one_sentence(home: Store) -> None:
    wanted = Experiment(5, first_seed=5)
    folder(home, wanted).mkdir(parents=True)
    queues.end(folder(home, wanted) / experiments.TICKET, "It *failed*.")
    app = opened(CHAPTER)
    assert "It *failed*." in said(app)
    assert "augment_run" in keys(app)


def test_nothing_to_compare_with_is_one_sentence(home: Store) -> None:
    app = opened(CHAPTER)
    app.pills(key="augment_ways").set_value([]).run()
    healthy(app)
    assert "choose at least one more way" in said(app)
    assert "augment_run" not in keys(app)


def test_a_refusal_is_shown(home: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GENMOD_MAX_MEMORY_MB", "500")
    app = press(opened(CHAPTER), "augment_run")
    healthy(app)
    assert "look at the shipped results instead" in said(app)


def test_a_worker_that_cannot_be_started_is_one_sentence(home: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    app = press(opened(CHAPTER), "augment_run")

    def refuse(queue: Queue, store: Store) -> None:
        raise GenmodError("The process of the experiment could not be started (no memory).")

    monkeypatch.setattr(Queue, "ensure_worker", refuse)
    app.run()
    healthy(app)
    assert "could not be started (no memory)" in said(app)


def test_without_the_shipped_files_there_are_sentences(
    home: Store, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(augmentation, "TABLE", tmp_path / "nothing.json")
    monkeypatch.setattr(augmentation, "SHEETS", tmp_path)
    app = opened(CHAPTER)
    assert "The shipped results of this chapter are missing or damaged" in said(app)
    assert "The picture of the generated digits is missing" in said(app)
    assert "augment_run" in keys(app)


def test_a_training_that_waits_behind_an_experiment_is_told(home: Store) -> None:
    from genmod import kinds

    run = home.create(kinds.from_preset("vae", "article"), "waits")
    experiments.ask(home, Experiment(5))
    queues.note_progress(folder(home, Experiment(5)) / experiments.TICKET, 0.4, "It")
    lock, slot = EXPERIMENTS.hold(home), workers.slot(home)
    assert lock is not None and slot is not None
    app = visit("pages/train.py", run=run.id)
    healthy(app)
    assert "An experiment of the lesson comes first" in said(app)
    lock.release()
    slot.release()
