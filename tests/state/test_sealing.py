import builtins
import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

from reconciler.errors import StateError, UsageError
from reconciler.model import Sealed
from reconciler.state.model import Record, State, TokenFound
from reconciler.state.sealing import Sealer, make_opener, make_sealer, reseal, seal_plain
from reconciler.state.store import read_state
from tests.state.paper_disk import FULL, PaperDisk, failing
from tests.state.parts import JOURNAL, NAME, intent, names, open_store, record, recorded, token_of

pyrage = pytest.importorskip("pyrage")

TOKEN = token_of(1)
age_program = pytest.mark.skipif(
    shutil.which("age") is None,
    reason="THE REAL age PROGRAM WAS NOT ASKED: it is missing (Debian: apt-get install age)",
)
ssh_keygen = pytest.mark.skipif(
    shutil.which("ssh-keygen") is None,
    reason="SSH KEYS WERE NOT TRIED: ssh-keygen is missing (apt-get install openssh-client)",
)


class Key:
    """An age identity in a file as age-keygen writes it."""

    def __init__(self, file: Path) -> None:
        identity = pyrage.x25519.Identity.generate()
        self.public, self.private, self.file = str(identity.to_public()), str(identity), file
        file.write_text(f"# created: 2026-11-22\n# public key: {self.public}\n{self.private}\n")

    @property
    def sealer(self) -> Sealer:
        return make_sealer([self.public])


@pytest.fixture
def key(tmp_path: Path) -> Key:
    return Key(tmp_path / "key.txt")


@pytest.fixture
def other(tmp_path: Path) -> Key:
    return Key(tmp_path / "other.txt")


def test_what_is_sealed_can_be_opened_with_the_identity(key: Key) -> None:
    sealed = key.sealer.seal(TOKEN)

    assert sealed.armored.startswith("-----BEGIN AGE ENCRYPTED FILE-----\n")
    assert TOKEN.reveal() not in sealed.armored
    assert make_opener([key.file]).open(sealed) == TOKEN


def test_each_recipient_can_open_alone(key: Key, other: Key) -> None:
    sealed = make_sealer([key.public, f" {other.public}\n"]).seal(TOKEN)

    assert make_opener([key.file]).open(sealed) == TOKEN
    assert make_opener([other.file]).open(sealed) == TOKEN


def test_an_identity_file_may_hold_several_keys(key: Key, other: Key, tmp_path: Path) -> None:
    both = tmp_path / "both.txt"
    both.write_text(f"\r\n{other.private}\r\n\r\n# mine\r\n{key.private}")

    assert make_opener([both]).open(key.sealer.seal(TOKEN)) == TOKEN


def test_several_identity_files_are_tried(key: Key, other: Key) -> None:
    assert make_opener([other.file, key.file]).open(key.sealer.seal(TOKEN)) == TOKEN


def test_neither_sealer_nor_opener_shows_what_it_holds(key: Key) -> None:
    shown = f"{key.sealer!r} {make_opener([key.file])!r} {key.sealer.seal(TOKEN)!r}"

    assert shown == "Sealer() Opener() Sealed()"


BAD_RECIPIENTS = {
    "a word": "alice",
    "one letter wrong": "age1jzh30s74xjcym5tl582er3lht3vyy2aru85yhe6e7njjlpgcpgusu847s3",
    "a cut SSH key": "ssh-ed25519 AAAAC3Nza",
    "another kind of SSH key": "ssh-dss AAAAB3NzaC1kc3MAAACB",
    "nothing": "",
}


def test_nobody_is_no_recipient() -> None:
    with pytest.raises(UsageError, match="or to none"):
        make_sealer([])


@pytest.mark.parametrize("text", BAD_RECIPIENTS.values(), ids=BAD_RECIPIENTS)
def test_a_recipient_that_is_none_is_named(key: Key, text: str) -> None:
    with pytest.raises(UsageError) as refused:
        make_sealer([key.public, text])

    assert refused.value.message == f"recipient {text!r}: not a public key that age knows"


def test_a_private_key_given_as_a_recipient_is_not_shown(key: Key) -> None:
    with pytest.raises(UsageError) as refused:
        make_sealer([key.private.lower()])

    assert "private key" in refused.value.message
    assert key.private.lower() not in f"{refused.value.message}{refused.value.hint}".lower()


def test_without_pyrage_the_extra_is_named(monkeypatch: pytest.MonkeyPatch, key: Key) -> None:
    real: Callable[..., ModuleType] = builtins.__import__

    def missing(name: str, *args: object) -> ModuleType:
        if name == "pyrage":
            raise ImportError(name)
        return real(name, *args)

    monkeypatch.setattr(builtins, "__import__", missing)
    with pytest.raises(UsageError) as sealing:
        make_sealer([key.public])
    with pytest.raises(UsageError) as opening:
        make_opener([key.file])

    assert sealing.value.hint == opening.value.hint
    assert "pip install 'greenapi-reconciler[age]'" in str(sealing.value.hint)


def test_another_identity_is_told_and_whose_token_it_was(key: Key, other: Key) -> None:
    with pytest.raises(UsageError) as refused:
        make_opener([other.file]).open(key.sealer.seal(TOKEN), entry="support-eu")

    assert refused.value.message == "support-eu: none of the identities opens the sealed token"


def damaged(sealed: Sealed) -> dict[str, Sealed]:
    head, *body, tail, end = sealed.armored.splitlines(keepends=True)
    return {
        "cut": Sealed(sealed.armored[:200]),
        "a letter changed": Sealed("".join([head, *body[:-1], body[-1].swapcase(), tail, end])),
        "no armor": Sealed("-----BEGIN AGE ENCRYPTED FILE-----"),
    }


@pytest.mark.parametrize("case", ["cut", "a letter changed", "no armor"])
def test_a_damaged_token_is_told_and_whose_it_is(key: Key, case: str) -> None:
    with pytest.raises(StateError) as refused:
        make_opener([key.file]).open(damaged(key.sealer.seal(TOKEN))[case], entry="support-eu")

    assert refused.value.message == "support-eu: the sealed token is damaged"


def test_a_sealed_text_that_is_no_token_is_damaged(key: Key) -> None:
    recipient = pyrage.x25519.Recipient.from_str(key.public)
    sealed = Sealed(pyrage.encrypt(b"\xff\xfe", [recipient], armored=True).decode())

    with pytest.raises(StateError, match=r"^the sealed token is damaged"):
        make_opener([key.file]).open(sealed)


BAD_IDENTITIES = {
    "empty": b"",
    "comments": b"# only this\n",
    "a public key": b"age1jzh30s74xjcym5tl582er3lht3vyy2aru85yhe6e7njjlpgcpgusu847s2\n",
    "a key cut": b"AGE-SECRET-KEY-1QQQQ\n",
    "binary": b"\xff\xfe\x00",
    "an SSH key cut": b"-----BEGIN OPENSSH PRIVATE KEY-----\nS3CRET\n-----END OPENSSH",
    "encrypted by a passphrase": b"-----BEGIN AGE ENCRYPTED FILE-----\nS3CRET\n",
}


@pytest.mark.parametrize("content", BAD_IDENTITIES.values(), ids=BAD_IDENTITIES)
def test_an_identity_file_without_a_key_is_named_and_not_shown(
    tmp_path: Path, content: bytes
) -> None:
    file = tmp_path / "key.txt"
    file.write_bytes(content)

    with pytest.raises(UsageError) as refused:
        make_opener([file])

    assert refused.value.message == f"identity {file}: holds no key that can be read"
    assert refused.value.__cause__ is refused.value.__context__ is None


def test_an_identity_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as refused:
        make_opener([tmp_path / "key.txt"])

    assert refused.value.message == (
        f"identity {tmp_path / 'key.txt'}: can't be read: no such file or directory"
    )


# --- SSH keys, and the program itself ------------------------------------------------------


def ssh_key(folder: Path, kind: str, passphrase: str = "") -> tuple[str, Path]:
    file = folder / "id"
    options = ["-q", "-t", kind, "-N", passphrase, "-C", "a comment", "-f", str(file)]
    subprocess.run(["ssh-keygen", *options], check=True)
    return file.with_suffix(".pub").read_text(), file


@ssh_keygen
@pytest.mark.parametrize("kind", ["ed25519", "rsa"])
def test_ssh_keys_are_recipients_and_identities(tmp_path: Path, kind: str) -> None:
    public, private = ssh_key(tmp_path, kind)

    sealed = make_sealer([public]).seal(TOKEN)

    assert make_opener([private]).open(sealed) == TOKEN


@ssh_keygen
def test_an_ssh_key_with_a_passphrase_is_refused(tmp_path: Path) -> None:
    _, private = ssh_key(tmp_path, "ed25519", "open sesame")

    with pytest.raises(UsageError) as refused:
        make_opener([private])

    assert refused.value.message == f"identity {private}: protected by a passphrase"


def run(*command: str, given: str = "") -> "subprocess.CompletedProcess[str]":
    return subprocess.run(command, input=given, capture_output=True, text=True, check=True)


@age_program
def test_the_age_program_opens_what_was_sealed_in_the_state(path: Path, key: Key) -> None:
    with open_store(path, sealer=key.sealer) as store:
        store.record(record(1))

    armored = json.loads(path.read_text())["instances"]["key-1"]["apiTokenInstance"]
    opened = subprocess.run(
        ["age", "-d", "-i", str(key.file)],
        input=armored,
        capture_output=True,
        text=True,
        check=True,
    )

    assert opened.stdout == TOKEN.reveal()


@age_program
def test_what_the_age_program_sealed_is_opened(tmp_path: Path) -> None:
    file = tmp_path / "made-by-age.txt"
    made = subprocess.run(
        ["age-keygen", "-o", str(file)], capture_output=True, text=True, check=True
    )
    public = made.stderr.split()[-1]
    sealed = subprocess.run(
        ["age", "-a", "-r", public],
        input=TOKEN.reveal(),
        capture_output=True,
        text=True,
        check=True,
    )

    assert make_opener([file]).open(Sealed(sealed.stdout)) == TOKEN


# --- a whole state -------------------------------------------------------------------------


def test_only_plain_tokens_are_sealed(key: Key) -> None:
    sealed = key.sealer.seal(token_of(2))
    state = State("0b6c1f2e", 7).after(
        [record(1), Record("key-2", recorded(2, token=sealed)), intent(3)]
    )

    found = seal_plain(state, key.sealer)

    token = found.instances["key-1"].token
    assert isinstance(token, Sealed)
    assert make_opener([key.file]).open(token) == TOKEN
    assert found.instances["key-2"].token is sealed
    assert (found.pending, found.serial) == (state.pending, state.serial)
    assert seal_plain(found, key.sealer) is found


def test_every_token_is_sealed_anew_for_new_recipients(key: Key, other: Key) -> None:
    state = State("0b6c1f2e").after(
        [Record("key-1", recorded(1, token=key.sealer.seal(TOKEN))), record(2)]
    )

    found = reseal(state, make_opener([key.file]), other.sealer)

    opener = make_opener([other.file])
    tokens = [each.token for each in found.instances.values()]
    assert [opener.open(token) for token in tokens if isinstance(token, Sealed)] == [
        TOKEN,
        token_of(2),
    ]


def test_sealing_anew_needs_an_identity_where_tokens_are_sealed(key: Key) -> None:
    state = State("0b6c1f2e").after([Record("key-1", recorded(1, token=key.sealer.seal(TOKEN)))])

    with pytest.raises(UsageError, match=r"^key-1: its token is sealed, and there is no identity"):
        reseal(state, None, key.sealer)


def test_sealing_anew_names_the_entry_that_can_not_be_opened(key: Key, other: Key) -> None:
    state = State("0b6c1f2e").after(
        [record(1), Record("key-2", recorded(2, token=other.sealer.seal(TOKEN)))]
    )

    with pytest.raises(UsageError, match=r"^key-2: none of the identities"):
        reseal(state, make_opener([key.file]), key.sealer)


# --- a store with a sealer -----------------------------------------------------------------


def everything(path: Path) -> str:
    return "".join(each.read_text() for each in path.parent.iterdir())


def test_no_plain_token_is_written_once_there_is_a_sealer(path: Path, key: Key) -> None:
    with open_store(path, sealer=key.sealer) as store:
        store.record(record(1))
        store.record(TokenFound("key-1", token_of(2)))
        assert names(path) == [NAME, JOURNAL, f"{NAME}.lock"]
        during = everything(path)
    after = everything(path)

    assert token_of(1).reveal() not in during + after
    assert token_of(2).reveal() not in during + after
    found = store.state().instances["key-1"].token
    assert isinstance(found, Sealed)
    assert make_opener([key.file]).open(found) == token_of(2)


@pytest.mark.parametrize("folds", [0, 2])
def test_plain_tokens_are_sealed_once_by_the_first_run_with_a_sealer(
    path: Path, key: Key, folds: int
) -> None:
    with open_store(path) as store:
        store.record(record(1))
    disk = PaperDisk(path.parent)

    with open_store(path, disk=disk, sealer=key.sealer) as store:
        for _ in range(folds):
            store.fold()

    assert TOKEN.reveal() not in path.read_text()
    assert disk.steps.count(f"replace {NAME}.tmp {NAME}") == 1


def test_plain_tokens_in_a_journal_are_sealed_by_the_next_run(path: Path, key: Key) -> None:
    with open_store(path) as store:
        store.record(record(1))
        left = path.with_name(JOURNAL).read_bytes()
        before = path.read_bytes()
    path.write_bytes(before)
    path.with_name(JOURNAL).write_bytes(left)

    with open_store(path, sealer=key.sealer):
        assert TOKEN.reveal() not in everything(path)


def test_sealed_tokens_stay_to_the_letter(path: Path, key: Key) -> None:
    with open_store(path, sealer=key.sealer) as store:
        store.record(record(1))
    before = path.read_text().splitlines()

    with open_store(path, sealer=key.sealer) as store:
        store.record(record(2))
    after = path.read_text().splitlines()

    assert [line for line in before if line not in after] == ['  "serial": 1,']


def test_a_sealed_state_is_not_opened_for_writing_without_recipients(path: Path, key: Key) -> None:
    with open_store(path, sealer=key.sealer) as store:
        store.record(record(1))
    before = path.read_bytes()

    with pytest.raises(UsageError) as refused:
        open_store(path)

    assert "--recipient" in (refused.value.hint or "")
    assert path.read_bytes() == before
    assert names(path) == [NAME]
    assert read_state(path) == store.state()


def test_a_token_that_can_not_be_written_is_rescued_sealed(path: Path, key: Key) -> None:
    disk = PaperDisk(path.parent)
    disk.refuse = failing(FULL, f"write {NAME}.tmp")
    rescued: list[str] = []

    with (
        open_store(path, disk=disk, sealer=key.sealer, rescue=rescued.append) as store,
        pytest.raises(StateError),
    ):
        store.record(record(1))

    armored = json.loads(rescued[0])["instance"]["apiTokenInstance"]
    assert make_opener([key.file]).open(Sealed(armored)) == TOKEN


def test_a_sealed_state_is_resealed_in_place(path: Path, key: Key, other: Key) -> None:
    with open_store(path, sealer=key.sealer) as store:
        store.record(record(1))

    opener = make_opener([key.file])
    with open_store(path, sealer=other.sealer) as store:
        store.rewrite(lambda state: reseal(state, opener, other.sealer))

    found = read_state(path)
    assert found is not None
    token = found.instances["key-1"].token
    assert isinstance(token, Sealed)
    assert make_opener([other.file]).open(token) == TOKEN


def test_what_is_not_a_token_is_recorded_as_it_is(path: Path, key: Key) -> None:
    with open_store(path, sealer=key.sealer) as store:
        store.record(intent(2), Record("key-1", recorded(1)._replace(token=None)))

        assert store.state().pending == {"key-2": intent(2).pending}
        assert store.state().instances["key-1"].token is None
