"""The schema means the same to every program that reads it, editors included."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import jsonschema_rs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reconciler.manifest.reader import read
from reconciler.manifest.rules import load_rules
from reconciler.manifest.source import Source, decode
from tests.manifest.language_server import LanguageServer, serving
from tests.manifest.node_tools import node_tools

ROOT = Path(__file__).parents[2]
SCHEMA_PATH = ROOT / "schema" / "manifest.schema.json"
SCHEMA: dict[str, Any] = json.loads(SCHEMA_PATH.read_text(encoding="utf-8"))
KEYWORDS = json.loads((ROOT / "schema" / "vocabulary.json").read_text("utf-8"))["keywords"]
DATA = ROOT / "tests" / "data"
VALID = sorted((DATA / "valid").glob("*.yaml"))
INVALID = sorted((DATA / "invalid").glob("*.yaml"))

# What no schema can see: other entries, merged defaults, the environment, how YAML was typed.
BEYOND_A_SCHEMA = re.compile(
    r"warn-|names-|partner-token-|schema-entry-(empty|only-name|all-taken-away)|"
    r"reference-(?!in-name|partial-number|unclosed)"
)
# Where the editor's YAML parser takes what our reader refuses.
ONLY_OURS = {
    "schema-only-comments",
    "yaml-line-separator",
    "yaml-merge-text",
    "yaml-missing-key",
    "yaml-nesting",
    "yaml-two-documents",
    "yaml11-directive",
    "yaml11-tag-binary",
}
# The server recurses into itself here, and whether it survives to say so differs from run to run.
UNSTEADY = {"yaml-alias-of-itself"}


def documents(paths: list[Path]) -> dict[str, Any]:
    """Return the content of every manifest that can be read at all, by name."""
    found = {}
    for path in paths:
        source = decode(path.name, path.read_bytes())
        if isinstance(source, Source):
            document = read(source)
            if document.complete and not document.problems:
                found[path.stem] = document.root
    return found


def test_every_part_of_the_schema_that_an_editor_shows_is_explained() -> None:
    parts = [
        *SCHEMA["properties"].items(),
        *SCHEMA["definitions"]["parameters"]["properties"].items(),
        *SCHEMA["properties"]["state"]["properties"].items(),
    ]

    missing = [name for name, part in parts if not (part.get("title") and part.get("description"))]

    assert missing == []


def test_the_schema_is_a_valid_draft_7_schema() -> None:
    jsonschema.Draft7Validator.check_schema(SCHEMA)
    jsonschema_rs.meta.validate(SCHEMA)


@pytest.mark.parametrize("path", [*VALID, *INVALID], ids=lambda path: path.stem)
def test_jsonschema_and_jsonschema_rs_agree(path: Path) -> None:
    for content in documents([path]).values():
        ours = jsonschema_rs.Draft7Validator(SCHEMA).is_valid(content)

        assert jsonschema.Draft7Validator(SCHEMA).is_valid(content) == ours


_VALUES: st.SearchStrategy[Any] = st.one_of(
    st.sampled_from(
        ["yes", "no", "on", "", "https://a.example.com/", "http://", "${env:A}", "x ${file:b}"]
    ),
    st.sampled_from(
        [None, True, False, 0, 10, 11, 499, 500, 600000, 600001, 1000.0, 0.5, -1, [], {}]
    ),
    st.text(max_size=5),
)
_ENTRIES = st.dictionaries(
    st.sampled_from([*load_rules().parameters, "foo", "linkPreview"]), _VALUES, max_size=5
)


@settings(max_examples=300, deadline=None)
@given(_ENTRIES, st.sampled_from(["a", "A.b-c_1", "-a", "ü", "a" * 64]), _ENTRIES)
def test_they_agree_on_random_manifests(
    entry: dict[str, Any], key: str, defaults: dict[str, Any]
) -> None:
    manifest = {"version": 1, "defaults": defaults, "instances": {key: entry}}

    ours = jsonschema_rs.Draft7Validator(SCHEMA).is_valid(manifest)

    assert jsonschema.Draft7Validator(SCHEMA).is_valid(manifest) == ours


def test_check_jsonschema_agrees_on_the_valid_manifests() -> None:
    done = _check_jsonschema([*VALID, ROOT / "instances.yaml", ROOT / "schema" / "starter.yaml"])

    assert done["status"] == "ok"
    assert len(done["checked_paths"]) == len(VALID) + 2


def test_check_jsonschema_agrees_on_the_broken_manifests() -> None:
    done = _check_jsonschema([path for path in INVALID if path.stem in documents(INVALID)])

    refused = {Path(error["filename"]).stem for error in done["errors"]}
    takes_for_numbers = {"yaml11-binary-number", "yaml11-underscored-number"}  # its YAML reader
    ours = set(documents(INVALID)) - set(_accepted(documents(INVALID)))
    assert refused == ours - takes_for_numbers


def _accepted(contents: dict[str, Any]) -> list[str]:
    validator = jsonschema_rs.Draft7Validator(SCHEMA)
    return [name for name, content in contents.items() if validator.is_valid(content)]


def _check_jsonschema(paths: list[Path]) -> Any:
    program = Path(sys.executable).with_name("check-jsonschema")
    command = [str(program), "--schemafile", str(SCHEMA_PATH), "-o", "json", "-v"]
    command += map(str, paths)
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return json.loads(done.stdout)


def test_the_schema_alone_refuses_all_that_a_schema_can_see() -> None:
    accepted = set(_accepted(documents(INVALID)))

    assert accepted == {name for name in documents(INVALID) if BEYOND_A_SCHEMA.match(name)}


_AJV = """
const Ajv = require("ajv");
const {schema, keywords, contents} = JSON.parse(require("fs").readFileSync(0));
const ajv = new Ajv({strict: true});
ajv.addVocabulary(keywords);
const validate = ajv.compile(schema);
const accepted = Object.keys(contents).filter((name) => validate(contents[name]));
process.stdout.write(JSON.stringify(accepted));
"""


def test_ajv_in_strict_mode_agrees() -> None:
    contents = documents([*VALID, *INVALID])
    infinite = {"schema-delay-infinite", "yaml-nesting"}  # JSON has no infinity
    asked = {name: content for name, content in contents.items() if name not in infinite}

    done = subprocess.run(
        ["node", "-e", _AJV],
        input=json.dumps({"schema": SCHEMA, "keywords": KEYWORDS, "contents": asked}),
        cwd=node_tools(),
        capture_output=True,
        text=True,
        check=True,
    )

    assert json.loads(done.stdout) == _accepted(asked)


_COMPILE = """
const Ajv = require("ajv");
const {schemas, keywords} = JSON.parse(require("fs").readFileSync(0));
const ajv = new Ajv({strict: true, allowUnionTypes: true});
ajv.addVocabulary(keywords);
for (const schema of schemas) ajv.compile(schema);
"""


def test_ajv_in_strict_mode_takes_every_schema_with_our_vocabulary() -> None:
    paths = sorted((ROOT / "schema").glob("*.schema.json"))
    schemas = [json.loads(path.read_text("utf-8")) for path in paths]

    subprocess.run(
        ["node", "-e", _COMPILE], input=json.dumps({"schemas": schemas, "keywords": KEYWORDS}),
        cwd=node_tools(), text=True, check=True,
    )  # fmt: skip

    assert [schema["$id"].rpartition("/")[2] for schema in schemas] == [p.name for p in paths]


def test_the_catalog_names_the_schema_by_its_address() -> None:
    catalog = json.loads((ROOT / "schema" / "catalog.json").read_text("utf-8"))

    assert [item["url"] for item in catalog["schemas"]] == [SCHEMA["$id"]]
    assert catalog["schemas"][0]["fileMatch"] == ["*.green-api.yaml", "*.green-api.yml"]


def test_defaults_take_every_parameter_but_the_name() -> None:
    named = set(SCHEMA["definitions"]["parameters"]["properties"])

    assert set(SCHEMA["properties"]["defaults"]["properties"]) == named - {"name"}


@pytest.fixture(scope="module")
def editor() -> Iterator[LanguageServer]:
    with serving(node_tools(), SCHEMA_PATH) as server:
        server.ask("completion", ENTRY + "\n", 3, 4)  # the first answer may precede the schema
        yield server


@pytest.fixture(scope="module")
def underlined(editor: LanguageServer) -> dict[str, list[str]]:
    """What the editor underlines in the corpus, by path."""
    readable = [path for path in [*VALID, *INVALID] if not path.stem.startswith("bytes-")]
    texts = {path.as_uri(): path.read_bytes().decode("utf-8-sig") for path in readable}
    return editor.underlined(texts)


def test_the_editor_finds_the_schema_by_the_first_line_of_the_sample(
    editor: LanguageServer,
) -> None:
    text = (ROOT / "instances.yaml").read_text(encoding="utf-8")
    right, wrong = (ROOT / "right.yaml").as_uri(), (ROOT / "wrong.yaml").as_uri()

    told = editor.underlined({right: text, wrong: text.replace("autoTyping: 3", "autoTyping: 30")})

    assert told == {right: [], wrong: ["Value is above the maximum of 10."]}


@pytest.mark.parametrize("path", VALID, ids=lambda path: path.stem)
def test_the_editor_underlines_nothing_in_a_valid_manifest(
    underlined: dict[str, list[str]], path: Path
) -> None:
    assert underlined[path.as_uri()] == []


@pytest.mark.parametrize(
    "path",
    [path for path in INVALID if not path.stem.startswith("bytes-") and path.stem not in UNSTEADY],
    ids=lambda path: path.stem,
)
def test_the_editor_underlines_what_it_can_see(
    underlined: dict[str, list[str]], path: Path
) -> None:
    beyond = bool(BEYOND_A_SCHEMA.match(path.stem)) or path.stem in ONLY_OURS

    assert bool(underlined[path.as_uri()]) != beyond


ENTRY = "version: 1\ninstances:\n  support-eu:\n    "


def test_the_editor_completes_every_parameter(editor: LanguageServer) -> None:
    found = editor.ask("completion", ENTRY + "\n", 3, 4)

    typed = {item["label"]: item["insertText"] for item in found["items"]}
    assert set(typed) >= set(load_rules().parameters)
    assert [name for name, text in typed.items() if not text.startswith(f"{name}:")] == []


def test_the_editor_offers_no_name_below_defaults(editor: LanguageServer) -> None:
    found = editor.ask("completion", "version: 1\ndefaults:\n  \n", 2, 2)

    offered = {item["label"] for item in found["items"]}
    assert offered == set(load_rules().parameters) - {"name"}


def test_the_editor_completes_yes_and_no(editor: LanguageServer) -> None:
    line = "    stateWebhook: "

    found = editor.ask("completion", f"{ENTRY}{line.strip()} \n", 3, len(line))

    assert {'"yes"', '"no"'} <= {item["label"] for item in found["items"]}


@pytest.mark.parametrize("name", load_rules().parameters)
def test_the_editor_explains_a_parameter(editor: LanguageServer, name: str) -> None:
    parameter = load_rules().parameters[name]

    found = editor.ask("hover", f"{ENTRY}{name}: null\n", 3, 6)

    shown = found["contents"]["value"].replace("\\", "")
    assert shown.splitlines()[0] == f"#### {parameter.title}"  # once
    assert parameter.description in shown
