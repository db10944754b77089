"""The site's table of parameters, made of the manifest's schema."""

from reconciler.manifest.rules import Parameter, load_rules


def parameters_markdown() -> str:
    """Return the table."""
    rows = ["| parameter | value | meaning |", "| --- | --- | --- |"]
    parameters = load_rules().parameters.values()
    rows += [f"| `{each.name}` | {_value(each)} | {each.description} |" for each in parameters]
    return "\n".join(rows) + "\n"


def _value(parameter: Parameter) -> str:
    if parameter.booleans:
        return " or ".join(f"`{word}`" for word in parameter.booleans.values())
    if parameter.is_number:
        return f"{parameter.schema['minimum']} to {parameter.schema['maximum']}"
    return "text, secret" if parameter.secret else "text"
