"""Checks the documents of OpenAPI whose names are read from standard input, a line each: each is
valid, and each example in it fits its own schema. Prints how many examples there are in each."""

import json
import sys

import yaml
from jsonschema import Draft202012Validator
from openapi_spec_validator import validate

Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def media_types(operation):
    for side in operation.get("requestBody", {}), operation["responses"].get("200", {}):
        yield from side.get("content", {}).values()


def check(name):
    with open(name, encoding="utf-8") as file:
        document = json.load(file) if name.endswith(".json") else yaml.load(file, Loader)
    validate(document)
    count = 0
    for path, item in document["paths"].items():
        for media_type in media_types(item.get("post", {"responses": {}})):
            # References lead into the document.
            schema = {**media_type.get("schema", {}), "components": document.get("components", {})}
            validator = Draft202012Validator(
                schema, format_checker=Draft202012Validator.FORMAT_CHECKER
            )
            for kind, example in media_type.get("examples", {}).items():
                count += 1
                errors = [error.message for error in validator.iter_errors(example["value"])]
                if errors:
                    raise SystemExit(f"{name} {path} {kind}: {errors}")
    return count


for line in sys.stdin:
    print(check(line.rstrip("\n")))
