"""As whom a bucket is asked, and where: what the environment and the files of AWS say."""

import json
import re
import sys
from collections.abc import Iterator, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Final

import pytest

from reconciler.errors import StateError
from reconciler.places import ObjectUrl

pytest.importorskip("obstore")

S3: Final = ObjectUrl("s3", "states", "prod/state.json")
GS: Final = ObjectUrl("gs", "states", "prod/state.json")
AZ: Final = ObjectUrl("az", "states", "prod/state.json")
# Whatever the machine that runs the tests has.
FOREIGN: Final = re.compile("^(AWS|GOOGLE|AZURE|STORAGE)_")


class Ear(BaseHTTPRequestHandler):
    """Hears who asks, and has nothing."""

    heard: Final[list[dict[str, str]]] = []

    def do_GET(self) -> None:
        self.heard.append({"path": self.path, **{k.lower(): v for k, v in self.headers.items()}})
        self.send_response(404)
        self.end_headers()
        self.wfile.write(b"<Error><Code>NoSuchKey</Code></Error>")

    def log_message(self, *said: object) -> None:
        """Nobody reads it."""


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Ear) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_port
        server.shutdown()


@pytest.fixture
def home(tmp_path: Path, port: int, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home where AWS keeps its files, on a machine without any credentials."""
    import os

    for name in os.environ:
        if FOREIGN.match(name):
            monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", f"{tmp_path}")
    monkeypatch.setenv("PATH", f"{tmp_path}/bin")
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{port}")
    (tmp_path / ".aws").mkdir()
    (tmp_path / "bin").mkdir()
    Ear.heard.clear()
    return tmp_path


def asked(url: ObjectUrl = S3) -> dict[str, str]:
    """Ask for the state, and return what was heard."""
    from reconciler.state.object_store import ObjectStore

    assert ObjectStore(url).get(url.key) is None
    return Ear.heard[-1]


def who(heard: Mapping[str, str]) -> tuple[str, str, str | None]:
    """Return the key's id, the region, and the token of a session."""
    found = re.search(r"Credential=([^/]+)/\d+/([^/]+)/", heard["authorization"])
    assert found is not None
    return found[1], found[2], heard.get("x-amz-security-token")


def keys(name: str, *more: str) -> str:
    rows = (f"aws_access_key_id = {name}", "aws_secret_access_key = s", *more)
    return "\n".join(rows) + "\n"


ENV_KEYS: Final = {"AWS_ACCESS_KEY_ID": "env", "AWS_SECRET_ACCESS_KEY": "s"}
WORK: Final = {"AWS_PROFILE": "work"}
IRELAND: Final = "region = eu-west-1"
ALONE: Final = ("work", "us-east-1", None)
PEOPLE: Final[dict[str, tuple[dict[str, str], str, str, tuple[str, str, str | None]]]] = {
    "keys in the environment, though there are profiles": (
        {**ENV_KEYS, **WORK},
        "[default]\n" + keys("default") + "[work]\n" + keys("work"),
        "",
        ("env", "us-east-1", None),
    ),
    "the profile that is named": (
        WORK,
        "[default]\n" + keys("default") + "[work]\n" + keys("work", "aws_session_token = t"),
        f"[profile work]\n{IRELAND}\n",
        ("work", "eu-west-1", "t"),
    ),
    "a profile in the file of settings": (
        WORK,
        "",
        "[profile work]\n" + keys("work", IRELAND),
        ("work", "eu-west-1", None),
    ),
    "a region in the environment, though the profile has one": (
        {**WORK, "AWS_REGION": "eu-north-1"},
        "[work]\n" + keys("work"),
        f"[profile work]\n{IRELAND}\n",
        ("work", "eu-north-1", None),
    ),
    "a region in the environment by its older name": (
        {**WORK, "AWS_DEFAULT_REGION": "eu-north-1"},
        "[work]\n" + keys("work"),
        f"[profile work]\n{IRELAND}\n",
        ("work", "eu-north-1", None),
    ),
    "keys in the environment, and the region of the default profile": (
        ENV_KEYS,
        "",
        f"[default]\n{IRELAND}\n",
        ("env", "eu-west-1", None),
    ),
    "the default profile where it holds keys": (
        {},
        "[default]\n" + keys("default"),
        f"[default]\n{IRELAND}\n",
        ("default", "eu-west-1", None),
    ),
    "a profile of two keys and nothing else": (WORK, "[work]\n" + keys("work"), "", ALONE),
}


@pytest.mark.parametrize(("env", "credentials", "config", "expected"), PEOPLE.values(), ids=PEOPLE)
def test_a_bucket_is_asked_as_aws_own_tools_would(
    home: Path,
    monkeypatch: pytest.MonkeyPatch,
    env: dict[str, str],
    credentials: str,
    config: str,
    expected: tuple[str, str, str | None],
) -> None:
    (home / ".aws" / "credentials").write_text(credentials)
    (home / ".aws" / "config").write_text(config)
    for name, text in env.items():
        monkeypatch.setenv(name, text)

    assert who(asked()) == expected


def aws(home: Path, script: str) -> None:
    """Install a program of that name."""
    program = home / "bin" / "aws"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o700)


@pytest.mark.parametrize("expires", [None, "2096-11-22T10:06:00+00:00"])
def test_a_profile_without_keys_is_what_the_aws_program_makes_of_it(
    home: Path, monkeypatch: pytest.MonkeyPatch, expires: str | None
) -> None:
    (home / ".aws" / "config").write_text("[profile sso]\nsso_session = x\nregion = eu-west-1\n")
    monkeypatch.setenv("AWS_PROFILE", "sso")
    row = {"Version": 1, "AccessKeyId": "made", "SecretAccessKey": "s", "SessionToken": "t"}
    row |= {"Expiration": expires} if expires else {}
    said = "configure export-credentials --profile sso --format process"
    aws(home, f'[ "$*" = "{said}" ] || exit 9\necho {json.dumps(json.dumps(row))}')

    assert who(asked()) == ("made", "eu-west-1", "t")


def test_a_default_profile_that_says_as_whom_to_ask_needs_no_name(home: Path) -> None:
    (home / ".aws" / "config").write_text("[default]\nrole_arn = r\nsource_profile = x\n")
    row = {"Version": 1, "AccessKeyId": "made", "SecretAccessKey": "s", "SessionToken": "t"}
    aws(home, f"echo {json.dumps(json.dumps(row))}")

    assert who(asked())[0] == "made"


MADE: Final = json.dumps({"AccessKeyId": "made", "SecretAccessKey": "s"})


@pytest.mark.parametrize("script", [None, "exit 1", "echo", "echo '{}'", f"echo '{MADE}'; exit 1"])
def test_a_profile_that_brings_no_credentials_is_named_with_a_way_out(
    home: Path, monkeypatch: pytest.MonkeyPatch, script: str | None
) -> None:
    (home / ".aws" / "config").write_text("[profile sso]\nsso_session = x\n")
    monkeypatch.setenv("AWS_PROFILE", "sso")
    if script is not None:
        aws(home, script)

    with pytest.raises(StateError) as stopped:
        asked()

    assert stopped.value.message.startswith("s3://states: can't be read: AWS profile sso: ")
    assert "brought no credentials" in stopped.value.message
    assert "aws sso login" in f"{stopped.value.hint}"
    assert Ear.heard == []


def test_a_file_of_profiles_that_is_none_is_named(home: Path) -> None:
    (home / ".aws" / "config").write_text("what is this?\n")

    with pytest.raises(StateError, match=r"config: can't be read as a file of AWS profiles"):
        asked()


def test_tokens_go_in_the_open_to_no_other_machine(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, text in {**ENV_KEYS, "AWS_ENDPOINT_URL": "http://192.0.2.1:9"}.items():
        monkeypatch.setenv(name, text)

    with pytest.raises(StateError, match="s3://states: can't be"):
        asked()


def test_only_a_host_that_is_called_so_is_taken_for_this_machine(
    home: Path, port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, text in {**ENV_KEYS, "AWS_ENDPOINT_URL": f"http://127.1:{port}"}.items():
        monkeypatch.setenv(name, text)

    with pytest.raises(StateError, match="s3://states: can't be"):
        asked()

    assert Ear.heard == []


@pytest.mark.parametrize(
    ("first", "then"),
    [("AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL"), ("AWS_ENDPOINT_URL", "AWS_ENDPOINT")],
)
def test_of_two_endpoints_the_nearer_name_is_asked(
    home: Path, port: int, monkeypatch: pytest.MonkeyPatch, first: str, then: str
) -> None:
    monkeypatch.delenv("AWS_ENDPOINT_URL")
    endpoints = {first: f"http://127.0.0.1:{port}", then: "http://127.0.0.1:9"}
    for name, text in {**ENV_KEYS, **endpoints}.items():
        monkeypatch.setenv(name, text)

    assert asked()["path"].startswith("/states/prod")


@pytest.mark.parametrize("scheme", ["", "http://"])
def test_googles_emulator_is_asked_without_credentials(
    home: Path, port: int, monkeypatch: pytest.MonkeyPatch, scheme: str
) -> None:
    monkeypatch.setenv("STORAGE_EMULATOR_HOST", f"{scheme}127.0.0.1:{port}")

    heard = asked(GS)

    assert heard["path"].startswith("/states/prod")
    assert "authorization" not in heard


def test_a_bucket_elsewhere_is_another_bucket(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from reconciler.state.object_access import address_of

    elsewhere = address_of(S3)
    monkeypatch.delenv("AWS_ENDPOINT_URL")

    assert address_of(S3) == "s3://states"
    assert elsewhere.startswith("s3://states http://127.0.0.1:")


def test_a_container_is_where_its_endpoint_or_else_its_connection_string_says(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from reconciler.state.object_access import address_of

    signed = "BlobEndpoint=https://one.example.com;SharedAccessSignature=sig"
    monkeypatch.setenv("AZURE_STORAGE_CONNECTION_STRING", signed)
    by_string = address_of(AZ)
    monkeypatch.setenv("AZURE_STORAGE_ENDPOINT", "https://two.example.com")

    assert by_string == "az://states https://one.example.com"
    assert address_of(AZ) == "az://states https://two.example.com"


def google(home: Path, kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Log in to Google as that *kind* of somebody, without Google's own library."""
    said = {"type": kind, "client_id": "c", "client_secret": "s", "refresh_token": "r"}
    (home / "google.json").write_text(json.dumps(said))
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", f"{home / 'google.json'}")
    monkeypatch.setitem(sys.modules, "google.auth", None)


def test_credentials_that_only_googles_library_understands_ask_for_it(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from reconciler.state.object_store import ObjectStore

    google(home, "external_account", monkeypatch)

    with pytest.raises(StateError, match="external_account need google-auth") as stopped:
        ObjectStore(GS)

    assert "pip install" in f"{stopped.value.hint}"


def test_credentials_that_are_understood_without_googles_library_do_without(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from reconciler.state.object_store import ObjectStore

    ObjectStore(GS)  # as whoever this machine is
    google(home, "authorized_user", monkeypatch)

    ObjectStore(GS)
