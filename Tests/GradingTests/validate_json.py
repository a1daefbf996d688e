"""Validates what migsh writes for teachers with a validator that is not ours, Python's jsonschema.

    validate_json.py SCHEMA DOCUMENT...

Prints what does not fit the schema, and which changes of the first document the schema lets pass: a part that is missing, of
another type, or one too many. Prints nothing when all is well.
"""
import json
import pathlib
import re
import sys

from jsonschema import Draft202012Validator

# What a teacher takes off is negative.
MAY_BE_NEGATIVE = re.compile(r"/adjustments/\d+/points negative$")


def changes(value, place=""):
    """Copies of a value in which one part is another."""
    if isinstance(value, dict):
        yield f"{place}/+", {**value, "further": 1}
        for key, inner in value.items():
            yield f"{place}/{key}-", {name: part for name, part in value.items() if name != key}
            for where, changed in changes(inner, f"{place}/{key}"):
                yield where, {**value, key: changed}
    elif isinstance(value, list):
        yield f"{place}[]", {"wrong": 1}
        for index, inner in enumerate(value):
            for where, changed in changes(inner, f"{place}/{index}"):
                yield where, value[:index] + [changed] + value[index + 1:]
    else:
        yield place, {"wrong": 1}
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            yield f"{place} negative", -1


def main():
    schema, *documents = [json.loads(pathlib.Path(name).read_text(encoding="utf-8")) for name in sys.argv[1:]]
    Draft202012Validator.check_schema(schema)
    validator = Draft202012Validator(schema)
    for document in documents:
        for error in validator.iter_errors(document):
            print(f"/{'/'.join(str(part) for part in error.absolute_path)}: {error.message[:200]}")
    tried = 0
    for where, changed in changes(documents[0]):
        tried += 1
        if validator.is_valid(changed) and not MAY_BE_NEGATIVE.search(where):
            print("accepted", where)
    if tried < 60:
        print("only", tried, "changes were tried")


main()
