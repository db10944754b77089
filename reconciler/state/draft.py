"""The next state while events happen to it."""

from dataclasses import dataclass

from reconciler.model import Pending, Recorded, Tombstone


@dataclass(slots=True)
class Draft:
    """What an event changes; nobody else sees it."""

    api_url: str | None
    instances: dict[str, Recorded]
    pending: dict[str, Pending]
    snapshots: dict[str, frozenset[int]]
    tombstones: dict[int, Tombstone]

    def has(self, key: str, id_instance: int | None) -> bool:
        """Whether *key* has this instance, and not another one meanwhile; None stands for any."""
        held = self.instances.get(key)
        return held is not None and id_instance in (None, held.id_instance)
