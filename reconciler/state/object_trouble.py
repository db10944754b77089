"""What an object store said, as a sentence with a way out. Its own words are not repeated: they
hold URLs, and URLs may hold keys."""

import re
from collections.abc import Mapping
from typing import Final

from reconciler.errors import StateError
from reconciler.places import ObjectUrl

_NO_BUCKET: Final = (
    "there is no such bucket",
    "create it, or correct the URL; it was not taken for an empty state",
)
_FORBIDDEN: Final = "this user may not do that"
_EXPIRED: Final = ("the credentials have expired", "log in again, or let the job ask for new ones")
_REFUSED: Final = (
    "the credentials were not accepted",
    "look which ones are in the environment, and whether they belong to this store",
)
_SKEWED: Final = (
    "the clock of this machine is too far from the store's",
    "set it (NTP), then run this again",
)
_REGION: Final = "the bucket is in another region"
_NAME: Final = ("no bucket can have that name", "correct the URL of the state")
_CONDITIONS: Final = (
    "it has no puts with a condition",
    "choose a store that honours If-None-Match and If-Match: S3, R2, MinIO, Ceph since Squid,"
    " Google Cloud Storage, Azure",
)
_OPEN: Final = ("plain http is for this machine only", "write https://, or AWS_ALLOW_HTTP=true")
_NOBODY: Final = "there are no credentials for it"
_NO_FILE: Final = "the file with its credentials, or what they are exchanged for, can't be read"
_INCOMPLETE: Final = "the credentials are incomplete, or no such thing"
_NOT_GIVEN: Final = "who gives this machine or job its credentials refused to"
_SILENT: Final = (
    "it could not be reached, or did not answer",
    "look at the network and the endpoint; what was recorded before is kept",
)

# By the codes in the stores' answers: S3 and what speaks like it, Google, Azure.
_CODES: Final[Mapping[str, tuple[str, str]]] = {
    **dict.fromkeys(("NoSuchBucket", "ContainerNotFound", "ContainerBeingDeleted"), _NO_BUCKET),
    **dict.fromkeys(
        ("ExpiredToken", "ExpiredTokenException", "TokenRefreshRequired", "IDPCommunicationError"),
        _EXPIRED,
    ),
    **dict.fromkeys(
        (
            "InvalidAccessKeyId",
            "SignatureDoesNotMatch",
            "InvalidToken",
            "InvalidClientTokenId",
            "InvalidIdentityToken",
            "AuthenticationFailed",
            "AuthorizationFailure",
            "InvalidAuthenticationInfo",
        ),
        _REFUSED,
    ),
    "RequestTimeTooSkewed": _SKEWED,
    **dict.fromkeys(("InvalidBucketName", "OutOfRangeInput", "InvalidResourceName"), _NAME),
    "NotImplemented": _CONDITIONS,
}
_REGIONS: Final = ("AuthorizationHeaderMalformed", "PermanentRedirect", "TemporaryRedirect")
_PERMISSIONS: Final[Mapping[str, Mapping[str, str]]] = {
    "s3": {
        "read": "s3:GetObject",
        "listed": "s3:ListBucket",
        "written": "s3:PutObject",
        "removed": "s3:DeleteObject",
    },
    "gs": {
        "read": "storage.objects.get",
        "listed": "storage.objects.list",
        "written": "storage.objects.create and storage.objects.delete",
        "removed": "storage.objects.delete",
    },
    "az": dict.fromkeys(
        ("read", "listed", "written", "removed"), "the role Storage Blob Data Contributor"
    ),
}
_CREDENTIALS: Final[Mapping[str, str]] = {
    "s3": "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE, or give the job a role",
    "gs": "set GOOGLE_APPLICATION_CREDENTIALS, or `gcloud auth application-default login`",
    "az": "set AZURE_STORAGE_ACCOUNT_NAME and a key, a SAS or a client, or AZURE_USE_AZURE_CLI",
}
# What names the file of the credentials.
_FILES: Final[Mapping[str, str]] = {
    "s3": "AWS_WEB_IDENTITY_TOKEN_FILE or AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
    "gs": "GOOGLE_APPLICATION_CREDENTIALS",
    "az": "AZURE_FEDERATED_TOKEN_FILE",
}
_TRUST: Final[Mapping[str, str]] = {
    "s3": "look whether the role (AWS_ROLE_ARN) is the right one, and trusts this job",
    "gs": "`gcloud auth application-default login`, or name other credentials",
    "az": "look whether AZURE_CLIENT_ID in AZURE_TENANT_ID trusts this job, or `az login`",
}
# What obstore says before it asks anybody, and what becomes of asking somebody else than the store.
_READING: Final = re.compile(
    r"read(?:ing)? (?:EKS )?(?:federated )?(?:token|pem) file|(?:open|decode) service account file"
)
_PARTS: Final = re.compile(
    r"Missing(?:SecretAccessKey|AccessKeyId)|Invalid Access Key|Missing .* SAS"
)
_ASKING: Final = re.compile(r"token request|<ErrorResponse|http://169\.254\.170\.|az account get")
_OURS: Final = re.compile(r"credential provider: StateError: ([^\n]+)")
_ASKED_BY_US: Final = (
    "log in again (`aws sso login`, by the AWS CLI, version 2), or look at the container's role"
)
_OVER: Final = re.compile(r"time frame|valid time range|expired", re.IGNORECASE)


def names_no_bucket(error: BaseException) -> bool:
    """Whether a 404 says that the bucket itself is not there."""
    return _code(str(error)) in ("NoSuchBucket", "ContainerNotFound", "ContainerBeingDeleted")


def trouble(url: ObjectUrl, what: str, error: BaseException) -> StateError:
    """Return the error that says why the bucket of *url* could not be *what*: read, listed, written
    or removed from."""
    if isinstance(error, StateError):
        return error
    said, hint = _words(url, what, str(error), type(error).__name__)
    verb = "can't be removed from" if what == "removed" else f"can't be {what}"
    return StateError(f"{url.root}: {verb}: {said}", hint=hint)


def _words(url: ObjectUrl, what: str, text: str, kind: str) -> tuple[str, str]:
    code = _code(text)
    said = _by_code(code, text) or _by_identity(url.scheme, text)
    if said is None and (kind == "UnauthenticatedError" or "401 Unauthorized" in text):
        said = _REFUSED
    if said is None and (kind == "PermissionDeniedError" or "403 Forbidden" in text):
        permission = _PERMISSIONS[url.scheme].get(what, "access")
        hint = f"it needs {permission} on {url.key} and what begins so, such as its .lock"
        said = (_FORBIDDEN, hint)
    if said is None and (code or "status code" in text):
        hint = "look that up with whoever runs the store"
        said = (f"it answered {code or _status(text)}", hint)
    return said or _SILENT


def _by_code(code: str | None, text: str) -> tuple[str, str] | None:
    if code in _REGIONS:
        named = re.search(r"<Region>([a-z0-9-]{1,40})</Region>|expecting '([a-z0-9-]{1,40})'", text)
        region = (named[1] or named[2]) if named else None
        return _REGION, f"set AWS_REGION={region or ' to where the bucket is'}".replace("= ", " ")
    if _OVER.search(text) and (code not in _CODES or code == "AuthenticationFailed"):
        return _EXPIRED  # what Azure says of a signature, and token services of a login
    if "too old" in text:
        return _SKEWED
    if "501 Not Implemented" in text:
        return _CONDITIONS
    return _CODES.get(code or "")


def _by_identity(scheme: str, text: str) -> tuple[str, str] | None:
    """Return what was wrong before the store could be asked: with whom this is."""
    if ours := _OURS.search(text):
        return ours[1], _ASKED_BY_US
    if _READING.search(text):
        return _NO_FILE, f"look whether {_FILES[scheme]} names it, and who may read it"
    if _PARTS.search(text):
        return _INCOMPLETE, _CREDENTIALS[scheme]
    if _lacks_credentials(text):
        return _NOBODY, _CREDENTIALS[scheme]
    if _ASKING.search(text) and "error sending request" not in text:
        return _NOT_GIVEN, _TRUST[scheme]
    return _OPEN if "builder error" in text else None


def _code(text: str) -> str | None:
    found = re.search(r"<Code>\s*([A-Za-z.]{1,60})\s*</Code>", text)
    return found[1] if found else None


def _status(text: str) -> str:
    found = re.search(r"status code: (\d{3})", text)
    return found[1] if found else "an error"


def _lacks_credentials(text: str) -> bool:
    """Whether the machine itself was asked who it is, as the last resort, and did not know."""
    machines = (
        "169.254.169.254",
        "metadata.google.internal",
        "/latest/api/token",
        "metadata/identity",
    )
    return any(machine in text for machine in machines) or "Account must be specified" in text
