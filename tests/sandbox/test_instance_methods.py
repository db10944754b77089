"""getStateInstance, getSettings and setSettings over real HTTP."""

import pytest

from tests.sandbox.server import Answer, Sandbox


@pytest.mark.parametrize("prefix", ["", "/v3"])
def test_a_new_instance_waits_for_its_authorization(sandbox: Sandbox, prefix: str) -> None:
    path = _made(sandbox)

    answer = sandbox.call("GET", prefix + path("getStateInstance"))

    assert answer == Answer(200, {"stateInstance": "notAuthorized"})


def test_an_instance_that_is_being_born_has_no_state(sandbox: Sandbox) -> None:
    sandbox.reset(birth=3600)
    path = _made(sandbox)

    assert sandbox.call("GET", path("getStateInstance")) == Answer(200, None)


def test_settings_show_what_was_set_and_defaults_but_no_name(sandbox: Sandbox) -> None:
    path = _made(sandbox)

    settings = sandbox.call("GET", path("getSettings")).body

    assert settings["incomingWebhook"] == "yes"
    assert settings["stateWebhook"] == "no"
    assert settings["delaySendMessagesMilliseconds"] == 500
    assert "name" not in settings


def test_set_settings_changes_only_what_it_names(sandbox: Sandbox) -> None:
    path = _made(sandbox)

    answer = sandbox.call("POST", path("setSettings"), {"stateWebhook": "yes"})

    settings = sandbox.call("GET", path("getSettings")).body
    assert answer == Answer(200, {"saveSettings": True})
    assert (settings["incomingWebhook"], settings["stateWebhook"]) == ("yes", "yes")


def test_set_settings_restarts_the_instance(sandbox: Sandbox) -> None:
    sandbox.reset(birth=3600)
    path = _made(sandbox)
    sandbox.call("POST", path("setSettings"), {"stateWebhook": "yes"})

    answer = sandbox.call("GET", path("getStateInstance"))

    assert answer.body == {"stateInstance": "starting"}


@pytest.mark.parametrize(
    "body",
    [{}, {"name": "b"}, {"stateWebhook": True}, {"someday": "yes"}],
    ids=["empty", "name", "boolean", "unknown"],
)
def test_set_settings_refuses_bad_settings(sandbox: Sandbox, body: dict[str, object]) -> None:
    path = _made(sandbox)

    assert sandbox.call("POST", path("setSettings"), body).status == 400


@pytest.mark.parametrize("method", ["getStateInstance", "getSettings", "setSettings"])
@pytest.mark.parametrize("who", ["wrong token", "unknown id", "deleted"])
def test_a_stranger_is_unauthorized(sandbox: Sandbox, method: str, who: str) -> None:
    path = _made(sandbox)
    sandbox.create(name="deleted")
    sandbox.delete(1101728001)
    deleted = sandbox.instances()[1]["apiTokenInstance"]
    paths = {
        "wrong token": f"/waInstance1101728000/{method}/x",
        "unknown id": path(method).replace("1101728000", "1101728002"),
        "deleted": f"/waInstance1101728001/{method}/{deleted}",
    }

    answer = sandbox.call("POST" if method == "setSettings" else "GET", paths[who])

    assert answer == Answer(401, {"code": 401, "description": "Unauthorized"})


@pytest.mark.parametrize(
    ("on", "verb", "method"),
    [
        ("state", "GET", "getStateInstance"),
        ("settings", "GET", "getSettings"),
        ("set-settings", "POST", "setSettings"),
    ],
)
def test_instance_methods_have_faults_too(
    sandbox: Sandbox, on: str, verb: str, method: str
) -> None:
    path = _made(sandbox)
    sandbox.faults({"on": on, "name": "a", "do": "status", "status": 466})
    body = {"stateWebhook": "yes"} if verb == "POST" else None

    statuses = [sandbox.call(verb, path(method), body).status for _ in range(2)]

    assert statuses == [466, 200]


class _Path:
    def __init__(self, id_instance: int, token: str) -> None:
        self._id, self._token = id_instance, token

    def __call__(self, method: str) -> str:
        return f"/waInstance{self._id}/{method}/{self._token}"


def _made(sandbox: Sandbox) -> _Path:
    made = sandbox.create(name="a", incomingWebhook="yes").body
    return _Path(made["idInstance"], made["apiTokenInstance"])
