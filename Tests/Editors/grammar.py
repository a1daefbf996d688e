"""Reads sample scripts with the grammar for editors and an engine of TextMate, and checks what it takes each word for.

    grammar.py GRAMMAR FOLDER

Each expectation is a line, a word in it (with a number when it is not the first), and a scope that the word must have;
a scope after `!` it must not have.
"""

import json
import logging
import sys

from textmate_grammar.parsers.base import LanguageParser

COMMENT = "comment.line.number-sign.migsh"
CONTROL = "keyword.control.migsh"
COMMAND = "support.function.command.migsh"
NUMBER = "constant.numeric.migsh"
UNIT = "keyword.other.unit.migsh"
TEXT = "string.quoted.double.migsh"
VARIABLE = "variable.other.migsh"
FLAG = "entity.other.attribute-name.flag.migsh"
STEP = "keyword.control.step.migsh"
DIRECTIVE = "keyword.other.directive.migsh"
PROSE = "markup.other.prose.migsh"
INSIDE = "meta.interpolation.migsh"

EXPECTED = {
    "sample.migsh": [
        (1, "A script", COMMENT), (2, "let", CONTROL), (2, "pages", VARIABLE), (2, "64", NUMBER), (2, "say", COMMAND),
        (2, "has ", TEXT), (2, "$pages", VARIABLE), (2, "min", "support.function.migsh"), (2, "min", INSIDE),
        (2, "1 ", INSIDE), (2, "\\\"", "constant.character.escape.migsh"), (2, "more", TEXT),
        (3, "node add", COMMAND), (3, "--memory", FLAG), (3, "2GiB", NUMBER),
        (3, "GiB", UNIT), (3, "1.5", NUMBER), (3, "a b", "!" + COMMAND), (4, "define", CONTROL),
        (4, "there-and-back", "entity.name.function.migsh"), (4, " p q", "variable.parameter.migsh"),
        (4, "migrate", COMMAND), (4, "$p", VARIABLE), (4, "--pretransfer", FLAG), (5, "program", CONTROL),
        (5, "busy", "entity.name.type.migsh"), (5, "repeat", STEP), (5, "write", STEP), (5, "random", "keyword.other.step.migsh"),
        (5, "0", NUMBER), (5, "15", NUMBER), (5, "compute", STEP), (5, "2 ms", NUMBER), (5, "ms", UNIT), (5, "send", STEP),
        (5, "$self", VARIABLE), (5, "to ", TEXT), (5, "exit", STEP), (6, "for", CONTROL), (6, "in", CONTROL), (6, "if", CONTROL),
        (6, "and", "keyword.operator.word.migsh"), (6, "false", "constant.language.migsh"), (6, "fail", COMMAND),
        (6, "else", CONTROL), (6, "recover", COMMAND), (6, "up", "variable.other.property.migsh"),
        (7, "expect error", CONTROL), (7, "no $such", "string.quoted.single.migsh"), (7, "$such", "!" + VARIABLE),
        (7, "20%", NUMBER), (8, "print", COMMAND), (8, "freezeTime", "variable.other.property.migsh"),
        (8, ">=", "keyword.operator.migsh"), (8, "migration", "!" + COMMAND), (9, "message list", COMMAND),
        (10, "run", COMMAND), (10, "==", "keyword.operator.migsh"),
    ],
    "sample-lesson.migsh": [
        (1, "@lesson", DIRECTIVE), (1, "A sample", TEXT), (1, "needs", "keyword.other.migsh"), (2, "@param", DIRECTIVE),
        (2, "64", NUMBER), (3, "It has", PROSE), (3, "$pages", VARIABLE), (3, "migrate p b", "markup.inline.raw.migsh"),
        (3, "\\$", "constant.character.escape.migsh"), (3, "# is no comment", "!" + COMMENT), (4, "@setup", DIRECTIVE),
        (5, "spawn", COMMAND), (5, "a comment", COMMENT), (6, "points", "keyword.other.migsh"), (6, "4", NUMBER),
        (7, "@check", DIRECTIVE), (7, "it is on ", TEXT), (7, "p.node", "!" + TEXT), (7, "hidden", "keyword.other.migsh"),
        (8, "@hint", DIRECTIVE), (8, "type", "!string.quoted.single.migsh"), (8, "$pages", VARIABLE), (8, "now", "!" + TEXT),
        (9, "@solution", DIRECTIVE), (10, "migrate", COMMAND),
    ],
}


def scopes(element):
    """Which scopes each character has, by its line and column."""
    found = {}
    for (line, column), text, names in element.flatten():
        for offset in range(len(text)):
            found[line, column + offset] = set(names)
    return found


def main():
    # The engine tells each step.
    logging.disable()
    grammar, folder = sys.argv[1:]
    with open(grammar, encoding="utf-8") as file:
        parser = LanguageParser(json.load(file))
    failures = 0
    for name, expectations in EXPECTED.items():
        path = f"{folder}/{name}"
        with open(path, encoding="utf-8") as file:
            lines = file.read().split("\n")
        found = scopes(parser.parse_file(path))
        for number, word, scope in expectations:
            column = lines[number - 1].find(word)
            if column < 0:
                sys.exit(f"{name}:{number}: has no {word}")
            has = [found.get((number - 1, column + offset), set()) for offset in range(len(word))]
            if scope.startswith("!"):
                is_right = not any(scope[1:] in names for names in has)
            else:
                is_right = all(scope in names for names in has)
            if not is_right:
                failures += 1
                print(f"{name}:{number}: {word}: expected {scope}, found {[sorted(names) for names in has][:3]}")
    print(f"grammar: {sum(map(len, EXPECTED.values())) - failures} words as they should be, {failures} not")
    sys.exit(failures > 0)


main()
