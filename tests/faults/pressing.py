"""A visitor who presses Train at a given moment; run as `python -m tests.faults.pressing FOLDER`."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

from genmod import jobs, runs
from genmod.kinds import VAEConfig
from genmod.runs import Store
from tests.faults.sweep import start_no_workers


def main(folder: str) -> None:
    """For each line, a moment and a seed, ask for that training then; say which run it is."""
    start_no_workers()
    store = Store(Path(folder))
    runs.fingerprint(VAEConfig())
    print("ready", flush=True)
    for line in sys.stdin:
        moment, seed = json.loads(line)
        while time.time() < moment - 0.002:
            time.sleep(0.001)
        while time.time() < moment:
            pass
        pressed = time.time()
        submission = jobs.submit(store, VAEConfig(seed=seed))
        print(json.dumps([pressed, submission.run.id, submission.joined]), flush=True)
    assert "tensorflow" not in sys.modules


if __name__ == "__main__":
    main(sys.argv[1])
