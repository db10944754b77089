"""The CronJob for Kubernetes."""

from typing import Any

import yaml

from reconciler import __version__
from tests.ways_in.checkers import EXAMPLES, check

FILE = EXAMPLES / "kubernetes" / "cronjob.yaml"
CLAIM, CRONJOB = yaml.safe_load_all(FILE.read_text())
POD: dict[str, Any] = CRONJOB["spec"]["jobTemplate"]["spec"]["template"]["spec"]


def test_it_fits_the_published_schema() -> None:
    done = check("kubernetes-validate", "--strict", FILE)

    assert done.code == 0, done.out + done.err
    assert done.out.count(" passed ") == 2


def test_two_runs_never_overlap() -> None:
    assert CRONJOB["spec"]["concurrencyPolicy"] == "Forbid"
    assert CRONJOB["spec"]["jobTemplate"]["spec"]["backoffLimit"] == 0
    assert POD["restartPolicy"] == "Never"
    assert CLAIM["spec"]["accessModes"] == ["ReadWriteOncePod"]


def test_a_stop_has_time_to_await_the_answers_in_flight() -> None:
    assert POD["terminationGracePeriodSeconds"] > 180


def test_the_token_is_a_file_and_the_state_outlives_the_pod() -> None:
    (container,) = POD["containers"]
    volumes = {volume["name"]: volume for volume in POD["volumes"]}
    mounts = {mount["name"]: mount["mountPath"] for mount in container["volumeMounts"]}
    (token,) = container["env"]

    assert token["value"] == f"{mounts['partner-token']}/partner-token"
    assert volumes["partner-token"]["secret"]["defaultMode"] == 0o400
    assert volumes["state"]["persistentVolumeClaim"]["claimName"] == CLAIM["metadata"]["name"]
    assert f"--state={mounts['state']}/instances.state.json" in container["args"]


def test_the_pod_may_do_nothing_else() -> None:
    (container,) = POD["containers"]

    assert POD["securityContext"]["runAsNonRoot"] is True
    assert POD["automountServiceAccountToken"] is False
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }


def test_the_example_uses_this_release() -> None:
    assert POD["containers"][0]["image"].endswith(f"/reconciler:{__version__}")
