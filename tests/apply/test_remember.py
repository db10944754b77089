"""What a run leaves in the state of what it has shown, and of what the manifest says."""

from reconciler.apply.remember import remember_orphans, remember_protection, rename
from reconciler.model import Desired, Lifecycle
from reconciler.plan import Action, Missing, Orphan, Plan, Rename
from reconciler.state.model import Moved, OrphansReported, ProtectionChanged
from tests.apply.parts import Heard, MemoryStore
from tests.values import desired, recorded, state


def plan(*actions: Action) -> Plan:
    return Plan(actions, "line", 1, refreshed=True)


def test_orphans_are_reported_once() -> None:
    store = MemoryStore()
    shown = plan(
        Orphan("a", recorded(1, "a")),
        Orphan("b", recorded(2, "b")._replace(reported=True)),
        Missing("c", recorded(3, "c")),
        Missing("d", recorded(4, "d")),
    )

    remember_orphans(store, [desired("d")], shown)

    assert store.events == [OrphansReported(("a", "c"))]


def test_where_there_are_none_nothing_is_written() -> None:
    store = MemoryStore()

    remember_orphans(store, [], plan(Orphan("b", recorded(2, "b")._replace(reported=True))))

    assert store.events == []


def protected(key: str) -> Desired:
    return desired(key)._replace(lifecycle=Lifecycle(protected=True))


def test_what_entries_say_of_their_protection_is_taken_over() -> None:
    held = {key: recorded(number, key) for number, key in enumerate("abcd")}
    held["c"], held["d"] = (held[key]._replace(protected=True) for key in "cd")
    store = MemoryStore(state(held))

    remember_protection(store, [protected("a"), desired("b"), protected("c"), desired("d")])
    remember_protection(store, [protected("not recorded yet")])

    assert store.events == [
        ProtectionChanged(("a",), protected=True),
        ProtectionChanged(("d",), protected=False),
    ]


def test_a_record_moves_to_the_key_that_its_entry_has_now() -> None:
    store, log = MemoryStore(state({"old": recorded(1, "old")})), Heard()
    moved = Rename(desired("new"), "old", recorded(1, "old"))

    results = rename(store, plan(moved), log)
    nothing = rename(store, plan(), log)

    assert store.events == [Moved("old", "new")]
    assert ([result.key for result in results], nothing) == (["new"], [])
