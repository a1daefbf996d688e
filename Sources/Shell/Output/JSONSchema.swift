/// The schema of what commands print with `--format json`: one object a line.
///
/// What `data` holds depends on the command. As long as `v` is 1, no name in it goes away or changes its meaning.
let outputSchema = """
  {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "title": "what one command of migsh printed",
    "type": "object",
    "required": ["v", "place", "command", "ok", "now", "data", "error"],
    "additionalProperties": false,
    "properties": {
      "v": {"const": 1},
      "place": {"type": "string", "description": "FILE:LINE of the command"},
      "command": {"type": "string", "description": "the command as typed"},
      "ok": {"type": "boolean"},
      "now": {"type": "integer", "description": "virtual time after it, in nanoseconds"},
      "data": {"description": "what it had to say; times in nanoseconds, sizes in bytes, rates in bits a second"},
      "watched": {
        "type": "array",
        "description": "only where watched expressions have changed with it",
        "items": {
          "type": "object",
          "required": ["watch", "expression", "from", "to"],
          "properties": {
            "watch": {"type": "integer"},
            "expression": {"type": "string"},
            "from": {"description": "null where it had no value"},
            "to": {"description": "null where it has none"}
          }
        }
      },
      "error": {
        "oneOf": [
          {"type": "null"},
          {
            "type": "object",
            "required": ["kind", "status", "line", "column", "message", "expected", "suggestion", "remedy"],
            "properties": {
              "kind": {"enum": ["error", "failed", "limit", "fault", "interrupted"]},
              "status": {"type": "integer", "description": "the exit status that it stands for"},
              "line": {"type": "integer"},
              "column": {"type": "integer"},
              "message": {"type": "string"},
              "expected": {"type": ["string", "null"]},
              "suggestion": {"type": ["string", "null"]},
              "remedy": {"type": ["string", "null"]},
              "takenBack": {"type": "boolean", "description": "whether something was undone that was done before it"},
              "callers": {
                "type": "array",
                "description": "commands of one's own and files that led to it, the innermost first",
                "items": {
                  "type": "object",
                  "required": ["place", "command"],
                  "properties": {"place": {"type": "string"}, "command": {"type": "string"}}
                }
              }
            }
          }
        ]
      }
    }
  }

  """
