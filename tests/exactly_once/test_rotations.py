"""A rotation that stops before any of its steps loses no token, and asks for no second one."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import pytest

from reconciler.apply.ports import HeldState, PartnerApi
from reconciler.apply.reach import ways_to
from reconciler.apply.rotate import Rotated, rotate
from reconciler.logs import Silence
from reconciler.model import NotSent, Rejected, Unknown
from reconciler.partner.answer import Unreadable
from reconciler.partner.instances import InstanceAccess, NewToken, StateTold
from reconciler.partner.methods import UPDATE_API_TOKEN
from reconciler.secrets import Secret
from reconciler.state.model import Event, Rotation, TokenFound
from tests.exactly_once.mutants import Around, SendsTwice, WithoutIntents
from tests.exactly_once.runs import URL, FusedDisk, Site
from tests.exactly_once.world import ORDERS, Fuse, SimulatedPartner
from tests.nightly import cases
from tests.state.paper_disk import LOSSES, Crash
from tests.values import desired

KEYS: Final = ("a", "b", "c")
ROUGH: Final = {
    "usual": ("usual", "usual", "usual"),
    "answers lost": ("lost after", "lost after", "lost after"),
    "mixed": ("lost after", "lost before", "usual", "not sent"),
}


class TokenApi(SimulatedPartner):
    """Opens an instance to its token of today alone, and counts in *made* the new ones."""

    def __init__(self, *world: Any, made: Counter[str], **scripts: Any) -> None:
        super().__init__(*world, **scripts)
        self._made = made

    def order(self, method: Any, asked: Any) -> Any:
        assert method is UPDATE_API_TOKEN
        row = self._world.row(asked.instance.id_instance)
        self._fuse.step(f"send updateApiToken {row.name}")
        how = next(self._orders, "usual")
        if how == "not sent":
            return NotSent("connection refused")
        answer: object = Rejected(401, "Unauthorized")
        if how != "lost before" and asked.instance.token == Secret(row.token):
            self._made[row.name] += 1
            row.token = f"{row.name}{self._made[row.name]:049x}"
            answer = NewToken(Secret(row.token))
        self._fuse.step(f"receive updateApiToken {row.name}")
        return Unknown("connection reset") if how.startswith("lost") else answer

    def read(self, method: Any, asked: Any, **how: Any) -> Any:
        row = self._world.row(asked.instance.id_instance)
        self._fuse.step(f"read {row.name}")
        if asked.instance.token != Secret(row.token):
            return Unreadable("the server answered 401 Unauthorized", again=False, code=401)
        return StateTold("notAuthorized")


@dataclass
class Tokens:
    """A state with an instance for each of `KEYS`, whose tokens have leaked."""

    site: Site
    wrap_store: Callable[..., HeldState] = lambda given: given
    wrap_partner: Callable[[PartnerApi], PartnerApi] = lambda given: given
    made: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self.site.folder.mkdir(parents=True, exist_ok=True)
        assert self.site.apply([desired(key) for key in KEYS]).code == 0
        self.leaked = {row.name: Secret(row.token) for row in self.site.world.rows}

    def rotate(
        self,
        *,
        orders: Sequence[str] = (),
        kill_at: int | None = None,
        loss: str = next(iter(LOSSES)),
    ) -> bool:
        """Rotate, as the command does, what is left to rotate; tell whether it was killed."""
        fuse = Fuse(kill_at)
        disk = FusedDisk(self.site.folder, shared=fuse)
        try:
            with self.site.open_store(disk) as store:
                self._in_turn(self.wrap_store(store), fuse, orders)
        except Crash:
            assert fuse.blown
        if fuse.blown:
            disk.lose_power(loss)
        self.assert_no_token_is_lost()
        return fuse.blown

    def _in_turn(self, store: HeldState, fuse: Fuse, orders: Sequence[str]) -> None:
        simulated = TokenApi(self.site.world, fuse, made=self.made, url=URL, orders=orders)
        api = self.wrap_partner(simulated)
        records = store.state().instances
        ways = ways_to(records, api_url=URL, account=api.account())
        for key in self.left(records):
            way = ways[key]
            assert isinstance(way, InstanceAccess)
            if not isinstance(rotate(key, way, api=api, store=store, log=Silence()), Rotated):
                return  # a failure ends the row

    def left(self, records: Any) -> list[str]:
        return [
            key for key in KEYS if records[key].rotating or records[key].token == self.leaked[key]
        ]

    def assert_no_token_is_lost(self) -> None:
        """A token on record works, or the state says of this one that it may be dead."""
        records = self.site.state.instances
        live = {row.name: Secret(row.token) for row in self.site.world.rows}
        doubted = [key for key in KEYS if records[key].rotating]
        assert [k for k in KEYS if records[k].token != live[k] and k not in doubted] == []
        assert len(doubted) <= 1, "the next was begun before the one before was on the disk"

    def assert_all_are_rotated_once(self) -> None:
        records = self.site.state.instances
        assert self.left(records) == []
        assert self.made == dict.fromkeys(KEYS, 1)


def sweep(folder: Path, orders: Sequence[str], loss: str, **parts: Any) -> Iterator[int]:
    """Stop a run at each step in its turn; the next ones go on from there."""
    stop, killed = 0, True
    while killed:
        stop += 1
        tokens = Tokens(Site(folder / f"{stop}"), **parts)
        killed = tokens.rotate(orders=orders, kill_at=stop, loss=loss)
        for _ in range(len(orders) + 1):
            tokens.rotate()
        tokens.assert_all_are_rotated_once()
        yield stop


@pytest.mark.parametrize("orders", cases({n: (o,) for n, o in ROUGH.items()}, by_day=["mixed"]))
@pytest.mark.parametrize("loss", LOSSES)
def test_a_crash_before_any_step_of_a_rotation_loses_no_token(
    tmp_path: Path, orders: Sequence[str], loss: str
) -> None:
    assert set(orders) <= set(ORDERS)
    assert sum(1 for _ in sweep(tmp_path, orders, loss)) > 15


class WithoutRotationIntents(WithoutIntents):
    """A store that is not told of a rotation before it is asked for."""

    forgotten = Rotation


class LateTokens(Around):
    """A store that keeps new tokens for itself until the row is over."""

    def record(self, *events: Event) -> None:
        super().record(*(event for event in events if not isinstance(event, TokenFound)))


class Hopeful(SendsTwice):
    """A client that takes a call whose answer is lost for one that was never sent."""

    def send(self, method: Any, asked: Any) -> Any:
        told = self._partner.send(method, asked)
        return NotSent(told.reason) if isinstance(told, Unknown) else told


MUTANTS: Final = {
    "rotates without an intent": ({"wrap_store": WithoutRotationIntents}, "usual"),
    "begins the next before a token is durable": ({"wrap_store": LateTokens}, "usual"),
    "takes a lost answer for no call": ({"wrap_partner": Hopeful}, "answers lost"),
}


@pytest.mark.parametrize(("parts", "orders"), MUTANTS.values(), ids=MUTANTS)
def test_the_sweep_catches(tmp_path: Path, parts: dict[str, Any], orders: str) -> None:
    with pytest.raises(AssertionError):
        list(sweep(tmp_path, ROUGH[orders], next(iter(LOSSES)), **parts))
