"""`reconciler validate`: check manifests, with every problem at once."""

from pathlib import Path

import click

from reconciler.cli.options import Common, common, option, output
from reconciler.cli.parts import build
from reconciler.manifest import Manifest, load, strict
from reconciler.secrets import Secret


@click.command()
@common
@output("text", "json", "github", "gitlab", "sarif")
@option(
    "--strict",
    "be_strict",
    envvar="RECONCILER_STRICT",
    is_flag=True,
    help="Count warnings as errors.",
)
@option("--show", is_flag=True, help="Print the effective manifest, secrets masked.")
@click.argument("files", nargs=-1, type=click.Path(path_type=Path))
def command(
    common: Common, output: str, be_strict: bool, show: bool, files: tuple[Path, ...]
) -> int:
    """Check manifests and print every problem at once, with its place and what to type instead.

    FILES are checked instead of --manifest. Needs no network and no token.
    """
    parts = build(common, offline=True)
    token = parts.env.get("GREEN_API_PARTNER_TOKEN", "").strip()
    manifest = load(
        files or common.manifests, env=parts.env, partner_token=Secret(token) if token else None
    )
    for secret in manifest.secrets:
        parts.sieve.add(secret)
    if be_strict:
        manifest = strict(manifest)
    if show and not manifest.errors:
        from reconciler.manifest.effective import effective

        if manifest.problems:
            parts.narrate(_text(manifest, color=parts.color_err, excerpts=True))
        parts.answer(effective(manifest))
    else:
        parts.answer(_render(manifest, output, color=parts.color_out))
    return 3 if manifest.errors else 0


def _render(manifest: Manifest, output: str, *, color: bool) -> str:
    if output == "text":
        return _text(manifest, color=color, excerpts=color) or _valid(manifest)
    from reconciler.report import problems

    render = {
        "json": problems.as_json,
        "github": problems.as_github,
        "gitlab": problems.as_gitlab,
        "sarif": problems.as_sarif,
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
