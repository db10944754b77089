"""What help shows: the commands, and of each its options in groups, examples and exit codes."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

import click

COMMANDS: Final[Mapping[str, str]] = {
    "validate": "Check manifests; print every problem at once.",
    "plan": "Show what apply would do.",
    "apply": "Create what is missing, each exactly once, and record it.",
    "status": "Show what the state records.",
    "wait": "Wait until instances are ready, or linked.",
    "link": "Link phones, by codes in the terminal or on a page.",
    "rotate": "Give instances new tokens; the old ones die.",
    "report": "Compare the account with what is wanted, and say what it costs.",
    "resolve": "Answer for a create whose fate is unknown.",
    "adopt": "Record live instances instead of creating them.",
    "import": "Make a manifest of what the account has.",
    "export": "Print ids and tokens for consumers.",
    "state": "Look after the state file.",
    "schema": "Print the JSON Schema of the manifest.",
    "init": "Write a first manifest.",
    "sandbox": "Run a local partner API to try everything against.",
    "completion": "Print the shell completion script.",
    "help": "Show what a command does; --man: as a man page.",
    "version": "Print the version.",
}
MEANINGS: Final[Mapping[int, str]] = {
    0: "done: everything wanted is recorded (or shown, or valid)",
    1: "the program itself failed",
    2: "usage: unknown option, missing token, bad URL",
    3: "the manifest is invalid; nothing was tried",
    4: "plan --detailed-exitcode: apply with these options would do something",
    5: "some entries were refused or not sent; the others are recorded",
    6: "the fate of some create is unknown; it is never re-sent blindly",
    7: "another run holds the state",
    8: "the state is corrupt, too new, or can't be read or written",
    9: "a guard stopped the run before anything was sent",
    10: "the partner API refused the token",
    11: "something that was sent is not confirmed yet: look again later",
    130: "stopped by SIGINT, after recording what was in flight",
    143: "stopped by SIGTERM, after recording what was in flight",
}
_ASKS: Final = (0, 1, 2, 3, 5, 7, 8, 9, 10)

# What each page ends with: two calls that people make, and the exit codes that it may have.
EXAMPLES: Final[Mapping[str, tuple[tuple[str, str], ...]]] = {
    "validate": (
        ("check instances.yaml", "reconciler validate"),
        ("annotate a pull request", "reconciler validate -f conf -o github"),
    ),
    "plan": (
        ("what would be created, and billed", "reconciler plan"),
        ("save it, look at it, apply exactly this", "reconciler plan --refresh --out plan.json"),
    ),
    "apply": (
        ("create what is missing, after a question", "reconciler apply"),
        ("in a job: no question, at most five", "reconciler apply --yes --max-creates 5"),
    ),
    "status": (
        ("what the state records", "reconciler status"),
        ("all that is known of one, live", "reconciler status sales-uk --refresh --states --live"),
    ),
    "import": (
        ("what would the manifest be?", "reconciler import"),
        ("take the account over", "reconciler import --to instances.yaml --record"),
    ),
    "link": (
        ("a QR code for the phone beside you", "reconciler link sales-uk"),
        ("all that wait for a phone, on a page", "reconciler link --all --page"),
    ),
    "rotate": (
        ("the token of this one leaked", "reconciler rotate sales-uk"),
        (
            "in a job, and bring it to who needs it",
            "reconciler rotate sales-uk --yes --then ./deliver.sh",
        ),
    ),
    "wait": (
        ("in a job, before somebody links a phone", "reconciler wait"),
        (
            "until these two are linked, for an hour",
            "reconciler wait a b --for linked --timeout 3600",
        ),
    ),
    "report": (
        ("what costs, and serves nobody", "reconciler report"),
        ("a page for the person who pays", "reconciler report --html report.html"),
    ),
    "resolve": (
        ("the console shows it: record it", "reconciler resolve sales-uk --id 1101728001"),
        ("the console does not", "reconciler resolve sales-uk --not-created"),
    ),
    "adopt": (
        ("record all that have an entry's name", "reconciler adopt --all"),
        ("one, whatever its name is", "reconciler adopt sales-uk --id 1101728001"),
    ),
    "export": (
        ("a .env file for an application", "reconciler export --format dotenv --to .env"),
        ("a Secret for a cluster", "reconciler export --format k8s-secret | kubectl apply -f -"),
    ),
    "state fold": (
        ("before the state is kept", "reconciler state fold && cp instances.state.json* backup/"),
    ),
    "state copy": (
        ("runners share it from now on", "reconciler state copy prod.state.json s3://states/prod"),
    ),
    "state mv": (("the entry has a new key", "reconciler state mv support-eu support-de"),),
    "state rm": (("another project looks after it now", "reconciler state rm support-eu"),),
    "state seal": (
        ("seal every token", "reconciler state seal --recipient age1…"),
        ("anew, without a former colleague", "reconciler state seal --identity key.txt"),
    ),
    "schema": (
        ("beside the manifest, for editors", "reconciler schema > manifest.schema.json"),
        ("which parameters are there?", "reconciler schema | grep title"),
    ),
    "init": (
        ("begin in this folder", "reconciler init"),
        ("with what applies on every push", "reconciler init --ci github"),
    ),
    "sandbox": (
        ("rehearse: paste what it prints into another terminal", "reconciler sandbox"),
        ("with faults", "reconciler sandbox --faults faults.yaml --log"),
    ),
    "completion": (
        ("for this shell", 'eval "$(reconciler completion bash)"'),
        ("for good", "reconciler completion fish > ~/.config/fish/completions/reconciler.fish"),
    ),
    "help": (
        ("about a command", "reconciler help apply"),
        ("as a man page", "reconciler help --man apply | man -l -"),
    ),
    "version": (("which one is it?", "reconciler version"),),
}
EXIT_CODES: Final[Mapping[str, tuple[int, ...]]] = {
    "validate": (0, 1, 2, 3),
    "plan": (0, 1, 2, 3, 4, 5, 8, 10),
    "apply": (0, 1, 2, 3, 5, 6, 7, 8, 9, 10, 11, 130, 143),
    "status": (0, 1, 2, 5, 8, 10),
    "report": (0, 1, 2, 3, 5, 8, 9, 10),
    "import": (0, 1, 2, 3, 5, 7, 8, 9, 10, 130, 143),
    "link": (0, 1, 2, 5, 8, 9, 10, 11, 130, 143),
    "rotate": (0, 1, 2, 3, 5, 7, 8, 9, 10, 11),
    "wait": (0, 1, 2, 5, 8, 9, 10, 11, 130, 143),
    "resolve": _ASKS,
    "adopt": _ASKS,
    "export": (0, 1, 2, 8),
    "state fold": (0, 1, 2, 7, 8),
    "state copy": (0, 1, 2, 7, 8, 9),
    "state mv": (0, 1, 2, 7, 8),
    "state rm": (0, 1, 2, 7, 8),
    "state seal": (0, 1, 2, 3, 7, 8),
}

# The section that an option stands in, and its place there; those not named here stand first.
SECTIONS: Final[Mapping[str, tuple[str, ...]]] = {
    "Options": (),
    "Guards": (
        "--max-creates", "--new", "--max-deletes", "--max-updates", "--even-linked",
        "--even-unlinkable", "--no-remote-check", "--checkpoint", "--expect-checksum",
        "--accept-url",
    ),
    "Pace and patience": (
        "--concurrency", "--rate", "--canary", "--batch", "--fail-fast", "--timeout", "--poll",
        "--settle", "--settled-after", "--lock-timeout",
    ),
    "Where things are": (
        "--manifest", "--state", "--recipient", "--tokens-in-bucket", "--identity",
        "--instance-host", "--api-url", "--ca-bundle",
    ),
    "What is written": (
        "--log-format", "--log-level", "--log-file", "--color", "--output", "--report", "--html",
        "--junit", "--metrics", "--ping-url", "--ping-url-file", "--no-ci",
    ),
}  # fmt: skip
_PLACE_OF: Final = {
    name: (section, place)
    for section, names in SECTIONS.items()
    for place, name in enumerate(names)
}


class Command(click.Command):
    """A command whose help is easy to find one's way in."""

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        for section, options in grouped(self.get_params(ctx)):
            rows = [row for option in options if (row := option.get_help_record(ctx)) is not None]
            if rows:
                with formatter.section(section):
                    formatter.write_dl(rows)

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        name = path_of(ctx)
        if name in EXAMPLES:
            with formatter.section("Examples"):
                for what, call in EXAMPLES[name]:
                    formatter.write(f"{'':{formatter.current_indent}}# {what}\n")
                    formatter.write(f"{'':{formatter.current_indent}}{call}\n")
        if name in EXIT_CODES:
            with formatter.section("Exit codes"):
                formatter.write_dl([(str(code), MEANINGS[code]) for code in EXIT_CODES[name]])

    def get_short_help_str(self, limit: int = 45) -> str:
        """Return one whole sentence: shells that complete a command show it."""
        return super().get_short_help_str(max(limit, 200))


class Commands(click.Group):
    """A group of such commands."""

    command_class = Command

    def get_short_help_str(self, limit: int = 45) -> str:
        return super().get_short_help_str(max(limit, 200))


def every_command(context: click.Context) -> Iterator[click.Context]:
    """Yield a context for each command below *context*, in the order of the help."""
    group = context.command
    if not isinstance(group, click.Group):
        yield context
        return
    for name in group.list_commands(context):
        if (command := group.get_command(context, name)) is not None:
            yield from every_command(click.Context(command, info_name=name, parent=context))


def grouped(params: Iterable[click.Parameter]) -> list[tuple[str, list[click.Option]]]:
    """Return the options among *params* by section, all in the order that is written above."""
    found: dict[str, list[click.Option]] = {section: [] for section in SECTIONS}
    options = (param for param in params if isinstance(param, click.Option))
    placed = ((_PLACE_OF.get(long_name(option), ("Options", 0)), option) for option in options)
    for (section, _), option in sorted(placed, key=lambda each: each[0][1]):
        found[section].append(option)
    return [(section, options) for section, options in found.items() if options]


def long_name(option: click.Option) -> str:
    """Return the name with two hyphens."""
    return next(name for name in option.opts if name.startswith("--"))


def path_of(ctx: click.Context) -> str:
    """Return the words of the command without the program's own name, as in `state seal`."""
    return " ".join(ctx.command_path.split()[1:])


def settings(**more: Any) -> dict[str, Any]:
    """Return how all commands are called and shown."""
    return {"help_option_names": ["-h", "--help"], "max_content_width": 100, **more}
