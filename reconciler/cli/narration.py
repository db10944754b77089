"""Where the log writes to: stderr, whatever stands in for it meanwhile."""

import sys


class Narration:
    """A stream that is `sys.stderr` as it is at each write.

    Handed to the log, so that its lines appear above a live display instead of through it.
    """

    def write(self, text: str) -> int:
        return sys.stderr.write(text)

    def flush(self) -> None:
        sys.stderr.flush()

    def isatty(self) -> bool:
        return sys.stderr.isatty()
