"""The reader against the facts of YAML 1.2, against other readers, and against anything at all."""

import io
from typing import Any

import pytest
import ruamel.yaml
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from reconciler.manifest.document import Document
from reconciler.manifest.problems import Problem
from reconciler.manifest.reader import MAX_DEPTH, read
from reconciler.manifest.source import Source
from tests.manifest.harness import rules


def document(text: str) -> Document:
    return read(Source("m.yaml", text))


def value(text: str) -> Any:
    found = document(text)
    assert found.problems == ()
    assert found.complete
    return found.root


def problem(text: str) -> Problem:
    found = document(text).problems
    assert len(found) == 1, found
    return found[0]


# One row for each idea of the YAML 1.2 test suite that lies inside what manifests may use.
FACTS: dict[str, tuple[str, Any]] = {
    "block mapping": ("a: b\nc: d\n", {"a": "b", "c": "d"}),
    "nested block mapping": ("a:\n  b:\n    c: d\n", {"a": {"b": {"c": "d"}}}),
    "block sequence": ("- a\n- b\n", ["a", "b"]),
    "sequence in mapping, not indented": ("a:\n- b\n- c\n", {"a": ["b", "c"]}),
    "sequence in mapping, indented": ("a:\n  - b\n", {"a": ["b"]}),
    "compact nested sequences": ("- - a\n  - b\n- - c\n", [["a", "b"], ["c"]]),
    "compact mapping in sequence": ("- a: b\n  c: d\n- e: f\n", [{"a": "b", "c": "d"}, {"e": "f"}]),
    "flow mapping": ("{a: b, c: d}", {"a": "b", "c": "d"}),
    "flow sequence": ("[a, b,]", ["a", "b"]),
    "flow over lines": ("{a: b,\n c: [d,\n e]}", {"a": "b", "c": ["d", "e"]}),
    "flow with JSON-like keys": ('{"a":1,"b":[true]}', {"a": 1, "b": [True]}),
    "flow key without value": ("{a, b: c}", {"a": None, "b": "c"}),
    "single pair in flow sequence": ("[a: b]", [{"a": "b"}]),
    "empty flow collections": ("a: {}\nb: []\n", {"a": {}, "b": []}),
    "empty value": ("a:\nb:\n", {"a": None, "b": None}),
    "empty document": ("", None),
    "comment only": ("# nothing\n", None),
    "comments everywhere": ("# x\na: b # y\n# z\nc: d\n", {"a": "b", "c": "d"}),
    "number sign inside a word": ("a: b#c\n", {"a": "b#c"}),
    "colon inside a word": ("a: b:c\n", {"a": "b:c"}),
    "URL": ("a: https://b.example.com:80/c?d=e#f\n", {"a": "https://b.example.com:80/c?d=e#f"}),
    "plain over lines": ("a: b\n  c\n\n  d\n", {"a": "b c\nd"}),
    "plain with punctuation": ("a: b, [c] {d}!\n", {"a": "b, [c] {d}!"}),
    "plain that begins like an indicator": (
        "a: -b\nc: ?d\ne: :f\n",
        {"a": "-b", "c": "?d", "e": ":f"},
    ),
    "single quotes": ("a: 'b''c'\n", {"a": "b'c"}),
    "single quotes over lines": ("a: 'b\n  c\n\n  d'\n", {"a": "b c\nd"}),
    "double quotes": ('a: "b\\tc\\"d\\x41\\u0042\\U00000043"\n', {"a": 'b\tc"dABC'}),
    "double quotes with escaped break": ('a: "b\\\n  c"\n', {"a": "bc"}),
    "escaped slash": ('a: "b\\/c"\n', {"a": "b/c"}),
    "special escapes": ('a: "\\e\\a\\0\\_\\N\\L\\P"\n', {"a": "\x1b\x07\x00\xa0\x85\u2028\u2029"}),
    "quoted scalars are strings": ("a: '1'\nb: \"true\"\n", {"a": "1", "b": "true"}),
    "quoted keys": ("'a b': 1\n\"c\": 2\n", {"a b": 1, "c": 2}),
    "literal": ("a: |\n  b\n   c\n\n  d\n", {"a": "b\n c\n\nd\n"}),
    "literal, stripped": ("a: |-\n  b\n\n", {"a": "b"}),
    "literal, kept": ("a: |+\n  b\n\nc: d\n", {"a": "b\n\n", "c": "d"}),
    "literal with indentation indicator": ("a: |2\n    b\n", {"a": "  b\n"}),
    "folded": ("a: >\n  b\n  c\n\n  d\n", {"a": "b c\nd\n"}),
    "folded with more indented lines": ("a: >\n  b\n    c\n  d\n", {"a": "b\n  c\nd\n"}),
    "block scalar with a number sign": ("a: |\n  # b\n", {"a": "# b\n"}),
    "block scalars of scalars": ("a: |\n  1\n", {"a": "1\n"}),
    "anchor and alias": ("a: &x b\nc: *x\n", {"a": "b", "c": "b"}),
    "anchored mapping": ("a: &x {b: c}\nd: *x\n", {"a": {"b": "c"}, "d": {"b": "c"}}),
    "anchor redefined": ("a: &x 1\nb: *x\nc: &x 2\nd: *x\n", {"a": 1, "b": 1, "c": 2, "d": 2}),
    "anchored empty value": ("a: &x\nb: *x\n", {"a": None, "b": None}),
    "alias as key": ("a: &x b\n*x : c\n", {"a": "b", "b": "c"}),
    "anchored key": ("&x a: *x\n", {"a": "a"}),
    "merge": ("- &x {b: 1, c: 2}\n- {<<: *x, c: 3}\n", [{"b": 1, "c": 2}, {"b": 1, "c": 3}]),
    "merge of several, first wins": (
        "- &x {a: 1}\n- &y {a: 2, b: 2}\n- <<: [*x, *y]\n",
        [{"a": 1}, {"a": 2, "b": 2}, {"a": 1, "b": 2}],
    ),
    "merge written last still loses": (
        "- &x {a: 1}\n- a: 2\n  <<: *x\n",
        [{"a": 1}, {"a": 2}],
    ),
    "quoted merge key, as yq writes it": (
        "x: &x {b: 1}\nc: {'<<': *x}\n",
        {"x": {"b": 1}, "c": {"b": 1}},
    ),
    "merge key with its tag": (
        "x: &x {b: 1}\nc: {!!merge <<: *x}\n",
        {"x": {"b": 1}, "c": {"b": 1}},
    ),
    "merge key as a value": ("a: <<\n", {"a": "<<"}),
    "explicit document": ("---\na: b\n...\n", {"a": "b"}),
    "document on the marker's line": ("--- a\n", "a"),
    "version directive": ("%YAML 1.2\n---\na: b\n", {"a": "b"}),
    "core tags": ("- !!str 1\n- !!int '1'\n- !!float 1\n- !!null ''\n", ["1", 1, 1.0, None]),
    "core tags of collections": ("a: !!map {b: !!seq [c]}\n", {"a": {"b": ["c"]}}),
    "non-specific tag": ("a: ! 1\n", {"a": "1"}),
    "verbatim tag": ("a: !<tag:yaml.org,2002:str> 1\n", {"a": "1"}),
    "tag handle": ("%TAG !y! tag:yaml.org,2002:\n---\na: !y!str 1\n", {"a": "1"}),
    "explicit key": ("? a\n: b\n", {"a": "b"}),
    "words of YAML 1.1": ("- yes\n- off\n- 010\n- 12:30\n", ["yes", "off", 10, "12:30"]),
    "tabs between tokens": ("a:\tb\n", {"a": "b"}),
    "windows line ends": ("a: b\r\nc: |\r\n  d\r\n", {"a": "b", "c": "d\n"}),
    "no line end at the end": ("a: b", {"a": "b"}),
    "astral characters": ("a: 🙂\n", {"a": "🙂"}),
    "same anchor twice merged": ("- &x {a: 1}\n- {<<: [*x, *x]}\n", [{"a": 1}, {"a": 1}]),
}  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), FACTS.values(), ids=FACTS.keys())
def test_a_fact_of_yaml_1_2_holds(text: str, expected: Any) -> None:
    assert value(text) == expected


BROKEN: dict[str, tuple[str, int, int, str]] = {
    "key twice": ("a: 1\nb: 2\na: 3\n", 3, 1, "duplicate-key"),
    "key twice, quoted once": ("a: 1\n'a': 2\n", 2, 1, "duplicate-key"),
    "key twice in flow": ("{a: 1, a: 2}\n", 1, 8, "duplicate-key"),
    "merge key twice": ("- &x {}\n- <<: *x\n  <<: *x\n", 3, 3, "duplicate-key"),
    "number as key": ("1: a\n", 1, 1, "key-type"),
    "null as key": ("~: a\n", 1, 1, "key-type"),
    "no key": ("? \n: a\n", 1, 2, "key-type"),
    "boolean as key": ("a:\n  true: b\n", 2, 3, "key-type"),
    "mapping as key": ("{a: b}: c\n", 1, 1, "key-type"),
    "list as key": ("[a]: c\n", 1, 1, "key-type"),
    "unknown tag": ("a: !b c\n", 1, 4, "tag"),
    "tag of YAML 1.1": ("a: !!timestamp 2026-11-23\n", 1, 4, "tag"),
    "unknown tag on a list": ("a: !b [c]\n", 1, 4, "tag"),
    "list tagged as a mapping": ("a: !!map [c]\n", 1, 4, "tag"),
    "tag that does not fit": ("a: !!bool maybe\n", 1, 4, "tag"),
    "second document": ("a: b\n---\nc: d\n", 2, 1, "documents"),
    "unknown alias": ("a: *b\n", 1, 4, "alias"),
    "alias before its anchor": ("a: *b\nc: &b d\n", 1, 4, "alias"),
    "alias of what it stands in": ("a: &b\n  c: *b\n", 2, 6, "alias"),
    "merge of itself": ("a: &b\n  <<: *b\n", 2, 7, "alias"),
    "merge of a text": ("a:\n  <<: b\n", 2, 7, "merge"),
    "merge of a list of texts": ("a:\n  <<: [b]\n", 2, 7, "merge"),
    "old directive": ("%YAML 1.1\n---\na: b\n", 1, 1, "yaml-version"),
    "too deep": ("[" * (MAX_DEPTH + 1) + "]" * (MAX_DEPTH + 1), 1, MAX_DEPTH + 1, "nesting"),
    "tab": ("a:\n\tb: c\n", 2, 1, "syntax"),
    "unclosed quote": ("a: 'b\n", 1, 4, "syntax"),
    "reserved character": ("a: `b`\n", 1, 4, "syntax"),
}


@pytest.mark.parametrize(("text", "line", "column", "rule"), BROKEN.values(), ids=BROKEN.keys())
def test_what_is_not_accepted_is_told_at_its_place(
    text: str, line: int, column: int, rule: str
) -> None:
    found = problem(text)

    assert (found.place.line, found.place.column, found.rule) == (line, column, rule)


def test_a_duplicate_names_both_places_and_its_path() -> None:
    text = "instances:\n  a:\n    autoTyping: 1\n    autoTyping: 2\n"

    [found] = read(Source("m.yaml", text), shown=rules().shown).problems

    assert found.subject == "a.autoTyping"
    assert found.message == 'the key "autoTyping" stands twice in this mapping'
    assert [str(place) for place in found.also] == ["m.yaml:3:5"]


def test_a_duplicate_that_may_be_a_secret_is_not_named() -> None:
    text = "instances: {a: {webhookUrlToken: {S3cr3tA, S3cr3tA}}}\n"

    [found] = read(Source("m.yaml", text), shown=rules().shown).problems

    assert found.subject == "a.webhookUrlToken"
    assert found.message == "a key of 7 characters stands twice in this mapping"


def test_a_document_with_odd_keys_goes_on_without_them() -> None:
    found = document("a: 1\n1: {b: c}\na: 2\nd: 3\n")

    assert found.root == {"a": 1, "d": 3}
    assert [problem.rule for problem in found.problems] == ["key-type", "duplicate-key"]


def test_marks_point_at_keys_and_values_after_a_merge() -> None:
    text = "- &x {b: 1}\n- a: 2\n  <<: *x\n"
    found = document(text)

    merged = found.root[1]

    assert merged == {"b": 1, "a": 2}
    assert text[merged.key_mark("b")] == "b"
    assert merged.value_mark("a") == text.index("2")


def test_an_alias_bomb_is_refused_before_it_expands() -> None:
    lines = ["- &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"- &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 12)]

    found = document("\n".join(lines)).problems

    assert [item.rule for item in found] == ["alias"]


def test_an_honest_anchor_may_serve_a_hundred_thousand_times() -> None:
    lines = ["x-base: &base {" + ", ".join(f"p{n}: v" for n in range(18)) + "}", "instances:"]
    lines += [f"  k{n}: *base" for n in range(100_000)]

    assert document("\n".join(lines)).problems == ()


# --- agreement with other readers ---------------------------------------------------------------

_SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**12), 10**12),
    st.text(
        st.characters(
            exclude_categories=["Cs", "Cc", "Cn", "Co"],
            exclude_characters="\u2028\u2029\ufeff\x85",
        ),
        max_size=12,
    ),
    st.sampled_from(
        ["yes", "no", "on", "~", "010", "1e3", "0x1f", "12:30", "<<", "=", "- a", "a: b"]
    ),
)
_KEYS = st.text(st.characters(categories=["L", "Nd", "Pd"]), max_size=8).map("k{}".format)
_DOCUMENTS = st.recursive(
    _SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_KEYS, inner, max_size=4),
    max_leaves=12,
)


def _pyyaml(text: str) -> Any:
    """PyYAML with the core schema of YAML 1.2 put in for its own."""

    class Core(yaml.SafeLoader):
        yaml_implicit_resolvers: dict[str, list[Any]] = {}  # noqa: RUF012 - PyYAML's own way

    for tag, pattern, first in (
        ("null", r"~|null|Null|NULL|", ["~", "n", "N", ""]),
        ("bool", r"true|True|TRUE|false|False|FALSE", list("tTfF")),
        ("int", r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+", list("-+0123456789")),
        (
            "float",
            r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?|[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)",
            list("-+0123456789."),
        ),
    ):
        regexp = yaml.reader.re.compile(f"(?:{pattern})\\Z")  # type: ignore[attr-defined]
        Core.add_implicit_resolver(f"tag:yaml.org,2002:{tag}", regexp, first)
    Core.add_constructor(
        "tag:yaml.org,2002:int",
        lambda loader, node: int(node.value, 0 if node.value[:2] in ("0o", "0x") else 10),
    )
    Core.add_constructor("tag:yaml.org,2002:float", lambda loader, node: _float(node.value))
    return yaml.load(text, Core)  # noqa: S506 - a SafeLoader


def _float(text: str) -> float:
    return float(
        text.replace(".", "", 1) if text.lower().lstrip("+-") in (".inf", ".nan") else text
    )


def _ruamel(text: str) -> Any:
    return ruamel.yaml.YAML(typ="safe", pure=True).load(text)


def _written(value: Any, style: int) -> str:
    stream = io.StringIO()
    yaml.safe_dump(
        value,
        stream,
        allow_unicode=bool(style & 1),
        default_flow_style=bool(style & 2),
        default_style=[None, '"', "'", "|"][style >> 2 & 3],
        width=[20, 1000][style >> 4 & 1],
    )
    return stream.getvalue()


@settings(max_examples=150, deadline=None)
@given(_DOCUMENTS, st.integers(0, 31))
def test_random_documents_are_read_as_pyyaml_and_ruamel_read_them(content: Any, style: int) -> None:
    text = _written(content, style)

    ours = value(text)

    assert ours == _pyyaml(text)
    assert ours == _ruamel(text)


_PLAIN = st.text("abyYnNoOtTfFrRuUeElLsS0123456789.+-_~xX", min_size=1, max_size=8).filter(
    lambda word: word != "-"  # no plain scalar by YAML 1.2, whatever libyaml says
)


@settings(max_examples=300, deadline=None)
@given(_PLAIN)
def test_random_plain_scalars_are_read_as_the_core_schema_reads_them(word: str) -> None:
    text = f"a: [x, {word}]\n"
    found = document(text)

    theirs = _outcome(_pyyaml, text)

    assert repr(found.root if found.complete else None) == repr(theirs)


def _outcome(load: Any, text: str) -> Any:
    try:
        return load(text)
    except yaml.YAMLError:
        return None


@settings(max_examples=100, deadline=None)
@given(
    st.dictionaries(_KEYS, st.text("ab\u00e9🙂 \n'\"#:", max_size=10), min_size=1),
    st.integers(0, 31),
)
def test_every_mark_points_at_its_key_and_value(content: dict[str, str], style: int) -> None:
    text = _written(content, style)
    found = document(text)

    for key in content:
        at = found.root.key_mark(key)
        quote = text[at] if text[at] in "'\"" else ""
        assert (text[at + len(quote) :].startswith(key)) or quote or text[at] == "?"
        assert found.root.value_mark(key) > at
