"""How a bucket is reached, and as whom: as each cloud's own tools are told, by the environment.

Keys, roles of pods and jobs (workload identity), container and machine roles are obstore's own
doing. Added here is what it does not look for: the names that a cloud's own tools have for what
obstore calls otherwise, and credentials that only those tools understand.
"""

import json
import os
from collections.abc import Callable, Mapping
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from obstore.store import AzureStore, GCSStore, S3Store

from reconciler.errors import StateError
from reconciler.places import ObjectUrl
from reconciler.state import aws_access

if TYPE_CHECKING:
    from obstore.store import AzureConfig, ClientConfig, GCSConfig, RetryConfig, S3Config

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
            return _azure(url.bucket, endpoint, options)


def address_of(url: ObjectUrl) -> str:
    """Return what tells this bucket from one of the same name elsewhere."""
    return f"{url.root} {_endpoint(url) or ''}".rstrip()


def _endpoint(url: ObjectUrl) -> str | None:
    endpoint = _said(*_ENDPOINTS[url.scheme])
    match url.scheme:
        case "s3":
            return endpoint or aws_access.AwsProfile.named().endpoint
        case "gs":  # Google's libraries take it without a scheme, too
            return f"http://{endpoint}" if endpoint and "://" not in endpoint else endpoint
        case _:
            return endpoint or _connection_string().get("BlobEndpoint")


def _said(*names: str) -> str | None:
    """Return what the first of these variables says that says anything."""
    return next((text for name in names if (text := os.environ.get(name))), None)


# --- S3 -------------------------------------------------------------------------------------------


def _s3(bucket: str, endpoint: str | None, options: "ClientConfig") -> S3Store:
    profile = aws_access.AwsProfile.named()
    config: S3Config = {}
    if endpoint:
        config["endpoint"] = endpoint
    if profile.region and not _said("AWS_REGION", "AWS_DEFAULT_REGION"):
        config["region"] = profile.region
    common = _said("AWS_ENDPOINT_URL_STS", "AWS_ENDPOINT_URL") or ""
    if common.startswith("https:"):  # no token of a job goes in the open
        config["endpoint_url_sts"] = common  # type: ignore[typeddict-unknown-key]  # as Rust has it
    if machine := _said("AWS_EC2_METADATA_SERVICE_ENDPOINT"):
        config["metadata_endpoint"] = machine.rstrip("/")
    if (_said("AWS_ALLOW_HTTP") or "").lower() == "true":
        options["allow_http"] = True
    if bundle := _said("AWS_CA_BUNDLE"):
        try:
            options["root_certificate"] = Path(bundle).read_bytes()
        except OSError:
            raise StateError(
                f"s3://{bucket}: can't be reached: {bundle}, its certificates, can't be read",
                hint="correct AWS_CA_BUNDLE",
            ) from None
    return S3Store(
        bucket,
        config=config,
        client_options=options,
        retry_config=_RETRIES,
        credential_provider=profile if profile.asks else aws_access.container(),
    )


# --- Google Cloud Storage -------------------------------------------------------------------------

_DEFAULT: Final = "application_default_credentials.json"


def _gcs(bucket: str, endpoint: str | None, options: "ClientConfig") -> GCSStore:
    config: GCSConfig = {}
    if endpoint:  # what Google's libraries ask at an emulator, they ask without credentials
        key = {"gcs_base_url": endpoint, "disable_oauth": True, "client_email": ""}
        config["service_account_key"] = json.dumps({**key, "private_key": "", "private_key_id": ""})
    elif path := _default_of_gcloud():
        config["application_credentials"] = path
    return GCSStore(
        bucket,
        config=config,
        client_options=options,
        retry_config=_RETRIES,
        credential_provider=None if endpoint else _google(),
    )


def _default_of_gcloud() -> str | None:
    """Return gcloud's own file of credentials where CLOUDSDK_CONFIG has moved it."""
    folder = _said("CLOUDSDK_CONFIG")
    if not folder or _said("GOOGLE_APPLICATION_CREDENTIALS"):
        return None
    path = Path(folder, _DEFAULT)
    return str(path) if path.is_file() else None


def _google() -> Callable[[], Any] | None:
    """Return what Google's library makes of credentials that obstore does not know: those of jobs
    elsewhere (workload identity federation). None where obstore does."""
    usual = Path.home() / ".config" / "gcloud" / _DEFAULT
    path = _said("GOOGLE_APPLICATION_CREDENTIALS") or _default_of_gcloud() or str(usual)
    try:
        kind = json.loads(Path(path).read_bytes()).get("type")
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


# --- Azure ----------------------------------------------------------------------------------------

# obstore's names, then those of Azure's CLI.
_ACCOUNTS: Final = ("AZURE_STORAGE_ACCOUNT_NAME", "AZURE_STORAGE_ACCOUNT")
_KEYS: Final = ("AZURE_STORAGE_ACCOUNT_KEY", "AZURE_STORAGE_ACCESS_KEY", "AZURE_STORAGE_KEY")


def _azure(container: str, endpoint: str | None, options: "ClientConfig") -> AzureStore:
    known = _connection_string()
    config: AzureConfig = {}
    if endpoint:
        config["endpoint"] = endpoint.rstrip("/")
    if account := known.get("AccountName") or _said(*_ACCOUNTS):
        config["account_name"] = account
    if key := known.get("AccountKey") or _said(*_KEYS):
        config["account_key"] = key
    if signed := known.get("SharedAccessSignature"):
        config["sas_key"] = signed
    if authority := _said("AZURE_AUTHORITY_HOST"):  # which pods are told with a slash at its end
        config["authority_host"] = authority.rstrip("/")
    return AzureStore(container, config=config, client_options=options, retry_config=_RETRIES)


def _connection_string() -> Mapping[str, str]:
    """Return the parts of what Azure's portal and CLI give as one string; a signed one names its
    account only by the endpoint."""
    said = _said("AZURE_STORAGE_CONNECTION_STRING") or ""
    pairs = (part.partition("=") for part in said.split(";"))
    known = {name.strip(): text for name, _, text in pairs if text}
    host = urlsplit(known.get("BlobEndpoint", "")).hostname
    return {"AccountName": host.partition(".")[0], **known} if host else known
