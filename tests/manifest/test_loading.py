"""Files and folders become entries or problems, whatever they hold."""

import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reconciler.manifest import Manifest, Severity, load, strict
from reconciler.model import Desired
from reconciler.secrets import Secret, Unset
from tests.manifest.harness import read_bytes

ENTRY = "version: 1\ninstances:\n  {key}:\n    incomingWebhook: yes\n"


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def keys(manifest: Manifest) -> list[str]:
    return [entry.key for entry in manifest.entries]


def rules(manifest: Manifest) -> list[str]:
    return [problem.rule for problem in manifest.problems]


def test_the_sample_at_the_top_is_valid_without_any_environment() -> None:
    manifest = load([Path(__file__).parents[2] / "instances.yaml"], env={})

    assert manifest.problems == ()
    assert 5 <= len(manifest.entries) <= 8


def test_one_entry_of_the_sample_is_the_example_of_the_api() -> None:
    manifest = load([Path(__file__).parents[2] / "instances.yaml"], env={})

    founding = next(entry for entry in manifest.entries if entry.key == "head-office")

    assert dict(founding.parameters) == {
        "webhookUrl": "https://mysite.com/webhook/green-api/",
        "webhookUrlToken": Secret("f93537eb3e8fed66847b5bd"),
        "delaySendMessagesMilliseconds": 1000,
        "markIncomingMessagesReaded": "no",
        "markIncomingMessagesReadedOnReply": "no",
        "outgoingAPIMessageWebhook": "yes",
        "outgoingWebhook": "yes",
        "outgoingMessageWebhook": "yes",
        "incomingWebhook": "yes",
        "deviceWebhook": "no",
        "stateWebhook": "no",
        "keepOnlineStatus": "no",
    }


def test_a_folder_means_its_manifests_in_the_order_of_their_names(tmp_path: Path) -> None:
    write(tmp_path / "b.yml", ENTRY.format(key="second"))
    write(tmp_path / "a.yaml", ENTRY.format(key="first"))
    write(tmp_path / "c.txt", "not a manifest")
    write(tmp_path / ".hidden.yaml", "not a manifest")
    write(tmp_path / "deeper" / "d.yaml", "not a manifest")

    manifest = load([tmp_path], env={})

    assert keys(manifest) == ["first", "second"]
    assert manifest.files == (str(tmp_path / "a.yaml"), str(tmp_path / "b.yml"))


def test_a_file_that_is_named_twice_is_read_once(tmp_path: Path) -> None:
    path = write(tmp_path / "a.yaml", ENTRY.format(key="only"))

    assert keys(load([path, tmp_path, path], env={})) == ["only"]


def test_defaults_reach_the_entries_of_their_own_file_only(tmp_path: Path) -> None:
    one = write(
        tmp_path / "a.yaml",
        "version: 1\ndefaults: {stateWebhook: yes}\ninstances: {a: {autoTyping: 1}}\n",
    )
    two = write(tmp_path / "b.yaml", "version: 1\ninstances: {b: {autoTyping: 2}}\n")

    manifest = load([one, two], env={})

    assert [dict(entry.parameters) for entry in manifest.entries] == [
        {"stateWebhook": "yes", "autoTyping": 1},
        {"autoTyping": 2},
    ]


def test_a_key_is_unique_over_all_files(tmp_path: Path) -> None:
    one = write(tmp_path / "a.yaml", ENTRY.format(key="support"))
    two = write(tmp_path / "b.yaml", ENTRY.format(key="support"))

    manifest = load([one, two], env={})

    assert rules(manifest) == ["duplicate-entry"]
    assert str(manifest.problems[0].place) == f"{two}:3:3"
    assert [str(place) for place in manifest.problems[0].also] == [f"{one}:3:3"]


def test_a_name_is_unique_over_all_files(tmp_path: Path) -> None:
    one = write(tmp_path / "a.yaml", "version: 1\ninstances: {a: {name: Sales, autoTyping: 1}}\n")
    two = write(tmp_path / "b.yaml", "version: 1\ninstances: {b: {name: Sales, autoTyping: 1}}\n")

    assert rules(load([one, two], env={})) == ["duplicate-name"]


def test_problems_of_all_files_come_sorted(tmp_path: Path) -> None:
    write(tmp_path / "b.yaml", "version: 2\nbogus: 1\ninstances: {}\n")
    write(tmp_path / "a.yaml", "bogus: 1\nversion: 2\ninstances: {}\n")

    places = [problem.place for problem in load([tmp_path], env={}).problems]

    assert len(places) == 4
    assert places == sorted(places, key=lambda place: (place.path, place.line, place.column))


@pytest.mark.parametrize(
    ("name", "words"),
    [("missing.yaml", "no such file"), ("empty-folder", "no *.yaml"), ("a\0b", "can't read")],
)
def test_what_can_not_be_read_is_a_problem(tmp_path: Path, name: str, words: str) -> None:
    (tmp_path / "empty-folder").mkdir()

    manifest = load([tmp_path / name], env={})

    assert rules(manifest) == ["no-manifest"]
    assert words in manifest.problems[0].message


def test_strict_makes_errors_of_warnings(tmp_path: Path) -> None:
    path = write(
        tmp_path / "a.yaml", "version: 1\ninstances: {a: {webhookUrl: 'http://a.example.com'}}\n"
    )
    manifest = load([path], env={})

    stricter = strict(manifest)

    assert (len(manifest.entries), manifest.errors) == (1, ())
    assert (len(stricter.entries), stricter.warnings) == (0, ())
    assert stricter.problems[0].severity is Severity.ERROR


def test_a_manifest_without_warnings_stays_as_it_is_under_strict(tmp_path: Path) -> None:
    manifest = load([write(tmp_path / "a.yaml", ENTRY.format(key="a"))], env={})

    assert strict(manifest) is manifest


def test_the_name_is_not_among_the_parameters(tmp_path: Path) -> None:
    path = write(tmp_path / "a.yaml", "version: 1\ninstances: {a: {name: A, autoTyping: 1}}\n")

    [entry] = load([path], env={}).entries

    assert (entry.key, entry.name, dict(entry.parameters)) == ("a", "A", {"autoTyping": 1})


def test_secrets_are_those_of_the_schema_and_of_references(tmp_path: Path) -> None:
    path = write(
        tmp_path / "a.yaml",
        "version: 1\ndefaults: {webhookUrl: 'https://${env:HOST}/hook'}\n"
        "instances: {a: {webhookUrlToken: typed-token}}\n",
    )

    manifest = load([path], env={"HOST": "hidden.example.com"})

    assert manifest.entries[0].parameters == {
        "webhookUrl": Secret("https://hidden.example.com/hook"),
        "webhookUrlToken": Secret("typed-token"),
    }
    assert {secret.reveal() for secret in manifest.secrets} == {
        "typed-token",
        "hidden.example.com",
        "https://hidden.example.com/hook",
    }
    assert "hidden" not in repr(manifest)


def test_a_choice_from_a_reference_is_secret_without_teaching_its_word(tmp_path: Path) -> None:
    path = write(tmp_path / "a.yaml", "version: 1\ninstances: {a: {stateWebhook: '${env:FLAG}'}}\n")

    manifest = load([path], env={"FLAG": "true"})

    assert manifest.entries[0].parameters == {"stateWebhook": Secret("yes")}
    assert manifest.secrets == ()


def test_an_own_value_replaces_a_reference_of_the_defaults(tmp_path: Path) -> None:
    path = write(
        tmp_path / "a.yaml",
        "version: 1\ndefaults: {webhookUrl: 'https://${env:HOST}/'}\n"
        "instances: {a: {webhookUrl: 'https://b.example.com/'},"
        " c: {webhookUrl: null, autoTyping: 1}}\n",
    )

    entries = load([path], env={"HOST": "x.example.com"}).entries

    assert [entry.parameters for entry in entries] == [
        {"webhookUrl": "https://b.example.com/"},
        {"autoTyping": 1},
    ]


def test_recipients_of_all_files_are_gathered(tmp_path: Path) -> None:
    key = "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p"
    write(tmp_path / "a.yaml", f"version: 1\nstate: {{recipients: [{key}]}}\ninstances: {{}}\n")
    write(tmp_path / "b.yaml", f"version: 1\nstate: {{recipients: [{key}]}}\ninstances: {{}}\n")

    assert load([tmp_path], env={}).recipients == (key,)


def test_the_partner_token_is_found_wherever_it_stands(tmp_path: Path) -> None:
    path = write(tmp_path / "a.yaml", ENTRY.format(key="a") + "# my-partner-token\n")

    manifest = load([path], env={}, partner_token=Secret("my-partner-token"))

    assert rules(manifest) == ["partner-token"]
    assert "my-partner-token" not in manifest.sources[str(path)]


def test_a_valid_manifest_needs_neither_jsonschema_nor_difflib(tmp_path: Path) -> None:
    path = write(tmp_path / "a.yaml", ENTRY.format(key="a"))
    script = (
        "import sys, pathlib, reconciler.manifest as m\n"
        "print(sorted({'yaml', 'jsonschema_rs'} & sys.modules.keys()))\n"
        f"assert m.load([pathlib.Path({str(path)!r})], env={{}}).entries\n"
        "late = {'jsonschema', 'difflib', 'reconciler.manifest.check'}\n"
        "print(sorted(late & sys.modules.keys()))\n"
    )

    out = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)

    assert out.stdout == "[]\n[]\n"


def test_ten_thousand_entries_with_a_hundred_broken_ones_are_told_apart(tmp_path: Path) -> None:
    rows = [f"  k{n}: {{autoTyping: {11 if n % 100 == 0 else n % 11}}}" for n in range(10_000)]
    path = write(tmp_path / "a.yaml", "\n".join(["version: 1", "instances:", *rows]))

    problems = load([path], env={}).problems

    assert [problem.place.line for problem in problems] == [3 + n for n in range(0, 10_000, 100)]


_PIECES = st.sampled_from(
    [
        "version: 1\n", "instances:\n", "defaults:\n", "state:\n", "  recipients:\n", "  a:\n",
        "  b: &b\n", "    <<: *b\n", "  - x\n", "    name: N\n", "    webhookUrl: ${env:DELAY}\n",
        "    webhookUrlToken: hush\n", "    autoTyping: 99\n", "    stateWebhook: true\n",
        "    stateWebhook: null\n", "    foo: null\n", "    delaySendMessagesMilliseconds: 1e3\n",
        "\t", "{", "}", "[", "]", "'", '"', "|\n", "? ", ": ", "- ", "!!int ", "---\n", "\r\n",
        "\u2028", "\x00", "ü", "*b", "&b ", "$$ ${x", "%YAML 1.1\n", "gac.0123456789abcdef0123",
    ]
)  # fmt: skip


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(_PIECES, max_size=25).map("".join) | st.text(max_size=60))
def test_any_text_is_a_manifest_or_problems(text: str) -> None:
    manifest = read_bytes(text.encode("utf-8", errors="surrogatepass"))

    assert bool(manifest.errors) or all(entry.parameters for entry in manifest.entries)


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=200))
def test_any_bytes_are_a_manifest_or_problems(data: bytes) -> None:
    manifest = read_bytes(data)

    assert manifest.errors  # version and instances never come about by chance


def test_what_this_machine_does_not_have_is_unset_until_an_entry_says_otherwise(
    tmp_path: Path,
) -> None:
    path = tmp_path / "a.yaml"
    path.write_text(
        "version: 1\n"
        "defaults: {webhookUrl: 'https://a.example.com/', webhookUrlToken: '${env:NOWHERE}'}\n"
        "instances:\n"
        "  takes: {incomingWebhook: yes}\n"
        "  sets: {webhookUrlToken: mine-is-here}\n"
        "  drops: {webhookUrlToken: null}\n"
        "  delays: {webhookUrlToken: null, delaySendMessagesMilliseconds: '${file:nowhere}'}\n"
    )

    manifest = load([path], env={}, resolve=False)

    unset = {entry.key: _unset(entry) for entry in manifest.entries}
    assert manifest.unset
    assert unset == {
        "takes": ["webhookUrlToken"],
        "sets": [],
        "drops": [],
        "delays": ["delaySendMessagesMilliseconds"],
    }


def _unset(entry: Desired) -> list[str]:
    return [name for name, value in entry.parameters.items() if isinstance(value, Unset)]
