"""Measuring what data augmentation gains, or the experiments that wait for it."""

from __future__ import annotations

import argparse
import contextlib
import json
import statistics
import sys

from genmod import jobs
from genmod.commands import FAILURE, progress, store_of
from genmod.errors import GenmodError, RunError
from genmod.jobs import workers
from genmod.jobs.queues import EXPERIMENTS
from genmod.lesson import experiments
from genmod.lesson.augmentation import WAYS, Experiment, Result
from genmod.lesson.experiments import Measure
from genmod.system import processes
from genmod.system.quiet import quiet


def command(options: argparse.Namespace, measure: Measure) -> int:
    """Run an experiment and print its accuracies, or run those that wait.

    Args:
        measure: finds what is missing of a result. The entry of the command line hands it over, so that no command
            imports TensorFlow's room.
    """
    store = store_of(options)
    if options.queued:
        processes.yield_to_pages(5)
        experiments.work(store, measure)
        return 0
    experiment = Experiment(
        options.images, options.generated, options.first_seed, options.seeds, tuple(options.ways or WAYS)
    )
    lock = EXPERIMENTS.hold(store)
    if lock is None:
        raise RunError("Another experiment is under way in this store; try again when it has ended.")
    try:
        with workers.place_if_free(store) as alone:
            if not alone:
                print("A training is under way: both will be slower.", file=sys.stderr)
            with progress.measuring() as report, quiet():
                found = experiments.run(store, experiment, measure, report)
    finally:
        lock.release()
        for ensure in (jobs.ensure_worker, EXPERIMENTS.ensure_worker):
            with contextlib.suppress(GenmodError):  # for what began to wait meanwhile, where no server looks after it
                ensure(store)
    print(json.dumps(found.to_json()) if options.json else table(found))
    return 0 if found.complete else FAILURE


def table(found: Result) -> str:
    """The mean accuracy of each way and its standard deviation over the seeds, one line each."""
    lines = []
    for name in found.experiment.ways:
        shares = [100 * share for share in found.accuracies(name).values()]
        spread = f" ± {statistics.stdev(shares):.1f}" if len(shares) > 1 else ""
        lines.append(f"{WAYS[name].phrase:<50} {statistics.fmean(shares):5.1f}{spread} % of the test images right")
    return "\n".join(lines)
