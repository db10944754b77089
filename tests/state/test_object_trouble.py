"""What object stores say, in users' words: which bucket, what is wrong, what to do."""

import pytest

from reconciler.places import ObjectUrl
from reconciler.state.object_trouble import names_no_bucket, trouble

URLS = {
    "s3": ObjectUrl("s3", "states", "prod/state.json"),
    "gs": ObjectUrl("gs", "states", "prod/state.json"),
    "az": ObjectUrl("az", "states", "prod/state.json"),
}


class PermissionDeniedError(Exception):
    """Named as obstore names it."""


class UnauthenticatedError(Exception):
    """Likewise."""


def said(code: str, status: str = "403 Forbidden", more: str = "") -> Exception:
    return Exception(
        "Error performing GET https://states.example.com/prod?sig=hidden-key in 3ms - Server"
        f" returned non-2xx status code: {status}: <Error>\n<Code>{code}</Code>{more}</Error>"
    )


TROUBLE: dict[str, tuple[str, str, Exception, str, str]] = {
    "no bucket": ("s3", "read", said("NoSuchBucket"), "there is no such bucket", "create it"),
    "no container": ("az", "listed", said("ContainerNotFound"), "no such bucket", "create it"),
    "forbidden": ("s3", "written", said("AccessDenied"), "may not do that", "s3:PutObject"),
    "forbidden to list": ("s3", "listed", said("AccessDenied"), "may not do that", "s3:ListBucket"),
    "forbidden at Google": (
        "gs",
        "read",
        said("AccessDenied"),
        "may not do that",
        "storage.objects.get",
    ),
    "forbidden at Azure": (
        "az",
        "written",
        said("AuthorizationPermissionMismatch"),
        "may not do that",
        "Storage Blob Data Contributor",
    ),
    "wrong region": (
        "s3",
        "read",
        said("AuthorizationHeaderMalformed", "400", "<Region>eu-west-1</Region>"),
        "another region",
        "AWS_REGION=eu-west-1",
    ),
    "wrong region, in a sentence": (
        "s3",
        "read",
        said("AuthorizationHeaderMalformed", "400", "region is wrong; expecting 'eu-west-1'"),
        "another region",
        "AWS_REGION=eu-west-1",
    ),
    "redirect": ("s3", "read", said("PermanentRedirect", "301"), "another region", "AWS_REGION"),
    "expired": ("s3", "read", said("ExpiredToken", "400"), "have expired", "log in again"),
    "expired signature": (
        "az",
        "read",
        said("AuthenticationFailed", "403", "Signature not valid in the specified time frame"),
        "have expired",
        "log in again",
    ),
    "clock": ("s3", "read", said("RequestTimeTooSkewed"), "clock of this machine", "NTP"),
    "clock at Azure": (
        "az",
        "read",
        said("AuthenticationFailed", "403", "Request date header too old"),
        "clock of this machine",
        "NTP",
    ),
    "wrong key": ("s3", "read", said("SignatureDoesNotMatch"), "were not accepted", "environment"),
    "nobody": (
        "s3",
        "read",
        Exception("Error performing PUT http://169.254.169.254/latest/api/token in 1s"),
        "there are no credentials",
        "AWS_PROFILE",
    ),
    "no conditions": ("s3", "written", said("NotImplemented", "501"), "no puts with a", "MinIO"),
    "silence": (
        "gs",
        "read",
        Exception("error sending request"),
        "could not be reached",
        "network",
    ),
    "unheard-of": ("s3", "read", said("SlowDown", "503"), "it answered SlowDown", "runs the store"),
    "no reason": (
        "s3",
        "read",
        Exception("Server returned non-2xx status code: 502 Bad Gateway: <html>"),
        "it answered 502",
        "runs the store",
    ),
    "no account": (
        "az",
        "read",
        Exception("Generic MicrosoftAzure error: Account must be specified"),
        "there are no credentials",
        "AZURE_STORAGE_ACCOUNT_NAME",
    ),
    "not known": (
        "gs",
        "listed",
        Exception("Server returned non-2xx status code: 401 Unauthorized: Invalid Credentials"),
        "were not accepted",
        "environment",
    ),
    "expired login": (
        "gs",
        "read",
        Exception("Error performing token request: Token has been Expired or revoked."),
        "have expired",
        "log in again",
    ),
    "a token of nobody's, be it expired or not": (
        "s3",
        "read",
        said("InvalidToken", "400", "<Message>malformed or expired</Message>"),
        "were not accepted",
        "environment",
    ),
}


@pytest.mark.parametrize(
    ("scheme", "what", "error", "words", "way_out"), TROUBLE.values(), ids=TROUBLE
)
def test_trouble_names_the_bucket_and_a_way_out(
    scheme: str, what: str, error: Exception, words: str, way_out: str
) -> None:
    told = trouble(URLS[scheme], what, error)

    assert told.exit_code == 8
    assert told.message.startswith(f"{scheme}://states: can't be {what}: ")
    assert words in told.message
    assert way_out in f"{told.hint}"
    assert "hidden-key" not in f"{told.message}{told.hint}"
    assert "example.com" not in f"{told.message}{told.hint}"


def test_what_obstore_makes_a_class_of_its_own_needs_no_code() -> None:
    denied = trouble(URLS["s3"], "removed", PermissionDeniedError("no"))
    unknown = trouble(URLS["s3"], "read", UnauthenticatedError("no"))

    assert denied.message == "s3://states: can't be removed from: this user may not do that"
    assert "s3:DeleteObject" in f"{denied.hint}"
    assert "not accepted" in unknown.message


@pytest.mark.parametrize(
    ("code", "missing"), [("NoSuchBucket", True), ("ContainerNotFound", True), ("NoSuchKey", False)]
)
def test_a_missing_object_is_told_from_a_missing_bucket(code: str, missing: bool) -> None:
    assert names_no_bucket(said(code, "404 Not Found")) is missing
