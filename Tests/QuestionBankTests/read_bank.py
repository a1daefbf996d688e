"""Reads a question bank with readers of others, and prints as JSON what they found.

    read_bank.py FORMAT FILE FOLDER-OF-READERS

moodle: moodle-xml-parser reads questions with choices. It knows no numerical questions: these are read as Moodle's own
importer does (question/format/xml/format.php), and every question is held to what that asks for.
qti: onyx2moodle reads the items of the package, lxml the rest; citolab-qti-convert makes QTI 3 of the package, which must have
the same items with the same answers.
gift: pygiftparser.

Texts come back as the readers give them. Moodle's and GIFT's signs for something else are resolved where a reader leaves
that to its user.
"""

import html
import json
import sys
import tempfile
import zipfile
from pathlib import Path


def normal(text):
    """HTML as one text, in which references are resolved."""
    return html.unescape(text or "")


def read_moodle(path):
    from xml.etree import ElementTree

    from moodle_xml_parser.parser import parse_file

    parsed = {question.name: question for question in parse_file(path)["multichoice"]}
    found = []
    category = None
    for element in ElementTree.parse(path).getroot():
        kind = element.get("type")
        if kind == "category":
            category = element.findtext("category/text")
            assert category.startswith("$course$/top/"), category
            continue
        # What Moodle asks of every question.
        name = element.findtext("name/text")
        assert name and element.findtext("questiontext/text"), "a name and a text"
        assert element.find("questiontext").get("format") == "html"
        assert float(element.findtext("defaultgrade")) > 0
        assert element.findtext("idnumber"), "an id number"
        one = {"name": name, "id": element.findtext("idnumber"), "category": category, "kind": kind}
        if kind == "multichoice":
            read = parsed.pop(normal(name))
            assert read.single and max(option.score_fraction for option in read.options) == 100
            one["name"] = read.name
            one["text"] = read.text_pre_parse
            one["explanation"] = read.general_feedback
            one["choices"] = [
                [option.answer, option.score_fraction == 100, option.feedback or ""] for option in read.options
            ]
        else:
            assert kind == "numerical", kind
            answers = element.findall("answer")
            assert [answer.get("fraction") for answer in answers] == ["100"]
            one["text"] = normal(element.findtext("questiontext/text"))
            one["explanation"] = normal(element.findtext("generalfeedback/text"))
            one["value"] = float(answers[0].findtext("text"))
            one["tolerance"] = float(answers[0].findtext("tolerance"))
            one["name"] = normal(name)
        found.append(one)
    assert not parsed, "questions that only the reader found"
    return found


def read_qti(path):
    from lxml import etree
    from onyx2moodle.parser import NS, parse_item

    package = {"p": "http://www.imsglobal.org/xsd/imscp_v1p1"}
    order = ["responseDeclaration", "outcomeDeclaration", "itemBody", "responseProcessing", "modalFeedback"]
    found = []
    answers = {}
    with tempfile.TemporaryDirectory() as folder, zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
        archive.extractall(folder)
        manifest = etree.parse(f"{folder}/imsmanifest.xml").getroot()
        files = [item.get("href") for item in manifest.findall("p:resources/p:resource", package)]
        assert sorted(files + ["imsmanifest.xml"]) == sorted(archive.namelist()), "the manifest names every file"
        for item in manifest.findall("p:resources/p:resource", package):
            assert item.get("type") == "imsqti_item_xmlv2p1"
            read = parse_item(Path(folder) / item.get("href"))
            root = etree.fromstring(read.raw_xml)
            assert read.identifier == item.get("identifier")
            # The order of the schema, and no identifier that is not declared.
            places = [order.index(etree.QName(element).localname) for element in root]
            assert places == sorted(places), read.identifier
            declared = {e.get("identifier") for e in root if e.tag.endswith("Declaration")}
            for element in root.iter("{*}setOutcomeValue", "{*}variable", "{*}correct"):
                assert element.get("identifier") in declared, element.get("identifier")
            assert {f.get("outcomeIdentifier") for f in root.findall("q:modalFeedback", NS)} <= declared
            found.append(qti_item(read, root, NS))
            answers[read.identifier] = [value for one in read.response_decls.values() for value in one.correct_values]
    assert answers_of_upgraded(path) == answers, "QTI 3 has the same answers"
    return found


def answers_of_upgraded(path):
    """The answers of the items when the package has become one of QTI 3."""
    from lxml import etree
    from qti_convert.package import upgrade_package

    answers = {}
    with tempfile.TemporaryDirectory() as folder:
        package = Path(folder) / "package.zip"
        package.write_bytes(Path(path).read_bytes())
        upgrade_package(package, Path(folder) / "upgraded.zip")
        with zipfile.ZipFile(Path(folder) / "upgraded.zip") as archive:
            for name in archive.namelist():
                root = etree.fromstring(archive.read(name))
                if etree.QName(root).localname == "qti-assessment-item":
                    values = root.findall(".//{*}qti-correct-response/{*}qti-value")
                    answers[root.get("identifier")] = [value.text for value in values]
    return answers


def qti_item(read, root, names):
    from onyx2moodle.parser import _serialise_children

    feedback = {one.identifier: one.html for one in read.feedback}
    assert len(read.interactions) == 1
    interaction = read.interactions[0]
    response = read.response_decls[interaction.response_identifier]
    # The question, without what is filled in or chosen: that stands last.
    read.body_xml.remove(read.body_xml[-1])
    body = normal(_serialise_children(read.body_xml).strip())
    one = {
        "name": read.title, "id": root.get("label"), "text": body, "explanation": normal(feedback.pop("shown", "")),
    }
    if interaction.kind == "choice":
        assert response.base_type == "identifier" and interaction.max_choices == 1
        one["kind"] = "multichoice"
        one["choices"] = [
            [normal(choice.html), [choice.identifier] == response.correct_values, normal(feedback.pop(choice.identifier, ""))]
            for choice in interaction.choices
        ]
        assert root.find(".//q:responseIf/q:match", names) is not None
    else:
        assert interaction.kind == "textEntry" and response.base_type == "float"
        equal = root.find(".//q:responseIf/q:equal", names)
        assert equal.get("toleranceMode") == "absolute"
        below, above = equal.get("tolerance").split()
        assert below == above
        one["kind"] = "numerical"
        one["value"] = float(response.correct_values[0])
        one["tolerance"] = float(above)
    assert not feedback, "feedback for nothing"
    return one


def read_gift(path):
    from pygiftparser import parser
    from pygiftparser.utils import transformSpecials

    def text(read):
        return normal(transformSpecials(read).replace("\\n", "\n"))

    found = []
    with open(path, encoding="utf-8") as file:
        questions = parser.parseFile(file)
    for question in questions:
        # Behind the last question the reader takes a category for one that only describes.
        assert question.valid and question.markup == "html", question.source
        one = {
            "name": transformSpecials(question.title).replace("\\\\", "\\"), "text": text(question.text),
            "explanation": text(question.generalFeedback),
        }
        answers = question.answers.answers
        if type(question.answers).__name__ == "NumericAnswerSet":
            assert len(answers) == 1
            one["kind"] = "numerical"
            one["value"] = float(answers[0].value)
            one["tolerance"] = float(answers[0].tolerance)
        else:
            assert type(question.answers).__name__ == "SelectSet", type(question.answers).__name__
            one["kind"] = "multichoice"
            one["choices"] = [[text(a.answer), a.fraction == 100, text(a.feedback)] for a in answers]
        found.append(one)
    return found


if __name__ == "__main__":
    sys.path.insert(0, sys.argv[3])
    readers = {"moodle": read_moodle, "qti": read_qti, "gift": read_gift}
    json.dump(readers[sys.argv[1]](sys.argv[2]), sys.stdout)
