"""Any state and any event, for properties."""

from datetime import UTC

from hypothesis import strategies as st

from reconciler.model import (
    Digest,
    Moment,
    Origin,
    Pending,
    Recorded,
    Sealed,
    SettingsUpdate,
    Tombstone,
)
from reconciler.secrets import Secret
from reconciler.state.changes import (
    DeleteAnnounced,
    DeleteClosed,
    SettingsConfirmed,
    UpdateAnnounced,
    UpdateClosed,
)
from reconciler.state.model import (
    CLOSING,
    Addressed,
    Closed,
    Event,
    ExposureEnded,
    Forgotten,
    Intent,
    Listed,
    ListedDeleted,
    Moved,
    OrphansReported,
    ProtectionChanged,
    Record,
    Rotation,
    State,
    TokenFound,
    TombstoneDropped,
)

texts = st.text(max_size=12)
words = st.text("abcXYZ019._-", min_size=1, max_size=8)
ids = st.integers(min_value=0, max_value=10**13)
times = st.datetimes(timezones=st.just(UTC)).map(lambda moment: moment.isoformat())
tokens = st.one_of(
    st.text(min_size=1, max_size=50).map(Secret),
    texts.map(lambda text: Sealed(f"-----BEGIN AGE ENCRYPTED FILE-----\n{text}\n")),
)
parameters = st.dictionaries(
    texts,
    st.one_of(
        texts, st.booleans(), st.integers(), words.map(lambda hexed: Digest(f"hmac-sha256:{hexed}"))
    ),
    max_size=3,
)
changes = st.dictionaries(texts, st.none() | st.integers() | texts, max_size=2)
updates = st.builds(
    SettingsUpdate,
    parameters=changes,
    since=st.sampled_from(["2026-11-22T10:06:00Z", "2026-11-22T10:07:00Z"]),
    was=words,
    confirmed=st.booleans(),
)
recordeds = st.builds(
    Recorded,
    id_instance=ids,
    token=st.none() | tokens,
    type_instance=st.none() | texts,
    name=texts,
    parameters=parameters,
    created_at=times,
    origin=st.sampled_from(Origin),
    extra=st.dictionaries(st.sampled_from(["apiUrl", "mediaUrl", "later"]), texts),
    deleted=st.booleans(),
    reported=st.booleans(),
    protected=st.booleans(),
    update=st.none() | updates,
    deletion=st.none() | times,
    rotating=st.booleans(),
)
tombstones = st.builds(Tombstone, key=words, name=texts, at=times, deleted=st.booleans())
snapshot_names = st.sampled_from(["r1", "r2"])
moments = st.builds(
    Moment,
    wall=times,
    boot=st.none() | words,
    uptime=st.integers(0, 10**12).map(lambda milliseconds: milliseconds / 1000),
    server=st.none() | times,
)
pendings = st.builds(
    Pending,
    name=texts,
    parameters=parameters,
    since=times,
    snapshot=st.none() | snapshot_names,
    launch_until=st.none() | times,
    exposed_until=st.none() | moments,
)
id_sets = st.frozensets(ids, max_size=4)
states = st.builds(
    State,
    lineage=st.text(min_size=1, max_size=12),
    serial=st.integers(min_value=0, max_value=10**9),
    api_url=st.none() | texts,
    instances=st.dictionaries(words, recordeds, max_size=4),
    pending=st.dictionaries(words, pendings, max_size=3),
    snapshots=st.fixed_dictionaries({"r1": id_sets, "r2": id_sets}),
    tombstones=st.dictionaries(ids, tombstones, max_size=2),
)


def events_among(
    keys: st.SearchStrategy[str], numbers: st.SearchStrategy[int]
) -> st.SearchStrategy[Event]:
    """Return any event that is about *keys* and instances with these *numbers*."""
    records = st.builds(lambda row, number: row._replace(id_instance=number), recordeds, numbers)
    several = st.lists(keys, max_size=3).map(tuple)
    return st.one_of(
        st.builds(Listed, snapshot_names, st.frozensets(numbers, max_size=4)),
        st.builds(Intent, keys, pendings),
        st.builds(Record, keys, records),
        st.builds(Closed, keys, st.sampled_from(CLOSING), texts),
        st.builds(ExposureEnded, keys, moments, texts),
        st.builds(TokenFound, keys, tokens, st.none() | numbers),
        st.builds(Rotation, keys, st.booleans(), st.none() | numbers),
        st.builds(Addressed, texts),
        st.builds(Moved, keys, keys),
        st.builds(Forgotten, numbers, tombstones),
        st.builds(TombstoneDropped, numbers),
        st.builds(ListedDeleted, keys, numbers),
        st.builds(OrphansReported, several),
        st.builds(DeleteAnnounced, keys, numbers, times),
        st.builds(DeleteClosed, keys, numbers, texts),
        st.builds(ProtectionChanged, several, st.booleans()),
        st.builds(UpdateAnnounced, keys, numbers, updates),
        st.builds(SettingsConfirmed, keys, numbers, changes),
        st.builds(UpdateClosed, keys, numbers, texts),
    )


events = events_among(words, ids)
