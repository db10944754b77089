"""`reconciler export`, by the real command: where tokens go, and where they don't."""

import json
import os
import select
import stat
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conversation import conversation
from tests.command import COMMAND, Project, clean_env, project
from tests.report.schemas import checked

TOKENS = {"support-eu": "c1b0" * 12 + "64", "sales-uk": "7f3a" * 12 + "99"}


def state(folder: Path, **changes: Any) -> Project:
    """Make a project whose state records two instances; *changes* are made to the first."""
    made = project(folder)
    rows = {
        key: {
            "idInstance": 1101728000 + number,
            "apiTokenInstance": token,
            "typeInstance": "whatsapp",
            "name": key,
            "parameters": {"incomingWebhook": "yes"},
            "createdAt": "2026-11-22T10:06:00Z",
            "origin": "created",
        }
        for number, (key, token) in enumerate(TOKENS.items())
    }
    rows["support-eu"] |= changes
    document = {
        "format": "reconciler.state/1",
        "lineage": "0b6c",
        "serial": 7,
        "apiUrl": "https://api.green-api.com",
        "instances": rows,
        "pending": {},
    }
    made.state.write_text(json.dumps(document))
    made.state.chmod(0o600)
    return made


def test_json_is_the_default_and_goes_to_stdout(tmp_path: Path) -> None:
    done = state(tmp_path, mediaUrl="https://media.green-api.com").run("export")

    assert (done.code, done.err) == (0, "")
    assert done.json["instances"]["support-eu"] == {
        "name": "support-eu",
        "idInstance": 1101728000,
        "apiTokenInstance": TOKENS["support-eu"],
        "typeInstance": "whatsapp",
        "apiUrl": "https://api.green-api.com",
        "mediaUrl": "https://media.green-api.com",
    }
    assert done.json["instances"]["sales-uk"]["apiTokenInstance"] == TOKENS["sales-uk"]


def test_a_shell_evaluates_what_env_prints(tmp_path: Path) -> None:
    made = state(tmp_path)
    script = (
        'eval "$(reconciler export --format env)"; echo "$GREEN_API_SALES_UK_API_TOKEN_INSTANCE"'
    )

    done = subprocess.run(
        ["bash", "-euc", script],
        cwd=tmp_path,
        env=clean_env(made.env),
        capture_output=True,
        check=True,
    )

    assert done.stdout.decode().strip() == TOKENS["sales-uk"]


def test_only_chooses_by_key_and_may_be_repeated(tmp_path: Path) -> None:
    made = state(tmp_path)

    one = made.run("export", "--only", "sales-*")
    both = made.run("export", "--only", "sales-*", "--only", "supp*")
    none = made.run("export", "--only", "nobody", "--only", "x*")

    assert list(one.json["instances"]) == ["sales-uk"]
    assert len(both.json["instances"]) == 2
    assert (none.code, none.out) == (2, "")
    assert none.err == (
        "error: --only nobody --only x*: no recorded instance has such a key\n"
        "hint: `reconciler status` lists them\n"
    )


def test_without_a_state_there_is_nothing_to_export(tmp_path: Path) -> None:
    made = project(tmp_path)

    done = made.run("export", "--to", "out.json")

    assert done.code == 2
    assert "there is no state yet" in done.err
    assert not (tmp_path / "out.json").exists()


def test_an_unknown_token_is_null_and_warned_of(tmp_path: Path) -> None:
    done = state(tmp_path, apiTokenInstance=None).run("export")

    assert done.code == 0
    assert done.json["instances"]["support-eu"]["apiTokenInstance"] is None
    assert done.err == ("warning: the token is not known, the next apply asks for it: support-eu\n")


def test_an_unresolved_create_is_warned_of(tmp_path: Path) -> None:
    made = state(tmp_path)
    document = json.loads(made.state.read_text())
    document["pending"]["third"] = {
        "name": "third",
        "parameters": {},
        "since": "2026-11-22T10:06:00Z",
        "snapshot": None,
    }
    made.state.write_text(json.dumps(document))

    done = made.run("export")

    assert "third" not in done.out
    assert done.err == "warning: not exported, for it may not exist: third\n"


SEALED = "-----BEGIN AGE ENCRYPTED FILE-----\nYWdl\n-----END AGE ENCRYPTED FILE-----\n"


def test_a_sealed_token_needs_an_identity(tmp_path: Path) -> None:
    made = state(tmp_path, apiTokenInstance=SEALED)

    done = made.run("export")
    other = made.run("export", "--only", "sales-uk")

    assert (done.code, done.out) == (2, "")
    assert done.err == (
        "error: the tokens are sealed, that of support-eu for example\n"
        "hint: give the identity of one of their recipients: --identity FILE\n"
    )
    assert other.code == 0


@pytest.mark.parametrize(
    ("to", "shown"), [((), False), (("--to", "/dev/stdout"), False), (("--show-secrets",), True)]
)
def test_tokens_are_not_shown_on_a_terminal(
    to: tuple[str, ...], shown: bool, tmp_path: Path
) -> None:
    made = state(tmp_path)

    with conversation(made, "export", *to) as terminal:
        code = terminal.end()

    assert code == (0 if shown else 2)
    assert (TOKENS["support-eu"] in terminal.seen) == shown
    assert ("tokens would be shown on the terminal" in terminal.seen) == (not shown)


def test_a_file_is_private_and_written_only_when_it_changes(tmp_path: Path) -> None:
    made = state(tmp_path)
    file = tmp_path / "out.env"
    options = ("export", "--format", "dotenv", "--to", "out.env")

    first = made.run(*options)
    before = file.stat()
    second = made.run(*options)
    after = file.stat()
    third = made.run(*options, "--only", "sales-uk")

    assert [done.err for done in (first, second, third)] == [
        "out.env: written\n",
        "out.env: unchanged\n",
        "out.env: written\n",
    ]
    assert {done.out for done in (first, second, third)} == {""}
    assert (before.st_ino, before.st_mtime_ns) == (after.st_ino, after.st_mtime_ns)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert "SUPPORT" not in file.read_text()
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "instances.state.json",
        "instances.yaml",
        "out.env",
    ]


@pytest.mark.parametrize("umask", ["000", "022", "077", "777"])
def test_the_umask_makes_no_difference(umask: str, tmp_path: Path) -> None:
    made = state(tmp_path)

    subprocess.run(
        ["sh", "-c", f"umask {umask}; exec {COMMAND} export --to out.json"],
        cwd=tmp_path,
        env=clean_env(made.env),
        check=True,
        capture_output=True,
    )

    assert stat.S_IMODE((tmp_path / "out.json").stat().st_mode) == 0o600


def test_a_file_that_others_can_read_is_mended(tmp_path: Path) -> None:
    made = state(tmp_path)
    made.run("export", "--to", "out.json")
    (tmp_path / "out.json").chmod(0o644)

    done = made.run("export", "--to", "out.json")

    assert done.err == "out.json: written\n"
    assert stat.S_IMODE((tmp_path / "out.json").stat().st_mode) == 0o600


def test_a_link_is_followed_not_replaced(tmp_path: Path) -> None:
    made = state(tmp_path)
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "out.json").symlink_to("elsewhere/real.json")

    made.run("export", "--to", "out.json")

    assert (tmp_path / "out.json").is_symlink()
    assert "instances" in json.loads((tmp_path / "elsewhere" / "real.json").read_text())


@pytest.mark.parametrize("to", ["missing/out.json", "."])
def test_a_place_that_cannot_be_written_is_told_before_anything_is_opened(
    to: str, tmp_path: Path
) -> None:
    done = state(tmp_path).run("export", "--to", to, "--identity", "no-such-file")

    assert done.code == 2
    assert done.err.startswith(f"error: --to {to}: ")


@pytest.mark.parametrize("name", ["Upper", "-a", "a_b", "a/b", "", "a" * 254, "a..b"])
def test_a_name_that_kubernetes_refuses_is_refused(name: str, tmp_path: Path) -> None:
    done = state(tmp_path).run("export", "--format", "k8s-secret", "--secret-name", name)

    assert done.code == 2
    assert "--secret-name: not a name that Kubernetes takes" in done.err


ON_GITHUB = {"GITHUB_ACTIONS": "true"}
MASKS = "".join(f"::add-mask::{TOKENS[key]}\n" for key in TOKENS)


@pytest.mark.parametrize("options", [(), ("--to", "out.json")], ids=["stdout", "file"])
def test_github_masks_tokens_and_stdout_stays_what_was_asked_for(
    options: tuple[str, ...], tmp_path: Path
) -> None:
    done = state(tmp_path).run("export", *options, env=ON_GITHUB)

    assert done.err.startswith(MASKS)
    assert "add-mask" not in done.out
    assert done.out == "" or done.json["instances"]


def test_github_hears_of_the_masks_before_it_sees_the_tokens(tmp_path: Path) -> None:
    """Its runner reads both streams at once; the order of what comes out is all it has."""
    made = state(tmp_path)
    out, out_end = os.pipe()
    err, err_end = os.pipe()
    with subprocess.Popen(
        [COMMAND, "export"],
        cwd=tmp_path,
        env=clean_env({**made.env, **ON_GITHUB}),
        stdout=out_end,
        stderr=err_end,
    ):
        os.close(out_end)
        os.close(err_end)
        masks = os.read(err, 65536)
        early, _, _ = select.select([out], [], [], 0.2)

        assert masks.decode() == MASKS
        assert early == []
        assert TOKENS["sales-uk"] in os.read(out, 65536).decode()
    os.close(out)
    os.close(err)


COLOURED = "\x1b[31mc1b0\x1b[0m"  # what looks like a colour to whoever prints it


@pytest.mark.parametrize("to", [(), ("--to", "out.env")], ids=["stdout", "a file"])
def test_every_byte_of_a_token_is_exported(tmp_path: Path, to: tuple[str, ...]) -> None:
    made = state(tmp_path, apiTokenInstance=COLOURED)

    done = made.run("export", "--format", "env", *to)

    text = (made.folder / "out.env").read_text() if to else done.out
    assert f"='{COLOURED}'\n" in text


def test_the_runner_is_told_to_hide_every_byte_of_a_token(tmp_path: Path) -> None:
    made = state(tmp_path, apiTokenInstance=COLOURED)

    done = made.run("export", "--to", "out.json", env={"GITHUB_ACTIONS": "true"})

    assert f"::add-mask::{COLOURED}\n" in done.err


def test_a_token_that_stdout_cannot_carry_is_refused_and_not_altered(tmp_path: Path) -> None:
    made = state(tmp_path, apiTokenInstance="Ж" * 10)

    done = made.run("export", "--format", "env", env={"PYTHONIOENCODING": "latin-1"})

    assert (done.code, done.out) == (2, "")
    assert "error: stdout is iso8859-1, which" in done.err
    assert "Ж" not in done.err


def test_an_export_to_a_file_is_summed_up_as_json(tmp_path: Path) -> None:
    made = state(tmp_path, apiTokenInstance=None)

    first, second = (made.run("export", "--to", "out.json", "-o", "json") for _ in range(2))

    assert checked(first.out, "export-summary") == {
        "format": "reconciler.export-summary/1",
        "file": "out.json",
        "changed": True,
        "exported": 2,
        "tokenUnknown": ["support-eu"],
        "unresolved": [],
    }
    assert second.json["changed"] is False
