"""Where manifest and state are: the state in a file, or as an object in a bucket."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from reconciler.errors import UsageError

MANIFEST: Final = Path("instances.yaml")  # where nobody names another
STATE: Final = Path("instances.state.json")
SCHEMES: Final = ("s3", "gs", "az")
_LIKE_A_URL: Final = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://(.*)", re.DOTALL)
_BUCKET: Final = re.compile(r"[A-Za-z0-9$][A-Za-z0-9._$-]{1,221}")
_FORMS: Final = "s3://BUCKET/KEY, gs://BUCKET/KEY or az://CONTAINER/KEY"


@dataclass(frozen=True, slots=True)
class ObjectUrl:
    """An object in a bucket (Azure says container); its companions have names that begin so."""

    scheme: str
    bucket: str
    key: str

    def __str__(self) -> str:
        return f"{self.root}/{self.key}"

    @property
    def root(self) -> str:
        """The bucket, as messages call it."""
        return f"{self.scheme}://{self.bucket}"


Place = Path | ObjectUrl


def beside(manifest: Path) -> Path:
    """Return where the state of *manifest* lies: in the same folder."""
    return (manifest if manifest.is_dir() else manifest.parent) / STATE


def place_of(text: str, *, folder: Path | None = None) -> Place:
    """Return the place that *text* names, a path within *folder*; raise UsageError."""
    like = _LIKE_A_URL.fullmatch(text)
    if like is None:
        return Path(text) if folder is None else folder / text
    scheme, rest = like[1].lower(), like[2]
    bucket, _, key = rest.partition("/")
    if scheme not in SCHEMES:
        raise UsageError(f"a state can't be kept at {scheme}://", hint=f"write {_FORMS}, or a path")
    if not _BUCKET.fullmatch(bucket):
        raise UsageError(
            f"the URL of the state names no bucket that {scheme}:// can have",
            hint=f"write {_FORMS}",
        )
    if not all(part.strip(".") for part in key.split("/")) or not key.isprintable():
        raise UsageError(
            f"{scheme}://{bucket}: the URL of the state names no object in it",
            hint=f"write {_FORMS}, for example {scheme}://{bucket}/instances.state.json",
        )
    return ObjectUrl(scheme, bucket, key)
