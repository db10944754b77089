"""As whom a bucket is asked, by the real command on emulators, by night.

moto checks signatures and policies; Azurite, the vendor's own, keys, signatures and tokens. Who
gives Azure's tokens is a small stand-in of ours (`tests.clouds`).
"""

import base64
import json
import re
import ssl
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode
from urllib.request import Request, urlopen

import pytest

from tests.canary import leaks
from tests.clouds import Answer, Clouds, Heard, clouds, given, of_this_machine
from tests.clouds import Service as Asked
from tests.command import Completed, Project, project
from tests.nightly import only_by_night
from tests.object_stores import Service, account_signature, azurite, s3
from tests.sandbox.server import Sandbox

JOB: Final = "job-token-7d1c0f5a9e3b4628"
DOCUMENT: Final = Path(__file__).parents[2] / "docs" / "state.md"


@pytest.fixture(scope="module")
def internet(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Clouds]:
    only_by_night()
    with clouds(tmp_path_factory.mktemp("clouds")) as made:
        yield made


@pytest.fixture(scope="module")
def aws(internet: Clouds, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    with s3(of_this_machine(internet, tmp_path_factory.mktemp("aws"))) as service:
        yield service


@pytest.fixture(scope="module")
def azure(internet: Clouds, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    with azurite(of_this_machine(internet, tmp_path_factory.mktemp("azure"))) as service:
        yield service


def here(tmp_path: Path, sandbox: Sandbox, env: Mapping[str, str]) -> Project:
    return project(tmp_path, env={**sandbox.env, "HOME": f"{tmp_path}", **env})


def bought_once(done: Completed, sandbox: Sandbox, secret: str) -> None:
    assert done.code == 0, done
    assert sandbox.bill()["creates"] == {"support-eu": 1, "sales-uk": 1}
    assert leaks((done.out + done.err).encode(), {"secret": secret}) == []


# --- AWS ------------------------------------------------------------------------------------------


def documented() -> dict[str, Any]:
    """The policy that users are told to give the role."""
    found = re.search(r"```json\n(.*?)```", DOCUMENT.read_text(), re.DOTALL)
    assert found is not None
    policy: dict[str, Any] = json.loads(found[1].replace("your-states", "states"))
    return policy


def role(aws: Service, internet: Clouds, policy: Mapping[str, Any], name: str) -> str:
    """Make a role that may do what *policy* says; from the second request on, keys count."""
    import boto3  # type: ignore[import-untyped]

    keys = {"aws_access_key_id": "test", "aws_secret_access_key": "test"}
    pem, endpoint = internet.env["SSL_CERT_FILE"], aws.env["AWS_ENDPOINT_URL"]
    switch(aws, internet, 1000)
    iam = boto3.client("iam", endpoint_url=endpoint, verify=pem, region_name="us-east-1", **keys)
    made = iam.create_role(RoleName=name, AssumeRolePolicyDocument="{}")
    iam.put_role_policy(RoleName=name, PolicyName="state", PolicyDocument=json.dumps(policy))
    switch(aws, internet, 1)
    return str(made["Role"]["Arn"])


def switch(aws: Service, internet: Clouds, free: int) -> None:
    """Let so many requests pass without a look at who sends them."""
    address = f"{aws.env['AWS_ENDPOINT_URL']}/moto-api/reset-auth"
    context = ssl.create_default_context(cafile=internet.env["SSL_CERT_FILE"])
    plain = {"Content-Type": "text/plain"}
    urlopen(Request(address, f"{free}".encode(), plain), context=context).close()  # noqa: S310


def relayed(aws: Service, internet: Clouds) -> Asked:
    """Hand on to moto what AWS's own token service is asked: at its own address, moto takes what
    comes without a signature for a request to S3."""
    context = ssl.create_default_context(cafile=internet.env["SSL_CERT_FILE"])

    def service(heard: Heard) -> Answer:
        if heard.said["WebIdentityToken"] != JOB:
            return 400, "<ErrorResponse><Error><Code>InvalidIdentityToken</Code></Error>"
        request = Request(aws.env["AWS_ENDPOINT_URL"], urlencode(heard.said).encode())  # noqa: S310
        with urlopen(request, context=context) as answer:  # noqa: S310
            return 200, answer.read().decode()

    return service


def job(aws: Service, internet: Clouds, home: Path, arn: str) -> dict[str, str]:
    """A job that has a token and no key, and trusts the store by AWS's own variable."""
    (home / "token").write_text(JOB)
    internet.services = {"POST sts.us-east-1.amazonaws.com/": relayed(aws, internet)}
    return {
        **internet.env,
        "SSL_CERT_FILE": "",
        "AWS_ENDPOINT_URL_S3": aws.env["AWS_ENDPOINT_URL"],
        "AWS_REGION": "us-east-1",
        "AWS_CA_BUNDLE": internet.env["SSL_CERT_FILE"],
        "AWS_WEB_IDENTITY_TOKEN_FILE": f"{home / 'token'}",
        "AWS_ROLE_ARN": arn,
        "RECONCILER_STATE": f"s3://states/green-api/{arn.rpartition('/')[2]}.json",
    }


def test_a_job_with_the_documented_role_keeps_its_state_there(
    aws: Service, internet: Clouds, sandbox: Sandbox, tmp_path: Path
) -> None:
    arn = role(aws, internet, documented(), "documented")
    place = here(tmp_path, sandbox, job(aws, internet, tmp_path, arn))

    bought_once(place.run("apply", "--yes"), sandbox, JOB)

    switch(aws, internet, 1)
    assert place.run("plan", "--detailed-exitcode").code == 0


@pytest.mark.parametrize("missing", ["s3:GetObject", "s3:PutObject", "s3:ListBucket"])
def test_a_role_that_lacks_a_permission_is_told_which(
    aws: Service, internet: Clouds, sandbox: Sandbox, tmp_path: Path, missing: str
) -> None:
    policy = json.loads(json.dumps(documented()).replace(missing, "s3:GetBucketLocation"))
    arn = role(aws, internet, policy, missing.replace(":", "-"))

    done = here(tmp_path, sandbox, job(aws, internet, tmp_path, arn)).run("apply", "--yes")

    assert done.code == 8, done
    assert "s3://states: can't be" in done.err
    assert "this user may not do that" in done.err
    assert missing in done.err
    assert sandbox.bill()["creates"] == {}


# --- Azure ----------------------------------------------------------------------------------------


def bearer(**claims: object) -> str:
    """A token as Azure's; nobody checks who signed it."""
    now = int(time.time())
    said = {"iat": now - 60, "nbf": now - 60, "exp": now + 3600, **claims}
    said |= {"iss": "https://sts.windows.net/tenant/", "aud": "https://storage.azure.com"}
    parts = (json.dumps(part).encode() for part in ({"alg": "none", "typ": "JWT"}, said))
    return ".".join([*(base64.urlsafe_b64encode(p).decode().rstrip("=") for p in parts), "c2ln"])


def storage(azure: Service, internet: Clouds, name: str) -> dict[str, str]:
    kept = ("AZURE_STORAGE_ACCOUNT_NAME", "AZURE_STORAGE_ENDPOINT")
    return {
        **internet.env,
        **{each: azure.env[each] for each in kept},
        "RECONCILER_STATE": f"az://states/{name}/state.json",
    }


def federated(internet: Clouds, home: Path, token: str) -> dict[str, str]:
    (home / "job").write_text(JOB)
    answer = {"access_token": token, "expires_in": 3599}
    internet.services = {
        "POST login.microsoftonline.com/tenant/oauth2": given(
            f"client_assertion={JOB}", answer, (400, "{}")
        )
    }
    return {
        "AZURE_CLIENT_ID": "client",
        "AZURE_TENANT_ID": "tenant",
        "AZURE_FEDERATED_TOKEN_FILE": f"{home / 'job'}",
        "AZURE_AUTHORITY_HOST": "https://login.microsoftonline.com/",
    }


def test_a_pod_with_a_workload_identity_keeps_its_state_there(
    azure: Service, internet: Clouds, sandbox: Sandbox, tmp_path: Path
) -> None:
    identity = federated(internet, tmp_path, token := bearer())
    place = here(tmp_path, sandbox, storage(azure, internet, "pod") | identity)

    bought_once(place.run("apply", "--yes"), sandbox, token)


def test_a_machine_with_an_identity_keeps_its_state_there(
    azure: Service, internet: Clouds, sandbox: Sandbox, tmp_path: Path
) -> None:
    answer = {"access_token": (token := bearer()), "expires_on": "4000000000"}
    asked = "GET 169.254.169.254/metadata/identity/oauth2/token"
    internet.services = {asked: given("metadata=true", answer, (400, ""))}
    place = here(tmp_path, sandbox, storage(azure, internet, "machine"))

    bought_once(place.run("apply", "--yes"), sandbox, token)


def test_a_token_that_has_expired_meanwhile_is_told_so(
    azure: Service, internet: Clouds, sandbox: Sandbox, tmp_path: Path
) -> None:
    identity = federated(internet, tmp_path, token := bearer(exp=1))

    done = here(tmp_path, sandbox, storage(azure, internet, "late") | identity).run("plan")

    assert done.code == 8, done
    assert "az://states: can't be read: the credentials have expired" in done.err
    assert leaks(done.err.encode(), {"token": token}) == []


def ways_by_key(azure: Service) -> dict[str, dict[str, str]]:
    key, endpoint = azure.env["AZURE_STORAGE_ACCOUNT_KEY"], azure.env["AZURE_STORAGE_ENDPOINT"]
    name, signed = azure.env["AZURE_STORAGE_ACCOUNT_NAME"], account_signature(expires="2096-11-22")
    at = f"BlobEndpoint={endpoint};"
    string = "AZURE_STORAGE_CONNECTION_STRING"
    cli = {"AZURE_STORAGE_ACCOUNT": name, "AZURE_STORAGE_ENDPOINT": endpoint}
    return {
        "a key, by the CLI's names": {**cli, "AZURE_STORAGE_KEY": key},
        "a signature": {**cli, "AZURE_STORAGE_SAS_TOKEN": f"?{signed}"},
        "a connection string with a key": {string: f"{at}AccountName={name};AccountKey={key}"},
        "a connection string with a signature": {string: f"{at}SharedAccessSignature={signed}"},
    }


@pytest.mark.parametrize(
    "way",
    [
        "a key, by the CLI's names",
        "a signature",
        "a connection string with a key",
        "a connection string with a signature",
    ],
)
def test_whoever_has_a_key_or_a_signature_keeps_the_state_there(
    azure: Service, internet: Clouds, sandbox: Sandbox, tmp_path: Path, way: str
) -> None:
    env = {**internet.env, **ways_by_key(azure)[way]}
    url = f"az://states/{way.replace(' ', '-')}/state.json"
    secret = azure.env["AZURE_STORAGE_ACCOUNT_KEY"]

    done = here(tmp_path, sandbox, env).run("apply", "--yes", "-s", url)

    bought_once(done, sandbox, secret)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"AZURE_STORAGE_SAS_TOKEN": account_signature(expires="2020-11-22")}, "were not accepted"),
        ({"AZURE_STORAGE_SAS_TOKEN": "sv=2018-11-09&sig=bm8%3D"}, "were not accepted"),
        ({"AZURE_STORAGE_KEY": base64.b64encode(b"another key").decode()}, "were not accepted"),
    ],
    ids=["expired", "wrong signature", "wrong key"],
)
def test_a_key_or_signature_that_is_refused_is_told_so(
    azure: Service,
    internet: Clouds,
    sandbox: Sandbox,
    tmp_path: Path,
    changed: dict[str, str],
    said: str,
) -> None:
    done = here(tmp_path, sandbox, storage(azure, internet, "refused") | changed).run("plan")

    assert done.code == 8, done
    assert f"az://states: can't be read: the credentials {said}" in done.err
