"""The instances that a manifest was made of are recorded as they are set now, and only then."""

from typing import Final

from reconciler.apply.take import record_all
from reconciler.manifest.rules import load_rules
from reconciler.model import Origin
from reconciler.state.model import Record
from reconciler.takeover import TakeOver, take_over
from tests.apply.parts import House, MemoryStore, kinds
from tests.values import listed, recorded, state

RULES: Final = load_rules()
ROWS: Final = [listed(10, "a"), listed(11, "b")]
NO: Final = {"incomingWebhook": "no", "stateWebhook": "yes"}
YES: Final = {"incomingWebhook": "yes"}


def made(of: House, told: dict[str, str]) -> TakeOver:
    return take_over(ROWS, {10: told, 11: YES}, state=of.store.state(), rules=RULES)


def take(of: House, told: dict[str, str]) -> int:
    return record_all(made(of, told), of.store, of.clock, of.log)


def test_each_is_recorded_with_its_token_and_only_once() -> None:
    of = House()

    first, again = take(of, YES), take(of, YES)

    assert (first, again) == (2, 0)
    assert kinds(of.store.events) == ["Record", "Record"]
    held = of.store.state().instances["a"]
    assert (held.id_instance, held.name, held.origin) == (10, "a", Origin.ADOPTED)
    assert (held.token, held.parameters) == (ROWS[0].token, YES)
    assert held.created_at == of.clock.stamp()
    assert of.log.events == ["instance_adopted"] * 2


def test_a_record_that_is_there_keeps_what_is_known_of_it_beside_its_settings() -> None:
    before = recorded(10, "a")._replace(token=None, protected=True, extra={"apiUrl": "https://x"})
    of = House(store=MemoryStore(state({"a": before, "b": recorded(11, "b")})))

    assert take(of, NO) == 0
    assert of.store.events == [Record("a", before._replace(parameters={"stateWebhook": "yes"}))]
    assert of.log.events == []
