"""Prints a YAML file as JSON, after checking it against the schema that check-jsonschema has of its kind: recipes.py KIND < FILE."""

import importlib.metadata
import json
import sys

import jsonschema
from ruamel.yaml import YAML


def as_azure_reads_it(part):
    """Azure reads booleans as texts. Its schema knows no tasks of extensions: they are checked as the scripts that they run."""
    if isinstance(part, bool):
        return str(part).lower()
    if isinstance(part, list):
        return [as_azure_reads_it(one) for one in part]
    if not isinstance(part, dict):
        return part
    if part.get("task", "").startswith("AWSShellScript@"):
        kept = {key: part[key] for key in part if key not in ("task", "inputs")}
        return {"bash": part["inputs"]["inlineScript"], **kept}
    return {key: as_azure_reads_it(one) for key, one in part.items()}


kind = sys.argv[1]
recipe = YAML(typ="safe", pure=True).load(sys.stdin)
# The package is installed for its schemas alone.
files = importlib.metadata.files("check-jsonschema")
(schema,) = [one for one in files if one.parts[-2:] == ("vendor", f"{kind}.json")]
schema = json.loads(schema.read_text(encoding="utf-8"))
validator = jsonschema.validators.validator_for(schema)(schema)
checked = as_azure_reads_it(recipe) if kind == "azure-pipelines" else recipe
wrong = [error.message for error in validator.iter_errors(checked)]
if wrong:
    sys.exit("\n".join(wrong))
print(json.dumps(recipe))
