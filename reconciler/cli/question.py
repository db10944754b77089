"""Asks a person, on the terminal, before money is spent."""

import click

from reconciler.cli.session import Session


def agreed(question: str, session: Session) -> bool:
    """Ask *question*; anything but yes is a no. Raise click.Abort at Ctrl-C."""
    while True:
        try:
            said = click.prompt(f"{question} [y/N]", default="", show_default=False, err=True)
        except click.Abort as stopped:
            if isinstance(stopped.__context__, EOFError):  # Ctrl-D: no answer is a no
                session.narrate("")
                return False
            raise click.Abort("nothing was done") from None
        match str(said).strip().lower():
            case "y" | "yes":
                return True
            case "" | "n" | "no":
                return False
            case _:
                session.narrate("answer y or n")


def typed(word: str, question: str, session: Session) -> bool:
    """Ask for *word*, which nobody types by habit; anything else is a no."""
    try:
        said = click.prompt(question, default="", show_default=False, err=True)
    except click.Abort as stopped:
        if isinstance(stopped.__context__, EOFError):
            session.narrate("")
            return False
        raise click.Abort("nothing was done") from None
    return str(said).strip() == word
