"""Ids and tokens in the formats that consumers read: held to the consumers themselves."""

import base64
import io
import json
import subprocess
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import dotenv
import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft7Validator
from ruamel.yaml import YAML

from reconciler.errors import UsageError
from reconciler.report.export import (
    SECRET_LIMIT,
    Exported,
    as_dotenv,
    as_env,
    as_json,
    as_k8s_secret,
)
from reconciler.schemas import schema_text
from reconciler.secrets import Secret

TOKEN = "c1b0474542144e0ead529eb4861ca5f583c346eb00564f64a7"
SUPPORT = Exported(
    "support-eu", "Support", 1101728000, Secret(TOKEN), "whatsapp", "https://api.x.com/?a=b", None
)
SALES = Exported("sales.uk", "Sales", 1101728001, None, None, None, "https://media.x.com:444")
VARIABLES = {
    "GREEN_API_SUPPORT_EU_ID_INSTANCE": "1101728000",
    "GREEN_API_SUPPORT_EU_API_TOKEN_INSTANCE": TOKEN,
    "GREEN_API_SUPPORT_EU_TYPE_INSTANCE": "whatsapp",
    "GREEN_API_SUPPORT_EU_API_URL": "https://api.x.com/?a=b",
    "GREEN_API_SALES_UK_ID_INSTANCE": "1101728001",
    "GREEN_API_SALES_UK_MEDIA_URL": "https://media.x.com:444",
}
UNKNOWN = "GREEN_API_SALES_UK_API_TOKEN_INSTANCE"


def by_bash(script: str, *, shell: str = "bash", **env: str) -> dict[str, str]:
    """Return what *script* leaves in the environment of a real shell's children."""
    done = subprocess.run(
        [shell, "-euc", script + "\nenv -0"],
        env={"PATH": "/usr/bin:/bin", **env},
        capture_output=True,
        check=True,
    )
    pairs = [pair.partition("=") for pair in done.stdout.decode().split("\0") if pair]
    return {name: value for name, _, value in pairs if name.startswith("GREEN_API_")}


def by_docker(text: str) -> dict[str, str]:
    """Read an --env-file as docker does: lines that begin with # are comments, all else is
    taken to the letter, quotes included."""
    lines = [line for line in text.split("\n") if line and not line.startswith("#")]
    return dict(line.split("=", 1) for line in lines)


def test_the_json_has_every_field_and_null_for_what_is_unknown() -> None:
    document = json.loads(as_json([SUPPORT, SALES]))

    assert document == {
        "format": "reconciler.export/1",
        "instances": {
            "support-eu": {
                "name": "Support",
                "idInstance": 1101728000,
                "apiTokenInstance": TOKEN,
                "typeInstance": "whatsapp",
                "apiUrl": "https://api.x.com/?a=b",
                "mediaUrl": None,
            },
            "sales.uk": {
                "name": "Sales",
                "idInstance": 1101728001,
                "apiTokenInstance": None,
                "typeInstance": None,
                "apiUrl": None,
                "mediaUrl": "https://media.x.com:444",
            },
        },
    }


@pytest.mark.parametrize("instances", [[], [SUPPORT], [SUPPORT, SALES]], ids=["0", "1", "2"])
def test_the_json_fits_its_published_schema(instances: Sequence[Exported]) -> None:
    schema = json.loads(schema_text("export"))

    Draft7Validator.check_schema(schema)
    Draft7Validator(schema).validate(json.loads(as_json(instances)))


@pytest.mark.parametrize("shell", ["bash", "sh"])
def test_a_shell_takes_env_and_forgets_what_is_unknown(shell: str) -> None:
    seen = by_bash(as_env([SUPPORT, SALES]), shell=shell, **{UNKNOWN: "of an earlier export"})

    assert seen == VARIABLES


@pytest.mark.parametrize(
    "token",
    ["it's", "$(touch /tmp/x) `id` $HOME", 'a"b\\c\nd\t!', "''", "-n", "é\u202e;& |"],
)
def test_a_shell_takes_any_token_to_the_letter(token: str) -> None:
    seen = by_bash(as_env([replace(SUPPORT, token=Secret(token))]))

    assert seen["GREEN_API_SUPPORT_EU_API_TOKEN_INSTANCE"] == token


def test_dotenv_means_the_same_to_python_dotenv_bash_and_docker(tmp_path: Path) -> None:
    text = as_dotenv([SUPPORT, SALES])
    file = tmp_path / "export.env"
    file.write_text(text)

    assert dotenv.dotenv_values(stream=io.StringIO(text)) == VARIABLES
    assert by_bash(f"set -a; . {file}") == VARIABLES
    assert by_docker(text) == VARIABLES
    assert f"# {UNKNOWN} is unknown\n" in text


@given(st.text(st.characters(codec="ascii"), min_size=1))
def test_dotenv_takes_a_value_that_all_readers_agree_on_or_refuses_it(token: str) -> None:
    name = "GREEN_API_SUPPORT_EU_API_TOKEN_INSTANCE"

    with suppress(UsageError):
        text = as_dotenv([replace(SUPPORT, token=Secret(token), api_url=None)])

        assert by_docker(text)[name] == token
        assert dotenv.dotenv_values(stream=io.StringIO(text))[name] == token


@pytest.mark.parametrize("value", ["a b", "a#b", "'a'", "$a", "~", "a\\b", "a;b", "a\nb", "é", "*"])
def test_dotenv_refuses_what_needs_quotes(value: str) -> None:
    with pytest.raises(UsageError) as refused:
        as_dotenv([replace(SUPPORT, token=Secret(value))])

    assert refused.value.message == (
        "GREEN_API_SUPPORT_EU_API_TOKEN_INSTANCE: its value needs quotes, which not every reader"
        " of such a file takes off"
    )
    assert refused.value.hint == "use --format env, json or k8s-secret"


def test_a_nul_is_refused_where_a_variable_cannot_hold_it() -> None:
    with pytest.raises(UsageError, match="holds a NUL"):
        as_env([replace(SUPPORT, token=Secret("a\0b"))])


@pytest.mark.parametrize("version", [(1, 1), (1, 2)], ids=["yaml-1.1", "yaml-1.2"])
def test_a_secret_of_kubernetes_holds_the_variables(version: tuple[int, int]) -> None:
    parser = YAML(typ="safe", pure=True)
    parser.version = version

    document = parser.load(as_k8s_secret([SUPPORT, SALES], name="green-api-instances"))

    data = document.pop("data")
    assert document == {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": "green-api-instances"},
        "type": "Opaque",
    }
    assert {name: base64.b64decode(value).decode() for name, value in data.items()} == VARIABLES


@pytest.mark.parametrize("token", ["12e4", "null", "a: b", "\x1b[31m", "é\u202e", "trailing\n"])
def test_a_secret_of_kubernetes_keeps_every_byte_of_a_token(token: str) -> None:
    document = YAML(typ="safe").load(
        as_k8s_secret([replace(SUPPORT, token=Secret(token))], name="x")
    )

    kept = document["data"]["GREEN_API_SUPPORT_EU_API_TOKEN_INSTANCE"]
    assert base64.b64decode(kept) == token.encode()


@pytest.mark.parametrize(
    "render", [as_env, as_dotenv, lambda instances: as_k8s_secret(instances, name="x")]
)
def test_half_a_character_is_refused_where_only_json_can_hold_it(
    render: Callable[[Sequence[Exported]], str],
) -> None:
    odd = replace(SUPPORT, token=Secret("a\ud800b"))

    with pytest.raises(UsageError) as refused:
        render([odd])

    assert "json" in str(refused.value.hint)
    assert json.loads(as_json([odd]))["instances"]["support-eu"]["apiTokenInstance"] == "a\ud800b"


def test_an_empty_secret_of_kubernetes_is_one_all_the_same() -> None:
    document = YAML(typ="safe").load(as_k8s_secret([], name="x"))

    assert document["data"] == {}


def test_a_secret_is_refused_that_kubernetes_would_refuse() -> None:
    large = replace(SUPPORT, token=Secret("x" * SECRET_LIMIT))

    with pytest.raises(UsageError, match="Kubernetes takes 1048576 at most") as refused:
        as_k8s_secret([large], name="x")

    assert refused.value.hint == "make several with --only and --secret-name"


@pytest.mark.parametrize("render", [as_env, as_dotenv])
@pytest.mark.parametrize("other", ["support.eu", "Support_EU", "support-EU"])
def test_keys_that_would_share_a_variable_are_refused(
    render: Callable[[Sequence[Exported]], str], other: str
) -> None:
    with pytest.raises(UsageError) as refused:
        render([SUPPORT, replace(SALES, key=other)])

    assert refused.value.message == (
        f"support-eu and {other} would share the variables GREEN_API_SUPPORT_EU_…"
    )


@given(
    st.lists(
        st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._-]{0,20}", fullmatch=True),
        min_size=2,
        unique_by=lambda key: key.upper().replace(".", "_").replace("-", "_"),
    )
)
def test_no_other_keys_share_a_variable(keys: list[str]) -> None:
    text = as_dotenv([replace(SUPPORT, key=key, media_url="https://m") for key in keys])

    assert len(by_docker(text)) == 5 * len(keys)
    assert all(name.isidentifier() and name.isupper() for name in by_docker(text))


def test_an_export_shows_itself_without_its_token() -> None:
    assert TOKEN not in repr(SUPPORT)
