"""Audit the project: the security rules for its sources, and known vulnerabilities of the packages it pins.

The rules need no network and are part of `make test` too. The vulnerabilities are asked of pypi.org by pip-audit; where
nobody answers, that check is skipped with a word. A vulnerability that does not reach this project is put in `ACCEPTED`
with the reason.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

PROJECT = Path(__file__).resolve().parent.parent
PINNED = ("requirements.txt", "requirements-dev.txt", "constraints.txt")
PIN = re.compile(r"(?P<name>[A-Za-z0-9._-]+)(\[[^\]]*\])?==(?P<version>[^\s;#]+)")
ASKED = "https://pypi.org/pypi/pip/json"
SECONDS_TO_ANSWER = 5
SECONDS_FOR_ALL = 120
ACCEPTED: Mapping[str, str] = {}  # a vulnerability's id: why it does not reach this project


def main() -> int:
    """Run both checks, name the failed ones at the end."""
    python = [sys.executable, "-m"]
    failed = []
    for name, command in {
        "security rules of ruff": [*python, "ruff", "check", "--select", "S", "."],
        "rules of the project": [*python, "pytest", "-q", "tests/test_audit.py"],
    }.items():
        print(f"\n== {name}", flush=True)
        if subprocess.run(command, cwd=PROJECT).returncode != 0:
            failed.append(name)
    print("\n== known vulnerabilities of the pinned packages", flush=True)
    if not packages_pass():
        failed.append("known vulnerabilities")
    print(f"\nFailed: {', '.join(failed)}." if failed else "\nThe audit found nothing.")
    return 1 if failed else 0


def packages_pass() -> bool:
    """Whether no pinned package is known to be vulnerable, as far as anybody answers; says what was found."""
    wanted = pins((PROJECT / name).read_text(encoding="utf-8") for name in PINNED)
    if not answers():
        print("Skipped: pypi.org does not answer, so nobody could be asked. Run make audit again with a network.")
        return True
    found = ask(wanted)
    if found is None:
        print("Skipped: pip-audit got no usable answer from pypi.org. Run make audit again later.")
        return True
    lines, bad = findings(found, len(wanted))
    print("\n".join(lines))
    return not bad


def pins(texts: Iterable[str]) -> dict[str, str]:
    """The pinned packages with their versions."""
    lines = (line.strip() for text in texts for line in text.splitlines())
    return {pin["name"].lower(): pin["version"] for line in lines if (pin := PIN.match(line))}


def answers(address: str = ASKED) -> bool:
    """Whether the package index answers at all, within seconds."""
    opener = urllib.request.build_opener()  # `urlopen` would keep the proxies of its first use for the whole process
    try:
        with opener.open(address, timeout=SECONDS_TO_ANSWER):
            return True
    except (urllib.error.URLError, OSError):
        return False


def ask(wanted: Mapping[str, str]) -> list[dict[str, Any]] | None:
    """What pip-audit reports of each package; None if it got no answer. Nothing is installed."""
    with tempfile.TemporaryDirectory() as folder:
        listed = Path(folder) / "pins.txt"
        listed.write_text("".join(f"{name}=={version}\n" for name, version in wanted.items()), encoding="utf-8")
        command = [sys.executable, "-m", "pip_audit", "--format", "json", "--progress-spinner", "off"]
        command += ["--no-deps", "--disable-pip", "--timeout", str(SECONDS_TO_ANSWER), "--requirement", str(listed)]
        try:
            ended = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS_FOR_ALL)
            return list(json.loads(ended.stdout)["dependencies"])
        except (subprocess.TimeoutExpired, ValueError, KeyError, TypeError):
            return None


def findings(found: Iterable[Mapping[str, Any]], wanted: int) -> tuple[list[str], bool]:
    """What is to be said of a report, and whether anything in it is a fault."""
    lines, bad, known = [], False, 0
    for package in found:
        known += "vulns" in package
        for vulnerability in package.get("vulns", []):
            names = [vulnerability["id"], *vulnerability.get("aliases", [])]
            reason = next((ACCEPTED[name] for name in names if name in ACCEPTED), None)
            mended = ", ".join(vulnerability.get("fix_versions", [])) or "no version yet"
            lines.append(
                f"{package['name']} {package['version']}: {', '.join(names)}, mended in {mended}"
                + (f" (accepted: {reason})" if reason else "")
            )
            bad = bad or reason is None
    if known < wanted:
        lines.append(
            f"Skipped: {wanted - known} of {wanted} packages, of whose pinned versions pypi.org knows nothing."
        )
    lines.append(f"{known} of {wanted} pinned packages checked.")
    return lines, bad


if __name__ == "__main__":
    sys.exit(main())
