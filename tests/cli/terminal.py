"""Runs a program on a pseudo-terminal, and reads what a person sees there."""

import fcntl
import os
import pty
import re
import struct
import subprocess
import sys
import termios
from collections.abc import Mapping
from pathlib import Path


def on_terminal(program: str, *, columns: int, env: Mapping[str, str] | None = None) -> str:
    """Return all that *program* (Python) writes to a terminal, escape codes and all."""
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    inherited = {"PATH": os.environ["PATH"], "TERM": "xterm-256color", "LANG": "C.UTF-8"}
    process = subprocess.Popen(
        [sys.executable, "-c", program],
        stdin=slave,
        stdout=slave,
        stderr=slave,
        env=inherited | dict(env or {}),
        cwd=Path(__file__).parents[2],
    )
    os.close(slave)
    written = b""
    while chunk := _read(master):
        written += chunk
    os.close(master)
    assert process.wait(30) == 0, written.decode()
    return written.decode().replace("\r\n", "\n")


def left_on_screen(written: str) -> list[str]:
    """Return the lines that are still there at the end, by the codes that rich uses."""
    lines = [""]
    for part in re.split(r"(\x1b\[[0-9;?]*[A-Za-z]|\n|\r)", written):
        if part == "\n":
            lines.append("")
        elif part == "\x1b[2K":
            lines[-1] = ""
        elif part == "\x1b[1A":
            lines.pop()
        elif part and part[0] not in "\x1b\r":
            lines[-1] += part
    return [line.rstrip() for line in lines if line.strip()]


def _read(descriptor: int) -> bytes:
    try:
        return os.read(descriptor, 65536)
    except OSError:  # EIO: the other end is closed
        return b""
