"""The folder of the schemas is found, in a checkout as well as in a wheel."""

import json

import pytest

from reconciler.manifest.schemas import schema_text, shipped_text


def test_the_schema_of_the_manifest_is_the_first_to_be_asked_for() -> None:
    assert json.loads(schema_text())["title"] == "Manifest of GREEN-API instances"


def test_other_schemas_go_by_their_name() -> None:
    assert json.loads(schema_text("state"))["$schema"].startswith("http://json-schema.org/draft-07")


def test_a_schema_that_is_not_there_is_not_made_up() -> None:
    with pytest.raises(FileNotFoundError):
        shipped_text("nothing.json")
