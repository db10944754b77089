"""What is to be created anew (`--recreate`) must be shown to be gone by two listings of one run."""

from collections.abc import Iterable
from typing import Final

from reconciler.apply.settle import Settler
from reconciler.apply.stop import Stop
from reconciler.evidence.listings import objections
from reconciler.plan import Create

APART: Final = 10.0  # seconds between the two: one that lags, or was cut, is not believed


def not_gone(creates: Iterable[Create], settler: Settler, stop: Stop) -> dict[str, str]:
    """Read the account a second time; return which of *creates* replace an instance that it does
    not show to be gone, and why not."""
    replaced = {each.key: each.replaces for each in creates if each.replaces is not None}
    if not replaced:
        return {}
    stop.interrupted.wait(APART)
    account = settler.read_again(stop)
    if isinstance(account, str):
        return dict.fromkeys(replaced, account)
    live = {row.id_instance for row in account.live}
    whole = not objections(settler.store.state(), account)
    return {
        key: f"a second listing does not show that {before.id_instance} is gone"
        for key, before in replaced.items()
        if before.id_instance in live or not (whole or before.id_instance in account.ids)
    }
