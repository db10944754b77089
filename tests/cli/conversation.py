"""Talks with the real command on a pseudo-terminal, as a person does."""

import fcntl
import os
import pty
import re
import select
import struct
import termios
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from tests import warm
from tests.command import Project, clean_env

CTRL_C: Final = "\x03"
CTRL_D: Final = "\x04"
PATIENCE: Final = 30.0
_CODES: Final = re.compile(r"\x1b(\[[0-9;?]*[A-Za-z]|\][^\x07]*\x07)")


@dataclass
class Conversation:
    """A command at work; *heard* is all that it has written so far."""

    process: warm.Started
    descriptor: int
    heard: str = field(default="")

    def hear(self, text: str, *, times: int = 1) -> None:
        """Read on until *text* was written so many *times*; what is left unread stays so."""
        while self.heard.count(text) < times:
            assert self._read(), f"{text!r} never came:\n{self.heard}"

    def rest(self) -> None:
        """Wait until the command sleeps: a signal just before it reads would go unheard."""
        stat = Path(f"/proc/{self.process.pid}/stat")
        asleep = 0
        while asleep < 5:
            asleep = asleep + 1 if stat.read_text().rpartition(")")[2].split()[0] == "S" else 0
            time.sleep(0.01)

    def say(self, text: str) -> None:
        """Type *text*."""
        os.write(self.descriptor, text.encode())

    def end(self) -> int:
        """Read to the end and return the exit code."""
        while self._read():
            pass
        return self.process.wait(timeout=30)

    @property
    def seen(self) -> str:
        """What was written, but for escape codes."""
        return _CODES.sub("", self.heard)

    def _read(self) -> bool:
        ready, _, _ = select.select([self.descriptor], [], [], PATIENCE)
        assert ready, f"nothing was written for {PATIENCE} seconds:\n{self.heard}"
        try:
            chunk = os.read(self.descriptor, 65536)
        except OSError:  # EIO: the other end is closed
            return False
        self.heard += chunk.decode().replace("\r\n", "\n")
        return bool(chunk)


@contextmanager
def conversation(
    project: Project, *args: str, columns: int = 80, env: Mapping[str, str] | None = None
) -> Iterator[Conversation]:
    """Run the command on a terminal of its own that is *columns* wide."""
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    process = warm.start(
        args,
        env=clean_env({"TERM": "xterm-256color", **project.env, **(env or {})}),
        cwd=project.folder,
        streams=[slave] * 3,
        terminal=True,
    )
    os.close(slave)
    try:
        yield Conversation(process, master)
    finally:
        process.kill()
        process.wait(30)
        os.close(master)
