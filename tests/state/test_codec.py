import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given

from reconciler.errors import StateError
from reconciler.model import (
    Digest,
    Kept,
    Origin,
    Pending,
    Recorded,
    Sealed,
    SettingsUpdate,
    Tombstone,
    Word,
)
from reconciler.secrets import Secret
from reconciler.state.changes import (
    DeleteAnnounced,
    DeleteClosed,
    SettingsConfirmed,
    UpdateAnnounced,
    UpdateClosed,
)
from reconciler.state.codec import decode, read_event
from reconciler.state.encoding import Line, encode, encode_event
from reconciler.state.model import (
    Addressed,
    Closed,
    Event,
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
from reconciler.state.strictjson import parse
from tests.state import strategies

ARMORED = "-----BEGIN AGE ENCRYPTED FILE-----\nYWdl\n-----END AGE ENCRYPTED FILE-----\n"
TOKEN = "c1b0d3a7" * 6
SCHEMA = json.loads(Path("schema/state.schema.json").read_text(encoding="utf-8"))
VALIDATOR = jsonschema.Draft7Validator(SCHEMA)

STATE = State(
    lineage="0b6c1f2e",
    serial=7,
    api_url="https://api.green-api.com",
    instances={
        "support-eu": Recorded(
            id_instance=1101728000,
            token=Secret(TOKEN),
            type_instance="whatsapp",
            name="Поддержка",
            parameters={
                "webhookUrlToken": Digest("hmac-sha256:ab12"),
                "delaySendMessagesMilliseconds": 1000,
                "linkPreview": True,
            },
            created_at="2026-11-22T10:06:00Z",
            origin=Origin.CREATED,
            extra={"apiUrl": "https://1101.api.green-api.com"},
        ),
        "sales-uk": Recorded(
            id_instance=1101728001,
            token=Sealed(ARMORED),
            type_instance=None,
            name="sales-uk",
            parameters={},
            created_at="2026-11-22T10:06:01Z",
            origin=Origin.ADOPTED,
        ),
    },
    pending={
        "billing": Pending("Billing", {"incomingWebhook": "yes"}, "2026-11-22T10:07:00Z", "r1")
    },
    snapshots={"r1": frozenset({9, 7, 8})},
)

TEXT = """\
{
  "format": "reconciler.state/1",
  "lineage": "0b6c1f2e",
  "serial": 7,
  "apiUrl": "https://api.green-api.com",
  "instances": {
    "sales-uk": {
      "idInstance": 1101728001,
      "apiTokenInstance": "-----BEGIN AGE ENCRYPTED FILE-----\\nYWdl\\n-----END AGE ENCRYPTED FILE-----\\n",
      "typeInstance": null,
      "name": "sales-uk",
      "parameters": {},
      "createdAt": "2026-11-22T10:06:01Z",
      "origin": "adopted"
    },
    "support-eu": {
      "idInstance": 1101728000,
      "apiTokenInstance": "c1b0d3a7c1b0d3a7c1b0d3a7c1b0d3a7c1b0d3a7c1b0d3a7",
      "typeInstance": "whatsapp",
      "name": "Поддержка",
      "parameters": {
        "webhookUrlToken": {
          "digest": "hmac-sha256:ab12"
        },
        "delaySendMessagesMilliseconds": 1000,
        "linkPreview": true
      },
      "createdAt": "2026-11-22T10:06:00Z",
      "origin": "created",
      "apiUrl": "https://1101.api.green-api.com"
    }
  },
  "pending": {
    "billing": {
      "name": "Billing",
      "parameters": {
        "incomingWebhook": "yes"
      },
      "since": "2026-11-22T10:07:00Z",
      "snapshot": "r1"
    }
  },
  "snapshots": {
    "r1": [7, 8, 9]
  }
}
"""  # noqa: E501 - an armored token is one line of JSON


def document() -> Any:
    return json.loads(TEXT)


def test_a_state_is_written_for_people_and_diffs() -> None:
    assert encode(STATE) == TEXT


def test_what_was_written_is_read_as_it_was() -> None:
    assert decode(TEXT, source="s.json") == STATE


def test_without_pending_creates_there_are_no_snapshots_in_the_file() -> None:
    assert '"snapshots"' not in encode(State("0b6c1f2e"))


@given(strategies.states)
def test_any_state_comes_back_as_it_was(state: State) -> None:
    text = encode(state)

    again = decode(text, source="s.json")

    assert again == state
    assert encode(again) == text


@given(strategies.states)
def test_any_state_is_laid_out_as_json_tools_do(state: State) -> None:
    document = json.loads(encode(State(state.lineage, instances=state.instances)))

    laid_out = json.dumps(document, indent=2, ensure_ascii=False) + "\n"

    assert encode(State(state.lineage, instances=state.instances)) == laid_out


@given(strategies.states)
def test_any_state_that_is_written_is_valid_by_the_schema(state: State) -> None:
    VALIDATOR.validate(json.loads(encode(state)))


def test_adding_an_instance_touches_its_lines_and_the_serial_only() -> None:
    added = Record("middle", STATE.instances["sales-uk"])

    before, after = TEXT.splitlines(), encode(STATE.after([added])).splitlines()

    assert [line for line in before if line not in after] == ['  "serial": 7,']


def test_half_a_surrogate_pair_in_an_answer_does_not_keep_the_state_from_the_disk() -> None:
    state = State("0b6c1f2e", api_url="\ud800")

    data = encode(state).encode("utf-8", "backslashreplace")

    assert decode(data.decode(), source="s.json") == state


EDITS = {
    "byte order mark": "\ufeff" + TEXT,
    "CRLF": TEXT.replace("\n", "\r\n"),
    "no line feed at the end": TEXT.rstrip(),
    "ids in quotes": TEXT.replace("1101728000", '"1101728000"'),
    "serial in quotes": TEXT.replace('"serial": 7', '"serial": "7"'),
    "another order": json.dumps(dict(reversed(json.loads(TEXT).items()))),
    "escapes": json.dumps(json.loads(TEXT), ensure_ascii=True),
}


@pytest.mark.parametrize("text", EDITS.values(), ids=EDITS)
def test_what_an_editor_may_do_is_tolerated(text: str) -> None:
    assert decode(text, source="s.json") == STATE


def test_without_an_api_url_it_is_unknown() -> None:
    text = TEXT.replace('  "apiUrl": "https://api.green-api.com",\n', "", 1)

    assert decode(text, source="s.json").api_url is None


def test_an_empty_token_is_no_token() -> None:
    text = TEXT.replace(TOKEN, "")

    assert decode(text, source="s.json").instances["support-eu"].token is None


BROKEN = {
    "empty": ("", "s.json: the state file is empty"),
    "blank": (" \n\n", "s.json: the state file is empty"),
    "zeros": ("\0" * 4096, "s.json: the state file is empty"),
    "cut": (TEXT[:300], "s.json:10:7: not valid JSON: unterminated string starting at"),
    "no comma": (
        TEXT.replace('"serial": 7,', '"serial": 7'),
        "s.json:5:3: not valid JSON: expecting ',' delimiter",
    ),
    "more behind it": (TEXT + "{}", "s.json:47:1: not valid JSON: extra data"),
    "a merge": (
        TEXT.replace('  "serial": 7', '<<<<<<< HEAD\n  "serial": 7'),
        "s.json:4:1: not valid JSON: expecting property name enclosed in double quotes",
    ),
    "a key twice": (
        TEXT.replace('"sales-uk": {', '"support-eu": {', 1),
        "s.json: support-eu stands twice in the same object",
    ),
    "NaN": (TEXT.replace("1000", "NaN"), "s.json: NaN is not a value that JSON has"),
    "deep": ("[" * 100_000, "s.json: nested too deeply"),
    "endless number": (
        TEXT.replace("1000", "1" * 5000),
        "s.json: holds a number with thousands of digits",
    ),
}


@pytest.mark.parametrize(("text", "message"), BROKEN.values(), ids=BROKEN)
def test_a_text_that_is_no_state_is_refused_at_its_place(text: str, message: str) -> None:
    with pytest.raises(StateError) as refused:
        decode(text, source="s.json")

    assert refused.value.message == message
    assert refused.value.hint


def test_a_comma_too_much_is_refused_at_its_line() -> None:
    with pytest.raises(StateError, match=r"^s\.json:2[67]:\d+: not valid JSON: "):
        decode(TEXT.replace("true\n", "true,\n"), source="s.json")


def test_a_merge_that_was_left_open_has_its_own_hint() -> None:
    with pytest.raises(StateError) as refused:
        decode(BROKEN["a merge"][0], source="s.json")

    assert "unresolved merge" in (refused.value.hint or "")


def put(path: str, value: object) -> Any:
    """The good document with *value* at *path*; `...` takes it away."""
    changed = document()
    *way, last = path.split("/")
    place = changed
    for step in way:
        place = place[step]
    if value is ...:
        del place[last]
    else:
        place[last] = value
    return changed


ONE = "instances/support-eu"
WRONG = {
    "not an object": ([], "s.json: expected an object, not a list"),
    "no format": (
        put("format", ...),
        "s.json: format: expected reconciler.state/1",
    ),
    "another program's": (
        put("format", 4),
        "s.json: format: expected reconciler.state/1",
    ),
    "another's, too": (
        put("format", "terraform"),
        "s.json: format: expected reconciler.state/1",
    ),
    "newer": (
        put("format", "reconciler.state/2"),
        "s.json: format: reconciler.state/2 was written by a newer program",
    ),
    "no lineage": (put("lineage", ...), "s.json: lineage: missing"),
    "empty lineage": (put("lineage", ""), "s.json: lineage: empty"),
    "serial below 0": (put("serial", -1), "s.json: serial: less than 0"),
    "serial true": (
        put("serial", True),
        "s.json: serial: expected a whole number or a text, not true or false",
    ),
    "unknown name": (put("instance", {}), "s.json: instance: not a name that this file has"),
    "no instances": (put("instances", ...), "s.json: instances: missing"),
    "instances a list": (
        put("instances", []),
        "s.json: instances: expected an object, not a list",
    ),
    "an instance null": (
        put(ONE, None),
        "s.json: instances.support-eu: expected an object, not null",
    ),
    "no id": (put(f"{ONE}/idInstance", ...), "s.json: instances.support-eu.idInstance: missing"),
    "id a fraction": (
        put(f"{ONE}/idInstance", 1.5),
        "s.json: instances.support-eu.idInstance: expected a whole number or a text, "
        "not a fraction",
    ),
    "id a word": (
        put(f"{ONE}/idInstance", TOKEN),
        "s.json: instances.support-eu.idInstance: expected something such as 1101728000",
    ),
    "token a number": (
        put(f"{ONE}/apiTokenInstance", 5),
        "s.json: instances.support-eu.apiTokenInstance: expected a text or null, not a number",
    ),
    "no token": (
        put(f"{ONE}/apiTokenInstance", ...),
        "s.json: instances.support-eu.apiTokenInstance: missing",
    ),
    "name null": (
        put(f"{ONE}/name", None),
        "s.json: instances.support-eu.name: expected a text, not null",
    ),
    "origin": (
        put(f"{ONE}/origin", "stolen"),
        "s.json: instances.support-eu.origin: none of created, adopted, recovered",
    ),
    "parameters null": (
        put(f"{ONE}/parameters", None),
        "s.json: instances.support-eu.parameters: expected an object, not null",
    ),
    "parameter a list": (
        put(f"{ONE}/parameters/linkPreview", [TOKEN]),
        "s.json: instances.support-eu.parameters.linkPreview: "
        "expected a text, true or false, a whole number or an object, not a list",
    ),
    "digest a number": (
        put(f"{ONE}/parameters/webhookUrlToken", {"digest": 1}),
        "s.json: instances.support-eu.parameters.webhookUrlToken.digest: "
        "expected a text, not a number",
    ),
    "digest and more": (
        put(f"{ONE}/parameters/webhookUrlToken", {"digest": "x", "value": TOKEN}),
        "s.json: instances.support-eu.parameters.webhookUrlToken.value: "
        "not a name that this file has",
    ),
    "more that is no text": (
        put(f"{ONE}/extra", {}),
        "s.json: instances.support-eu.extra: expected a text, not an object",
    ),
    "a token as a key": (
        put(f"instances/{TOKEN}", 5),
        "s.json: instances.…: expected an object, not a number",
    ),
    "since without zone": (
        put("pending/billing/since", "2026-11-22T10:07:00"),
        "s.json: pending.billing.since: expected something such as 2026-11-22T10:06:00Z",
    ),
    "since a word": (
        put("pending/billing/since", "yesterday"),
        "s.json: pending.billing.since: expected something such as 2026-11-22T10:06:00Z",
    ),
    "snapshot a number": (
        put("pending/billing/snapshot", 4),
        "s.json: pending.billing.snapshot: expected a text or null, not a number",
    ),
    "ids no list": (
        put("snapshots/r1", {}),
        "s.json: snapshots.r1: expected a list, not an object",
    ),
    "ids no numbers": (
        put("snapshots/r1", [1, "2"]),
        "s.json: snapshots.r1.1: expected a whole number, not a text",
    ),
}


@pytest.mark.parametrize(("wrong", "message"), WRONG.values(), ids=WRONG)
def test_a_wrong_state_is_refused_with_its_place_and_without_its_values(
    wrong: object, message: str
) -> None:
    with pytest.raises(StateError) as refused:
        decode(json.dumps(wrong), source="s.json")

    assert refused.value.message == message
    assert TOKEN not in f"{refused.value.message} {refused.value.hint}"
    assert refused.value.__cause__ is None
    assert refused.value.__context__ is None


@pytest.mark.parametrize("wrong", [wrong for wrong, _ in WRONG.values()], ids=WRONG)
def test_the_schema_refuses_what_the_program_refuses(wrong: object) -> None:
    assert not VALIDATOR.is_valid(wrong)


HALF = '"\\ud800"'  # half a surrogate pair, as JSON escapes it


@pytest.mark.parametrize(
    "text",
    [
        TEXT.replace('"support-eu": {', f"{HALF}: {{"),
        TEXT.replace('"whatsapp"', HALF),
        TEXT.replace(f'"{TOKEN}"', HALF),
        TEXT.replace('"billing"', HALF),
        TEXT.replace('"Billing"', HALF),
    ],
    ids=["a key", "a text", "a token", "a pending key", "a name"],
)
def test_half_a_surrogate_pair_anywhere_is_read(text: str) -> None:
    state = decode(text, source="s.json")

    assert decode(encode(state), source="s.json") == state


def test_half_a_surrogate_pair_in_an_unknown_name_is_refused() -> None:
    with pytest.raises(StateError, match=r"^s\.json: …: not a name that this file has$"):
        decode(TEXT.replace('"serial"', f'{HALF}: 1, "serial"'), source="s.json")


def test_a_whole_number_may_be_spelled_as_a_fraction() -> None:
    text = TEXT.replace("1101728000", "1101728000.0").replace("1000,", "1000.0,")

    found = decode(text, source="s.json")

    assert encode(found) == TEXT


def test_a_create_that_names_no_snapshot_of_the_file_is_refused() -> None:
    with pytest.raises(StateError, match=r"pending\.billing\.snapshot: not one of the snapshots"):
        decode(json.dumps(put("snapshots", {})), source="s.json")


def test_a_newer_state_asks_for_an_upgrade() -> None:
    with pytest.raises(StateError) as refused:
        decode(json.dumps(put("format", "reconciler.state/12")), source="s.json")

    assert "pip install --upgrade" in (refused.value.hint or "")


def test_the_schema_describes_every_name() -> None:
    jsonschema.Draft7Validator.check_schema(SCHEMA)
    definitions = {**SCHEMA["definitions"], **SCHEMA["definitions"]["events"]}
    del definitions["events"]
    named = [SCHEMA, *SCHEMA["properties"].values()]
    for definition in definitions.values():
        named += [definition, *definition.get("properties", {}).values()]

    assert [each for each in named if "$ref" not in each and not each.get("description")] == []
    assert [each for each in named if "$ref" not in each and not each.get("title")] == []


AT = "2026-11-22T10:06:00Z"
PARAMETERS: dict[str, Kept] = {"incomingWebhook": "yes", "webhookUrlToken": Digest("hmac-sha256:1")}
LINES: dict[str, tuple[Event, str]] = {
    "snapshot": (
        Listed("r1", frozenset({9, 7})),
        '"event": "snapshot", "snapshot": "r1", "ids": [7, 9]',
    ),
    "intent": (
        Intent("a", Pending("A", PARAMETERS, AT, "r1")),
        '"event": "intent", "key": "a", "pending": {"name": "A", "parameters": {"incomingWebhook": '
        '"yes", "webhookUrlToken": {"digest": "hmac-sha256:1"}}, "since": "2026-11-22T10:06:00Z", '
        '"snapshot": "r1"}',
    ),
    "created": (
        Record("a", Recorded(5, Secret("t0k"), "v3", "A", {}, AT, Origin.CREATED)),
        '"event": "created", "key": "a", "instance": {"idInstance": 5, "apiTokenInstance": "t0k", '
        '"typeInstance": "v3", "name": "A", "parameters": {}, "createdAt": "2026-11-22T10:06:00Z", '
        '"origin": "created"}',
    ),
    "recovered": (
        Record("a", Recorded(5, None, None, "A", {}, AT, Origin.RECOVERED)),
        '"event": "recovered", "key": "a", "instance": {"idInstance": 5, "apiTokenInstance": null, '
        '"typeInstance": null, "name": "A", "parameters": {}, "createdAt": "2026-11-22T10:06:00Z", '
        '"origin": "recovered"}',
    ),
    "rejected": (
        Closed("a", Word.REJECTED, "code 400"),
        '"event": "rejected", "key": "a", "reason": "code 400"',
    ),
    "not sent": (
        Closed("a", Word.NOT_SENT),
        '"event": "not_sent", "key": "a", "reason": ""',
    ),
    "not created": (
        Closed("a", Word.NOT_CREATED, "a person said so"),
        '"event": "not_created", "key": "a", "reason": "a person said so"',
    ),
    "token": (
        TokenFound("a", Secret("t0k")),
        '"event": "token", "key": "a", "apiTokenInstance": "t0k"',
    ),
    "token of an instance": (
        TokenFound("a", Secret("t0k"), 5),
        '"event": "token", "key": "a", "idInstance": 5, "apiTokenInstance": "t0k"',
    ),
    "account": (
        Addressed("https://api.green-api.com"),
        '"event": "account", "apiUrl": "https://api.green-api.com"',
    ),
    "moved": (Moved("a", "b"), '"event": "moved", "key": "a", "to": "b"'),
    "forgotten": (
        Forgotten(5, Tombstone("a", "A", AT)),
        '"event": "forgotten", "idInstance": 5, "tombstone": {"key": "a", "name": "A", "at": '
        '"2026-11-22T10:06:00Z"}',
    ),
    "tombstone dropped": (TombstoneDropped(5), '"event": "tombstone_dropped", "idInstance": 5'),
    "deleted": (ListedDeleted("a", 5), '"event": "deleted", "key": "a", "idInstance": 5'),
    "reported": (OrphansReported(("a", "b")), '"event": "reported", "keys": ["a", "b"]'),
    "delete_intent": (
        DeleteAnnounced("a", 5, AT),
        f'"event": "delete_intent", "key": "a", "idInstance": 5, "since": "{AT}"',
    ),
    "delete_closed": (
        DeleteClosed("a", 5, "linked"),
        '"event": "delete_closed", "key": "a", "idInstance": 5, "reason": "linked"',
    ),
    "rotation": (
        Rotation("a", under_way=True),
        '"event": "rotation", "key": "a", "underWay": true',
    ),
    "rotation of an instance": (
        Rotation("a", under_way=False, id_instance=5),
        '"event": "rotation", "key": "a", "idInstance": 5, "underWay": false',
    ),
    "protection": (
        ProtectionChanged(("a",), protected=True),
        '"event": "protection", "keys": ["a"], "protected": true',
    ),
    "update announced": (
        UpdateAnnounced("a", 5, SettingsUpdate({"webhookUrl": None}, AT, "authorized")),
        '"event": "update_intent", "key": "a", "idInstance": 5, "update": {"parameters":'
        f' {{"webhookUrl": null}}, "since": "{AT}", "was": "authorized", "confirmed": false}}',
    ),
    "settings confirmed": (
        SettingsConfirmed("a", 5, {"stateWebhook": "yes"}),
        '"event": "update_confirmed", "key": "a", "idInstance": 5, "parameters":'
        ' {"stateWebhook": "yes"}',
    ),
    "update closed": (
        UpdateClosed("a", 5, "400"),
        '"event": "update_closed", "key": "a", "idInstance": 5, "reason": "400"',
    ),
}


@pytest.mark.parametrize(("event", "fields"), LINES.values(), ids=LINES)
def test_an_event_is_one_line(event: Event, fields: str) -> None:
    assert encode_event(8, AT, event) == f'{{"serial": 8, "at": "{AT}", {fields}}}\n'


def _event(line: str) -> Line:
    return read_event(parse(line, source="journal"), source="journal")


@given(strategies.events)
def test_any_event_comes_back_from_its_line(event: Event) -> None:
    line = encode_event(8, AT, event)

    assert line.count("\n") == 1
    assert _event(line) == (8, AT, event)


WRONG_LINES = {
    "no object": ("7", "journal: expected an object, not a number"),
    "no event": (
        '{"serial": 8}',
        "journal: event: expected snapshot, intent, created, adopted, recovered, rejected, "
        "not_sent, not_created, exposure_ended, token, rotation, account, moved, forgotten, "
        "tombstone_dropped, "
        "deleted, reported, delete_intent, delete_closed, protection, update_intent, "
        "update_confirmed, update_closed",
    ),
    "another event": (
        f'{{"serial": 8, "at": "{AT}", "event": "blessed"}}',
        "journal: event: blessed was written by a newer program",
    ),
    "no key": (
        f'{{"serial": 8, "at": "{AT}", "event": "rejected", "reason": ""}}',
        "journal: key: missing",
    ),
    "no serial": (
        f'{{"at": "{AT}", "event": "account", "apiUrl": ""}}',
        "journal: serial: missing",
    ),
    "no token": (
        f'{{"serial": 8, "at": "{AT}", "event": "token", "key": "a", "apiTokenInstance": null}}',
        "journal: apiTokenInstance: expected a text, not null",
    ),
    "two origins": (
        encode_event(8, AT, LINES["created"][0]).replace(
            '"event": "created"', '"event": "adopted"'
        ),
        "journal: instance.origin: not the same as the event",
    ),
}


@pytest.mark.parametrize(("line", "message"), WRONG_LINES.values(), ids=WRONG_LINES)
def test_a_line_that_is_no_event_is_refused(line: str, message: str) -> None:
    with pytest.raises(StateError) as refused:
        _event(line)

    assert refused.value.message == message
