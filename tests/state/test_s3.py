"""The real command on S3's protocol: by night moto's server, by day a small one of ours, which is
up in no time."""

import json
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.command import Project, project
from tests.nightly import BY_NIGHT, NIGHTLY
from tests.object_stores import BUCKET, Service, own, s3
from tests.sandbox.server import Sandbox
from tests.warm import Piped

COPY = ("state", "copy")


@pytest.fixture(scope="module")
def store() -> Iterator[Service]:
    with s3() if BY_NIGHT else own("s3") as service:
        yield service


@pytest.fixture
def place(tmp_path: Path, sandbox: Sandbox, store: Service) -> Project:
    """A project whose state is in the bucket, under a key of its own."""
    url = store.url(f"{tmp_path.name}/state.json")
    return project(tmp_path, env={**sandbox.env, **store.env, "RECONCILER_STATE": url})


def key_of(place: Project) -> str:
    return place.env["RECONCILER_STATE"].split("/", 3)[3]


def test_runners_that_share_no_disk_buy_everything_once(
    tmp_path: Path, sandbox: Sandbox, place: Project
) -> None:
    another = project(tmp_path / "elsewhere", env=place.env)

    first, second = place.run("apply", "--yes"), another.run("apply", "--yes")

    assert (first.code, second.code) == (0, 0), (first, second)
    assert sandbox.bill()["creates"] == {"support-eu": 1, "sales-uk": 1}
    assert "0 instances created" in second.out
    assert another.run("plan", "--detailed-exitcode").code == 0
    assert set(another.run("export").json["instances"]) == {"support-eu", "sales-uk"}


def test_a_run_that_ended_left_the_state_and_nothing_else(place: Project, store: Service) -> None:
    place.run("apply", "--yes")

    assert store.connect().names(key_of(place).rpartition("/")[0]) == [key_of(place)]


def test_a_killed_run_is_continued_from_its_journal(
    place: Project, sandbox: Sandbox, store: Service
) -> None:
    sandbox.faults({"on": "create", "do": "hang", "times": "always"})
    with place.start("apply", "--yes", "--log-format", "json") as run:
        for line in run.stderr:
            if "create_announced" in line:
                break
        run.kill()
    assert run.returncode == -signal.SIGKILL
    held = place.run("apply", "--yes")
    store.connect().delete([f"{key_of(place)}.lock"])  # as twenty seconds do

    found = place.run("status", "-o", "json").json

    assert held.code == 7
    assert "another run holds the state (pid " in held.err
    assert found["unresolved"], found


@NIGHTLY
def test_plain_tokens_in_a_bucket_are_warned_of_unless_it_is_their_place(place: Project) -> None:
    first = place.run("apply", "--yes")
    second = place.run("apply", "--yes", "--tokens-in-bucket")
    third = place.run("apply", "--yes", env={"RECONCILER_TOKENS_IN_BUCKET": "yes"})

    assert "tokens are in plain text" in first.err
    assert "plain text" not in second.err + third.err


@NIGHTLY
def test_the_manifest_may_name_the_bucket(place: Project) -> None:
    url = place.env["RECONCILER_STATE"]
    place.write(f"version: 1\naccount:\n  state: {url}\ninstances:\n  a: {{stateWebhook: yes}}\n")
    here = project(place.folder, place.manifest.read_text(), env=dict(place.env))
    here.env.pop("RECONCILER_STATE")  # type: ignore[attr-defined]  # a dict, made above

    assert here.run("apply", "--yes").code == 0
    assert place.run("status", "-o", "json").json["instances"][0]["key"] == "a"


def test_a_wrong_url_in_the_manifest_is_told_at_its_place(tmp_path: Path) -> None:
    text = "version: 1\naccount: {state: 's3://bucket'}\ninstances: {a: {stateWebhook: yes}}\n"

    done = project(tmp_path, text).run("validate")

    assert done.code == 3
    assert "instances.yaml:2:18: error: account.state: " in done.err + done.out


def test_a_state_goes_to_a_bucket_and_back_and_stays_the_same(
    place: Project, tmp_path: Path
) -> None:
    url, home = place.env["RECONCILER_STATE"], tmp_path / "home.json"
    place.run("apply", "--yes", "-s", home)

    there = place.run(*COPY, home, url)
    again = place.run(*COPY, home, url)
    back = place.run(*COPY, url, tmp_path / "back.json")

    assert (there.code, again.code, back.code) == (0, 0, 0), (there, again, back)
    assert "2 records copied" in there.out
    assert "nothing was copied" in again.out
    assert (tmp_path / "back.json").read_bytes() == home.read_bytes()
    assert place.run("plan", "--detailed-exitcode").code == 0


@NIGHTLY
def test_a_state_that_went_on_is_not_replaced_by_its_copy(place: Project, tmp_path: Path) -> None:
    url, home = place.env["RECONCILER_STATE"], tmp_path / "home.json"
    place.run("apply", "--yes", "-s", home)
    place.run(*COPY, home, url)
    place.run("state", "mv", "sales-uk", "sales-de")

    refused, other_way = place.run(*COPY, home, url), place.run(*COPY, url, home)

    assert refused.code == 9
    assert "has gone on" in refused.err
    assert other_way.code == 0
    assert "sales-de" in json.loads(home.read_text())["instances"]


@NIGHTLY
def test_another_state_is_never_replaced(place: Project, tmp_path: Path) -> None:
    place.run("apply", "--yes")
    other = project(tmp_path / "other", env={**place.env, "RECONCILER_STATE": "own.json"})
    other.run("adopt", "--all")

    done = other.run(*COPY, "own.json", place.env["RECONCILER_STATE"])

    assert done.code == 9
    assert "another state is there already" in done.err


@NIGHTLY
@pytest.mark.parametrize("command", ["plan", "status", "export", "apply"])
def test_a_bucket_that_is_not_there_is_no_empty_state(place: Project, command: str) -> None:
    done = place.run(command, "-s", "s3://nobody-made-it/state.json")

    assert done.code == 8
    assert "s3://nobody-made-it: can't be read: there is no such bucket" in done.err


@NIGHTLY
def test_a_store_that_does_not_answer_is_named(place: Project) -> None:
    done = place.run("plan", env={"AWS_ENDPOINT_URL": "http://127.0.0.1:1"})

    assert done.code == 8
    assert f"s3://{BUCKET}: can't be" in done.err
    assert "could not be reached" in done.err


@NIGHTLY
def test_keys_of_a_profile_are_found(place: Project, tmp_path: Path) -> None:
    credentials = tmp_path / "credentials"
    credentials.write_text("[work]\naws_access_key_id = a\naws_secret_access_key = b\n")
    env = {"AWS_SHARED_CREDENTIALS_FILE": f"{credentials}", "AWS_PROFILE": "work"}

    done = place.run("status", env={**env, "AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": ""})

    assert done.code == 0, done


def test_what_is_put_comes_back_with_its_marks(store: Service) -> None:
    bucket = store.connect()
    version = bucket.create("marks/a", b"text", {"put": "1"})

    found = bucket.get("marks/a")

    assert found is not None
    assert (found.data, found.version) == (b"text", version)
    assert found.marks["put"] == "1"
    assert bucket.version("marks/a") == version


@NIGHTLY
def test_a_run_that_was_overtaken_says_by_whom_and_loses_no_answer(
    place: Project, sandbox: Sandbox, store: Service
) -> None:
    another = project(place.folder / "elsewhere", env=place.env)
    sandbox.faults({"on": "create", "seconds": 20, "times": 2})
    with place.start("apply", "--yes", "--log-format", "json") as slow:
        for _ in range(2):
            _read_until(slow, "create_announced")
        store.connect().delete([f"{key_of(place)}.lock"])  # as twenty seconds do
        overtaking = another.run("apply", "--yes", "--settle", "0")
        _, said = slow.communicate(timeout=60)

    last = place.run("apply", "--yes")

    assert overtaking.code in (0, 6), overtaking  # found already, or not yet
    assert slow.returncode == 7, said
    assert "another run took it over (pid " in said
    assert last.code == 0, last
    assert sandbox.bill()["creates"] == {"support-eu": 1, "sales-uk": 1}
    assert len(place.run("export").json["instances"]) == 2


def _read_until(run: Piped, word: str) -> None:
    for line in run.stderr:
        if word in line:
            return
    raise AssertionError(f"it ended before it said {word}")
