"""How a bucket is reached, and as whom: as each cloud's own tools are told, by the environment.

Keys, roles of pods and jobs (workload identity), container and machine roles (IMDS) are obstore's
own doing. Added here is what it does not look for: AWS profiles, the names that AWS and Google
have for another endpoint, and credentials of Google that only its own library understands.
"""

import configparser
import json
import os
import subprocess
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from obstore.store import AzureStore, GCSStore, S3Store

from reconciler.errors import StateError
from reconciler.places import ObjectUrl

if TYPE_CHECKING:
    from obstore.store import ClientConfig, GCSConfig, RetryConfig, S3Config, S3Credential

Client = S3Store | GCSStore | AzureStore

_RETRIES: Final["RetryConfig"] = {"max_retries": 4, "retry_timeout": timedelta(seconds=45)}
_ENDPOINTS: Final[Mapping[str, tuple[str, ...]]] = {
    "s3": ("AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL", "AWS_ENDPOINT"),
    "gs": ("STORAGE_EMULATOR_HOST",),
    "az": ("AZURE_STORAGE_ENDPOINT", "AZURE_ENDPOINT"),
}
_LOOPBACK: Final = ("localhost", "127.0.0.1", "::1")


def connect(url: ObjectUrl) -> Client:
    """Return what talks to the bucket of *url*; nothing is sent yet."""
    endpoint = _endpoint(url)
    options: ClientConfig = {"timeout": timedelta(seconds=20)}
    if endpoint and urlsplit(endpoint).hostname in _LOOPBACK:
        options["allow_http"] = True  # anywhere else, tokens would be read on the way
    match url.scheme:
        case "s3":
            return _s3(url.bucket, endpoint, options)
        case "gs":
            return _gcs(url.bucket, endpoint, options)
        case _:
            return AzureStore(url.bucket, client_options=options, retry_config=_RETRIES)


def address_of(url: ObjectUrl) -> str:
    """Return what tells this bucket from one of the same name elsewhere."""
    return f"{url.root} {_endpoint(url) or ''}".rstrip()


def _endpoint(url: ObjectUrl) -> str | None:
    found = (os.environ.get(name) for name in _ENDPOINTS[url.scheme])
    endpoint = next((endpoint for endpoint in found if endpoint), None)
    if url.scheme == "gs" and endpoint and "://" not in endpoint:
        return f"http://{endpoint}"  # as Google's libraries take it
    return endpoint


def _s3(bucket: str, endpoint: str | None, options: "ClientConfig") -> S3Store:
    profile = _Profile.chosen()
    config: S3Config = {}
    if endpoint:
        config["endpoint"] = endpoint
    if profile is not None and profile.region and not os.environ.get("AWS_REGION"):
        config["region"] = profile.region
    return S3Store(
        bucket,
        config=config,
        client_options=options,
        retry_config=_RETRIES,
        credential_provider=profile,
    )


class _Profile:
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

    @classmethod
    def chosen(cls) -> "_Profile | None":
        """Return the profile that AWS_PROFILE names, or the default one where it holds keys and
        nothing in the environment says who asks."""
        if os.environ.get("AWS_ACCESS_KEY_ID"):
            return None
        if name := os.environ.get("AWS_PROFILE"):
            return cls(name)
        if {"AWS_WEB_IDENTITY_TOKEN_FILE", "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"} & set(
            os.environ
        ):
            return None
        default = cls("default")
        return default if "aws_access_key_id" in default._keys else None

    def __call__(self) -> "S3Credential":
        if {"aws_access_key_id", "aws_secret_access_key"} <= set(self._keys):
            return {
                "access_key_id": self._keys["aws_access_key_id"],
                "secret_access_key": self._keys["aws_secret_access_key"],
                "token": self._keys.get("aws_session_token"),
                "expires_at": None,
            }
        return _exported(self.name)


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
        row = json.loads(said.stdout)
        expires = row.get("Expiration")
        return {
            "access_key_id": row["AccessKeyId"],
            "secret_access_key": row["SecretAccessKey"],
            "token": row.get("SessionToken"),
            "expires_at": datetime.fromisoformat(expires).astimezone(UTC) if expires else None,
        }
    except (OSError, subprocess.SubprocessError, ValueError, LookupError) as error:
        raise StateError(
            f"AWS profile {profile}: `{' '.join(command)}` brought no credentials",
            hint="log in again (aws sso login), or install the AWS CLI, version 2",
        ) from error


def _gcs(bucket: str, endpoint: str | None, options: "ClientConfig") -> GCSStore:
    config: GCSConfig = {}
    if endpoint:  # what Google's libraries ask at an emulator, they ask without credentials
        key = {"gcs_base_url": endpoint, "disable_oauth": True, "client_email": ""}
        config["service_account_key"] = json.dumps({**key, "private_key": "", "private_key_id": ""})
    return GCSStore(
        bucket,
        config=config,
        client_options=options,
        retry_config=_RETRIES,
        credential_provider=None if endpoint else _google(),
    )


def _google() -> Callable[[], Any] | None:
    """Return what Google's library makes of credentials that obstore does not know: those of jobs
    elsewhere (workload identity federation). None where obstore does."""
    path = os.environ.get("GOOGLE_APPLICATION_CREDENTIALS")
    try:
        kind = json.loads(Path(path).read_bytes()).get("type") if path else None
    except (OSError, ValueError, AttributeError):
        return None  # obstore says what is wrong with it
    if kind in (None, "service_account", "authorized_user"):
        return None
    try:
        from obstore.auth.google import GoogleCredentialProvider

        return GoogleCredentialProvider()
    except ImportError:
        raise StateError(
            f"{path}: credentials of the type {kind} need google-auth, which is not installed",
            hint="pip install google-auth requests",
        ) from None
