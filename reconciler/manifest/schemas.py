"""What ships in the folder `schema`: the JSON Schemas and the first manifest, as text."""

from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path


def schema_text(name: str = "manifest") -> str:
    """Return the text of `schema/<name>.schema.json`."""
    return shipped_text(f"{name}.schema.json")


def shipped_text(file: str) -> str:
    """Return the text of *file* in the folder of the schemas."""
    return _folder().joinpath(file).read_text(encoding="utf-8")


def _folder() -> Traversable:
    shipped = files("reconciler") / "schema"
    if shipped.is_dir():
        return shipped
    return Path(__file__).parents[2] / "schema"  # a checkout: the folder beside the package
