"""Where the person with the phone looks: the terminal, or a page in the browser."""

import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

import click

from reconciler.apply.link import Linked, NotLinked
from reconciler.apply.walk import Step
from reconciler.cli.linking.page_server import Board, serving
from reconciler.cli.session import Session
from reconciler.logs import is_terminal
from reconciler.report.link_page import (
    CodeShown,
    LinkView,
    PageClosed,
    PasswordAsked,
    PhoneTurn,
    QrShown,
    Told,
    TurnBegan,
    TurnEnded,
    TurnProposed,
)
from reconciler.report.linking import PhoneLink, link_text, link_words
from reconciler.report.words import printable
from reconciler.secrets import Secret, Sieve


def link_of(turn: PhoneTurn, ended: Linked | NotLinked) -> PhoneLink:
    """Return how it *ended* for the instance whose *turn* it was, as reports tell it."""
    match ended:
        case Linked(phone):
            return PhoneLink(turn.key, turn.id_instance, linked=True, phone=phone)
        case NotLinked(reason, late):
            return PhoneLink(turn.key, turn.id_instance, linked=False, reason=reason, late=late)


class TerminalScreen:
    """Shows codes on stderr, each in the place of the one before, where that is a terminal."""

    def __init__(self, session: Session, turns: Sequence[PhoneTurn]) -> None:
        self._session = session
        self._turns = {turn.key: turn for turn in turns}
        self._lines = 0  # of the code that stands right above
        self._said = ""

    def propose(self, key: str, patience: float) -> Step:
        """Ask; without a terminal nobody is there to answer, and the walk goes on."""
        del patience  # who reads a terminal can end it
        if not is_terminal(sys.stdin):
            return Step.LINK
        question = f"{self._place(key)}: show the code? [Y]es, [s]kip it, [q]uit"
        while True:
            try:
                said = click.prompt(question, default="y", show_default=False, err=True)
            except click.Abort as stopped:
                if isinstance(stopped.__context__, EOFError):  # Ctrl-D: nothing more
                    return Step.STOP
                raise
            for step, letters in _LETTERS.items():
                if str(said).strip().lower() in letters:
                    return step

    def begin(self, key: str) -> None:
        if len(self._turns) > 1:
            self.say(self._place(key))

    def end(self, key: str, ended: Linked | NotLinked) -> None:
        if len(self._turns) > 1:
            self.say(link_text(link_of(self._turns[key], ended)))

    def show_qr(self, picture: str) -> None:
        from reconciler.report.qr import drawn, payload_of

        payload = payload_of(picture)
        if payload is None:
            self.say("the API's picture holds no QR code")
            return
        lines = drawn(payload, color=self._session.color_err)
        if self._lines and is_terminal(sys.stderr):
            click.echo(f"\x1b[{self._lines}F\x1b[J", nl=False, err=True, color=True)
        lines.append("Scan this with the phone: linked devices, link a device.")
        self._write("\n".join(lines))
        self._lines, self._said = len(lines), ""

    def show_code(self, code: Secret) -> None:
        shown = code.reveal()  # for the person alone: it goes to no log
        self._write(f"Type this on the phone (link with phone number instead): {shown}")

    def say(self, text: str) -> None:
        if text != self._said:
            self._session.narrate(text)
            self._said, self._lines = text, 0

    def ask_password(self, patience: float) -> Secret | None:
        del patience  # who reads a terminal can end it
        self._lines = 0
        return Secret(click.prompt("password of the account", hide_input=True, err=True))

    def _place(self, key: str) -> str:
        number = list(self._turns).index(key) + 1
        return f"{printable(key)}, {number} of {len(self._turns)}"

    def _write(self, text: str) -> None:
        click.echo(text, err=True, color=self._session.color_err)


_LETTERS: Mapping[Step, tuple[str, ...]] = {
    Step.LINK: ("y", "yes"),
    Step.SKIP: ("s", "skip", "n", "no"),
    Step.STOP: ("q", "quit"),
}


class PageScreen:
    """Shows the same on a page; *sieve* cleans what the API says, which codes don't pass."""

    def __init__(self, board: Board, turns: Sequence[PhoneTurn], sieve: Sieve) -> None:
        self._board, self._sieve = board, sieve
        self._turns = {turn.key: turn for turn in turns}

    def propose(self, key: str, patience: float) -> Step:
        said = self._board.ask(TurnProposed(key), patience)
        return next((step for step in Step if step == said), Step.STOP)

    def begin(self, key: str) -> None:
        self._board.show(TurnBegan(key))

    def end(self, key: str, ended: Linked | NotLinked) -> None:
        link = link_of(self._turns[key], ended)
        self._board.show(TurnEnded(key, link.linked, self._sieve.clean(link_words(link))))

    def show_qr(self, picture: str) -> None:
        self._board.show(QrShown(picture))

    def show_code(self, code: Secret) -> None:
        self._board.show(CodeShown(code))

    def say(self, text: str) -> None:
        self._board.show(Told(self._sieve.clean(text)))

    def ask_password(self, patience: float) -> Secret | None:
        said = self._board.ask(PasswordAsked(), patience)
        return None if said is None else Secret(said)


@contextmanager
def page_screen(session: Session, turns: Sequence[PhoneTurn]) -> Iterator[PageScreen]:
    """Serve a page for *turns* and say where; it is gone at the end.

    Nobody's browser is called: whoever lists processes would see the address among its arguments.
    """
    board = Board(LinkView(tuple(turns)))
    with serving(board) as address:
        session.narrate(
            f"open this page on this machine; whoever has it can link a phone: {address}"
        )
        try:
            yield PageScreen(board, turns, session.sieve)
        except BaseException:
            board.show(PageClosed("the command was stopped"))
            raise
        board.show(PageClosed())
