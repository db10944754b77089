"""What `plan` and `apply` are told about entries: which to act on, and which are really new."""

from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

from reconciler.cli.options import keys
from reconciler.cli.options.declare import option, theme
from reconciler.errors import UsageError
from reconciler.model import Desired
from reconciler.state.model import State


@dataclass(frozen=True, slots=True)
class Selection:
    """The globs of `--only` and `--exclude`, and the keys of `--new`."""

    only: tuple[str, ...]
    exclude: tuple[str, ...]
    new: tuple[str, ...]

    def check(self, entries: Sequence[Desired], state: State) -> None:
        """Raise UsageError for what fits no entry: a misspelt glob selects nothing, or, worse,
        keeps nothing out."""
        wanted = {entry.key for entry in entries}
        known = wanted.union(state.instances, state.pending)
        for name, globs in (("only", self.only), ("exclude", self.exclude)):
            for glob in globs:
                if not any(fnmatchcase(key, glob) for key in known):
                    raise UsageError(
                        f"--{name} {glob}: no entry of the manifest or the state has such a key",
                        hint="a pattern stands for whole keys: write eu-* for all that begin so",
                    )
        for key in self.new:
            if key not in wanted:
                raise UsageError(
                    f"--new {key}: the manifest has no such entry",
                    hint="name the key of the entry that is to be created",
                )


selection = theme(
    "selection",
    Selection,
    option(
        "--only",
        multiple=True,
        metavar="GLOB",
        shell_complete=keys.fitting,
        help="Act only on entries whose keys fit; may be repeated.",
    ),
    option(
        "--exclude",
        multiple=True,
        metavar="GLOB",
        shell_complete=keys.fitting,
        help="Leave out entries whose keys fit; may be repeated.",
    ),
    option(
        "--new",
        multiple=True,
        metavar="KEY",
        shell_complete=keys.wanted,
        help="This entry looks like a renamed one, but is really new; may be repeated.",
    ),
)
