"""The reconciler on a disk that says at once that all is durable: what durability is measured by.

python unsynced.py ARGUMENTS
"""

import os


def _at_once(descriptor: int) -> None:
    """Leave it to the kernel when it writes."""


os.fsync = os.fdatasync = _at_once  # type: ignore[assignment]  # descriptors are all we hand over

if __name__ == "__main__":
    from reconciler.cli import main

    main()
