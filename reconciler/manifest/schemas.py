"""What ships in the folder `schema`: the JSON Schemas and the first manifest, as text."""

from pathlib import Path
from typing import Final

_PACKAGE: Final = Path(__file__).parents[1]


def schema_text(name: str = "manifest") -> str:
    """Return the text of `schema/<name>.schema.json`."""
    return shipped_text(f"{name}.schema.json")


def shipped_text(file: str) -> str:
    """Return the text of *file* in the folder of the schemas."""
    # By hand: importlib.resources would open zip files, too, and imports what that needs (6 ms).
    shipped = _PACKAGE / "schema"
    if not shipped.is_dir():
        shipped = _PACKAGE.parent / "schema"  # a checkout: the folder beside the package
    return (shipped / file).read_text(encoding="utf-8")
