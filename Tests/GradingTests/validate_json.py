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

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).parent.parent))
from json_changes import changes

# What a teacher takes off is negative.
MAY_BE_NEGATIVE = re.compile(r"/adjustments/\d+/points negative$")


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
