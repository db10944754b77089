"""`reconciler validate`: check manifests, with every problem at once."""

from dataclasses import replace
from pathlib import Path

import click

from reconciler.cli.options.arguments import PathArgument
from reconciler.cli.options.common import Common, common, output
from reconciler.cli.options.declare import flag, option
from reconciler.cli.options.destinations import no_ci
from reconciler.cli.pages import Command
from reconciler.cli.session import Session, build
from reconciler.manifest import Manifest, strict


@click.command(cls=Command)
@common
@output("text", "json", "github", "gitlab", "sarif")
@option("--strict", "be_strict", is_flag=True, help="Count warnings as errors.")
@flag("--resolve", "Demand what references name: variables that are set, files that are there.")
@flag("--show", "Print the effective manifest, secrets masked.")
@no_ci
@click.argument("files", nargs=-1, type=PathArgument())
def command(
    common: Common,
    output: str,
    be_strict: bool,
    resolve: bool,
    show: bool,
    no_ci: bool,
    files: tuple[Path, ...],
) -> int:
    """Check manifests and print every problem at once, with its place and what to type instead.

    FILES are checked instead of --manifest; - is stdin. Needs no network and no token, and notes
    only what references name and is not there.
    """
    session = build(replace(common, manifests=files or common.manifests), offline=True)
    manifest = session.load(resolve=resolve)
    if be_strict:
        manifest = strict(manifest)
    if output != "github":
        _annotate(manifest, session, enabled=not no_ci)
    if show and not manifest.errors:
        from reconciler.manifest.writer import effective_manifest

        if manifest.problems:
            session.narrate(_text(manifest, color=session.color_err, excerpts=True))
        session.answer(effective_manifest(manifest))
    else:
        session.answer(_render(manifest, output, color=session.color_out))
    return 3 if manifest.errors else 0


def _annotate(manifest: Manifest, session: Session, *, enabled: bool) -> None:
    """Show the problems at their lines on GitHub's pages, when run there."""
    if session.env.get("GITHUB_ACTIONS") == "true" and manifest.problems and enabled:
        from reconciler.report.ci import as_github

        session.narrate(as_github(manifest.problems).rstrip("\n"))


def _render(manifest: Manifest, output: str, *, color: bool) -> str:
    if output == "text":
        said = _text(manifest, color=color, excerpts=color)
        return said if manifest.errors or manifest.warnings else said + _valid(manifest)
    from reconciler.report import ci
    from reconciler.report.json import problems_json

    render = {
        "json": problems_json,
        "github": ci.as_github,
        "gitlab": ci.as_gitlab,
        "sarif": ci.as_sarif,
    }[output]
    return render(manifest.problems)


def _text(manifest: Manifest, *, color: bool, excerpts: bool) -> str:
    if not manifest.problems:
        return ""
    from reconciler.report.problems import as_text

    sources = manifest.sources if excerpts else None
    return as_text(manifest.problems, color=color, sources=sources)


def _valid(manifest: Manifest) -> str:
    count = len(manifest.entries)
    files = ", ".join(manifest.files)
    return f"{files}: valid, {count} {'entry' if count == 1 else 'entries'}"
