"""What people type who come from other tools, and what is meant here."""

from collections.abc import Mapping
from typing import Final

_PRUNE: Final = (
    "take the entry out of the manifest; `reconciler plan --prune` shows what would be deleted,"
    " `reconciler apply --prune` deletes it"
)
_PLAN: Final = "`reconciler plan` shows what apply would do, and does nothing"
_APPLY: Final = "`reconciler apply` creates what is missing; it asks first"
_STATUS: Final = "`reconciler status` lists what is recorded"
_YES: Final = "`reconciler apply --yes` asks nothing"
_LEVEL: Final = "say how much is logged: --log-level debug, or --log-level error"

COMMANDS: Final[Mapping[str, str]] = {
    "add": "write an entry into the manifest; `reconciler plan` shows what that costs",
    "check": "`reconciler validate` checks the manifest",
    "create": _APPLY,
    "delete": _PRUNE,
    "deploy": _APPLY,
    "destroy": _PRUNE,
    "diff": _PLAN,
    "down": _PRUNE,
    "dry-run": _PLAN,
    "encrypt": "`reconciler state seal` seals the tokens in the state",
    "fmt": "the manifest is plain YAML: format it with what formats yours",
    "force-unlock": "the lock ends with the process that holds it; nothing is to be unlocked",
    "get": _STATUS,
    "lint": "`reconciler validate` checks the manifest",
    "list": _STATUS,
    "login": "there is no login: GREEN_API_PARTNER_TOKEN holds the partner token",
    "ls": _STATUS,
    "man": "`reconciler help --man` writes man pages",
    "new": "`reconciler init` writes a first manifest",
    "output": "`reconciler export` prints ids and tokens",
    "outputs": "`reconciler export` prints ids and tokens",
    "preview": _PLAN,
    "prune": _PRUNE,
    "qr": "`reconciler link KEY` shows a code for the phone",
    "reconcile": _APPLY,
    "refresh": "`reconciler status --refresh` compares with the account",
    "remove": _PRUNE,
    "rm": _PRUNE,
    "run": _APPLY,
    "show": _STATUS,
    "start": "`reconciler init` writes a first manifest",
    "sync": _APPLY,
    "test": "`reconciler validate` checks the manifest; `reconciler sandbox` is there to rehearse",
    "tokens": "`reconciler export` prints ids and tokens",
    "unlock": "the lock ends with the process that holds it; nothing is to be unlocked",
    "up": _APPLY,
    "update": "`reconciler apply --update` sets what changed; `reconciler plan --update` shows it",
    "upgrade": "pip, pipx or uv upgrade the program; it reads every state it ever wrote",
}

OPTIONS: Final[Mapping[str, str]] = {
    "--auto-approve": _YES,
    "--assume-yes": _YES,
    "--config": "name the manifest with -f",
    "--debug": _LEVEL,
    "--delete": _PRUNE,
    "--diff": _PLAN,
    "--dry-run": _PLAN,
    "--dryrun": _PLAN,
    "--file": "name the manifest with -f",
    "--filter": "choose entries with --only and --exclude",
    "--force": "nothing is forced: each guard says which option is meant for its case",
    "--input": "name the manifest with -f",
    "--jobs": "--concurrency says how many creates are in flight",
    "--json": "-o json",
    "--lock": "the state is always locked; --lock-timeout says how long to wait for it",
    "--noop": _PLAN,
    "--parallel": "--concurrency says how many creates are in flight",
    "--parallelism": "--concurrency says how many creates are in flight",
    "--preview": _PLAN,
    "--quiet": _LEVEL,
    "--state-file": "name the state with -s",
    "--target": "choose entries with --only and --exclude",
    "--token-file": "set GREEN_API_PARTNER_TOKEN_FILE to the file's path",
    "--url": "--api-url, or GREEN_API_PARTNER_URL",
    "--var": "the manifest takes ${env:NAME} and ${file:PATH}",
    "--verbose": _LEVEL,
    "--what-if": _PLAN,
    "-c": "name the manifest with -f",
    "-d": _PLAN,
    "-i": "name the manifest with -f",
    "-j": "--concurrency says how many creates are in flight",
    "-n": _PLAN,
    "-q": _LEVEL,
    "-t": "choose entries with --only and --exclude",
    "-v": _LEVEL,
    "-y": _YES,
}
