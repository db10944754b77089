"""As whom a bucket is asked, as the users of each cloud expect it, by the real command.

Token services, machines and stores are a small stand-in of ours (`tests.clouds`); the vendors' own
emulators are asked by night, in `test_emulated_identities.py`.
"""

import base64
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from tests.canary import leaks
from tests.clouds import Answer, Clouds, Service, clouds, given
from tests.command import Completed, project

pytest.importorskip("obstore")

# Whatever any of them would give away; each is looked for in all that the command says.
JOB: Final = "job-token-7d1c0f5a9e3b4628"
SECRET: Final = "secret-key-53f1a9c7d2e84b06"
SESSION: Final = "session-token-c04e8d17ba92f365"
BEARER: Final = "bearer-token-91ab3cd75ef20468"
HEADER: Final = "identity-header-6e20fb48d19c3a75"
SIGNED: Final = "signature-2f9b07c4d8e1635a"
GOOGLE_KEY: Final = generate_private_key(65537, 2048)
KEY_PEM: Final = GOOGLE_KEY.private_bytes(
    Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
).decode()
CANARIES: Final = {
    name: text for name, text in globals().items() if name.isupper() and isinstance(text, str)
}

LATER: Final = "2096-11-22T10:06:00Z"
AWS_ANSWER: Final = {
    "AccessKeyId": "ASIAROLE",
    "SecretAccessKey": SECRET,
    "Token": SESSION,
    "Expiration": LATER,
}
AS_ROLE: Final = f"ASIAROLE {SESSION}"
STS: Final = (
    "<AssumeRoleWithWebIdentityResponse><AssumeRoleWithWebIdentityResult><Credentials>"
    f"<AccessKeyId>ASIAROLE</AccessKeyId><SecretAccessKey>{SECRET}</SecretAccessKey>"
    f"<SessionToken>{SESSION}</SessionToken><Expiration>{LATER}</Expiration>"
    "</Credentials></AssumeRoleWithWebIdentityResult></AssumeRoleWithWebIdentityResponse>"
)
AAD_ANSWER: Final = {"access_token": BEARER, "expires_in": 3599}
CLI: Final = {
    "accessToken": BEARER,
    "expiresOn": "2096-11-22 10:06:00.000000",
    "tokenType": "Bearer",
}
MACHINE: Final = {"access_token": BEARER, "expires_on": "4000000000"}


def sts(code: str, status: int = 400, message: str = "no") -> Answer:
    error = f"<Code>{code}</Code><Message>{message}</Message>"
    return status, f"<ErrorResponse><Error>{error}</Error></ErrorResponse>"


def oauth(status: int, error: str, description: str = "") -> Answer:
    return status, json.dumps({"error": error, "error_description": description})


@dataclass(frozen=True)
class Way:
    """How a machine or a job says who it is: by *env* and *files* ("~" is its home), to *services*;
    and as whom it may *ask* the store then."""

    scheme: str
    env: Mapping[str, str]
    ask: str
    services: Mapping[str, Service] = field(default_factory=dict)
    files: Mapping[str, str] = field(default_factory=dict)


KEYS: Final = {
    "AWS_ACCESS_KEY_ID": "ASIAROLE",
    "AWS_SECRET_ACCESS_KEY": SECRET,
    "AWS_SESSION_TOKEN": SESSION,
}
AZURE: Final = {"AZURE_STORAGE_ACCOUNT_NAME": "states"}
ROLE: Final = {"AWS_ROLE_ARN": "arn:aws:iam::1:role/states", "AWS_REGION": "eu-west-1"}
FEDERATED: Final = {
    **AZURE,
    "AZURE_CLIENT_ID": "client",
    "AZURE_TENANT_ID": "tenant",
    "AZURE_FEDERATED_TOKEN_FILE": "~/job",
    "AZURE_AUTHORITY_HOST": "https://login.microsoftonline.com/",
}
IMDS: Final = "169.254.169.254/latest"
ROLES: Final = f"{IMDS}/meta-data/iam/security-credentials/"
GOOGLE: Final = {"GOOGLE_APPLICATION_CREDENTIALS": "~/google.json"}
PERSON: Final = {
    "type": "authorized_user",
    "client_id": "client",
    "client_secret": SECRET,
    "refresh_token": SESSION,
}
ACCOUNT: Final = {
    "type": "service_account",
    "client_email": "states@project.iam.gserviceaccount.com",
    "private_key_id": "1",
    "private_key": KEY_PEM,
}
CONNECTED: Final = (
    "BlobEndpoint=https://states.blob.core.windows.net/;SharedAccessSignature=sv=1&sig="
)


def machine(role: Service) -> dict[str, Service]:
    """AWS's metadata, by the second version of its protocol."""
    no = (401, "")
    return {
        f"PUT {IMDS}/api/token": given("x-aws-ec2-metadata-token-ttl-seconds=600", HEADER, no),
        f"GET {ROLES}states": role,
        f"GET {ROLES}": given(f"x-aws-ec2-metadata-token={HEADER}", "states", no),
    }


WAYS: Final[Mapping[str, Way]] = {
    "S3: temporary keys": Way(
        "s3",
        KEYS,
        AS_ROLE,
    ),
    "S3: the web identity of a job": Way(
        "s3",
        {**ROLE, "AWS_WEB_IDENTITY_TOKEN_FILE": "~/job"},
        AS_ROLE,
        {
            "POST sts.eu-west-1.amazonaws.com": given(
                f"WebIdentityToken={JOB}", STS, sts("InvalidIdentityToken")
            )
        },
        {"job": JOB},
    ),
    "S3: a container's role": Way(
        "s3",
        {"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": "/v2/credentials/states"},
        AS_ROLE,
        {"GET 169.254.170.2/v2/credentials/states": lambda heard: (200, json.dumps(AWS_ANSWER))},
    ),
    "S3: a pod's role": Way(
        "s3",
        {
            "AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://169.254.170.23/v1/credentials",
            "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE": "~/job",
        },
        AS_ROLE,
        {"GET 169.254.170.23/v1/credentials": given(f"authorization={JOB}", AWS_ANSWER, (403, ""))},
        {"job": JOB},
    ),
    "S3: a machine's role": Way(
        "s3",
        {},
        AS_ROLE,
        machine(given(f"x-aws-ec2-metadata-token={HEADER}", AWS_ANSWER, (401, ""))),
    ),
    "S3: a shell's role, without a file": Way(
        "s3",
        {
            "AWS_CONTAINER_CREDENTIALS_FULL_URI": "{here}/role?of=shell",
            "AWS_CONTAINER_AUTHORIZATION_TOKEN": JOB,
        },
        AS_ROLE,
        {"GET here/role": given(f"authorization={JOB}", AWS_ANSWER, (403, ""))},
    ),
    "S3: a machine's role, asked elsewhere": Way(
        "s3",
        {"AWS_EC2_METADATA_SERVICE_ENDPOINT": "http://machine.example/"},
        AS_ROLE,
        {
            target.replace("169.254.169.254", "machine.example"): service
            for target, service in machine(
                given(f"x-aws-ec2-metadata-token={HEADER}", AWS_ANSWER, (401, ""))
            ).items()
        },
    ),
    "S3: a profile that names another endpoint": Way(
        "s3",
        {"AWS_PROFILE": "minio", "AWS_CA_BUNDLE": "{authority}", "SSL_CERT_FILE": ""},
        "work",
        files={
            ".aws/config": "[profile minio]\nendpoint_url = https://eu.minio.example\n",
            ".aws/credentials": "[minio]\naws_access_key_id = work\n"
            f"aws_secret_access_key = {SECRET}\n",
        },
    ),
    "S3: an endpoint without TLS, if somebody says so": Way(
        "s3",
        {**KEYS, "AWS_ENDPOINT_URL": "http://eu.minio.example", "AWS_ALLOW_HTTP": "true"},
        AS_ROLE,
    ),
    "Azure: workload identity": Way(
        "az",
        FEDERATED,
        f"Bearer {BEARER}",
        {
            "POST login.microsoftonline.com/tenant/oauth2/v2.0/token": given(
                f"client_assertion={JOB}", AAD_ANSWER, oauth(400, "invalid_client")
            )
        },
        {"job": JOB},
    ),
    "Azure: a client": Way(
        "az",
        {
            **AZURE,
            "AZURE_CLIENT_ID": "client",
            "AZURE_TENANT_ID": "tenant",
            "AZURE_CLIENT_SECRET": SECRET,
        },
        f"Bearer {BEARER}",
        {
            "POST login.microsoftonline.com/tenant/oauth2/v2.0/token": given(
                f"client_secret={SECRET}", AAD_ANSWER, oauth(401, "invalid_client")
            )
        },
    ),
    "Azure: a machine's identity": Way(
        "az",
        AZURE,
        f"Bearer {BEARER}",
        {"GET 169.254.169.254/metadata/identity": given("metadata=true", MACHINE, (400, ""))},
    ),
    "Azure: an app's identity": Way(
        "az",
        {**AZURE, "IDENTITY_ENDPOINT": "http://localhost:42/msi/token", "IDENTITY_HEADER": HEADER},
        f"Bearer {BEARER}",
        {"GET localhost:42/msi/token": given(f"x-identity-header={HEADER}", MACHINE, (401, ""))},
    ),
    "Azure: a signature, by the CLI's names": Way(
        "az",
        {"AZURE_STORAGE_ACCOUNT": "states", "AZURE_STORAGE_SAS_TOKEN": f"?sv=1&sig={SIGNED}"},
        SIGNED,
    ),
    "Azure: a connection string": Way(
        "az", {"AZURE_STORAGE_CONNECTION_STRING": f"{CONNECTED}{SIGNED}"}, SIGNED
    ),
    "Azure: the CLI's login": Way(
        "az",
        {**AZURE, "AZURE_USE_AZURE_CLI": "true", "PATH": "~/bin:/usr/bin:/bin"},
        f"Bearer {BEARER}",
        files={"bin/az": f"#!/bin/sh\necho '{json.dumps(CLI)}'\n"},
    ),
    "Google: a service account": Way(
        "gs",
        GOOGLE,
        "signed by states@project.iam.gserviceaccount.com",
        files={"google.json": json.dumps(ACCOUNT)},
    ),
    "Google: a person": Way(
        "gs",
        GOOGLE,
        f"Bearer {BEARER}",
        {
            "POST accounts.google.com/o/oauth2/token": given(
                f"refresh_token={SESSION}", AAD_ANSWER, oauth(400, "invalid_grant")
            )
        },
        {"google.json": json.dumps(PERSON)},
    ),
    "Google: a person, in gcloud's own folder elsewhere": Way(
        "gs",
        {"CLOUDSDK_CONFIG": "~/gcloud"},
        f"Bearer {BEARER}",
        {
            "POST accounts.google.com/o/oauth2/token": given(
                f"refresh_token={SESSION}", AAD_ANSWER, oauth(400, "invalid_grant")
            )
        },
        {"gcloud/application_default_credentials.json": json.dumps(PERSON)},
    ),
    "Google: a machine's account": Way(
        "gs",
        {},
        f"Bearer {BEARER}",
        {
            "GET metadata.google.internal/computeMetadata": given(
                "metadata-flavor=Google", AAD_ANSWER, (403, "")
            )
        },
    ),
    "Google: a machine's account, asked elsewhere": Way(
        "gs",
        {"GCE_METADATA_HOST": "metadata.example"},
        f"Bearer {BEARER}",
        {
            "GET metadata.example/computeMetadata": given(
                "metadata-flavor=Google", AAD_ANSWER, (403, "")
            )
        },
    ),
}


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Clouds]:
    with clouds(tmp_path_factory.mktemp("clouds")) as made:
        yield made


@pytest.fixture
def internet(shared: Clouds) -> Clouds:
    """The stand-in, on which nobody runs and nothing was asked."""
    shared.services, shared.knows, shared.heard = {}, lambda who: False, []
    return shared


def plan(
    internet: Clouds, way: Way, home: Path, changed: Mapping[str, str | None] | None = None
) -> Completed:
    """Plan from a bucket on a machine that has nothing but *way*, some variables *changed*."""
    for name, text in way.files.items():
        (home / name).parent.mkdir(parents=True, exist_ok=True)
        (home / name).write_text(text)
        (home / name).chmod(0o700)
    here = {"~": f"{home}", "{here}": internet.env["HTTP_PROXY"]}
    here["{authority}"] = internet.env["SSL_CERT_FILE"]
    env = {"HOME": "~", **internet.env, **way.env, **(changed or {})}
    said = {name: text for name, text in env.items() if text is not None}
    for sign, text in here.items():
        said = {name: each.replace(sign, text) for name, each in said.items()}
    internet.services = {**internet.services, **way.services, **internet.services}
    done = project(home / "project", env=said).run("plan", "-s", f"{way.scheme}://states/a.json")
    assert leaks((done.out + done.err).encode(), CANARIES) == []
    return done


def signer(who: str) -> str:
    """Return as whom a store is asked; what somebody signed for himself is checked first."""
    head, dot, rest = who.removeprefix("Bearer ").partition(".")
    claims, _, signature = rest.partition(".")
    if not dot:
        return who
    signed = f"{head}.{claims}".encode()
    try:
        GOOGLE_KEY.public_key().verify(_decoded(signature), signed, PKCS1v15(), SHA256())
    except InvalidSignature:
        return "nobody"
    return f"signed by {json.loads(_decoded(claims))['iss']}"


def _decoded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
def test_whoever_a_cloud_says_the_job_is_may_use_the_bucket(
    internet: Clouds, tmp_path: Path, way: Way
) -> None:
    internet.knows = lambda who: signer(who) == way.ask

    done = plan(internet, way, tmp_path)

    assert done.code == 0, done
    assert "2 new billed instances" in done.out


REFUSALS: Final = {
    "s3": (403, "<Error><Code>InvalidAccessKeyId</Code></Error>"),
    "gs": (401, "<Error><Code>AuthenticationRequired</Code></Error>"),
    "az": (403, "<Error><Code>AuthenticationFailed</Code></Error>"),
}


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
def test_whom_the_store_does_not_know_is_told_so(
    internet: Clouds, tmp_path: Path, way: Way
) -> None:
    internet.refusal = REFUSALS[way.scheme]

    done = plan(internet, way, tmp_path)

    assert done.code == 8, done
    assert f"{way.scheme}://states: can't be " in done.err
    assert "the credentials were not accepted" in done.err


def always(status: int, text: str = "") -> Service:
    return lambda heard: (status, text)


TOKENS: Final = "POST sts.eu-west-1.amazonaws.com"
LOGIN: Final = "POST login.microsoftonline.com"
PERSONS: Final = "POST accounts.google.com"
NO_FILE: Final = "can't be read"
OVER: Final = "the credentials have expired"
NOT_GIVEN: Final = "who gives this machine or job its credentials refused to"
NOBODY: Final = "there are no credentials for it"
PARTS: Final = "the credentials are incomplete"
# The way; what is changed: its variables or files, or a service; what is said; the way out.
TROUBLE: Final[Mapping[str, tuple[str, Mapping[str, str | Service | None], str, str]]] = {
    "half a key": ("S3: temporary keys", {"AWS_SECRET_ACCESS_KEY": None}, PARTS, "AWS_SECRET"),
    "no token of the job": (
        "S3: the web identity of a job",
        {"AWS_WEB_IDENTITY_TOKEN_FILE": "~/gone"},
        NO_FILE,
        "AWS_WEB_IDENTITY_TOKEN_FILE",
    ),
    "a job's token that has expired": (
        "S3: the web identity of a job",
        {TOKENS: always(*sts("ExpiredTokenException"))},
        OVER,
        "log in again",
    ),
    "a role that does not trust the job": (
        "S3: the web identity of a job",
        {TOKENS: always(*sts("AccessDenied", 403, "Not authorized"))},
        NOT_GIVEN,
        "AWS_ROLE_ARN",
    ),
    "a container without a role": (
        "S3: a container's role",
        {"GET 169.254.170.2": always(404, "{}")},
        NOT_GIVEN,
        "role",
    ),
    "no token of the pod": (
        "S3: a pod's role",
        {"AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE": "~/gone"},
        NO_FILE,
        "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
    ),
    "a pod's token that has expired": (
        "S3: a pod's role",
        {"GET 169.254.170.23": always(400, '{"message": "(ExpiredTokenException): no"}')},
        OVER,
        "log in again",
    ),
    "a shell without a role": (
        "S3: a shell's role, without a file",
        {"GET here": always(404)},
        "it answered 404",
        "role",
    ),
    "a shell that is asked in the open": (
        "S3: a shell's role, without a file",
        {"AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://192.0.2.1/role"},
        "192.0.2.1 may not be asked without TLS",
        "role",
    ),
    "a machine without a role": (
        "S3: a machine's role",
        {f"GET {ROLES}": always(404)},
        NOBODY,
        "AWS_",
    ),
    "no machine of AWS": ("S3: a machine's role", {f"PUT {IMDS}": always(404)}, NOBODY, "AWS_"),
    "an endpoint without TLS": (
        "S3: an endpoint without TLS, if somebody says so",
        {"AWS_ALLOW_HTTP": None},
        "plain http is for this machine only",
        "AWS_ALLOW_HTTP",
    ),
    "certificates that are not there": (
        "S3: a profile that names another endpoint",
        {"AWS_CA_BUNDLE": "~/gone"},
        "gone, its certificates, can't be read",
        "AWS_CA_BUNDLE",
    ),
    "no federated token": (
        "Azure: workload identity",
        {"AZURE_FEDERATED_TOKEN_FILE": "~/gone"},
        NO_FILE,
        "AZURE_FEDERATED_TOKEN_FILE",
    ),
    "a federated token that has expired": (
        "Azure: workload identity",
        {
            LOGIN: always(
                *oauth(401, "invalid_client", "AADSTS700024: not within its valid time range")
            )
        },
        OVER,
        "log in again",
    ),
    "an identity that does not trust the job": (
        "Azure: workload identity",
        {LOGIN: always(*oauth(400, "unauthorized_client", "AADSTS700016: not found"))},
        NOT_GIVEN,
        "AZURE_CLIENT_ID",
    ),
    "a client's secret that has expired": (
        "Azure: a client",
        {LOGIN: always(*oauth(401, "invalid_client", "AADSTS7000222: secret keys are expired"))},
        OVER,
        "log in again",
    ),
    "a machine without an identity": (
        "Azure: a machine's identity",
        {"GET 169.254.169.254": always(*oauth(400, "invalid_request", "Identity not found"))},
        NOBODY,
        "AZURE_",
    ),
    "an app without an identity": (
        "Azure: an app's identity",
        {"GET localhost:42": always(400)},
        NOT_GIVEN,
        "AZURE_CLIENT_ID",
    ),
    "no account": (
        "Azure: a connection string",
        {"AZURE_STORAGE_CONNECTION_STRING": "x"},
        NOBODY,
        "ACCOUNT_NAME",
    ),
    "a key that is none": (
        "Azure: a machine's identity",
        {"AZURE_STORAGE_KEY": "no key!"},
        PARTS,
        "AZURE_STORAGE_ACCOUNT_NAME",
    ),
    "no CLI": ("Azure: the CLI's login", {"PATH": "/nowhere"}, NOT_GIVEN, "az login"),
    "no file of Google's": (
        "Google: a person",
        {"GOOGLE_APPLICATION_CREDENTIALS": "~/gone"},
        NO_FILE,
        "GOOGLE_",
    ),
    "a file that is none": ("Google: a person", {"google.json": "{"}, NO_FILE, "GOOGLE_"),
    "a key of Google's that is none": (
        "Google: a service account",
        {"google.json": json.dumps({**ACCOUNT, "private_key": SECRET})},
        NO_FILE,
        "GOOGLE_",
    ),
    "a login that was revoked": (
        "Google: a person",
        {PERSONS: always(*oauth(400, "invalid_grant", "Token has been expired or revoked."))},
        OVER,
        "log in again",
    ),
    "a person who is refused": (
        "Google: a person",
        {PERSONS: always(*oauth(400, "invalid_grant", "Bad Request"))},
        NOT_GIVEN,
        "gcloud auth application-default login",
    ),
    "no machine of Google's": (
        "Google: a machine's account",
        {"GET metadata.google.internal": always(404)},
        NOBODY,
        "GOOGLE_",
    ),
}


@pytest.mark.parametrize(("name", "changed", "said", "way_out"), TROUBLE.values(), ids=TROUBLE)
def test_who_has_no_valid_credentials_is_told_which_and_what_to_do(
    internet: Clouds,
    tmp_path: Path,
    name: str,
    changed: Mapping[str, str | Service | None],
    said: str,
    way_out: str,
) -> None:
    way = WAYS[name]
    internet.services = {
        target: each for target, each in changed.items() if each is not None and callable(each)
    }
    texts = {each: text for each, text in changed.items() if not callable(text)}
    files = {**way.files, **{each: f"{texts.pop(each)}" for each in way.files if each in texts}}

    done = plan(internet, replace(way, files=files), tmp_path, texts)

    assert done.code == 8, done
    assert done.err.startswith(f"error: {way.scheme}://states: can't be "), done.err
    error, hint = done.err.splitlines()[:2]
    assert said in error, done.err
    assert way_out in hint, done.err


@pytest.mark.parametrize(
    ("status", "code", "said"),
    [(400, "ExpiredToken", OVER), (403, "AccessDenied", "this user may not do that")],
)
def test_temporary_keys_that_the_store_refuses_are_told_apart(
    internet: Clouds, tmp_path: Path, status: int, code: str, said: str
) -> None:
    internet.refusal = status, f"<Error><Code>{code}</Code></Error>"

    done = plan(internet, WAYS["S3: temporary keys"], tmp_path)

    assert done.code == 8
    assert said in done.err


def test_a_signature_that_has_expired_is_told_from_a_wrong_one(
    internet: Clouds, tmp_path: Path
) -> None:
    message = "Signature not valid in the specified time frame"
    internet.refusal = 403, f"<Error><Code>AuthenticationFailed</Code>{message}</Error>"

    done = plan(internet, WAYS["Azure: a connection string"], tmp_path)

    assert done.code == 8
    assert OVER in done.err
