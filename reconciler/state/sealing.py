"""Tokens sealed to age recipients, each on its own: the home of pyrage."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

from reconciler.errors import MissingExtra, StateError, UsageError
from reconciler.model import Recorded, Sealed, Token
from reconciler.secrets import Secret
from reconciler.state.model import State


@dataclass(frozen=True, slots=True)
class Sealer:
    """Encrypts tokens to recipients; nobody needs a private key for that."""

    recipients: tuple[Any, ...] = field(repr=False)

    def seal(self, token: Secret) -> Sealed:
        """Return *token* as an armored age file."""
        import pyrage

        sealed = pyrage.encrypt(token.reveal().encode(), list(self.recipients), armored=True)
        return Sealed(sealed.decode())


@dataclass(frozen=True, slots=True)
class Opener:
    """Decrypts tokens with the identities at hand."""

    identities: tuple[Any, ...] = field(repr=False)

    def open(self, sealed: Sealed, *, entry: str | None = None) -> Secret:
        """Return the token; raise UsageError when no identity fits, StateError when it is damaged.

        *entry* is whose token it is, for the message.
        """
        import pyrage

        try:
            opened = pyrage.decrypt(sealed.armored.encode(), list(self.identities))
            return Secret(opened.decode())
        except pyrage.DecryptError as error:
            fits = "No matching keys" not in str(error)
        except UnicodeDecodeError:
            fits = True
        place = f"{entry}: " if entry else ""
        if fits:
            raise StateError(
                f"{place}the sealed token is damaged",
                hint="restore the state from git or a backup",
            )
        raise UsageError(
            f"{place}none of the identities opens the sealed token",
            hint="give the identity of one of its recipients: --identity FILE",
        )


def make_sealer(recipients: Sequence[str]) -> Sealer:
    """Return what seals to all of *recipients* (age1…, ssh-ed25519 …, ssh-rsa …), or UsageError."""
    _need_pyrage()
    sealer = Sealer(tuple(_recipient(text.strip()) for text in recipients))
    _try_out(sealer)
    return sealer


def make_opener(identity_files: Sequence[Path]) -> Opener:
    """Return what opens with the keys in *identity_files*, age-keygen's or SSH's; or UsageError."""
    _need_pyrage()
    return Opener(tuple(key for path in identity_files for key in _identities(path)))


def seal_plain(state: State, sealer: Sealer) -> State:
    """Return *state* with every plain token sealed; sealed ones stay to the letter."""
    return _with_tokens(
        state,
        {
            key: sealer.seal(recorded.token)
            for key, recorded in state.instances.items()
            if isinstance(recorded.token, Secret)
        },
    )


def reseal(state: State, opener: Opener | None, sealer: Sealer) -> State:
    """Return *state* with every token sealed anew; an error names whose can't be opened."""
    plain = {
        key: _opened(key, recorded.token, opener)
        for key, recorded in state.instances.items()
        if recorded.token is not None
    }
    return _with_tokens(state, {key: sealer.seal(token) for key, token in plain.items()})


def _opened(key: str, token: Token, opener: Opener | None) -> Secret:
    if isinstance(token, Secret):
        return token
    if opener is None:
        raise UsageError(
            f"{key}: its token is sealed, and there is no identity to open it with",
            hint="give one with --identity FILE",
        )
    return opener.open(token, entry=key)


def _with_tokens(state: State, tokens: Mapping[str, Sealed]) -> State:
    if not tokens:
        return state
    changed: dict[str, Recorded] = {
        key: state.instances[key]._replace(token=token) for key, token in tokens.items()
    }
    return replace(state, instances={**state.instances, **changed})


def _need_pyrage() -> None:
    try:
        import pyrage  # noqa: F401 - asked for before anything is sent
    except ImportError:
        raise MissingExtra("sealing tokens", "pyrage", extra="age") from None


def _recipient(text: str) -> object:
    import pyrage

    if "SECRET-KEY" in text.upper() or "PRIVATE KEY" in text.upper():
        raise UsageError(
            "a recipient is a private key; it was not used, and is not shown",
            hint="give its public half (age-keygen -y FILE), and make a new key if this one leaked",
        )
    parse = pyrage.ssh.Recipient.from_str if text.startswith("ssh-") else _x25519
    try:
        return parse(text)
    except pyrage.RecipientError:
        pass
    raise UsageError(
        f"recipient {text!r}: not a public key that age knows",
        hint="a recipient looks like age1… (made by age-keygen), ssh-ed25519 … or ssh-rsa …",
    )


def _try_out(sealer: Sealer) -> None:
    """Find out now, and not with a token in hand, whether these recipients go together."""
    import pyrage

    try:
        sealer.seal(Secret("trial"))
        return
    except pyrage.EncryptError:
        pass
    raise UsageError(
        "tokens can't be sealed to these recipients, or to none",
        hint="name at least one with --recipient age1…, and none that must stand alone",
    )


def _x25519(text: str) -> object:
    import pyrage

    return pyrage.x25519.Recipient.from_str(text)


_MARK: Final = "AGE-SECRET-KEY-"


def _identities(path: Path) -> list[object]:
    import pyrage

    try:
        text = path.read_bytes().decode()
    except OSError as error:
        reason = (error.strerror or "no reason given").lower()
        raise UsageError(f"identity {path}: can't be read: {reason}") from None
    except UnicodeDecodeError:
        text = ""
    if "PRIVATE KEY-----" in text:
        return [_parsed(path, pyrage.ssh.Identity.from_buffer, text.encode())]
    lines = [line.strip() for line in text.splitlines()]
    keys = [line for line in lines if line and not line.startswith("#")]
    if not keys or not all(key.startswith(_MARK) for key in keys):
        raise _no_identity(path)
    return [_parsed(path, pyrage.x25519.Identity.from_str, key) for key in keys]


def _parsed(path: Path, parse: Callable[[Any], object], key: str | bytes) -> object:
    import pyrage

    try:
        return parse(key)
    except pyrage.IdentityError as error:
        locked = "decrypted first" in str(error)
    if locked:
        raise UsageError(
            f"identity {path}: protected by a passphrase",
            hint="give a copy without one: ssh-keygen -p -N '' -f COPY",
        )
    raise _no_identity(path)


def _no_identity(path: Path) -> UsageError:
    return UsageError(
        f"identity {path}: holds no key that can be read",
        hint="give a file that age-keygen made, not encrypted, or an SSH private key",
    )
