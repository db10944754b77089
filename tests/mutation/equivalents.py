"""Mistakes that no test can notice, by module, each with the reason why it makes no difference."""

# ruff: noqa: E501 - a change is named in one piece
from collections.abc import Mapping
from typing import Final

_ABOUT: Final = "a figure that is right about so, and of which no money depends"
_ON_THE_DOT: Final = "tells apart only what happens at the very moment"

_LOOKS_FIRST: Final = "set by the look that comes first"
_ANY_NAME: Final = "any name will do that no other put has"
_LEAVES: Final = "the command leaves without waiting for any thread"
_EARLY: Final = "a clock's beginning, long before any run"
_SPARED: Final = "who has an answer already is spared the next sync, and that is all"
_LAST: Final = "the last round ends everything, so that one more has nothing to do"

EQUIVALENT: Final[Mapping[str, Mapping[str, str]]] = {
    "plan.py": {"_World: False -> True": "the one who makes it gives it"},
    "takeover.py": {
        "TakeOver.desired: 1 -> 2": "nobody reads its place",
        "TakeOver.desired: 1 -> 2 (2)": "nobody reads its place",
        "off: 0 -> 1": "each number has a minimum",
        "off: 0 -> 1 (2)": "no minimum is 1",
        "_carries_secret: True -> False": "what can't be taken apart is no valid URL",
    },
    "apply/launch.py": {
        "module: 3 -> 4 (2)": _ABOUT,
        "module: 120.0 -> 121.0": _ABOUT,
        "module: 30.0 -> 31.0": _ABOUT,
        "Launcher.__init__: 0.0 -> 1.0": _EARLY,
        "Launcher.run: 1 -> 2 (2)": _LAST,
        "Launcher._after_a_look: 1 -> 2": _ABOUT,
        "Launcher._next: self._stop or self._late(turn.until) ->"
        " self._stop and self._late(turn.until)": "asked again before each announcement",
        "Launcher._late: self._clock.uptime() >= until ->"
        " self._clock.uptime() > until": _ON_THE_DOT,
        "Launcher._announce: self._settle(operation, NotSent(reason)) ->"
        " pass": "withdrawn later; or, if a stop comes at that moment, left for the next run to ask",
        "Launcher._enter: (left := (end - self._clock.uptime())) > 0 ->"
        " (left := (end - self._clock.uptime())) >= 0": _ON_THE_DOT,
        "Launcher._enter: 1.0 -> 2.0": _ABOUT,
        "Launcher._adapt: 0 -> 1": _ABOUT,
        "Launcher._adapt: 2 -> 3": _ABOUT,
        "Launcher._back_off: 0.25 -> 1.25": _ABOUT,
        "Launcher._back_off: 2 -> 3": _ABOUT,
        "Launcher._back_off: 0.5 -> 1.5": _ABOUT,
        "Launcher._be_patient: retry_after > PATIENCE -> retry_after >= PATIENCE": _ABOUT,
        "Launcher._be_patient: now - since >= SILENCE -> now - since > SILENCE": _ABOUT,
        "Launcher._carry_out: 1 -> 2 (2)": _LAST,
        "Launcher._round: True -> False": _LEAVES,
    },
    "apply/looks.py": {
        "module: 0.5 -> 1.5": _ABOUT,
        "module: 10.0 -> 11.0": _ABOUT,
    },
    "apply/update.py": {
        "module: 4.0 -> 5.0": _ABOUT,
        "module: 10.0 -> 11.0": _ABOUT,
        "module: 300.0 -> 301.0": _ABOUT,
        "module: 600 -> 601": _ABOUT,
        "module: 600 -> 601 (2)": _ABOUT,
        "module: 3 -> 4": _ABOUT,
        "Updater: False -> True": "nobody who makes one gives it",
        "Updater._look_again: 0 -> 1": _ABOUT,
        "Updater._look_again: 0 -> 1 (2)": _ABOUT,
        "Updater._look_again: ages[each.key] > CONCLUSIVE ->"
        " ages[each.key] >= CONCLUSIVE": _ON_THE_DOT,
        "Updater._approach: self.stop.reason or 'not looked at' ->"
        " self.stop.reason and 'not looked at'": "words that a signal between two lines brings",
        "Updater._is_coming: target.recorded.created_at > stamp(self.clock.now() - NEWBORN) ->"
        " target.recorded.created_at >= stamp(self.clock.now() - NEWBORN)": _ON_THE_DOT,
    },
    "apply/workers.py": {
        "start: not started -> started": "only where the system allows no thread at all",
        "next_end: 0.2 -> 1.2": _ABOUT,
        "next_end: continue -> pass": "nothing follows in the loop",
    },
    "apply/deletion.py": {
        "DeleteInstance._state: 3 -> 4": _ABOUT,
        "DeleteInstance._is_free: 1 -> 2": _ABOUT,
    },
    "apply/operations.py": {
        "UpdateInstance: False -> True": "what may have arrived is Unconfirmed, never repeated",
    },
    "apply/sender.py": {"Sender: False -> True": "nobody who makes one gives it"},
    "apply/fresh_answers.py": {
        "FreshAnswers.read: 1 -> 2": _ABOUT,
        "FreshAnswers.account: 5 -> 6": _ABOUT,
    },
    "apply/run.py": {
        "Run.prepare: self.store.expect() -> pass": "gets ready early for what comes anyway",
    },
    "apply/settings.py": {
        "InstanceSettings: False -> True": "nobody who makes one gives it",
    },
    "apply/link.py": {
        "module: 20.0 -> 21.0": _ABOUT,
        "module: 150.0 -> 151.0": _ABOUT,
        "Linking.by_qr: now >= good_until -> now > good_until": _ON_THE_DOT,
        "Linking.by_code: now >= old -> now > old": _ON_THE_DOT,
        "Linking.by_qr: 0.0 -> 1.0": "set with the code that it is asked of",
        "Linking._linked: 2 -> 3": _ABOUT,
    },
    "apply/states.py": {"module: 2 -> 3": _ABOUT},
    "apply/rotate.py": {
        "module: 4 -> 5": _ABOUT,
        "Rotated: False -> True": "a secret shows itself to nobody",
    },
    "state/conditions.py": {"check_conditions: 4 -> 5": _ABOUT},
    "state/objects.py": {
        "module: 5 -> 6": _ABOUT,
        "module: 3 -> 4": _ABOUT,
        "module: 8 -> 9": _ABOUT,
        "ObjectBackend.__init__: 0 -> 1": _ANY_NAME,
        "ObjectBackend._marks: 1 -> 2": _ANY_NAME,
        "ObjectBackend.__init__: self._next = 1 -> pass": _LOOKS_FIRST,
        "ObjectBackend.__init__: 1 -> 2": _LOOKS_FIRST,
        "ObjectBackend.__init__: self._proven = False -> pass": _LOOKS_FIRST,
        "ObjectBackend.__init__: False -> True": _LOOKS_FIRST,
        "ObjectBackend.look: 2 -> 3": _ABOUT,
        "ObjectBackend.replace: 0 -> 1": "there is no number below 1",
        "ObjectBackend._look_whether_replaced: self._version = found.version ->"
        " pass": "the next look finds the same again",
        "ObjectBackend._pieces: 1 -> 2": "one more is read with the others",
        "ObjectBackend._pieces: True -> False": "as many are read as there are numbers",
    },
    "state/object_access.py": {
        "module: 4 -> 5": _ABOUT,
        "module: 45 -> 46": _ABOUT,
        "connect: 20 -> 21": _ABOUT,
        "_connection_string: 0 -> 1": "a signed request names no account; there only must be one",
    },
    "state/aws_access.py": {
        "_fetched: 10 -> 11": _ABOUT,
        "_exported: 60 -> 61": _ABOUT,
    },
    "state/loading.py": {"Loaded.nothing: 0 -> 1": _ABOUT},
    "apply/settle.py": {
        "Settler.ask: 1 -> 2": _ABOUT,
        "Settler.read: 1 -> 2": _ABOUT,
        "Settler.read_again: 3 -> 4": _ABOUT,
    },
    "partner/instances.py": {
        "module: 1024 -> 1025": _ABOUT,
        "module: 1024 -> 1025 (2)": _ABOUT,
        "partner_done.taken: 1 -> 2": "1 equals True, which is in there",
        "read_profile.read: 1 -> 2": "1 equals True, which is in there",
        "_word: 60 -> 61": _ABOUT,
    },
    "evidence/taken.py": {
        "Names._unexplained: 0 -> 1": "where nobody asked, there is no name to be like another",
        "oddities: continue -> pass": "nothing follows in the loop",
    },
    "evidence/listings.py": {"vanished: stone.at < young -> stone.at <= young": _ON_THE_DOT},
    "evidence/settings.py": {
        "doubted: update.since < f'{at - STALE:%Y-%m-%dT%H:%M:%SZ}' ->"
        " update.since <= f'{at - STALE:%Y-%m-%dT%H:%M:%SZ}'": _ON_THE_DOT,
    },
    "evidence/lookalikes.py": {"similar: False -> True (2)": "no key is that long"},
    "state/store.py": {
        "Store._commit: entry.settled = True -> pass": _SPARED,
        "Store._commit: True -> False": _SPARED,
    },
    "state/lease.py": {
        "module: 5.0 -> 6.0": _ABOUT,
        "module: 1.0 -> 2.0": _ABOUT,
        "Lease.acquire: True -> False": _LEAVES,
        "Lease.release: self._renewing.join() -> pass": "a renewal only replaces what is there",
        "Lease._try: self._now() < expires -> self._now() <= expires": _ON_THE_DOT,
    },
    "state/ledger.py": {
        "Ledger.__init__: 0 -> 1": _ABOUT,
        "Ledger.__init__: 2 -> 3": _ABOUT,
        "Ledger.due: self._journaled > self._fold_at -> self._journaled >= self._fold_at": _ABOUT,
        "Ledger.fold: 2 -> 3": _ABOUT,
        "Ledger._write: 0 -> 1": _ABOUT,
        "Ledger._write: 2 -> 3": _ABOUT,
    },
    "state/joining.py": {
        "_tokens: False -> True (2)": "where no token was found, nobody asks how late it was",
        "_intents: ids is not None and name is not None ->"
        " ids is not None or name is not None": "there is a name just where there are ids",
    },
    "evidence/names.py": {
        "longest_name: 0 -> 1": "where there is no name, there is none to be like another",
    },
    "apply/asking.py": {
        "keep_asking: len(asked) < concurrency ->"
        " len(asked) <= concurrency": "one more waits in the pool until a thread is free",
        "keep_asking: continue -> pass": "none was asked, so none is waited for",
        "keep_asking: pool.shutdown(wait=False, cancel_futures=True) ->"
        " pass": "the pool's threads end with the pool",
        "keep_asking: True -> False": "no more are asked than there are threads",
    },
    "apply/watch.py": {
        "module: 30.0 -> 31.0": _ABOUT,
        "AccountWatch.taken: self._settler.clock.monotonic() - self._read_at >= self._interval ->"
        " self._settler.clock.monotonic() - self._read_at > self._interval": _ON_THE_DOT,
        "AccountWatch.prove: 3 -> 4": _ABOUT,
    },
}
