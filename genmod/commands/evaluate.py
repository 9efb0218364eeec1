"""Measuring how good a run is, or the runs that wait to be measured."""

from __future__ import annotations

import argparse
import contextlib
import json

from genmod import runs
from genmod.commands import progress, store_of
from genmod.errors import ConfigError
from genmod.system import processes
from genmod.system.quiet import quiet


def command(options: argparse.Namespace) -> int:
    """Print how good a run is, and keep it in the run's folder; or measure the runs that wait."""
    from genmod import quality
    from genmod.quality import measurements, metrics, reference, seeds

    if options.queued:
        processes.yield_to_pages(10)  # the trainings come first, too
        with quiet():
            measurements.work(store_of(options))
        return 0
    if options.run is None:
        raise ConfigError("The run is missing; give a run's folder or its id.")
    run = runs.find(options.run, store_of(options))
    wanted = {name: getattr(options, name) for name in ("samples", "importance_samples", "importance_images")}
    sizes = quality.Sizes(**{name: number for name, number in wanted.items() if number is not None})
    with progress.measuring() as report, quiet():
        found = quality.measure(run, sizes, report)
    if sizes == quality.Sizes() and not run.shipped:
        with contextlib.suppress(OSError):  # a folder that is only for reading can be measured too
            quality.save(run.path, found)
    if options.json:
        print(json.dumps(dict(found.values)))
        return 0
    source = run.config().source
    ends = reference.ends(source)
    shown = [metric for metric in metrics.of(source, sizes.samples) if found.number(metric.name) is not None]
    for metric in shown:
        own = metric.ends(ends)
        scale = metric.scale(*own) if own else ""
        print(f"{metric.title:<46} {metric.text(found.number(metric.name) or 0.0):>14}   {scale}".rstrip())
    shares = zip(source.class_names, found.shares("class_shares"), strict=True)
    print("Classes seen: " + ", ".join(f"{name} {100 * share:.1f} %" for name, share in shares))
    if said := metrics.binarised_on(source, found.notes):
        print(f"{said}.")
    if spreads := seeds.of(run):
        print("Trained with these settings and other seeds, as mean ± standard deviation:")
        for metric in shown:
            if (spread := spreads.get(metric.name)) is not None:
                print(f"  {metric.title:<44} {spread.text(metric)}")
    for metric in shown:
        if metric.caveat:
            print(f"{metric.title}: {metric.sentence} {metric.caveat}")
    return 0
