"""The methods of one instance over real HTTP."""

import time

import pytest

from tests.sandbox.server import Answer, Sandbox

METHODS = {
    "state": ("GET", "getStateInstance", None),
    "settings": ("GET", "getSettings", None),
    "set-settings": ("POST", "setSettings", {"stateWebhook": "yes"}),
    "account": ("GET", "getWaSettings", None),
    "history": ("GET", "getStateInstanceHistory", None),
    "reboot": ("GET", "reboot", None),
    "qr": ("GET", "qr", None),
    "code": ("POST", "getAuthorizationCode", {"phoneNumber": 15550100000}),
    "rotate": ("GET", "updateApiToken", None),
}
UNAUTHORIZED = Answer(401, {"code": 401, "description": "Unauthorized"})


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
    sandbox.reset(restart=3600)
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


@pytest.mark.parametrize("on", METHODS)
@pytest.mark.parametrize("who", ["wrong token", "unknown id", "deleted"])
def test_a_stranger_is_unauthorized(sandbox: Sandbox, on: str, who: str) -> None:
    path = _made(sandbox)
    sandbox.create(name="deleted")
    sandbox.delete(1101728001)
    deleted = sandbox.instances()[1]["apiTokenInstance"]
    verb, method, body = METHODS[on]
    paths = {
        "wrong token": f"/waInstance1101728000/{method}/x",
        "unknown id": path(method).replace("1101728000", "1101728002"),
        "deleted": f"/waInstance1101728001/{method}/{deleted}",
    }

    assert sandbox.call(verb, paths[who], body) == UNAUTHORIZED


@pytest.mark.parametrize("on", [on for on in METHODS if on != "rotate"])
def test_instance_methods_have_faults_too(sandbox: Sandbox, on: str) -> None:
    path = _made(sandbox)
    sandbox.faults({"on": on, "name": "a", "do": "status", "status": 466})
    verb, method, body = METHODS[on]

    statuses = [sandbox.call(verb, path(method), body).status for _ in range(2)]

    assert statuses == [466, 200]


@pytest.mark.parametrize("on", METHODS)
def test_instance_methods_exist_for_the_documented_verb_alone(sandbox: Sandbox, on: str) -> None:
    path = _made(sandbox)
    verb, method, _ = METHODS[on]

    assert sandbox.call("POST" if verb == "GET" else "GET", path(method)).status == 404


@pytest.mark.parametrize(
    ("phase", "answer"),
    [
        ("unauthorized", Answer(401, None)),
        ("missing", Answer(404, {"code": 404, "description": "Not found"})),
        ("null", Answer(200, None)),
        ("starting", Answer(200, {"stateInstance": "starting"})),
    ],
)
def test_a_newborn_shows_the_phase_that_it_is_in(
    sandbox: Sandbox, phase: str, answer: Answer
) -> None:
    sandbox.reset(birth=3600, newborn=phase)
    path = _made(sandbox)

    assert sandbox.call("GET", path("getStateInstance")) == answer


def test_the_phases_of_a_birth_follow_each_other(sandbox: Sandbox) -> None:
    sandbox.reset(birth=100, newborn="unauthorized,null,starting")
    path = _made(sandbox)

    seen = []
    for later in (0, 40, 70, 101):
        sandbox.settings(clockAhead=later)
        seen.append(sandbox.call("GET", path("getStateInstance")))

    assert [answer.status for answer in seen] == [401, 200, 200, 200]
    states = [answer.body and answer.body["stateInstance"] for answer in seen[1:]]
    assert states == [None, "starting", "notAuthorized"]


@pytest.mark.parametrize(
    ("looks", "status", "words"),
    [
        ("unauthorized", 401, "Unauthorized"),
        ("missing", 404, "Not found"),
        ("gone", 400, "Bad request: instance is deleted"),
    ],
)
def test_a_deleted_instance_has_several_looks(
    sandbox: Sandbox, looks: str, status: int, words: str
) -> None:
    sandbox.reset(deletedLooks=looks)
    path = _made(sandbox)
    sandbox.delete(1101728000)

    answer = sandbox.call("GET", path("getStateInstance"))

    assert (answer.status, answer.body["description"]) == (status, words)


def test_a_deleted_instance_may_look_as_if_it_were_starting(sandbox: Sandbox) -> None:
    sandbox.reset(deletedLooks="starting")
    path = _made(sandbox)
    sandbox.delete(1101728000)

    state = sandbox.call("GET", path("getStateInstance"))
    settings = sandbox.call("GET", path("getSettings"))

    assert state == Answer(200, {"stateInstance": "starting"})
    assert settings.body["description"] == "Bad request: instance is starting"


def test_settings_can_be_dropped(sandbox: Sandbox) -> None:
    path = _made(sandbox)
    sandbox.faults({"on": "set-settings", "drops": "state*"})

    sent = {"stateWebhook": "yes", "deviceWebhook": "yes"}
    answer = sandbox.call("POST", path("setSettings"), sent)

    settings = sandbox.call("GET", path("getSettings")).body
    assert answer.body == {"saveSettings": True}
    assert (settings["stateWebhook"], settings["deviceWebhook"]) == ("no", "yes")


def test_settings_can_be_shown_late(sandbox: Sandbox) -> None:
    path = _made(sandbox)
    sandbox.faults({"on": "set-settings", "shownSeconds": 60})
    sandbox.call("POST", path("setSettings"), {"incomingWebhook": "no"})

    stale = sandbox.call("GET", path("getSettings")).body["incomingWebhook"]
    sandbox.settings(clockAhead=61)
    fresh = sandbox.call("GET", path("getSettings")).body["incomingWebhook"]

    assert (stale, fresh) == ("yes", "no")


@pytest.mark.parametrize("on", ["set-settings", "reboot"])
def test_a_restart_can_lose_the_phone(sandbox: Sandbox, on: str) -> None:
    path = _made(sandbox)
    sandbox.link(1101728000)
    sandbox.faults({"on": on, "unlinks": True, "restartSeconds": 60})
    verb, method, body = METHODS[on]

    before = _state(sandbox, path)
    sandbox.call(verb, path(method), body)
    during = _state(sandbox, path)
    sandbox.settings(clockAhead=61)

    assert (before, during, _state(sandbox, path)) == ("authorized", "starting", "notAuthorized")
    assert sandbox.instances()[0]["reboots"] == 1


def test_linking_may_flip_settings(sandbox: Sandbox) -> None:
    path = _made(sandbox)

    sandbox.link(1101728000, phone="15550100001", settings={"incomingWebhook": "no"})

    settings = sandbox.call("GET", path("getSettings")).body
    assert (settings["incomingWebhook"], settings["wid"]) == ("no", "15550100001@c.us")


def test_a_limit_holds_for_each_method_and_instance(sandbox: Sandbox) -> None:
    sandbox.reset(instanceLimits=True, retryAfter=1)
    path, other = _made(sandbox), _made(sandbox)

    answers = [
        sandbox.call("GET", where)
        for where in (
            path("getStateInstance"),
            path("getStateInstance"),
            path("getSettings"),
            other("getStateInstance"),
        )
    ]

    assert [answer.status for answer in answers] == [200, 429, 200, 200]


def test_a_rotated_token_replaces_the_old_one_at_once(sandbox: Sandbox) -> None:
    path = _made(sandbox)

    token = sandbox.call("GET", path("updateApiToken")).body["apiTokenInstance"]

    assert sandbox.call("GET", path("getStateInstance")) == UNAUTHORIZED
    assert sandbox.call("GET", f"/waInstance1101728000/getStateInstance/{token}").status == 200
    assert sandbox.listing()[0]["apiTokenInstance"] == token
    assert sandbox.instances()[0]["rotations"] == 1


def test_a_history_tells_the_newest_state_first(sandbox: Sandbox) -> None:
    path = _made(sandbox)
    sandbox.link(1101728000, phone="15550100001")
    sandbox.edit(1101728000, state="suspended")

    lines = sandbox.call("GET", path("getStateInstanceHistory")).body
    first = sandbox.call("GET", path("getStateInstanceHistory") + "?count=1").body
    body = sandbox.call("GET", path("getStateInstanceHistory"), {"count": 2}).body

    states = ["suspended", "authorized", "notAuthorized"]
    assert [line["stateInstance"] for line in lines] == states
    assert (lines[1]["phoneNumber"], lines[2]["phoneNumber"]) == ("15550100001", "")
    assert abs(lines[0]["timestamp"] - time.time()) < 60
    assert (len(first), len(body)) == (1, 2)


class _Path:
    def __init__(self, id_instance: int, token: str) -> None:
        self._id, self._token = id_instance, token

    def __call__(self, method: str) -> str:
        return f"/waInstance{self._id}/{method}/{self._token}"


def _made(sandbox: Sandbox) -> _Path:
    made = sandbox.create(name="a", incomingWebhook="yes").body
    return _Path(made["idInstance"], made["apiTokenInstance"])


def _state(sandbox: Sandbox, path: _Path) -> object:
    return sandbox.call("GET", path("getStateInstance")).body["stateInstance"]
