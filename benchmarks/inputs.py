"""Manifests, states and zones of any size, the same in every run: the seed is fixed.

    python -m benchmarks.inputs FOLDER COUNT

writes a manifest and the state in which all of it is recorded.
"""

import random
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from reconciler.manifest import load
from reconciler.model import Desired, Origin, Recorded
from reconciler.secrets import Secret
from reconciler.state.digest import kept
from reconciler.state.encoding import encode
from reconciler.state.model import State

SEED: Final = 20261122
ENV: Final = {"WEBHOOK_TOKEN": "f93537eb3e8fed66847b5bd"}
_LINEAGE: Final = "4f0c7a4e-3f0b-4c58-9d0b-7f5b6a0e9d11"
_REGIONS: Final = ("support", "sales", "warehouse", "billing", "clinic", "school")
_SWITCHES: Final = (
    "outgoingWebhook",
    "outgoingMessageWebhook",
    "outgoingAPIMessageWebhook",
    "deviceWebhook",
    "keepOnlineStatus",
    "markIncomingMessagesReaded",
)
_DEFAULTS: Final = """\
version: 1
defaults:
  webhookUrl: https://hooks.example.com/green-api/
  webhookUrlToken: ${env:WEBHOOK_TOKEN}
  incomingWebhook: yes
  stateWebhook: yes
instances:
"""


def manifest(count: int, *, problems: int = 0) -> str:
    """Return a manifest of *count* entries, two to five parameters each, *problems* of them wrong.

    It has defaults with a secret from the environment, as the sample has: a manifest without
    any reference loads faster.
    """
    wrong = set(random.Random(SEED).sample(range(count), problems))  # noqa: S311 - not a secret
    lines = (line for i, entry in enumerate(_entries(count)) for line in _broken(entry, i in wrong))
    return _DEFAULTS + "".join(lines)


def write_manifest(path: Path, count: int, *, problems: int = 0) -> None:
    path.write_text(manifest(count, problems=problems), encoding="utf-8")


def write_state(path: Path, manifest_path: Path) -> None:
    """Write the state in which everything that the manifest wants is recorded."""
    loaded = load([manifest_path], env=ENV)
    instances = {entry.key: _recorded(i, entry) for i, entry in enumerate(loaded.entries)}
    state = State(_LINEAGE, 2 * len(instances), "https://api.green-api.com", instances)
    path.write_text(encode(state), encoding="utf-8")
    path.chmod(0o600)


def write_zone(path: Path, count: int) -> None:
    """Write *count* records of an octoDNS zone, as many lines each as an entry has: 4.5."""
    chance = random.Random(SEED)  # noqa: S311 - not a secret
    with path.open("w", encoding="utf-8") as zone:
        zone.write("---\n")
        for i in range(count):
            addresses = [_address(chance) for _ in range(1 + (chance.random() < 0.22))]
            values = "".join(f"  - {address}\n" for address in addresses)
            given = f"  values:\n{values}" if len(addresses) > 1 else f"  value: {addresses[0]}\n"
            zone.write(f"host-{i:06}:\n  ttl: 300\n  type: A\n{given}")


def _address(chance: random.Random) -> str:
    return ".".join(str(chance.randrange(1, 255)) for _ in range(4))


def _entries(count: int) -> Iterator[list[str]]:
    chance = random.Random(SEED)  # noqa: S311 - not a secret
    for i in range(count):
        switches = chance.sample(_SWITCHES, chance.randrange(1, 5))
        yield [
            f"  {chance.choice(_REGIONS)}-{i:06}:\n",
            f"    delaySendMessagesMilliseconds: {chance.randrange(500, 5000)}\n",
            *(f"    {name}: {chance.choice(('yes', 'no'))}\n" for name in switches),
        ]


def _broken(entry: list[str], wrong: bool) -> list[str]:
    return [entry[0], "    delaySendMessagesMilliseconds: 200\n", *entry[2:]] if wrong else entry


def _recorded(index: int, entry: Desired) -> Recorded:
    chance = random.Random(SEED + index)  # noqa: S311 - not a secret
    return Recorded(
        id_instance=1101728000 + index,
        token=Secret(chance.randbytes(25).hex()),
        type_instance="whatsapp",
        name=entry.name,
        parameters=kept(entry, _LINEAGE),
        created_at="2026-11-22T10:06:00Z",
        origin=Origin.CREATED,
    )


if __name__ == "__main__":
    place = Path(sys.argv[1])
    write_manifest(place / "instances.yaml", int(sys.argv[2]))
    write_state(place / "instances.state.json", place / "instances.yaml")
