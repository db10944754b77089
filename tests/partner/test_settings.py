"""Where the partner.settings comes from, and what is not taken for one."""

import os
import stat
import threading
from pathlib import Path

import pytest

from reconciler.errors import UsageError
from reconciler.partner.settings import exposed, find_token, read_token
from reconciler.secrets import Secret
from tests.closed import closed_folder

TOKEN = "gac.0f9e8d7c6b5a"


@pytest.fixture
def token_file(tmp_path: Path) -> Path:
    path = tmp_path / "partner token"
    path.write_text(f"{TOKEN}\n")
    path.chmod(0o600)
    return path


@pytest.fixture
def warnings() -> list[str]:
    return []


@pytest.mark.parametrize("text", [TOKEN, f"{TOKEN}\n", f"{TOKEN} \r\n"])
def test_the_token_is_taken_from_the_environment(text: str, warnings: list[str]) -> None:
    token = read_token({"GREEN_API_PARTNER_TOKEN": text}, warn=warnings.append)

    assert token.reveal() == TOKEN
    assert warnings == []


def test_the_token_is_taken_from_a_file(token_file: Path, warnings: list[str]) -> None:
    token = read_token({"GREEN_API_PARTNER_TOKEN_FILE": str(token_file)}, warn=warnings.append)

    assert token.reveal() == TOKEN
    assert warnings == []


def test_an_empty_variable_beside_a_file_does_not_matter(token_file: Path) -> None:
    env = {"GREEN_API_PARTNER_TOKEN": "", "GREEN_API_PARTNER_TOKEN_FILE": str(token_file)}

    assert read_token(env, warn=pytest.fail).reveal() == TOKEN


def test_a_pipe_may_stand_for_the_file(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe, 0o644)
    writer = threading.Thread(target=pipe.write_text, args=(TOKEN,))
    writer.start()

    token = read_token({"GREEN_API_PARTNER_TOKEN_FILE": str(pipe)}, warn=pytest.fail)

    writer.join()
    assert token.reveal() == TOKEN


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o644])
def test_a_file_that_others_can_read_is_warned_of(
    token_file: Path, warnings: list[str], mode: int
) -> None:
    token_file.chmod(mode)

    token = read_token({"GREEN_API_PARTNER_TOKEN_FILE": str(token_file)}, warn=warnings.append)

    assert token.reveal() == TOKEN
    assert warnings == [
        f"{token_file}: others can read the partner token's file; run `chmod 600` on it"
    ]


@pytest.mark.parametrize(
    ("mode", "ours", "expected"),
    [
        pytest.param(stat.S_IFREG | 0o600, True, False, id="for us alone"),
        pytest.param(stat.S_IFREG | 0o640, True, True, id="we let our group read it"),
        pytest.param(stat.S_IFREG | 0o440, False, False, id="root lets us read it by our group"),
        pytest.param(stat.S_IFREG | 0o444, False, True, id="root lets everybody read it"),
        pytest.param(stat.S_IFIFO | 0o666, True, False, id="a pipe"),
    ],
)
def test_what_root_hands_to_our_group_is_not_exposed(mode: int, ours: bool, expected: bool) -> None:
    assert exposed(mode, ours=ours) is expected


def test_no_token_names_both_variables_and_the_sandbox() -> None:
    with pytest.raises(UsageError) as refused:
        read_token({}, warn=pytest.fail)

    told = f"{refused.value.message} {refused.value.hint}"
    assert "GREEN_API_PARTNER_TOKEN," in told
    assert "GREEN_API_PARTNER_TOKEN_FILE" in told
    assert "reconciler sandbox" in told


def test_two_tokens_are_one_too_many(token_file: Path) -> None:
    env = {"GREEN_API_PARTNER_TOKEN": TOKEN, "GREEN_API_PARTNER_TOKEN_FILE": str(token_file)}

    with pytest.raises(UsageError, match="both set") as refused:
        read_token(env, warn=pytest.fail)

    assert TOKEN not in str(refused.value)


@pytest.mark.parametrize("text", ["", " ", "\n"])
def test_an_empty_token_is_refused(text: str, token_file: Path) -> None:
    token_file.write_text(text)

    with pytest.raises(UsageError, match="GREEN_API_PARTNER_TOKEN is empty"):
        read_token({"GREEN_API_PARTNER_TOKEN": text}, warn=pytest.fail)
    with pytest.raises(UsageError, match="GREEN_API_PARTNER_TOKEN_FILE is empty"):
        read_token({"GREEN_API_PARTNER_TOKEN_FILE": str(token_file)}, warn=pytest.fail)


@pytest.mark.parametrize("quote", ['"', "'"])
def test_a_token_in_quotes_is_refused(quote: str) -> None:
    with pytest.raises(UsageError, match="stands in quotes") as refused:
        read_token({"GREEN_API_PARTNER_TOKEN": quote + TOKEN + quote}, warn=pytest.fail)

    assert TOKEN not in str(refused.value)


def test_an_empty_path_is_refused() -> None:
    with pytest.raises(UsageError, match="GREEN_API_PARTNER_TOKEN_FILE is empty"):
        read_token({"GREEN_API_PARTNER_TOKEN_FILE": ""}, warn=pytest.fail)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(f" {TOKEN}", id="blank-before"),
        pytest.param(f"{TOKEN} {TOKEN}", id="blank-inside"),
        pytest.param(f"{TOKEN}\n{TOKEN}", id="two-lines"),
        pytest.param(f"{TOKEN}\x1b[0m", id="control"),
        pytest.param(f"{TOKEN}\x00", id="nul"),
        pytest.param(f"{TOKEN}é", id="not-ascii"),
        pytest.param(f"\ufeff{TOKEN}", id="bom"),
        pytest.param(TOKEN * 1000, id="endless"),
    ],
)
def test_what_is_not_one_word_is_refused_without_being_shown(text: str, token_file: Path) -> None:
    token_file.write_text(text)

    with pytest.raises(UsageError, match="not one word") as direct:
        read_token({"GREEN_API_PARTNER_TOKEN": text}, warn=pytest.fail)
    with pytest.raises(UsageError, match="not one word") as from_file:
        read_token({"GREEN_API_PARTNER_TOKEN_FILE": str(token_file)}, warn=pytest.fail)

    assert TOKEN not in f"{direct.value} {direct.value.hint}"
    assert TOKEN not in f"{from_file.value} {from_file.value.hint}"


@pytest.mark.parametrize(
    ("path", "why"),
    [
        pytest.param(TOKEN, "no such file or directory", id="the-token-itself"),
        pytest.param("/", "is a directory", id="a-folder"),
        pytest.param("a\x00b", "bad path", id="nul"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_without_its_path(path: str, why: str) -> None:
    with pytest.raises(UsageError, match=why) as refused:
        read_token({"GREEN_API_PARTNER_TOKEN_FILE": path}, warn=pytest.fail)

    assert TOKEN not in f"{refused.value} {refused.value.hint}"


@pytest.mark.parametrize("online", [True, False])
def test_whoever_asks_finds_the_token_of_a_file(token_file: Path, online: bool) -> None:
    env = {"GREEN_API_PARTNER_TOKEN_FILE": str(token_file)}

    assert find_token(env, online=online, warn=pytest.fail) == Secret(TOKEN)


@pytest.mark.parametrize(
    ("env", "why"),
    [
        pytest.param({}, "there is no partner token", id="none"),
        pytest.param({"GREEN_API_PARTNER_TOKEN": "two words"}, "not one word", id="unusable"),
        pytest.param({"GREEN_API_PARTNER_TOKEN_FILE": "/missing"}, "no such file", id="missing"),
        pytest.param({"GREEN_API_PARTNER_TOKEN_FILE": "a\x00b"}, "bad path", id="nul"),
    ],
)
def test_why_there_is_no_token_is_kept_until_somebody_needs_one(
    env: dict[str, str], why: str
) -> None:
    found = find_token(env, online=True, warn=pytest.fail)

    assert isinstance(found, UsageError)
    assert why in found.message


def test_a_pipe_is_left_to_whoever_sends_with_the_token(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")  # to open it would wait for a writer that never comes
    env = {"GREEN_API_PARTNER_TOKEN_FILE": str(tmp_path / "pipe")}

    assert isinstance(find_token(env, online=False, warn=pytest.fail), UsageError)


def test_a_token_file_that_may_not_be_looked_at_is_not_known() -> None:
    with closed_folder() as folder:
        env = {"GREEN_API_PARTNER_TOKEN_FILE": str(folder / "token")}

        assert isinstance(find_token(env, online=False, warn=pytest.fail), UsageError)
