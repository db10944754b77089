"""As whom S3 is asked where obstore does not find out by itself: AWS profiles, and containers that
are told an address without a file.

The order is that of AWS's own tools: the environment, the web identity of a job or pod, a profile,
a container, the machine.
"""

import configparser
import json
import os
import subprocess
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from reconciler.errors import StateError

if TYPE_CHECKING:
    from obstore.store import S3Credential

# What a profile has that says as whom to ask; a region alone does not.
_ASKS: Final = frozenset(
    {"aws_access_key_id", "credential_process", "role_arn", "sso_session", "sso_start_url"}
)
# Where a container's credentials may be fetched without TLS: they stay within the machine.
_WITHIN: Final = (
    "localhost",
    "127.0.0.1",
    "::1",
    "169.254.170.2",
    "169.254.170.23",
    "fd00:ec2::23",
)
_ADDRESS: Final = "AWS_CONTAINER_CREDENTIALS_FULL_URI"


class AwsProfile:
    """An AWS profile: the keys that its files hold, or else what the AWS program makes of it
    (single sign-on, roles, processes)."""

    def __init__(self, name: str) -> None:
        self.name = name
        config = _ini("AWS_CONFIG_FILE", "config")
        named = name if name == "default" else f"profile {name}"
        said = dict(config[named]) if config.has_section(named) else {}
        credentials = _ini("AWS_SHARED_CREDENTIALS_FILE", "credentials")
        self._keys = {**said, **(dict(credentials[name]) if credentials.has_section(name) else {})}
        self.region = said.get("region")
        self.endpoint = said.get("endpoint_url")

    @classmethod
    def named(cls) -> "AwsProfile":
        """Return the profile that the environment names, or the default one."""
        return cls(os.environ.get("AWS_PROFILE") or "default")

    @property
    def asks(self) -> bool:
        """Whether it is the one to ask: where it is named, or says as whom and nothing in the
        environment does."""
        if os.environ.get("AWS_ACCESS_KEY_ID"):
            return False
        if os.environ.get("AWS_PROFILE"):
            return True
        return not os.environ.get("AWS_WEB_IDENTITY_TOKEN_FILE") and bool(_ASKS & set(self._keys))

    def __call__(self) -> "S3Credential":
        if {"aws_access_key_id", "aws_secret_access_key"} <= set(self._keys):
            return {
                "access_key_id": self._keys["aws_access_key_id"],
                "secret_access_key": self._keys["aws_secret_access_key"],
                "token": self._keys.get("aws_session_token"),
                "expires_at": None,
            }
        return _exported(self.name)


# What these raise reaches users by way of obstore, as text: `object_trouble` adds what to do.


def container() -> "Callable[[], S3Credential] | None":
    """Return what asks for a container's credentials, where the environment gives an address and
    no file: obstore asks only with a file."""
    env = os.environ
    address, token = env.get(_ADDRESS), env.get("AWS_CONTAINER_AUTHORIZATION_TOKEN")
    others = (
        "AWS_ACCESS_KEY_ID",
        "AWS_WEB_IDENTITY_TOKEN_FILE",
        "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
        "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
    )
    if not address or any(env.get(name) for name in others):
        return None
    return lambda: _fetched(address, {"Authorization": token} if token else {})


def _fetched(address: str, headers: Mapping[str, str]) -> "S3Credential":
    """Ask by no proxy, and follow no redirect: *headers* hold a secret."""
    there = urlsplit(address)
    host, path = there.hostname or "", there._replace(scheme="", netloc="").geturl()
    if there.scheme != "https" and host not in _WITHIN:
        raise StateError(f"{_ADDRESS}: {host} may not be asked without TLS")
    make = HTTPSConnection if there.scheme == "https" else HTTPConnection
    try:
        connection = make(host, there.port, timeout=10)
        connection.request("GET", path or "/", headers=dict(headers))
        answer = connection.getresponse()
        if answer.status == 200:
            return _credential(json.loads(answer.read()), "Token")
        said = f"it answered {answer.status}"
    except (OSError, HTTPException):
        said = "nobody answered there"
    except (ValueError, LookupError, TypeError):
        said = "what it answered holds none"
    raise StateError(f"{_ADDRESS}: no credentials could be had: {said}")


def _credential(row: Mapping[str, str], session: str) -> "S3Credential":
    expires = row.get("Expiration")
    return {
        "access_key_id": row["AccessKeyId"],
        "secret_access_key": row["SecretAccessKey"],
        "token": row.get(session),
        "expires_at": datetime.fromisoformat(expires).astimezone(UTC) if expires else None,
    }


def _ini(variable: str, name: str) -> configparser.RawConfigParser:
    parser = configparser.RawConfigParser()
    path = Path(os.environ.get(variable) or Path.home() / ".aws" / name)
    try:
        parser.read(path, encoding="utf-8")
    except (OSError, ValueError, configparser.Error):
        raise StateError(
            f"{path}: can't be read as a file of AWS profiles",
            hint="mend it, or give credentials by the environment",
        ) from None
    return parser


def _exported(profile: str) -> "S3Credential":
    command = ["aws", "configure", "export-credentials", "--profile", profile]
    try:
        said = subprocess.run(  # noqa: S603 - a fixed command; the profile is an argument of it
            [*command, "--format", "process"], capture_output=True, timeout=60, check=True
        )
        return _credential(json.loads(said.stdout), "SessionToken")
    except (OSError, subprocess.SubprocessError, ValueError, LookupError) as error:
        raise StateError(
            f"AWS profile {profile}: `{' '.join(command)}` brought no credentials"
        ) from error
