"""The partner token has no place in a manifest: neither typed, nor through a reference."""

import re
from dataclasses import dataclass
from typing import Final

from reconciler.manifest.problems import Problem, Severity
from reconciler.manifest.source import Source
from reconciler.secrets import Secret

_LOOKS_LIKE_ONE: Final = re.compile(r"\bgac\.[A-Za-z0-9]{16,}")


@dataclass(frozen=True, slots=True)
class PartnerTokens:
    """Finds the partner token *known*, and whatever looks like one."""

    known: Secret | None

    words = (
        "partner-token",
        "a partner token may not stand in a manifest, nor be sent to an instance",
        "take it out and have it replaced; it belongs into GREEN_API_PARTNER_TOKEN",
    )

    def found_in(self, text: str) -> bool:
        return self.find(text) is not None

    def find(self, text: str) -> int | None:
        """Return where in *text* a partner token begins."""
        token = self.known.reveal() if self.known is not None else ""
        if len(token) >= 8 and token in text:
            return text.index(token)
        found = _LOOKS_LIKE_ONE.search(text) if "gac." in text else None
        return found.start() if found else None

    def check(self, source: Source) -> Problem | None:
        """Return the problem of a token anywhere in the file, comments included."""
        index = self.find(source.text)
        if index is None:
            return None
        rule, message, hint = self.words
        return Problem(source.place(index), Severity.ERROR, "", message, hint, rule)
