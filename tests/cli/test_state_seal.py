"""`reconciler state seal`: a plain state becomes one that can be committed."""

import json
import subprocess
from pathlib import Path

import pytest

from tests.cli.keys import Key, age_program, new_key
from tests.cli.test_export import TOKENS, state
from tests.command import Project, project


@pytest.fixture
def key(tmp_path: Path) -> Key:
    return new_key(tmp_path / "key.txt")


@pytest.fixture
def other(tmp_path: Path) -> Key:
    return new_key(tmp_path / "other.txt")


@pytest.fixture
def made(tmp_path: Path) -> Project:
    """A project whose state holds two plain tokens."""
    return state(tmp_path / "project")


def tokens(made: Project, key: Key) -> dict[str, str]:
    """Return the tokens that *key* opens in the state."""
    rows = made.run("export", "--identity", key.file).json["instances"]
    return {name: row["apiTokenInstance"] for name, row in rows.items()}


def test_every_token_is_sealed_and_nothing_else_changes(made: Project, key: Key) -> None:
    before = json.loads(made.state.read_text())

    done = made.run("state", "seal", "--recipient", key.recipient)

    assert done.out == "instances.state.json: 2 tokens sealed to 1 recipient\n"
    assert (done.code, done.err) == (0, "")
    after = json.loads(made.state.read_text())
    for document in (before, after):
        for row in document["instances"].values():
            del row["apiTokenInstance"]
    assert after == before
    assert tokens(made, key) == TOKENS


def test_no_plain_token_is_left_in_the_folder(made: Project, key: Key) -> None:
    made.run("state", "seal", "--recipient", key.recipient)

    left = {path.name: path.read_bytes() for path in made.folder.iterdir()}
    assert set(left) == {"instances.state.json", "instances.yaml"}
    assert not [name for name, data in left.items() for t in TOKENS.values() if t.encode() in data]


def test_a_plain_journal_of_a_killed_run_is_sealed_too(made: Project, key: Key) -> None:
    row = json.loads(made.state.read_text())["instances"]["support-eu"]
    late = "0123456789abcdef" * 3 + "01"
    lines = [
        {"format": "reconciler.journal/1", "lineage": "0b6c", "serial": 7},
        {
            "serial": 8,
            "at": "2026-11-22T10:07:00Z",
            "event": "created",
            "key": "late",
            "instance": {**row, "idInstance": 1101728009, "apiTokenInstance": late},
        },
    ]
    journal = made.folder / "instances.state.json.journal"
    journal.write_text("".join(json.dumps(line) + "\n" for line in lines))
    journal.chmod(0o600)

    done = made.run("state", "seal", "--recipient", key.recipient)

    assert done.out == "instances.state.json: 3 tokens sealed to 1 recipient\n"
    assert not journal.exists()
    assert late not in made.state.read_text()
    assert tokens(made, key) == {**TOKENS, "late": late}


def test_sealing_again_changes_nothing_and_says_how_to_seal_anew(made: Project, key: Key) -> None:
    made.run("state", "seal", "--recipient", key.recipient)
    before = made.state.read_bytes()

    done = made.run("state", "seal", "--recipient", key.recipient)

    assert made.state.read_bytes() == before
    assert done.out == (
        "instances.state.json: 0 tokens sealed to 1 recipient\n"
        "2 tokens sealed before, to whoever were the recipients then; to seal them anew,"
        " give --identity FILE\n"
    )


def test_an_identity_seals_anew_for_new_recipients_only(
    made: Project, key: Key, other: Key
) -> None:
    made.run("state", "seal", "--recipient", key.recipient)

    done = made.run("state", "seal", "--recipient", other.recipient, "--identity", key.file)
    with_old = made.run("export", "--identity", key.file)

    assert done.out == "instances.state.json: 2 tokens sealed to 1 recipient\n"
    assert tokens(made, other) == TOKENS
    assert with_old.code == 2
    assert "none of the identities opens the sealed token" in with_old.err


def test_recipients_come_from_option_environment_and_manifest_alike(
    made: Project, key: Key, other: Key
) -> None:
    third = new_key(made.folder.parent / "third.txt")
    text = made.manifest.read_text()
    made.write(f"state: {{recipients: [{third.recipient}]}}\n{text}")
    both = {"RECONCILER_RECIPIENTS": f"{key.recipient} {other.recipient}"}

    done = made.run("state", "seal", env=both)

    assert done.out == "instances.state.json: 2 tokens sealed to 3 recipients\n"
    assert tokens(made, key) == tokens(made, other) == tokens(made, third) == TOKENS


def test_without_a_recipient_it_says_how_to_get_one(made: Project) -> None:
    done = made.run("state", "seal")

    assert (done.code, done.out) == (2, "")
    assert done.err.startswith("error: there is nobody to seal the tokens to\nhint: ")
    assert "age-keygen -o key.txt" in done.err


def test_a_wrong_identity_changes_nothing(made: Project, key: Key, other: Key) -> None:
    made.run("state", "seal", "--recipient", key.recipient)
    before = made.state.read_bytes()

    done = made.run("state", "seal", "--recipient", key.recipient, "--identity", other.file)

    assert done.code == 2
    assert "none of the identities opens the sealed token" in done.err
    assert made.state.read_bytes() == before


@pytest.mark.parametrize("recipient", ["age1nobody", "AGE-SECRET-KEY-1QQQQ", "gibberish"])
def test_a_recipient_that_is_none_changes_nothing(made: Project, recipient: str) -> None:
    before = made.state.read_bytes()

    done = made.run("state", "seal", "--recipient", recipient)

    assert done.code == 2
    assert "SECRET" not in done.err
    assert made.state.read_bytes() == before


def test_without_a_state_there_is_nothing_to_seal(tmp_path: Path, key: Key) -> None:
    made = project(tmp_path / "empty")

    done = made.run("state", "seal", "--recipient", key.recipient)

    assert done.code == 2
    assert "there is no state yet" in done.err
    assert sorted(path.name for path in made.folder.iterdir()) == ["instances.yaml"]


def test_an_unknown_token_is_counted_apart(tmp_path: Path, key: Key) -> None:
    made = state(tmp_path / "project", apiTokenInstance=None)

    done = made.run("state", "seal", "--recipient", key.recipient)

    assert done.out == (
        "instances.state.json: 1 token sealed to 1 recipient\n"
        "1 token not known yet; the next apply asks for them, and seals them\n"
    )


def test_a_state_that_a_run_holds_is_left_alone(made: Project, key: Key) -> None:
    holder = "import fcntl, sys; f = open(sys.argv[1], 'w'); fcntl.flock(f, 2); print(); input()"
    lock = made.folder / "instances.state.json.lock"
    with subprocess.Popen(
        ["python3", "-c", holder, lock], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()

        done = made.run("state", "seal", "--recipient", key.recipient)

        process.communicate(b"\n")
    assert done.code == 7
    assert "another run holds the state" in done.err


@age_program
def test_the_age_program_opens_what_it_sealed(made: Project, key: Key) -> None:
    made.run("state", "seal", "--recipient", key.recipient)
    sealed = made.recorded["support-eu"]["apiTokenInstance"]

    opened = subprocess.run(
        ["age", "--decrypt", "--identity", key.file],
        input=sealed.encode(),
        capture_output=True,
        check=True,
    )

    assert opened.stdout.decode() == TOKENS["support-eu"]


@age_program
def test_export_opens_what_the_age_program_sealed(tmp_path: Path) -> None:
    """With a key of the real age-keygen, and its public half read back by it."""
    file = tmp_path / "real.txt"
    subprocess.run(["age-keygen", "-o", file], capture_output=True, check=True)
    said = subprocess.run(["age-keygen", "-y", file], capture_output=True, check=True)
    key = Key(file, said.stdout.decode().strip())
    sealed = subprocess.run(
        ["age", "--encrypt", "--armor", "--recipient", key.recipient],
        input=TOKENS["support-eu"].encode(),
        capture_output=True,
        check=True,
    )
    made = state(tmp_path / "project", apiTokenInstance=sealed.stdout.decode())

    assert tokens(made, key) == TOKENS
