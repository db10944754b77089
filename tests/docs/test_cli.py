"""The site's page of commands has all that the commands say."""

from docs.commands import cli_markdown
from reconciler.cli.pages import COMMANDS


def test_every_command_has_its_section() -> None:
    sections = [line for line in cli_markdown().splitlines() if line.startswith("## reconciler ")]

    assert list(dict.fromkeys(line.split()[2] for line in sections)) == list(COMMANDS)
