"""Manifests on disk → entries, or every problem in them at once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from reconciler.manifest.problems import Problem, Severity, in_order
from reconciler.model import Desired
from reconciler.secrets import Secret

if TYPE_CHECKING:
    from reconciler.manifest.account import AccountSettings
    from reconciler.manifest.credentials import PartnerTokens
    from reconciler.manifest.entries import Entries
    from reconciler.manifest.findings import Findings
    from reconciler.manifest.references import Resolver
    from reconciler.manifest.rules import Rules
    from reconciler.manifest.source import Source
    from reconciler.manifest.values import ValueReader


@dataclass(frozen=True, slots=True)
class Manifest:
    """What the manifests of a run say. *entries* are in the order of the files, or none at all
    where there is an error.

    *unset* tells that some of their values are not known on this machine. *sources* are the texts
    of the files that have problems, by path, with secrets masked: the excerpts of a report come
    from there. *secrets* are the values that no output may show.
    """

    entries: tuple[Desired, ...]
    problems: tuple[Problem, ...]
    unset: bool = False
    recipients: tuple[str, ...] = ()
    account: "AccountSettings | None" = None
    files: tuple[str, ...] = ()
    secrets: tuple[Secret, ...] = ()
    sources: Mapping[str, str] = field(default_factory=dict, repr=False)

    @property
    def errors(self) -> tuple[Problem, ...]:
        return tuple(item for item in self.problems if item.severity is Severity.ERROR)

    @property
    def warnings(self) -> tuple[Problem, ...]:
        return tuple(item for item in self.problems if item.severity is Severity.WARNING)


def load(
    paths: Sequence[Path],
    *,
    env: Mapping[str, str],
    partner_token: Secret | None = None,
    resolve: bool = True,
) -> Manifest:
    """Read the manifests at *paths*: files, or folders of them. Whatever is wrong is a problem.

    *partner_token* is refused wherever it turns up in a manifest. Without *resolve*, a reference
    to what is not there is only noted, and its value is `Unset`: enough to check a manifest and to
    plan with it, not to apply it.
    """
    # What reading needs costs some 40 ms to import, and many commands start without it.
    from reconciler.manifest.credentials import PartnerTokens
    from reconciler.manifest.files import find, load_source, shown_path
    from reconciler.manifest.rules import load_rules

    files, problems = find(paths)
    run = Reading(load_rules(), env, PartnerTokens(partner_token), problems, resolve=resolve)
    for path in files:
        source = load_source(path)
        if isinstance(source, Problem):
            run.problems.append(source)
        else:
            run.add(source, path.parent)
    return run.manifest(tuple(map(shown_path, files)))


def strict(manifest: Manifest) -> Manifest:
    """Return *manifest* with its warnings as errors."""
    if not manifest.warnings:
        return manifest
    problems = tuple(
        replace(item, severity=Severity.ERROR) if item.severity is Severity.WARNING else item
        for item in manifest.problems
    )
    return replace(manifest, problems=problems, entries=())


@dataclass(slots=True)
class Reading:
    """What has been read so far."""

    rules: "Rules"
    env: Mapping[str, str]
    tokens: "PartnerTokens"
    problems: list[Problem]
    resolve: bool = True
    sources: "list[Source]" = field(default_factory=list)
    read: "list[tuple[Entries, ValueReader]]" = field(default_factory=list)
    recipients: dict[str, None] = field(default_factory=dict)
    account: "AccountSettings | None" = None

    def add(self, source: "Source", folder: Path) -> None:
        """Read one file and gather its entries and problems."""
        from reconciler.manifest.entries import gather
        from reconciler.manifest.findings import Findings
        from reconciler.manifest.head import read_head
        from reconciler.manifest.reader import read
        from reconciler.manifest.references import Resolver
        from reconciler.manifest.values import ValueReader

        self.sources.append(source)
        exposed = self.tokens.check(source)
        document = read(source, shown=self.rules.shown)
        self.problems += [*document.problems, *([exposed] if exposed else [])]
        if not document.complete:
            return
        findings = Findings(document)
        head = read_head(document.root, self.rules, findings)
        resolver = Resolver(self.env, folder)
        self._learn_account(document.root, resolver, findings)
        settler = ValueReader(self.rules, resolver, self.tokens, findings, self.resolve)
        entries = gather(document, head, settler)
        if not self.rules.clean.is_valid(entries.values) or not self._defaults_pass(entries):
            from reconciler.manifest.check import check

            check(entries, settler)
        told = {problem.place for problem in document.problems}
        self.problems += [item for item in findings.problems() if item.place not in told]
        self.recipients |= dict.fromkeys(head.recipients)
        self.read.append((entries, settler))

    def _learn_account(self, root: Any, resolver: "Resolver", findings: "Findings") -> None:
        from reconciler.manifest.account import read_account

        absent = Severity.ERROR if self.resolve else Severity.NOTE
        account = read_account(root, resolver, findings, absent=absent)
        if account is not None and self.account not in (None, account):
            said = "another manifest of this run is for another account"
            hint = "run the program once for each account"
            findings.say(root.key_mark("account"), "account", "account", said, hint)
        self.account = account or self.account

    def manifest(self, files: tuple[str, ...]) -> Manifest:
        from reconciler.manifest.entries import desired, learn_secrets
        from reconciler.manifest.names import check_names

        problems = in_order(
            (*self.problems, *check_names([entries for entries, _ in self.read], self.rules.is_key))
        )
        wrong = any(problem.severity is Severity.ERROR for problem in problems)
        wanted: list[Desired] = []
        for entries, settler in self.read:
            learn_secrets(entries, settler)
            wanted += [] if wrong else desired(entries, self.rules.secret)
        secrets = tuple(dict.fromkeys(s for _, settler in self.read for s in settler.secrets))
        return Manifest(
            entries=tuple(wanted),
            problems=problems,
            unset=not wrong and any(entries.unset for entries, _ in self.read),
            recipients=() if wrong else tuple(self.recipients),
            account=self.account,
            files=files,
            secrets=secrets,
            sources=self._excerpts(problems) if problems else {},
        )

    def _defaults_pass(self, entries: "Entries") -> bool:
        values = {k: v for k, v in entries.defaults.values.items() if v is not None}
        return not values or self.rules.clean.is_valid({"defaults": values})

    def _excerpts(self, problems: tuple[Problem, ...]) -> Mapping[str, str]:
        from reconciler.manifest.excerpts import Excerpts

        named = {problem.place.path for problem in problems}
        texts = {source.path: source for source in self.sources if source.path in named}
        keys = {key for entries, _ in self.read for key in entries.values if self.rules.is_key(key)}
        return Excerpts(texts, self.rules, frozenset(keys))
