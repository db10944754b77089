"""What people write by a slip, from public bug reports: told in words that help, or read right."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from reconciler.manifest import load
from reconciler.manifest.problems import Problem, Severity
from reconciler.secrets import Secret

TOP = "version: 1\ninstances:\n"
URL = "    webhookUrl: https://h.example.com/\n"
ON = "    incomingWebhook: yes\n"


def problems(folder: Path, text: str | bytes, **env: str) -> tuple[Problem, ...]:
    path = folder / "a.yaml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode("utf-8"))
    return load([path], env=env).problems


REFUSED: dict[str, tuple[str | bytes, int, str]] = {
    # the file is something else
    "git lfs": ("version https://git-lfs.github.com/spec/v1\noid sha256:0\n", 1, "git lfs pull"),
    "gzip": (b"\x1f\x8b\x08\x00abc", 1, "gunzip"),
    "git-crypt": (b"\0GITCRYPT\0abc", 1, "git-crypt unlock"),
    "ansible vault": (b"$ANSIBLE_VAULT;1.1;AES256\n616\n", 1, "ansible-vault"),
    "utf-16 without bom": ("version: 1\n".encode("utf-16-le"), 1, "UTF-16"),
    "utf-32 without bom": ("version: 1\n".encode("utf-32-be"), 1, "UTF-32"),
    "merge conflict": (
        f"{TOP}  a:\n<<<<<<< HEAD\n{ON}=======\n    stateWebhook: yes\n>>>>>>> x\n", 4, "conflict"
    ),
    # YAML took it for something else
    "quote swallows an entry": (
        f'{TOP}  a:\n    name: "Shop\n  b:\n{ON}    stateWebhook: "yes"\n', 4, "deeper lines"
    ),
    "single quote swallows an entry": (
        f"{TOP}  a:\n    name: 'Shop\n  b:\n    stateWebhook: 'yes'\n", 4, "deeper lines"
    ),
    "template without quotes": (f"{TOP}  a:\n    name: {{{{ shop }}}}\n{ON}", 4, "not rendered"),
    "template as a line": (f"{TOP}  {{% for x in y %}}\n  a:\n{ON}", 3, "not rendered"),
    "reference in brackets": (f"{TOP}  a: {{webhookUrlToken: ${{env:T}}}}\n", 3, "quoted"),
    "merge of nothing": (f"x-b: &base\n{TOP}  a:\n    <<: *base\n{ON}", 5, "*base is empty here"),
    "merge without a name": (f"{TOP}  a:\n    <<:\n{ON}", 4, "nothing to merge"),
    "no-break space": (f"{TOP}  a:\n    webhookUrl:\u00a0https://h.example.com/\n", 4, "U+00A0"),
    "cyrillic letter": (f"{TOP}  a:\n    inc\u043emingWebhook: yes\n", 4, "U+043E"),
    "dot in an anchor": (f"x-a: &a.b\n  autoTyping: 1\n{TOP}  a: *a.b\n", 1, "letters, digits"),
    "compose's default": (f"{TOP}  a:\n    webhookUrl: ${{URL:-http://x}}\n", 4, "${env:NAME}"),
    # half-meant
    "token as an anchor": (f"{TOP}  a:\n{URL}    webhookUrlToken: &Passw0rd\n", 5, "anchor"),
    "token as an alias": (f"{TOP}  a:\n{URL}    webhookUrlToken: *Passw0rd\n", 5, "begins with *"),
    "token as a tag": (f"{TOP}  a:\n{URL}    webhookUrlToken: !Passw0rd\n", 5, "exclamation"),
    "token as a comment": (f"{TOP}  a:\n{URL}    webhookUrlToken: #Passw0rd\n", 5, "begins with #"),
    "token that is a template": (f"{TOP}  a:\n{URL}    webhookUrlToken: $TOKEN\n", 5, "nobody"),
    "token in curly quotes": (
        f"{TOP}  a:\n{URL}    webhookUrlToken: \u201c${{env:T}}\u201d\n", 5, "curly"
    ),
    "zero width in a token": (f"{TOP}  a:\n{URL}    webhookUrlToken: a\u200bb\n", 5, "U+200B"),
    "template in a host": (f"{TOP}  a:\n    webhookUrl: https://{{{{h}}}}/\n", 4, "not rendered"),
    "placeholder in a host": (f"{TOP}  a:\n    webhookUrl: https://<your-host>/\n", 4, "placehold"),
}  # fmt: skip


@pytest.mark.parametrize(("text", "line", "words"), REFUSED.values(), ids=REFUSED.keys())
def test_a_slip_is_refused_in_words_that_help(
    tmp_path: Path, text: str | bytes, line: int, words: str
) -> None:
    told = [item for item in problems(tmp_path, text, T="t0ken") if item.place.line == line]

    assert any(item.severity is Severity.ERROR for item in told)
    assert any(words in f"{item.message} {item.hint}" for item in told), told
    assert "Passw0rd" not in repr(told)


HOSTS = [
    "h:99999",
    "...",
    "*",
    "h..example.com",
    'h"x',
    "{host}",
    "-a.example.com",
    "1.2.3",
    "[::1",
]


@pytest.mark.parametrize("host", HOSTS)
def test_a_host_that_cannot_exist_is_refused(tmp_path: Path, host: str) -> None:
    [problem] = problems(tmp_path, f"{TOP}  a:\n    webhookUrl: 'https://{host}/'\n")

    assert (problem.severity, problem.rule) == (Severity.ERROR, "pattern")
    assert host not in problem.message


@pytest.mark.parametrize(
    "host", ["h.example.com", "h.example.com:8443", "b\u00fccher.example", "8.8.8.8"]
)
def test_a_host_that_can_exist_is_accepted(tmp_path: Path, host: str) -> None:
    assert problems(tmp_path, f"{TOP}  a:\n    webhookUrl: 'https://{host}/x%20y?a=b#c'\n") == ()


@pytest.mark.parametrize(
    "host",
    ["localhost", "10.1.2.3", "192.168.0.1", "169.254.1.1", "nas.local", "x.internal", "CHANGEME"],
)
def test_a_host_that_nobody_reaches_is_worth_a_warning(tmp_path: Path, host: str) -> None:
    told = problems(tmp_path, f"{TOP}  a:\n    webhookUrl: https://{host}/\n")

    assert {item.severity for item in told} == {Severity.WARNING}
    assert "unreachable-host" in {item.rule for item in told}


WARNED = {
    "template in a name": ("    name: '{{ shop }}'\n", "placeholder"),
    "variable in a name": ("    name: Shop $REGION\n", "placeholder"),
    "windows variable": ("    name: '%REGION%'\n", "placeholder"),
    "make variable": ("    name: $(REGION)\n", "placeholder"),
    "underscored": ("    name: __REGION__\n", "placeholder"),
    "change me": ("    name: change-me\n", "placeholder"),
    "variable in a path": ("    webhookUrl: https://h.example.com/$REGION\n", "placeholder"),
    "blank at the end": ("    name: 'Shop '\n", "blank-at-the-end"),
    "blank in front of a token": (f"{URL}    webhookUrlToken: ' abc'\n", "blank-at-the-end"),
    "bidi control in a name": ("    name: Shop\u202e1\n", "invisible-character"),
    "soft hyphen in a name": ("    name: Shop\u00ad1\n", "invisible-character"),
    "null of nothing": ("    stateWebhook:\n", "nothing-to-take-away"),
}


@pytest.mark.parametrize(("lines", "rule"), WARNED.values(), ids=WARNED.keys())
def test_what_is_half_meant_is_a_warning(tmp_path: Path, lines: str, rule: str) -> None:
    [problem] = problems(tmp_path, f"{TOP}  a:\n{ON}{lines}")

    assert (problem.severity, problem.rule) == (Severity.WARNING, rule)


ACCEPTED = {
    "bom after a comment": "# c\n\n\ufeff" + f"{TOP}  a:\n{ON}",
    "tab on a blank line": f"{TOP}  a:\n\t\n \t \n{ON}",
    "marker at the end": f"{TOP}  a:\n{ON}---\n# end\n",
    "merge with its tag": f"x-b: &b {{stateWebhook: yes}}\n{TOP}  a:\n    !!merge <<: *b\n",
    "merge in quotes": f'x-b: &b {{stateWebhook: yes}}\n{TOP}  a:\n    "<<": *b\n',
    "escaped emoji": f'{TOP}  a:\n    name: "\\ud83d\\ude42"\n{ON}',
    "emoji of a family": f"{TOP}  a:\n    name: \U0001f468\u200d\U0001f469\u200d\U0001f467\n{ON}",
    "literal dollars": f"{TOP}  a:\n    name: $$NAME costs $$5\n{ON}",
    "percent-encoding": f"{TOP}  a:\n    webhookUrl: https://h.example.com/%C3%A9%2F%AB%CD%EF\n",
    "closing bracket below its key": f"{TOP}  a: {{\n    incomingWebhook: yes,\n  }}\n",
    "null of a default": f"defaults: {{stateWebhook: yes}}\n{TOP}  a:\n    stateWebhook:\n{ON}",
}


@pytest.mark.parametrize("text", ACCEPTED.values(), ids=ACCEPTED.keys())
def test_what_has_a_certain_meaning_is_accepted(tmp_path: Path, text: str) -> None:
    assert problems(tmp_path, text) == ()


def test_an_escaped_emoji_is_the_emoji_and_backslashes_elsewhere_stay(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(
        f'{TOP}  a:\n    name: "\\ud83d\\ude42"\n{ON}  b:\n    name: \\ud83d\\ude42\n{ON}'
    )

    entries = load([tmp_path / "a.yaml"], env={}).entries

    assert [entry.name for entry in entries] == ["\U0001f642", "\\ud83d\\ude42"]


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("abc\r", "ends with a carriage return"),
        ("abc\n\n", "ends with a line break"),
        ("a\ufeffbc", "U+FEFF"),
        ("a\u200bbc", "U+200B"),
        (" abc", "begins or ends with a blank"),
    ],
)
def test_what_a_reference_brings_along_is_told(tmp_path: Path, value: str, words: str) -> None:
    told = problems(tmp_path, f"{TOP}  a:\n{URL}    webhookUrlToken: ${{env:T}}\n", T=value)

    assert words in told[0].message


@pytest.mark.parametrize("value", ["abc", "abc\n", "abc\r\n"])
def test_one_line_break_at_the_end_of_a_variable_is_dropped(tmp_path: Path, value: str) -> None:
    path = tmp_path / "a.yaml"
    path.write_text(f"{TOP}  a:\n{URL}    webhookUrlToken: ${{env:T}}\n")

    [entry] = load([path], env={"T": value}).entries

    assert entry.parameters["webhookUrlToken"] == Secret("abc")


def test_a_byte_order_mark_at_the_start_of_a_file_is_dropped(tmp_path: Path) -> None:
    (tmp_path / "token").write_bytes(b"\xef\xbb\xbfabc\n")
    path = tmp_path / "a.yaml"
    path.write_text(f"{TOP}  a:\n{URL}    webhookUrlToken: ${{file:token}}\n")

    [entry] = load([path], env={}).entries

    assert entry.parameters["webhookUrlToken"] == Secret("abc")


@pytest.mark.parametrize("text", ["{{ a }}", "$NAME", "CHANGEME", "<your-token>", "%X%"])
def test_what_a_reference_brought_is_never_taken_for_a_template(tmp_path: Path, text: str) -> None:
    told = problems(tmp_path, f"{TOP}  a:\n{URL}    webhookUrlToken: ${{env:T}}\n", T=text)

    assert told == ()


@pytest.mark.parametrize(
    ("one", "other"),
    [("Shop", "shop"), ("Shop A", "ShopA"), ("Caf\u00e9", "Cafe\u0301"), ("Shop", "Sh\u043ep")],
    ids=["case", "blanks", "normal form", "look-alike letter"],
)
def test_names_that_are_hardly_told_apart_are_both_named(
    tmp_path: Path, one: str, other: str
) -> None:
    text = f"{TOP}  a:\n    name: {one}\n{ON}  b:\n    name: {other}\n{ON}"

    [problem] = problems(tmp_path, text)

    assert (problem.severity, problem.rule) == (Severity.WARNING, "similar-name")
    assert one in problem.message
    assert other in problem.message


def test_what_looks_like_a_manifest_in_a_folder_and_is_not_read_is_told(tmp_path: Path) -> None:
    for name in ("a.yaml", "B.YAML", "eu/c.yaml", ".hidden.yaml"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(f"{TOP}  {name[0]}:\n{ON}")
    os.mkfifo(tmp_path / "d.yaml")

    manifest = load([tmp_path], env={})

    assert [entry.key for entry in manifest.entries] == ["a"]
    assert [(Path(item.place.path).name, item.rule) for item in manifest.problems] == [
        ("B.YAML", "skipped"),
        ("d.yaml", "skipped"),
        ("eu", "skipped"),
    ]


def test_a_pattern_that_the_shell_left_alone_is_told() -> None:
    [problem] = load([Path("no-such-folder/*.yaml")], env={}).problems

    assert problem.hint is not None
    assert "patterns are not expanded" in problem.hint


def test_a_manifest_is_read_from_stdin() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "reconciler", "validate", "-f", "-"],
        input=f"{TOP}  a:\n    foo: 1\n", capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert done.returncode == 3
    assert done.stdout.startswith("<stdin>:4:5: error: a.foo: unknown parameter\n")


def test_a_file_name_that_is_no_utf_8_leaves_the_json_valid(tmp_path: Path) -> None:
    (Path(os.fsdecode(os.fsencode(tmp_path) + b"/b\xff.yaml"))).write_text(f"{TOP}  a: {{x: 1}}\n")

    done = subprocess.run(
        [sys.executable, "-m", "reconciler", "validate", "-f", tmp_path, "-o", "json"],
        capture_output=True, check=False,
    )  # fmt: skip

    assert b"b\\\\xff.yaml" in done.stdout
    assert done.stdout.decode("utf-8")


@pytest.mark.parametrize("reference", ["${env:NOWHERE}", "${file:nowhere}"])
def test_a_reference_to_what_is_not_there_is_a_note_unless_it_is_to_be_resolved(
    tmp_path: Path, reference: str
) -> None:
    path = tmp_path / "a.yaml"
    path.write_text(f"{TOP}  a:\n{URL}    webhookUrlToken: {reference}\n")

    [noted] = load([path], env={}, resolve=False).problems
    [wrong] = load([path], env={}).problems

    assert (noted.severity, wrong.severity) == (Severity.NOTE, Severity.ERROR)
    assert noted.place == wrong.place


def test_a_reference_that_is_written_wrongly_is_an_error_all_the_same(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_text(f"{TOP}  a:\n{URL}    webhookUrlToken: ${{env:NO WHERE}}\n")

    assert [item.severity for item in load([path], env={}, resolve=False).problems] == ["error"]
