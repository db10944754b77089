"""What can happen to an instance that is recorded: its settings are set, it is deleted.

Each is announced before its request leaves, and stays so until what became of it is shown.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from reconciler.model import Kept, SettingsUpdate
from reconciler.state.draft import Draft


@dataclass(frozen=True, slots=True)
class UpdateAnnounced:
    """The settings of the instance of *key* are about to be set: on disk before the request."""

    key: str
    id_instance: int
    update: SettingsUpdate

    def happen(self, draft: Draft) -> None:
        if draft.has(self.key, self.id_instance):
            draft.instances[self.key] = draft.instances[self.key]._replace(update=self.update)


@dataclass(frozen=True, slots=True)
class SettingsConfirmed:
    """The instance of *key* was asked and has these *parameters*; None is one that was set back.

    That confirms the update that was announced, if there is one.
    """

    key: str
    id_instance: int
    parameters: Mapping[str, Kept | None]

    def happen(self, draft: Draft) -> None:
        if draft.has(self.key, self.id_instance):
            held = draft.instances[self.key]
            told = {**held.parameters, **self.parameters}
            parameters = {name: value for name, value in told.items() if value is not None}
            update = held.update and replace(held.update, confirmed=True)
            draft.instances[self.key] = held._replace(parameters=parameters, update=update)


@dataclass(frozen=True, slots=True)
class UpdateClosed:
    """The announced update of *key* was not done; *reason* is for the reader of the journal."""

    key: str
    id_instance: int
    reason: str

    def happen(self, draft: Draft) -> None:
        if draft.has(self.key, self.id_instance):
            draft.instances[self.key] = draft.instances[self.key]._replace(update=None)


@dataclass(frozen=True, slots=True)
class DeleteAnnounced:
    """The instance of *key* is about to be deleted: on disk before anything is sent, and until the
    account shows what became of it. *since* is ISO 8601 in UTC."""

    key: str
    id_instance: int
    since: str

    def happen(self, draft: Draft) -> None:
        if draft.has(self.key, self.id_instance):
            draft.instances[self.key] = draft.instances[self.key]._replace(deletion=self.since)


@dataclass(frozen=True, slots=True)
class DeleteClosed:
    """The announced deletion did not come to pass; *reason* is for the reader of the journal."""

    key: str
    id_instance: int
    reason: str = ""

    def happen(self, draft: Draft) -> None:
        if draft.has(self.key, self.id_instance):
            draft.instances[self.key] = draft.instances[self.key]._replace(deletion=None)


Change = UpdateAnnounced | SettingsConfirmed | UpdateClosed | DeleteAnnounced | DeleteClosed
