"""Linking a phone, on paper: what the person is shown, answer by answer."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest

from reconciler.apply.link import Linked, Linking, NotLinked
from reconciler.model import NotSent, Rejected, Throttled, Unknown
from reconciler.partner.answer import Unreadable
from reconciler.partner.instances import (
    InstanceAccess,
    PairingCode,
    PasswordTold,
    Profile,
    QrTold,
    StateTold,
)
from reconciler.partner.methods import (
    GET_ACCOUNT_SETTINGS,
    GET_AUTHORIZATION_CODE,
    GET_STATE_INSTANCE,
    GET_WA_SETTINGS,
    QR,
    SEND_AUTHORIZATION_PASSWORD,
)
from reconciler.secrets import Secret

SILENT = Unreadable("the server answered 500", again=True)
DONE = QrTold("alreadyLogged", "")
PROFILE = Profile("authorized", "15550100001", None, None, logging_out=False)


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
    asked_for_the_time: int = 0
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

    def monotonic(self) -> float:
        self.asked_for_the_time += 1
        assert self.asked_for_the_time < 10_000, "it asks for the time and does not wait"
        return self.now


def linked(
    paper: Paper, *, timeout: float = 300, phone: int | None = None, messenger: str = "whatsapp"
) -> Linked | NotLinked:
    linking = Linking(
        InstanceAccess(1, Secret("token"), paper.url),
        messenger,
        api=paper,
        screen=paper,
        monotonic=paper.monotonic,
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

    assert linked(paper, timeout=99.5) == NotLinked("the time is up", late=True)
    assert paper.now == 99.5


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


PHONE = 15550100001
TYPED = {GET_AUTHORIZATION_CODE.path: [PairingCode(Secret("ABCD1234"))]}


def test_a_code_to_type_is_taken_away_once_it_is_of_no_use() -> None:
    paper = Paper(dict(TYPED))

    ended = linked(paper, phone=PHONE)

    assert isinstance(ended, NotLinked)
    assert ended.late
    assert paper.now == 300
    assert paper.seen == [
        "[ABCD1234]",
        "the code is too old by now; if it was not typed, begin anew",
    ]


def test_a_code_that_is_typed_links_the_phone() -> None:
    states = [StateTold("notAuthorized"), SILENT, StateTold("authorized")]
    paper = Paper({**TYPED, GET_STATE_INSTANCE.path: states, GET_WA_SETTINGS.path: [SILENT]})

    assert linked(paper, phone=PHONE) == Linked(None)
    assert paper.now == 3
    assert paper.seen == ["[ABCD1234]"]


@pytest.mark.parametrize("word", ["blocked", "suspended"])
def test_no_code_is_waited_for_that_can_not_help(word: str) -> None:
    paper = Paper({**TYPED, GET_STATE_INSTANCE.path: [StateTold(word)]})

    assert linked(paper, phone=PHONE) == NotLinked(f"the instance is {word}")
    assert paper.now == 0


@pytest.mark.parametrize(
    ("answer", "late"),
    [
        (Rejected(400, "no such number"), False),
        (NotSent("no such host"), False),
        (Unknown("the connection was reset"), False),
        (Throttled(None), True),
    ],
    ids=["rejected", "not sent", "unknown", "throttled"],
)
def test_without_a_code_to_type_nothing_is_waited_for(answer: Any, late: bool) -> None:
    paper = Paper({GET_AUTHORIZATION_CODE.path: [answer]})

    ended = linked(paper, phone=PHONE)

    assert isinstance(ended, NotLinked)
    assert ended.late is late
    assert (paper.now, paper.seen) == (0, [])


@pytest.mark.parametrize(
    ("messenger", "account", "pause"),
    [("whatsapp", GET_WA_SETTINGS, 1.5), ("telegram", GET_ACCOUNT_SETTINGS, 5)],
    ids=["whatsapp", "another"],
)
def test_each_messenger_is_asked_in_its_own_way(messenger: str, account: Any, pause: float) -> None:
    paper = Paper({QR.path: [code("a"), DONE], account.path: [PROFILE]})

    assert linked(paper, messenger=messenger) == Linked("15550100001")
    assert paper.now == pause


@pytest.mark.parametrize(
    ("told", "state", "ended", "seen"),
    [
        ("passkeyRequired", "", Linked(None), "the phone asks for a passkey: confirm it there"),
        ("error", "notAuthorized", Linked(None), "words"),
        ("error", "", Linked(None), "words"),
        ("error", "authorized", Linked(None), None),
        ("error", "blocked", NotLinked("the instance is blocked"), None),
        ("odd", "", NotLinked("words"), None),
    ],
)
def test_what_the_api_says_instead_of_a_code_is_told_or_ends_it(
    told: str, state: str, ended: Linked | NotLinked, seen: str | None
) -> None:
    paper = on_paper([QrTold(told, "words"), DONE])
    paper.answers[GET_STATE_INSTANCE.path] = [StateTold(state) if state else SILENT]

    assert linked(paper) == ended
    assert paper.seen == ([] if seen is None else [seen])


def test_what_nobody_foresaw_is_named() -> None:
    assert linked(on_paper([QrTold("odd", "")])) == NotLinked("the API answers odd")


@pytest.mark.parametrize(
    ("answer", "seen"),
    [
        (PasswordTold(False, ""), "the password was not taken: no reason given"),
        (Rejected(400, "bad"), "the password was not taken: bad"),
        (NotSent("no such host"), "the password was not taken: no such host"),
        (Throttled(None), "too many requests (429): wait a minute"),
    ],
    ids=["no reason", "rejected", "not sent", "throttled"],
)
def test_a_password_that_is_not_taken_is_told(answer: Any, seen: str) -> None:
    paper = on_paper([QrTold("error", "instance is pendingPassword"), DONE], passwords=["x", None])
    paper.answers[GET_STATE_INSTANCE.path] = [StateTold("pendingPassword")]
    paper.answers[SEND_AUTHORIZATION_PASSWORD.path] = [answer]

    linked(paper)

    assert paper.seen == [seen]


def test_no_password_is_asked_for_once_the_time_is_up() -> None:
    paper = on_paper([QrTold("error", "instance is pendingPassword")], passwords=["x", "y", "z"])
    paper.answers[GET_STATE_INSTANCE.path] = [StateTold("pendingPassword")]
    paper.answers[SEND_AUTHORIZATION_PASSWORD.path] = [PasswordTold(False, "wrong")]
    typed = paper.ask_password

    def slowly(patience: float) -> Secret | None:
        paper.now += 100
        return typed(patience)

    paper.ask_password = slowly  # type: ignore[method-assign]

    assert linked(paper, timeout=300) == NotLinked("the time is up", late=True)
    assert paper.passwords == []
