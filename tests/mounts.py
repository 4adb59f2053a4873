"""Run a Python script with a small or read-only disk of its own; where the system forbids that, the disk is played."""

from __future__ import annotations

import functools
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
PLAYED = """
import builtins, errno, os, shutil
import duckdb
def fail(*a, **k):
    raise OSError({errno}, os.strerror({errno}))
def fail_duckdb(*a, **k):
    raise duckdb.IOException("IO Error: Could not write file: " + os.strerror({errno}))
os.open = os.replace = os.fsync = os.ftruncate = shutil.copyfile = fail
duckdb.connect = fail_duckdb
"""


@functools.cache
def can_mount() -> bool:
    """Return whether this system lets us mount a disk of our own in a namespace of our own."""
    if shutil.which("unshare") is None:
        return False
    tried = subprocess.run(["unshare", "-rm", "mount", "-t", "tmpfs", "tmpfs", "/mnt"], capture_output=True)
    return tried.returncode == 0


def run_on_disk(folder: Path, script: str, *, megabytes: int | None = None, then: str = "") -> str:
    """Run `script` with `folder` as a disk of that size, and `then` when the disk has turned read-only; return what they print.

    Without `megabytes` the disk is the folder as it is, read-only from the start.
    """
    folder.mkdir(parents=True, exist_ok=True)
    python = [sys.executable, "-c"]
    environment = os.environ | {"PYTHONPATH": str(ROOT), "DISK": str(folder)}
    if can_mount():
        mount = f'mount -t tmpfs -o size={megabytes}m tmpfs "$DISK"' if megabytes else 'mount --bind "$DISK" "$DISK"'
        turn = 'mount -o remount,ro,bind "$DISK"'
        lines = [
            mount,
            *([turn] if not megabytes else []),
            '"$PY" -c "$FIRST"',
            *([turn, '"$PY" -c "$THEN"'] if then else []),
        ]
        command = ["unshare", "-rm", "sh", "-ec", "\n".join(lines)]
        environment |= {"PY": sys.executable, "FIRST": script, "THEN": then}
        done = subprocess.run(command, capture_output=True, text=True, env=environment, cwd=ROOT)
    else:
        played = PLAYED.format(errno="errno.ENOSPC" if megabytes else "errno.EROFS")
        done = subprocess.run([*python, played + script], capture_output=True, text=True, env=environment, cwd=ROOT)
    assert done.returncode == 0, done.stderr
    return done.stdout
