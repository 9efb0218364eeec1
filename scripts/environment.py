"""Make `.venv` hold exactly what the requirements pin; do nothing, and ask no network, when it already does.

Only the standard library is used: this runs before anything is installed.
"""

from __future__ import annotations

import argparse
import platform
import shutil
import subprocess
import sys
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
VENV = PROJECT / ".venv"
PYTHON = str(VENV / "bin" / "python")
RUNTIME = ("requirements.txt", "constraints.txt")
DEVELOPMENT = (*RUNTIME, "requirements-dev.txt")

# Printed by the environment's own Python: which Python it is, and whether it is one that can be used.
IDENTITY = "import platform; print(platform.python_version(), platform.machine())"
# Every file that pip wrote down must be there: an interrupted install leaves packages without list or files.
INTACT = """
import csv, importlib.metadata, pathlib, sys
for package in importlib.metadata.distributions():
    record = csv.reader((package.read_text("RECORD") or "").splitlines())
    files = [row[0] for row in record if row and not row[0].endswith(".pyc")]
    if not files or not all(pathlib.Path(package.locate_file(file)).exists() for file in files):
        sys.exit(1)
"""


def main() -> int:
    """Bring the environment up to date."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--dev", action="store_true", help="also what `make test` needs")
    development = parser.parse_args().dev
    identity = python_identity()
    if identity is not None and current("dev" if development else "run", identity):
        return 0
    if identity is not None and not (VENV / ".stamp-run").exists() and not (has_pip() and intact()):
        print("An earlier installation was interrupted and left damage; .venv is made anew.", flush=True)
        identity = None
    if identity is None:
        create()
        identity = python_identity()
    if identity is None:
        print(f"{sys.executable} could not make a working environment in {VENV}.", file=sys.stderr)
        return 1
    install(development, identity)
    return 0


def python_identity() -> str | None:
    """What `.venv/bin/python` says it is; None when it is missing, broken or no longer fits its packages."""
    try:
        answer = subprocess.run([PYTHON, "-c", IDENTITY], capture_output=True, text=True, timeout=60)
    except (OSError, subprocess.TimeoutExpired):
        return None
    if answer.returncode != 0:
        return None
    version = answer.stdout.split(" ")[0].split(".")
    if not (VENV / "lib" / f"python{version[0]}.{version[1]}" / "site-packages").is_dir():
        return None
    return answer.stdout.strip()


def current(kind: str, identity: str) -> bool:
    """Whether the stamp says that this Python has these very pins."""
    stamp = VENV / f".stamp-{kind}"
    return stamp.exists() and stamp.read_text(encoding="utf-8") == stamp_text(kind, identity)


def stamp_text(kind: str, identity: str) -> str:
    """The Python and the pins themselves: an exact comparison, and readable."""
    names = DEVELOPMENT if kind == "dev" else RUNTIME
    return identity + "\n" + "".join((PROJECT / name).read_text(encoding="utf-8") for name in names)


def has_pip() -> bool:
    """Whether pip works in the environment."""
    return subprocess.run([PYTHON, "-m", "pip", "--version"], capture_output=True).returncode == 0


def intact() -> bool:
    """Whether no installed package lacks a file."""
    return subprocess.run([PYTHON, "-c", INTACT], capture_output=True).returncode == 0


def create() -> None:
    """Make an empty environment in the place of whatever is there."""
    if Path(sys.prefix).resolve() == VENV:
        sys.exit(".venv is damaged and no other Python 3.11 to 3.13 was found to make it anew.")
    try:
        import ensurepip  # noqa: F401
        import venv  # noqa: F401
    except ImportError:
        sys.exit(f"{sys.executable} lacks the venv module (on Debian and Ubuntu: sudo apt install python3-venv).")
    print(f"Making .venv with Python {platform.python_version()} ({sys.executable}).", flush=True)
    if VENV.is_symlink() or VENV.is_file():
        VENV.unlink()
    elif VENV.exists():
        shutil.rmtree(VENV)
    made = subprocess.run([sys.executable, "-m", "venv", str(VENV)], capture_output=True, text=True)
    if made.returncode != 0:
        reason = (made.stderr or made.stdout).strip().splitlines()[-1:] or ["no reason given"]
        sys.exit(f"{sys.executable} could not make .venv: {reason[0]}")


def install(development: bool, identity: str) -> None:
    """Install the pins; the stamps are written last, so an interrupted install is seen next time."""
    wanted = "requirements-dev.txt" if development else "requirements.txt"
    for kind in ("run", "dev"):
        (VENV / f".stamp-{kind}").unlink(missing_ok=True)
    print(
        f"Installing {wanted} into .venv; the first time this is about 1 GB and takes some minutes.",
        flush=True,
    )
    pip = [PYTHON, "-m", "pip", "--disable-pip-version-check", "--no-input", "install", "--quiet"]
    if subprocess.run([*pip, "-r", str(PROJECT / wanted)], cwd=PROJECT).returncode != 0:
        sys.exit("The packages were not installed (see above); is the network there? The next make tries again.")
    for kind in ("run", "dev") if development else ("run",):
        (VENV / f".stamp-{kind}").write_text(stamp_text(kind, identity), encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
