"""Linking a phone, on paper: what the person is shown, answer by answer."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from reconciler.apply.link import Linked, Linking, NotLinked
from reconciler.partner.answer import Unreadable
from reconciler.partner.instances import (
    InstanceAccess,
    PairingCode,
    PasswordTold,
    QrTold,
    StateTold,
)
from reconciler.partner.methods import (
    GET_AUTHORIZATION_CODE,
    GET_STATE_INSTANCE,
    GET_WA_SETTINGS,
    QR,
    SEND_AUTHORIZATION_PASSWORD,
)
from reconciler.secrets import Secret

SILENT = Unreadable("the server answered 500", again=True)
DONE = QrTold("alreadyLogged", "")


def code(name: str) -> QrTold:
    return QrTold("qrCode", name)


@dataclass
class Paper:
    """The API and the screen: *answers* to what is asked, *passwords* that are typed, and *seen*,
    all that the person sees. Time passes by sleeping."""

    answers: dict[str, list[Any]]
    passwords: list[str | None] = field(default_factory=list)
    seen: list[str] = field(default_factory=list)
    now: float = 0.0
    url: str = "https://api.example.com"

    def read(self, method: Any, asked: object, **_: object) -> Any:
        del asked
        left = self.answers.get(method.path, [SILENT])
        return left.pop(0) if len(left) > 1 else left[0]

    send = read

    def account(self, **_: object) -> Any:
        raise NotImplementedError

    def show_qr(self, picture: str) -> None:
        self.seen.append(f"[{picture}]")

    def show_code(self, code: Secret) -> None:
        self.seen.append(f"[{code.reveal()}]")

    def say(self, text: str) -> None:
        self.seen.append(text)

    def ask_password(self, patience: float) -> Secret | None:
        typed = self.passwords.pop(0)
        self.now += patience if typed is None else 0
        return None if typed is None else Secret(typed)

    def sleep(self, seconds: float) -> None:
        self.now += seconds


def linked(paper: Paper, *, timeout: float = 300, phone: int | None = None) -> Linked | NotLinked:
    linking = Linking(
        InstanceAccess(1, Secret("token"), paper.url),
        "whatsapp",
        api=paper,
        screen=paper,
        monotonic=lambda: paper.now,
        sleep=paper.sleep,
        timeout=timeout,
    )
    return linking.by_qr() if phone is None else linking.by_code(phone)


def on_paper(answers: Sequence[object], *, passwords: Sequence[str | None] = ()) -> Paper:
    return Paper({QR.path: list(answers), GET_WA_SETTINGS.path: [SILENT]}, list(passwords))


def test_a_code_stays_while_it_is_good_though_a_question_is_not_answered() -> None:
    paper = on_paper([SILENT, code("a"), SILENT, SILENT, code("a"), code("b"), DONE])

    assert linked(paper) == Linked(None)
    assert paper.seen == ["no code yet: the server answered 500", "[a]", "[b]"]


def test_a_code_that_is_too_old_is_taken_away() -> None:
    paper = on_paper([code("a"), *[SILENT] * 5, code("a"), DONE])

    assert linked(paper) == Linked(None)
    assert paper.seen == ["[a]", "no code yet: the server answered 500", "[a]"]


def test_the_last_wait_ends_with_the_time() -> None:
    paper = on_paper([code("a")])

    assert linked(paper, timeout=100) == NotLinked("the time is up", late=True)
    assert paper.now == 100


def test_after_a_wrong_password_the_next_is_asked_for_at_once() -> None:
    paper = on_paper([QrTold("error", "instance is pendingPassword"), DONE], passwords=["x", "y"])
    paper.answers[GET_STATE_INSTANCE.path] = [StateTold("pendingPassword")]
    paper.answers[SEND_AUTHORIZATION_PASSWORD.path] = [
        PasswordTold(False, "wrong"),
        PasswordTold(True, ""),
    ]

    assert linked(paper) == Linked(None)
    assert paper.seen == ["the password was not taken: wrong", "the password is right"]
    assert paper.now == 5


def test_nobody_is_waited_for_longer_than_the_time() -> None:
    paper = on_paper([QrTold("error", "instance is pendingPassword")], passwords=[None])
    paper.answers[GET_STATE_INSTANCE.path] = [StateTold("pendingPassword")]

    assert linked(paper) == NotLinked("the time is up", late=True)
    assert paper.now == 300


def test_a_code_to_type_is_taken_away_once_it_is_of_no_use() -> None:
    paper = on_paper([])
    paper.answers[GET_AUTHORIZATION_CODE.path] = [PairingCode(Secret("ABCD1234"))]

    ended = linked(paper, phone=15550100001)

    assert isinstance(ended, NotLinked)
    assert paper.seen == [
        "[ABCD1234]",
        "the code is too old by now; if it was not typed, begin anew",
    ]
