"""Check everything: lint, format, types, unit tests and pages, then the pages in a real browser.

Every check runs even if an earlier one failed; the exit code is 0 only if none did. The browser found
is handed to the tests in the environment variable GENMOD_CHROMIUM. With --long the tests marked `long` run too.
"""

from __future__ import annotations

import argparse
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
BROWSER_TESTS = "tests/browser"
BROWSERS = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
)
DOWNLOAD_SECONDS = 120
RETRY_SECONDS = 24 * 3600
FAILED_DOWNLOAD = Path(sys.prefix) / ".chromium-download-failed"
HOW_TO_GET_ONE = (
    "Browser tests skipped: no Chromium was found and Playwright could not download one.\n"
    "To run them, install one (Debian and Ubuntu: sudo apt install chromium) or name one:\n"
    "make test CHROMIUM=/path/to/chromium"
)
EVERYTHING = "long or not long"  # in the place of the `-m` of pyproject.toml
PLAYWRIGHTS_OWN = """
from playwright.sync_api import sync_playwright
with sync_playwright() as playwright:
    print(playwright.chromium.executable_path)
"""


def main() -> int:
    """Run all checks, name the failed ones at the end."""
    parser = argparse.ArgumentParser(description="Check everything.")
    parser.add_argument("--long", action="store_true", help="also the tests marked `long`: whole sweeps")
    long = parser.parse_args().long
    browser = find_browser()
    python = [sys.executable, "-m"]
    pytest = [*python, "pytest", "-q", *(["-m", EVERYTHING] if long else [])]
    failed = [
        name
        for name, command in {
            "ruff check": [*python, "ruff", "check", "."],
            "ruff format": [*python, "ruff", "format", "--check", "."],
            "mypy": [*python, "mypy"],
            "tests": [*pytest, "-n", "2", f"--ignore={BROWSER_TESTS}"],
        }.items()
        if not passes(name, command)
    ]
    if browser and not passes("browser tests", [*pytest, "-n", "2", BROWSER_TESTS], {"GENMOD_CHROMIUM": browser}):
        failed.append("browser tests")
    print(f"\nFailed: {', '.join(failed)}." if failed else "\nAll checks passed.")
    if not browser:
        print(HOW_TO_GET_ONE)
    return 1 if failed else 0


def passes(name: str, command: list[str], variables: dict[str, str] | None = None) -> bool:
    """Run one check under its name, its output as it comes."""
    print(f"\n== {name}", flush=True)
    return subprocess.run(command, cwd=PROJECT, env={**os.environ, **(variables or {})}).returncode == 0


def find_browser() -> str | None:
    """A Chromium that runs: the named one, the system's, Playwright's, or one it can fetch."""
    if named := os.environ.get("CHROMIUM") or os.environ.get("GENMOD_CHROMIUM"):
        if not (path := shutil.which(named)) or not runs(path):
            sys.exit(f"CHROMIUM is set to {named}, which does not run.")
        return path
    for name in BROWSERS:
        if (path := shutil.which(name)) and runs(path):
            return path
    if path := playwrights_own():
        return path
    return playwrights_own() if download() else None


def runs(browser: str) -> bool:
    """Whether it starts at all: a distribution may ship a stub that only prints advice."""
    try:
        return subprocess.run([browser, "--version"], capture_output=True, timeout=30).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False


def playwrights_own() -> str | None:
    """The Chromium in Playwright's cache, if it is there and runs."""
    answer = subprocess.run([sys.executable, "-c", PLAYWRIGHTS_OWN], capture_output=True, text=True)
    path = answer.stdout.strip()
    return path if answer.returncode == 0 and path and runs(path) else None


def download() -> bool:
    """Ask Playwright for its Chromium, with a time limit; a failure is remembered for a day."""
    if FAILED_DOWNLOAD.exists() and abs(time.time() - FAILED_DOWNLOAD.stat().st_mtime) < RETRY_SECONDS:
        return False
    print(f"\n== No Chromium found; asking Playwright for one (at most {DOWNLOAD_SECONDS} s)", flush=True)
    command = [sys.executable, "-m", "playwright", "install", "chromium"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
    try:
        fetched = process.wait(DOWNLOAD_SECONDS) == 0
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        fetched = False
    if fetched:
        FAILED_DOWNLOAD.unlink(missing_ok=True)
    else:
        FAILED_DOWNLOAD.touch()
    return fetched


if __name__ == "__main__":
    sys.exit(main())
