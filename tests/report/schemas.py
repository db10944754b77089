"""Holds an output to its published schema."""

import json
from typing import Any

import jsonschema

from reconciler.schemas import schema_text


def checked(text: str, schema: str) -> Any:
    """Return the document *text*; fail when it is not what *schema* says."""
    document = json.loads(text)
    described = json.loads(schema_text(schema))
    jsonschema.Draft7Validator.check_schema(described)
    jsonschema.Draft7Validator(described).validate(document)
    return document
