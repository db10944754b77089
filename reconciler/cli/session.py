"""What a run works with, as the user said: manifest, state, partner API, log, clock."""

import os
import shlex
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from reconciler.cli.account import demand_account, meant_url, token_of
from reconciler.cli.invocation import Invocation
from reconciler.cli.options.api import Api
from reconciler.cli.options.common import Common
from reconciler.cli.options.holding import Holding
from reconciler.cli.rescue import Rescue
from reconciler.cli.variables import unread
from reconciler.errors import UsageError
from reconciler.logs import LEVELS, Listener, Silence, is_terminal, open_log, open_log_file
from reconciler.manifest import Manifest, load
from reconciler.manifest.problems import InvalidManifest, Severity
from reconciler.places import MANIFEST, STATE, ObjectUrl, Place
from reconciler.secrets import Secret, Sieve, apart_from
from reconciler.state.model import State

if TYPE_CHECKING:
    from reconciler.apply.ports import Clock, Log
    from reconciler.manifest.problems import Problem
    from reconciler.partner.client import Partner
    from reconciler.report.words import Call
    from reconciler.state.sealing import Sealer
    from reconciler.state.store import Store


@dataclass(frozen=True, slots=True)
class Access:
    """The way to the partner API: a URL that was checked, where it was found, and the token."""

    url: str
    url_from: str
    token: Secret | None = field(repr=False)  # None: instances alone are asked
    ca_bundle: Path | None


@dataclass(frozen=True, slots=True)
class Session:
    """What every command works with. *env* is the environment, read once, here."""

    common: Common
    env: Mapping[str, str]
    token: Secret | UsageError  # why there is none is raised once it is needed
    sieve: Sieve
    run_id: str
    log: "Log"
    listeners: list[Listener]  # of the log: they hear what is not written, too
    quiet: bool  # nobody reads what goes well in the log
    words_too: bool  # who reads the log reads the words on stderr as well
    color_out: bool  # stdout
    color_err: bool

    @property
    def width(self) -> int:
        """The columns of the terminal; 0 (fold nothing) when stdout is none."""
        if not is_terminal(sys.stdout):
            return 0
        from shutil import get_terminal_size

        return get_terminal_size().columns

    @property
    def repeated(self) -> tuple[str, ...]:
        """The options of this call that the commands we advise need as well."""
        words: list[str] = []
        for path in self.common.manifests:
            words += ["-f", str(path)] if path != MANIFEST else []
        if self.common.state_given:
            words += ["-s", str(self.common.state)]
        return tuple(words)

    def call(self, api_url: str | None = None) -> "Call":
        """What reports say of this call."""
        from reconciler.report.words import Call

        return Call(api_url, str(self.common.state), self.repeated)

    def manifest(self) -> Manifest:
        """Load the manifest and show its problems; raise ManifestError if there are errors."""
        return self.demand(self.load())

    def load(self, *, resolve: bool = True) -> Manifest:
        """Load the manifest, and learn which values are secret.

        Without *resolve*, what references name need not be there.
        """
        token = self.token if isinstance(self.token, Secret) else None
        manifest = load(self.common.manifests, env=self.env, partner_token=token, resolve=resolve)
        if manifest.account != self.common.account and not manifest.errors:
            raise UsageError(
                "a manifest that names its account is read twice, and this one can't be",
                hint="name a file with -f, or hand it over as stdin: -f -",
            )
        public = "\n".join(f"{entry.key}\n{entry.name}" for entry in manifest.entries)
        for secret in apart_from(public, manifest.secrets):  # masking names helps nobody
            self.sieve.add(secret)
        return manifest

    def demand(self, manifest: Manifest) -> Manifest:
        """Show the problems of *manifest* on stderr; raise ManifestError if there are errors, or if
        nobody knows which account it is for."""
        if manifest.problems:
            self.narrate(problem_text(manifest.problems, color=self.color_err).rstrip("\n"))
        if manifest.errors:
            raise InvalidManifest(manifest.problems)
        demand_account(manifest.account)
        self.log.info("manifest_loaded", files=len(manifest.files), entries=len(manifest.entries))
        return manifest

    @property
    def has_manifest(self) -> bool:
        """Whether any of the manifests is there; who only looks goes without."""
        return any(os.path.lexists(path) for path in self.common.manifests)

    def recipients(self) -> tuple[str, ...]:
        """Return the recipients that the manifest names, if there is a manifest at all.

        For them, what references name need not be there, and is not asked for.
        """
        if not self.has_manifest:
            return ()
        manifest = self.load(resolve=False)
        wrong = [each for each in manifest.problems if each.severity is not Severity.NOTE]
        return self.demand(replace(manifest, problems=tuple(wrong))).recipients

    def state(self) -> State:
        """Read the state without holding it; one that does not exist yet has no lineage."""
        from reconciler.state.loading import read_state

        _check_place(self.common)

        return self._learn(read_state(self.common.state) or State(lineage=""))

    def open_store(
        self,
        holding: Holding,
        *,
        place: Place | None = None,
        lineage: str | None = None,
    ) -> "Store":
        """Take the state for this run; raise StateLocked, StateError, UsageError.

        A run that brings tokens needs recipients where the state's are sealed. Another *place* is
        only copied from or to; a state that is new there is of that *lineage*.
        """
        from uuid import uuid4

        from reconciler.state.opening import backend_of
        from reconciler.state.store import Store

        if place is None:
            _check_place(self.common)
        place = place or self.common.state
        recipients, brings_tokens = holding.recipients, holding.recipients is not None
        clock = self.clock()
        store = Store.hold(
            backend_of(place),
            now=clock.now,
            moment=clock.moment,
            new_lineage=lambda: lineage or str(uuid4()),
            lock_timeout=holding.lock_timeout,
            sealer=_sealer(recipients),
            brings_tokens=brings_tokens,
            rescue=Rescue(self.warn),
            warn=self.warn,
        )
        state = self._learn(store.state())
        if not recipients and not (isinstance(place, ObjectUrl) and not brings_tokens):
            self.warn_of_exposure(place, state, brings_tokens=brings_tokens)
        return store

    def warn_of_exposure(self, place: Place, state: State, *, brings_tokens: bool = False) -> None:
        """Warn if plain tokens, those of *state* or new ones, lie where others may read them."""
        from reconciler.cli.exposure import exposure

        tokens = (each.token for each in state.instances.values())
        if brings_tokens or any(isinstance(token, Secret) for token in tokens):
            said = click.get_current_context().ensure_object(Invocation).tokens_in_bucket
            if warning := exposure(place, in_bucket=said):
                self.warn(warning)

    def url(self, api: Api) -> str:
        """Return where the API is: as somebody said, else as the manifest says, else by default;
        raise UsageError for what is no good URL."""
        from reconciler.urls import check_url

        return check_url(meant_url(api.api_url, self.common.account)[0])

    def access(self, api: Api, *, as_partner: bool = True) -> Access:
        """Return where the API is and who asks; raise UsageError without a good URL, or without a
        token where the account itself is asked (*as_partner*)."""
        url = self.url(api)
        token = self.token if isinstance(self.token, Secret) else None
        if as_partner and not isinstance(self.token, Secret):
            raise self.token
        found = meant_url(api.api_url, self.common.account)[1]
        return Access(url, found, token, api.ca_bundle)

    def partner(self, access: Access, *, timeout: float) -> "Partner":
        """Return the partner API's client; raise UsageError for a proxy or certificates that can't
        be used. httpx and a TLS context take long: a run with nothing to do needs none."""
        from reconciler.partner.client import Partner

        return Partner(
            access.url,
            access.token,
            timeout=timeout,
            url_from=access.url_from,
            warn=self.warn,
            ca_bundle=access.ca_bundle,
            now=self.clock().now,
            sieve=self.sieve,
        )

    def clock(self) -> "Clock":
        """The real clock; everything below the command line is handed this one."""
        from reconciler.cli.clock import real_clock

        return real_clock()

    def narrate(self, text: str) -> None:
        """Say *text* on stderr."""
        click.echo(self.sieve.clean(text), err=True, color=self.color_err)

    def warn(self, message: str) -> None:
        """Say on stderr what does not stop the run but should not stay as it is."""
        self.narrate(f"warning: {message}")

    def answer(self, text: str) -> None:
        """Put *text* on stdout, as it is: what renders it keeps secrets out."""
        click.echo(text.rstrip("\n"), color=self.color_out)

    def ended(self, event: str, *, exit_code: int, **fields: object) -> None:
        """Log how the run ended: a failure is an error, unless words on stderr say it anyway."""
        tell = self.log.error if exit_code and not self.words_too else self.log.info
        tell(event, **fields, exit_code=exit_code)

    def _learn(self, state: State) -> State:
        for recorded in state.instances.values():
            if isinstance(recorded.token, Secret):
                self.sieve.add(recorded.token)
        return state


def build(common: Common, *, offline: bool) -> Session:
    """Read the environment and set up the log; *offline* commands log warnings only, unless any
    log option asks for more."""
    from reconciler.partner.settings import FILE_VARIABLE, VARIABLE, find_token

    invocation = click.get_current_context().ensure_object(Invocation)
    env, sieve, warnings = invocation.env, invocation.sieve, list[str]()
    token = find_token(env, online=not offline, warn=warnings.append)
    if common.account and not {VARIABLE, FILE_VARIABLE} & set(env):
        token = token_of(common.account, otherwise=token)
    if isinstance(token, Secret):
        sieve.add(token)
    terminal = is_terminal(sys.stderr)
    asked = common.log_format != "auto" or common.log_file is not None
    level = common.log_level or ("warning" if not asked and (offline or terminal) else "info")
    as_json = common.log_format == "json" or (common.log_format == "auto" and not terminal)
    run_id, listeners = os.urandom(8).hex(), list[Listener]()
    invocation.run_id = run_id
    color_err = _color(common.color, sys.stderr, env)
    if offline and not asked and common.log_level is None:
        log: Log = Silence()
    else:
        log = open_log(
            run_id=run_id,
            level=level,
            style="json" if as_json else "color" if color_err else "plain",
            sieve=sieve,
            stream=sys.stderr,
            file=open_log_file(common.log_file) if common.log_file else None,
            listeners=listeners,
        )
    session = Session(
        common,
        env,
        token,
        sieve,
        run_id,
        log,
        listeners,
        quiet=LEVELS[level] > LEVELS["info"],
        words_too=not as_json,
        color_out=_color(common.color, sys.stdout, env),
        color_err=color_err,
    )
    for warning in (*unread(click.get_current_context(), env), *(() if offline else warnings)):
        session.warn(warning)
    return session


def _check_place(common: Common) -> None:
    """Raise UsageError when the state still lies where earlier versions left it: in the working
    folder, whatever the manifest's folder was."""
    if (
        not isinstance(common.state, Path)
        or common.state_given
        or common.state.exists()
        or MANIFEST.exists()
        or not STATE.exists()
    ):
        return
    raise UsageError(
        f"there is no {common.state}, but {STATE} in this folder, where the state used to lie;"
        " it belongs beside the manifest",
        hint=f"move it and what goes with it: mv {STATE}* {shlex.quote(str(common.state.parent))}/;"
        f" or leave it where it is, with -s {STATE}",
    )


def problem_text(problems: "Iterable[Problem]", *, color: bool) -> str:
    """Render *problems* as compilers do."""
    from reconciler.report.problems import as_text

    return as_text(tuple(problems), color=color, sources=None)


def _sealer(recipients: Sequence[str] | None) -> "Sealer | None":
    if not recipients:
        return None
    from reconciler.state.sealing import make_sealer

    return make_sealer(recipients)


def _color(choice: str, stream: object, env: Mapping[str, str]) -> bool:
    if choice != "auto":
        return choice == "always"
    if env.get("NO_COLOR") or env.get("TERM") == "dumb":
        return False
    return is_terminal(stream)  # type: ignore[arg-type]  # sys.stdout is typed as TextIO elsewhere
