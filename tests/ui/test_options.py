"""The options the app relies on hold from any folder and with a host's own configuration."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from genmod.ui import options

PROJECT = Path(__file__).resolve().parents[2]

# Started in a folder with a configuration of its own, where the shipped one is not read.
VISIT = f"""
import json
from streamlit import config
from streamlit.testing.v1 import AppTest
AppTest.from_file({str(PROJECT / "app.py")!r}, default_timeout=60).run()
print(json.dumps({{name: config.get_option(name) for name in {sorted(options.OPTIONS)!r}}}))
"""


def seen_by_a_visitor(folder: Path, configuration: str) -> dict[str, object]:
    """The options after one run of the app on a host with this configuration."""
    (folder / ".streamlit").mkdir()
    (folder / ".streamlit" / "config.toml").write_text(configuration)
    found = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", VISIT],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(PROJECT), "GENMOD_HOME": str(folder / "store")},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    answer: dict[str, object] = json.loads(found.stdout.splitlines()[-1])
    return answer


def test_host_with_a_configuration_of_its_own_gets_the_options_it_does_not_set(tmp_path: Path) -> None:
    assert seen_by_a_visitor(tmp_path, "[server]\nrunOnSave = false\n") == options.OPTIONS


def test_what_a_host_sets_stays(tmp_path: Path) -> None:
    found = seen_by_a_visitor(tmp_path, "[server]\nmaxUploadSize = 9\n[runner]\npostScriptGC = true\n")
    assert found == {**options.OPTIONS, "server.maxUploadSize": 9, "runner.postScriptGC": True}


@pytest.mark.parametrize("name", options.OPTIONS)
def test_shipped_configuration_says_the_same(name: str) -> None:
    section, _, key = name.partition(".")
    shipped = tomllib.loads((PROJECT / ".streamlit" / "config.toml").read_text())
    assert shipped[section][key] == options.OPTIONS[name]
