"""What the manifest says of its account, for those options that nobody gave."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click
from click.core import ParameterSource

from reconciler.errors import ManifestError, UsageError
from reconciler.secrets import Secret

if TYPE_CHECKING:
    from reconciler.manifest.account import AccountSettings


_URL_FROM: Final[dict[ParameterSource | None, str]] = {
    ParameterSource.ENVIRONMENT: "GREEN_API_PARTNER_URL",
    ParameterSource.DEFAULT: "the default",
}


def account_of(manifests: Sequence[Path], env: Mapping[str, str]) -> "AccountSettings | None":
    """Return the account that *manifests* name; what is wrong with them is told when they are read.

    It has to be known before anything else is: it says which state is meant.
    """
    from reconciler.manifest.files import find

    files, _ = find(manifests)
    if not any(map(_mentions_one, files)):  # most don't, and need be read only once
        return None
    from reconciler.manifest import load

    return load(manifests, env=env, resolve=False).account


def _mentions_one(path: Path) -> bool:
    from reconciler.manifest.files import STDIN, stdin_bytes

    try:
        if path == STDIN:
            return b"account" in stdin_bytes()
        return path.is_file() and b"account" in path.read_bytes()
    except OSError:
        return False


def demand_account(account: "AccountSettings | None") -> None:
    """Raise ManifestError where *account* has a URL or a state that is not known here: those of
    another account must not be taken instead."""
    from reconciler.manifest.references import Dangling

    parts = {"url": account.url, "state": account.state} if account else {}
    for key, part in parts.items():
        if isinstance(part, Dangling):
            raise ManifestError(
                f"the manifest's account.{key}: {part.message}; nothing was tried", hint=part.hint
            )


def meant_url(given: str, account: "AccountSettings | None") -> tuple[str, str]:
    """Return the API's URL and who named it: the option's value was *given*, by its default where
    *account* may know better."""
    source = click.get_current_context().get_parameter_source("api_url")
    named = account.url if account else None
    if source is ParameterSource.DEFAULT and isinstance(named, str):
        given = named
    if named == given:
        return given, "the manifest's account.url"
    return given, _URL_FROM.get(source, "--api-url")


def token_of(account: "AccountSettings", *, otherwise: Secret | UsageError) -> Secret | UsageError:
    """Return the token that *account* refers to, or why there is none."""
    from reconciler.partner.settings import checked

    match account.token:
        case None:
            return otherwise
        case Secret() as token:
            try:
                return checked(token.reveal(), "the manifest's account.token")
            except UsageError as error:
                return error
        case unresolved:
            return UsageError(
                f"the manifest's account.token: {unresolved.message}", hint=unresolved.hint
            )
