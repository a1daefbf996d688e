"""Checks the pages of an exported course: check_pages.py FOLDER [LESSON...]

Every page is well-formed, has no identifier twice, asks for nothing over the network and is at most 300 KB (the slides: 400 KB);
headings come in order; every link inside leads to a page, and to a place on it; each named lesson has a page.
"""

import os
import re
import sys
import xml.etree.ElementTree as tree

MOST_BYTES = 300_000
# With all pictures of the course on it.
MOST_BYTES_SLIDES = 400_000
XHTML = "{http://www.w3.org/1999/xhtml}"

problems = []


def read_page(path, name):
    """The elements of a page; None when it is not well-formed."""
    with open(path, encoding="utf-8") as file:
        text = file.read()
    most = MOST_BYTES_SLIDES if name == "slides.html" else MOST_BYTES
    if len(text.encode()) > most:
        problems.append(f"{name}: {len(text.encode())} bytes, more than {most}")
    try:
        return tree.fromstring(text.removeprefix("<!DOCTYPE html>\n"))
    except tree.ParseError as error:
        problems.append(f"{name}: {error}")
        return None


def check_page(name, page):
    """The identifiers on a page, and the links from it."""
    identifiers, links, level = set(), [], 0
    for element in page.iter():
        identifier = element.get("id")
        if identifier in identifiers:
            problems.append(f"{name}: the identifier {identifier} is there twice")
        if identifier:
            identifiers.add(identifier)
        heading = re.fullmatch(re.escape(XHTML) + "h([1-6])", element.tag)
        if heading:
            if int(heading[1]) > level + 1:
                problems.append(f"{name}: {element.tag} comes after a heading of level {level}")
            level = int(heading[1])
        for attribute in ("href", "src", "action", "data"):
            if element.get(attribute):
                links.append(element.get(attribute))
        for attribute in element.keys():
            if attribute.startswith("on"):
                problems.append(f"{name}: {element.tag} has {attribute}")
    for needed in ("title", "main", "h1"):
        if len(list(page.iter(XHTML + needed))) != 1:
            problems.append(f"{name}: not exactly one {needed}")
    for attribute in ("aria-labelledby", "aria-describedby"):
        for element in page.iter():
            for wanted in (element.get(attribute) or "").split():
                if wanted not in identifiers:
                    problems.append(f"{name}: nothing has the identifier {wanted}")
    return identifiers, links


def main(folder, lessons):
    pages = {}
    for parent, _, files in os.walk(folder):
        for file in sorted(files):
            if file.endswith(".html"):
                path = os.path.join(parent, file)
                name = os.path.relpath(path, folder)
                page = read_page(path, name)
                if page is not None:
                    pages[name] = check_page(name, page)
    for name, (_, links) in sorted(pages.items()):
        for link in links:
            address, _, place = link.partition("#")
            if ":" in address:
                problems.append(f"{name}: {link} leads out of the site")
                continue
            target = os.path.normpath(os.path.join(os.path.dirname(name), address)) if address else name
            if target not in pages:
                problems.append(f"{name}: {link} leads nowhere")
            elif place and place not in pages[target][0]:
                problems.append(f"{name}: {link} leads to no place on its page")
    for lesson in lessons:
        if f"lessons/{lesson}.html" not in pages:
            problems.append(f"the lesson {lesson} has no page")
    for problem in problems:
        print(problem)
    if not pages:
        print("there are no pages")
    return 1 if problems or not pages else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))
