"""Files that are never seen half-written: atomic replacement, flushed to disk, and careful reading."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
from pathlib import Path
from typing import Any


def write_bytes(path: Path, content: bytes, durable: bool = True) -> None:
    """Replace `path` by `content`: a reader sees the old file or the new one, never a mix.

    Args:
        durable: flush to disk first, so that the new file also survives a power cut. Live numbers that
            are replaced several times a second can do without.
    """
    with replacing(path, durable) as temporary:
        temporary.write_bytes(content)


@contextlib.contextmanager
def replacing(path: Path, durable: bool = True) -> Any:
    """Give the body a temporary sibling to write; move it to `path` when the body ends well.

    The sibling keeps the suffix of `path`, for writers that look at it.
    """
    temporary = path.with_name(f".{secrets.token_hex(4)}.tmp{path.suffix}")
    try:
        yield temporary
        if durable:
            flush(temporary)
        os.replace(temporary, path)
    except BaseException:
        with contextlib.suppress(OSError):
            temporary.unlink()
        raise
    if durable:
        flush_folder(path.parent)


def write_json(path: Path, data: Any, durable: bool = True) -> None:
    """Replace `path` by `data` as JSON."""
    write_bytes(path, json.dumps(data, indent=1 if durable else None).encode() + b"\n", durable)


def read_json(path: Path) -> dict[str, Any] | None:
    """The table in a JSON file; None if the file is missing, unreadable or holds something else."""
    try:
        data = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return None
    return data if isinstance(data, dict) else None


def flush(path: Path) -> None:
    """Make the operating system put the file's content on disk."""
    descriptor = os.open(path, os.O_RDWR)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def flush_folder(path: Path) -> None:
    """Make a rename in the folder durable, where the system can (Windows cannot and need not)."""
    if os.name == "nt":
        return
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
