"""The reconciler on a disk that takes as long as one says to make things durable.

python slow_disk.py SECONDS ARGUMENTS
"""

import os
import sys
import time


def _sync(descriptor: int) -> None:
    """Take as long as a network disk would."""
    time.sleep(SECONDS)


if __name__ == "__main__":
    SECONDS = float(sys.argv.pop(1))
    os.fsync = os.fdatasync = _sync  # type: ignore[assignment]  # descriptors are all we hand over

    from reconciler.cli import main

    main()
