"""What an entry wants otherwise than it is recorded: one parameter at a time, no secret's value."""

from dataclasses import dataclass

from reconciler.model import Desired, Digest, Kept, Recorded, Scalar
from reconciler.secrets import Secret, Unset
from reconciler.state.digest import digest


@dataclass(frozen=True, slots=True)
class Difference:
    """One parameter whose wanted value is not the recorded one; None where it is not set.

    Of a secret one neither value is here, only whether it is set.
    """

    parameter: str
    recorded: Scalar | None
    wanted: Scalar | None
    secret: bool


def differences(entry: Desired, recorded: Recorded, lineage: str) -> tuple[Difference, ...]:
    """Return what *entry* wants otherwise than *recorded* holds it.

    The name is no part of it: no method sets it, so one that changed is a label of ours.
    """
    wanted, held = entry.parameters, recorded.parameters
    return tuple(
        _difference(name, held.get(name), wanted.get(name))
        for name in dict.fromkeys((*wanted, *held))
        if not _same(name, held.get(name), wanted.get(name), lineage)
    )


def _same(name: str, held: Kept | None, wanted: Scalar | Secret | None, lineage: str) -> bool:
    if isinstance(wanted, Unset):
        return held is not None  # it may differ: the plan tells that it was not compared
    if isinstance(wanted, Secret):
        wanted = wanted.reveal_typed()
    if isinstance(held, Digest) and wanted is not None:
        return digest(lineage, name, wanted) == held
    return held == wanted


def _difference(name: str, held: Kept | None, wanted: Scalar | Secret | None) -> Difference:
    if isinstance(wanted, Secret) or isinstance(held, Digest):
        masked = [None if value is None else "***" for value in (held, wanted)]
        return Difference(name, masked[0], masked[1], secret=True)
    return Difference(name, held, wanted, secret=False)
