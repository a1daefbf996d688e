"""Validates reports in every form with programs that are not ours.

    validate_reports.py FOLDER [SCHEMA OF JENKINS]
    validate_reports.py --one FORMAT FILE

FOLDER holds what the tests wrote: `schema.json`, `reports.jsonl` and `reports.json`, `junit.xml`, `all.tap`, `all.tap14`,
`book.csv`, and for each report number N `N.gradescope`, `N.classroom50`, `N.github`, `N.autolab`, `N.vpl` and `N.html`.
Prints what is wrong, and nothing when all is well. Of one result it then prints the points.
"""
import base64
import csv
import html.parser
import io
import json
import pathlib
import re
import subprocess
import sys
import unicodedata
import xml.etree.ElementTree as ElementTree

from jsonschema import Draft202012Validator

HERE = pathlib.Path(__file__).parent
sys.dont_write_bytecode = True
sys.path.insert(0, str(HERE.parent))
from json_changes import changes

FOLDER = pathlib.Path(sys.argv[1])
SCHEMAS = HERE / "Schemas"
LONGEST = 20_000
problems = []


def text(name):
    # Newlines stay as they are: a carriage return would be one of the things to find.
    return (FOLDER / name).read_bytes().decode("utf-8")


def expect(condition, *what):
    if not condition:
        problems.append(": ".join(str(part)[:300] for part in what))


def obeyed(value):
    """Characters of a text that a terminal obeys or that hide other text."""
    hidden = {0x61C, 0x200B, 0x200E, 0x200F, 0xFEFF, 0x2028, 0x2029} | set(range(0x202A, 0x202F)) | set(range(0x2060, 0x2070))
    return [hex(ord(one)) for one in value if one != "\n" and (unicodedata.category(one) == "Cc" or ord(one) in hidden)]


def check_texts(value, where):
    """All texts in a value are short, and only show."""
    if isinstance(value, dict):
        for key, inner in value.items():
            check_texts(key, f"{where}/{key}"[:200])
            check_texts(inner, f"{where}/{key}"[:200])
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            check_texts(inner, f"{where}/{index}")
    elif isinstance(value, str):
        expect(not obeyed(value), where, "obeyed", obeyed(value))
        expect(len(value.encode()) <= LONGEST, where, "too long", len(value))
        expect(not any(line.lstrip().startswith("::") or "##[" in line for line in value.split("\n")), where, "a command", value)


def schema_errors(validator, value, where):
    for error in list(validator.iter_errors(value))[:3]:
        problems.append(f"{where}: /{'/'.join(str(part) for part in error.absolute_path)}: {error.message[:200]}")


def validator(path):
    schema = json.loads(path.read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)


def check_our_own():
    own = validator(FOLDER / "schema.json")
    lines = text("reports.jsonl").split("\n")
    expect(lines.pop() == "", "reports.jsonl", "the last line has no end")
    reports = [json.loads(line) for line in lines]
    expect(json.loads(text("reports.json")) == reports, "reports.json", "is not what the lines are")
    for number, report in enumerate(reports):
        schema_errors(own, report, f"report {number}")
    tried = 0
    for number in (0, 3, 7):
        for where, changed in changes(reports[number]):
            tried += 1
            # The exercise chooses what its parameters are called, and they may be negative.
            if re.match(r"/parameters(/\+|/\w+-|/\w+ negative)$", where):
                continue
            expect(not own.is_valid(changed), f"report {number}", "accepted", where)
    expect(tried > 300, "mutations", tried)
    return reports


def check_gradescope(reports):
    known = validator(SCHEMAS / "gradescope.json")
    for number, report in enumerate(reports):
        result = json.loads(text(f"{number}.gradescope"))
        schema_errors(known, result, f"{number}.gradescope")
        check_texts(result, f"{number}.gradescope")
        worth = 0 if report["fault"] else report["total"]
        expect(result["score"] == worth, number, "score", result["score"])
        expect(abs(sum(test.get("score", 0) for test in result["tests"]) - worth) < 1e-9, number, "scores of tests")
        expect(sum(test.get("max_score", 0) for test in result["tests"]) == report["max"], number, "max_score")
        # One hidden test would hide the total from its student.
        expect(all(test["visibility"] == "visible" for test in result["tests"]), number, "hidden")


def check_classroom50(reports):
    known = validator(SCHEMAS / "classroom50.json")
    for number, report in enumerate(reports):
        result = json.loads(text(f"{number}.classroom50"))
        schema_errors(known, result, f"{number}.classroom50")
        check_texts(result, f"{number}.classroom50")
        tests = result["tests"]
        expect(result["score"] == (0 if report["fault"] else round(report["total"] * 100)), number, "score")
        expect(sum(test["score"] for test in tests) == result["score"], number, "sum of scores")
        expect(sum(test["max-score"] for test in tests) == result["max-score"] == report["max"] * 100, number, "max-score")
        names = [test["test-name"] for test in tests]
        expect(len(set(names)) == len(names) and all(len(name.encode()) <= 100 for name in names), number, "names", names)


def check_github(reports):
    known = validator(SCHEMAS / "github.json")
    for number, report in enumerate(reports):
        lines = text(f"{number}.github").split("\n")
        expect(len(lines) == 2 and lines[1] == "", f"{number}.github", "is not one line")
        result = json.loads(base64.b64decode(lines[0], validate=True))
        schema_errors(known, result, f"{number}.github")
        check_texts(result, f"{number}.github")
        tests = result["tests"]
        expect(result["max_score"] == len(tests), number, "max_score")
        expect(all((test["score"] == 1) == (test["status"] == "pass") for test in tests), number, "status")
        status = "error" if report["fault"] else "pass" if report["passed"] else "fail"
        expect(result["status"] == status, number, "status", result["status"])
        expect(len({test["name"] for test in tests}) == len(tests), number, "names")
        expect(report["total"] > 0 or not any(test["score"] for test in tests), number, "points for nothing")


def check_autolab(reports):
    """Reads the last two lines as Autolab does: it puts words that a colon follows in quotes, and then parses them."""
    for number, report in enumerate(reports):
        lines = text(f"{number}.autolab").split("\n")
        expect(len(lines) == 3 and lines[2] == "", f"{number}.autolab", "is not two lines", len(lines))
        last = json.loads(re.sub(r"([a-zA-Z0-9]+):", r'"\1":', lines[1]))
        expect(last == json.loads(lines[1]), number, "Autolab reads something else", lines[1])
        expect(set(last) == {"scores", "scoreboard"}, number, "keys", list(last))
        worth = 0 if report["fault"] else report["total"]
        expect(all(isinstance(score, (int, float)) for score in last["scores"].values()), number, "scores")
        expect(abs(sum(last["scores"].values()) - worth) < 1e-9 and last["scoreboard"] == [worth], number, "sum", last)
        feedback = json.loads(lines[0])
        check_texts(feedback, f"{number}.autolab")
        expect(feedback["_presentation"] == "semantic", number, "presentation")
        stages = feedback["stages"]
        expect(len(set(stages)) == len(stages) == len(feedback) - 2, number, "stages", stages)
        for stage in stages:
            for name, outcome in feedback[stage].items():
                expect(isinstance(outcome["passed"], bool) and set(outcome) <= {"passed", "hint"}, number, "outcome", name)


def check_vpl(reports):
    """Reads the comments and the grade as the Virtual Programming Lab does: line by line, and the last grade counts."""
    for number, report in enumerate(reports):
        lines = text(f"{number}.vpl").split("\n")
        expect(lines[0] == "<|--" and lines.count("<|--") == 1 and lines.count("--|>") == 1, number, "block")
        end = lines.index("--|>")
        expect(all(line[:1] in ("-", ">") for line in lines[1:end]), number, "comments")
        check_texts(lines, f"{number}.vpl")
        grades = [line for line in lines if line.startswith("Grade :=>>")]
        worth = 0 if report["fault"] else report["total"]
        expect(grades == lines[end + 1:-1] and len(grades) == 1, number, "grades", grades)
        expect(abs(float(grades[0].split(">>")[1]) - worth) < 1e-9, number, "grade", grades[0])


def check_junit(reports, schemas):
    for schema in schemas:
        run = subprocess.run(
            ["xmllint", "--noout", "--schema", str(schema), str(FOLDER / "junit.xml")], capture_output=True, text=True)
        expect(run.returncode == 0, "junit.xml", schema, run.stderr[:600])
    suites = ElementTree.fromstring(text("junit.xml"))
    expect(len(suites) == len(reports), "junit.xml", "suites", len(suites))
    for number, (suite, report) in enumerate(zip(suites, reports)):
        cases = suite.findall("testcase")
        counts = {kind: len(suite.findall(f"testcase/{kind}")) for kind in ("failure", "error", "skipped")}
        expect(int(suite.get("tests")) == len(cases), number, "tests")
        expect(int(suite.get("failures")) == counts["failure"], number, "failures")
        expect(int(suite.get("errors")) == counts["error"] == (1 if report["fault"] else 0), number, "errors", counts)
        expect(int(suite.get("skipped")) == counts["skipped"], number, "skipped")
        expect((counts["failure"] + counts["error"] == 0) == report["passed"], number, "passed", counts)
        points = [one.get("value") for one in suite.findall("properties/property") if one.get("name") == "points"]
        expect([float(one) for one in points] == [report["total"]], number, "points", points)
        for element in suite.iter():
            for value in [element.text or "", *element.attrib.values()]:
                check_texts(value, f"suite {number}")


def check_tap(reports):
    program = r"""
      use TAP::Parser;
      my $parser = TAP::Parser->new({source => $ARGV[0]});
      while (my $result = $parser->next) {
        next if $result->is_version || $result->is_plan || $result->is_yaml || $result->is_test;
        print "neither test nor plan: ", $result->as_string, "\n";
      }
      printf "%d %d %d %d %d\n", $parser->tests_run, scalar($parser->failed), scalar($parser->todo),
        scalar($parser->skipped), scalar($parser->parse_errors);
      print "$_\n" for $parser->parse_errors;
    """
    tests = sum(1 + sum(len(step["checks"]) for step in report["steps"]) for report in reports)
    failed = sum(
        (1 if report["errors"] or report["fault"] or report["status"] != "graded" or any(map(is_idle, report["steps"])) else 0)
        + sum(check["verdict"] != "passed" or held_before(step, check)
              for step in report["steps"] for check in step["checks"])
        for report in reports)
    for version, name in ((13, "all.tap"), (14, "all.tap14")):
        tap = text(name)
        lines = tap.split("\n")
        expect(lines[0] == f"TAP version {version}" and lines[-2] == f"1..{tests}", name, "frame", lines[0], lines[-2])
        check_texts(lines, name)
        for line in lines:
            expect(re.match(r"(TAP version|1\.\.|ok \d|not ok \d|  )", line) or line == "", name, "line", line)
        # The parser of Debian's prove knows no version after 13.
        (FOLDER / "judged.tap").write_text(tap.replace("TAP version 14", "TAP version 13", 1), encoding="utf-8")
        run = subprocess.run(["perl", "-e", program, str(FOLDER / "judged.tap")], capture_output=True, text=True)
        expect(run.stdout == f"{tests} {failed} 0 0 0\n", name, run.stdout[:600], f"{tests} {failed}", run.stderr[:300])
    (FOLDER / "passed.tap").write_text(text("passed.tap0"), encoding="utf-8")
    run = subprocess.run(["prove", "--exec", "cat", str(FOLDER / "passed.tap")], capture_output=True, text=True)
    expect(run.returncode == 0 and "Result: PASS" in run.stdout, "prove", run.stdout[:300], run.stderr[:300])
    run = subprocess.run(["prove", "--exec", "cat", str(FOLDER / "judged.tap")], capture_output=True, text=True)
    expect(run.returncode != 0 and f"Failed {failed}/{tests} subtests" in run.stdout, "prove", run.stdout[-300:])


def held_before(step, check):
    """Whether a check holds without anything that was done in its step."""
    return not step["begun"] and step["points"] > 0 and check["verdict"] == "passed" and not check["guard"]


def is_idle(step):
    """Whether all holds in a step, and nothing was done in it."""
    checks = step["checks"]
    return all(check["verdict"] == "passed" for check in checks) and any(held_before(step, check) for check in checks)


def check_csv(reports):
    rows = list(csv.reader(io.StringIO(text("book.csv"), newline=""), strict=True))
    expect(len(rows) == len(reports) + 1 and len({len(row) for row in rows}) == 1, "book.csv", len(rows))
    for row, report in zip(rows[1:], reports):
        cells = dict(zip(rows[0], row))
        expect(cells["points"] == "" if report["fault"] else float(cells["points"]) == report["total"], "book.csv", "points")
        expect(int(cells["max"]) == report["max"], "book.csv", cells["points"])
        expect([float(cells[f"step {step['name']}"]) for step in report["steps"]]
               == [step["earned"] for step in report["steps"]], "book.csv", "steps")
        expect(cells["status"] == report["status"] and (cells["passed"] == "yes") == report["passed"], "book.csv", "status")
        check_texts(row, "book.csv")
        expect(not any(re.match(r"\s*[=+\-@|%]", cell) for cell in row), "book.csv", "a formula", row)
        expect(not any("\n" in cell for cell in row), "book.csv", "lines in a cell")


class Inertness(html.parser.HTMLParser):
    """Reads a page as a browser does, and finds what could do something."""

    ALLOWED = {
        "html", "head", "meta", "title", "style", "body", "main", "h1", "h2", "p", "strong", "section", "div", "table",
        "thead", "tbody", "tr", "th", "td", "span", "pre", "figure", "figcaption", "img", "details", "summary", "ul", "li",
        "svg", "desc", "rect", "text", "line",
    }

    def __init__(self, where):
        super().__init__()
        self.where = where

    def handle_starttag(self, tag, attributes):
        expect(tag in self.ALLOWED, self.where, "element", tag)
        for name, value in attributes:
            expect(not name.startswith("on") and name not in ("href", "style", "srcdoc"), self.where, "attribute", name)
            expect(name != "src" or value.startswith("data:image/svg+xml;base64,"), self.where, "source", value)

    def handle_data(self, data):
        check_texts(data[:LONGEST], self.where)

    def handle_comment(self, data):
        expect(False, self.where, "comment", data)


def check_pages(names):
    for name in names:
        page = text(name)
        run = subprocess.run(["xmllint", "--noout", str(FOLDER / name)], capture_output=True, text=True)
        expect(run.returncode == 0, name, run.stderr[:400])
        Inertness(name).feed(page)
        expect("default-src 'none'" in page and "<script" not in page, name, "policy")
        length = len(re.sub(r"base64,[A-Za-z0-9+/=]*", "", page))
        expect(length < 400_000, name, "too long", length)


def read_autolab(text):
    """The scores in the last line of the output, as Autolab reads it."""
    return json.loads(re.sub(r"([a-zA-Z0-9]+):", r'"\1":', text.rstrip("\n").split("\n")[-1]))["scores"]


def points_of(form, text):
    """The points in one result of a platform."""
    if form == "github":
        text = base64.b64decode(text.strip(), validate=True).decode("utf-8")
    if form in ("gradescope", "classroom50", "github"):
        result = json.loads(text)
        schema_errors(validator(SCHEMAS / f"{form}.json"), result, form)
        check_texts(result, form)
    if form == "gradescope":
        return float(result["score"])
    if form == "classroom50":
        return result["score"]
    if form == "github":
        return f"{result['status']} {sum(test['score'] for test in result['tests'])} of {result['max_score']}"
    if form == "autolab":
        return sum(read_autolab(text).values())
    assert form == "vpl", form
    grades = [line for line in text.split("\n") if line.startswith("Grade :=>>")]
    return float(grades[-1].split(">>")[1])


def main():
    if sys.argv[1] == "--one":
        points = points_of(sys.argv[2], pathlib.Path(sys.argv[3]).read_bytes().decode("utf-8"))
        print("\n".join(problems) or points)
        return
    reports = check_our_own()
    check_gradescope(reports)
    check_classroom50(reports)
    check_github(reports)
    check_autolab(reports)
    check_vpl(reports)
    check_junit(reports, [SCHEMAS / "junit.xsd", *sys.argv[2:]])
    check_tap(reports)
    steps = [step["name"] for step in reports[0]["steps"]]
    check_csv([report for report in reports if [step["name"] for step in report["steps"]] == steps])
    check_pages([f"{number}.html" for number in range(len(reports))] + ["summary.html"])
    for problem in problems[:30]:
        print(problem)
    if len(problems) > 30:
        print(f"and {len(problems) - 30} more")


main()
