"""Validates records of JSON output with a validator that is not ours.

    validate_records.py SCHEMA RECORDS

Each line of RECORDS is `WHERE<tab>RECORD`. Prints what is wrong, and nothing when all is well:
- the schema is no valid schema of its draft;
- a record does not fit it;
- a member has no description;
- a definition, or a member of one, occurs in no record;
- of each command's first records, one with another type somewhere or with a key more fits as well;
- of a mistake in data the schema does not say which command's data it is.

The schema has a rule for each command's name. To try all rules on each record would take a second for 200 of them; so a
record is held to all that precedes the rules, and to the rule for its name. The whole schema judges the first records of
each command, and one mistake in each.
"""
import json
import sys

from jsonschema import Draft202012Validator

MOST_PROBLEMS = 30
# Where a change makes no mistake: what can be anything, and names that are chosen elsewhere.
FREE = {
    ("let", "data"), ("print", "value"), ("watch", "value"), ("watch list", "value"), (None, "value"), (None, "parameters"),
    ("help", "schema"), ("peek", "word"), ("redo", "redone"),
}


class Judge:
    def __init__(self, schema):
        Draft202012Validator.check_schema(schema)
        self.schema = schema
        self.whole = Draft202012Validator(schema)
        self.frame = self.whole.evolve(schema={key: value for key, value in schema.items() if key != "else"})
        others = schema["else"]
        self.written = self.whole.evolve(schema=others["if"])
        self.rules = {}
        for rule in others["else"]["allOf"]:
            name = rule["if"]["properties"]["name"]
            names = [None] if name == {"type": "null"} else name.get("enum", [name.get("const")])
            for name in names:
                assert name not in self.rules, f"two rules for {name}"
                self.rules[name] = self.whole.evolve(schema=rule["then"])

    def errors(self, record):
        found = list(self.frame.iter_errors(record))
        if not found and record["error"] is None and not self.written.is_valid(record):
            found = list(self.rules[record["name"]].iter_errors(record))
        return found

    def blamed(self, error):
        """The first definition on the way to what an error is about: the command's."""
        schema = self.schema
        for step in error.absolute_schema_path:
            # The path itself leaves out references.
            if "$ref" in schema:
                return schema["$ref"].removeprefix("#/$defs/")
            schema = schema[step]
        return None

    def definition(self, schema):
        return self.schema["$defs"][schema["$ref"].removeprefix("#/$defs/")]


def place(error):
    """Where an error is, in a few words: where there are alternatives, in the one with the fewest errors."""
    while error.context:
        branches = {}
        for inner in error.context:
            branches.setdefault(inner.schema_path[0], []).append(inner)
        error = min(branches.values(), key=len)[0]
    return "/".join(str(part) for part in error.absolute_path) + ": " + error.message[:300]


class Coverage:
    """Which members of which definitions have occurred."""

    def __init__(self, judge):
        self.judge = judge
        self.seen = set()
        self.known = set()

    def visit(self, schema, value):
        self.seen.add(id(schema))
        while "$ref" in schema:
            schema = self.judge.definition(schema)
            self.seen.add(id(schema))
        for branch in schema.get("anyOf", []):
            if self.judge.whole.evolve(schema=branch).is_valid(value):
                self.visit(branch, value)
        if isinstance(value, dict):
            for key, inner in value.items():
                below = schema.get("properties", {}).get(key) or schema.get("additionalProperties")
                if isinstance(below, dict):
                    self.visit(below, inner)
        elif isinstance(value, list) and "items" in schema:
            for inner in value:
                self.visit(schema["items"], inner)

    def missing(self, schema, path):
        if id(schema) not in self.seen:
            yield path
            return
        parts = [(f"{path}/{key}", below) for key, below in schema.get("properties", {}).items()]
        parts += [(f"{path}/anyOf/{index}", below) for index, below in enumerate(schema.get("anyOf", []))]
        parts += [(f"{path}/{key}", schema[key]) for key in ("items", "additionalProperties") if isinstance(schema.get(key), dict)]
        for inner, below in parts:
            if "$ref" not in below:
                yield from self.missing(below, inner)

    def signature(self, value):
        if isinstance(value, dict):
            return tuple((key, self.signature(inner)) for key, inner in value.items())
        if isinstance(value, list):
            return frozenset(self.signature(inner) for inner in value)
        return type(value)


def undescribed(schema, path=""):
    """Members of data without a description."""
    if isinstance(schema, list):
        for index, inner in enumerate(schema):
            yield from undescribed(inner, f"{path}/{index}")
    elif isinstance(schema, dict):
        properties = schema.get("properties", {}) if schema.get("type") in ("object", ["object", "null"]) else {}
        yield from (f"{path}/{key}" for key, inner in properties.items() if not inner.get("description"))
        for key, inner in schema.items():
            yield from undescribed(inner, f"{path}/{key}")


def changes(value, path=()):
    """Copies of a value in which one part has another type, or an object has a key more."""
    if value is None:
        return
    yield path + ("another type",), "wrong" if isinstance(value, (dict, list)) else {"wrong": 1}
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        yield path + ("as a text",), str(value)
    if isinstance(value, dict):
        yield path + ("a key more",), {**value, "wrong": 1}
        for key, inner in value.items():
            for where, changed in changes(inner, path + (key,)):
                yield where, {**value, key: changed}
    elif value:
        for where, changed in (changes(value[0], path + (0,)) if isinstance(value, list) else ()):
            yield where, [changed] + value[1:]


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        judge = Judge(json.load(file))
    coverage = Coverage(judge)
    problems = []
    records = {}
    with open(sys.argv[2], encoding="utf-8") as file:
        for line in file:
            where, text = line.rstrip("\n").split("\t", 1)
            records.setdefault(text, where)
    kinds = set()
    examples = {}
    for text, where in records.items():
        record = json.loads(text)
        errors = judge.errors(record)
        if errors:
            problems.append(f"{where}: {record.get('name')}: {place(errors[0])}\n    {text[:400]}")
            continue
        name = record["name"]
        if record["error"] is not None:
            name = "error"
        kind = (name, coverage.signature(record))
        if kind not in kinds:
            kinds.add(kind)
            coverage.visit(judge.schema, record)
            if record["error"] is None:
                data = judge.rules[record["name"]].schema["properties"]["data"]
                if judge.written.is_valid(record) and record["name"] not in ("save", "source"):
                    data = judge.written.schema["properties"]["data"]
                coverage.visit(data, record["data"])
            if len(examples.setdefault(name, [])) < 2:
                examples[name].append(record)
    problems += [f"no description: {path}" for path in undescribed(judge.schema)]
    for name, definition in judge.schema["$defs"].items():
        problems += [f"in no record: {path}" for path in coverage.missing(definition, name)]
    problems += [f"in no record: {path}" for path in coverage.missing(judge.schema, "record")]
    problems += [problem for name, some in examples.items() for problem in accepted(judge, name, some)]
    for problem in problems[:MOST_PROBLEMS]:
        print(problem)
    if len(problems) > MOST_PROBLEMS:
        print(f"and {len(problems) - MOST_PROBLEMS} more")


def accepted(judge, name, records):
    """What a changed record should have been refused for, and was not."""
    for number, record in enumerate(records):
        if not judge.whole.is_valid(record):
            yield f"{name}: the whole schema refuses what its rule accepts"
        for where, changed in changes(record):
            if any((name, part) in FREE for part in where[:-1]) or {"from", "to"} & set(where) and where[0] == "watched":
                continue
            if not judge.errors(changed):
                yield f"{name}: {where} is accepted"
        # The whole schema, with all rules, judges one change of each record, and says which command's data is wrong.
        if name is not None and name != "error" and record["data"] is not None:
            wrong = {**record, "data": 1}
            blamed = {judge.blamed(error) for error in judge.whole.iter_errors(wrong)}
            if blamed != {name.replace(" ", "-")}:
                yield f"{name}: a mistake is said to be of {blamed}"


main()
