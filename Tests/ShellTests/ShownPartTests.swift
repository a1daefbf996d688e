import CommandLanguage
import TestSupport
import Testing

@testable import Shell

/// Statements, lines and pictures apart, for pages about what a session did.
@Suite struct ShownPartTests {
  private final class Parts {
    var shown: [String] = []
    var pictures: [DrawnPicture] = []

    func add(_ part: ShownPart) {
      switch part {
      case .statement(let text): shown.append("> " + text)
      case .text(let text): shown.append(text)
      case .picture(let picture):
        shown.append("picture: " + picture.title)
        pictures.append(picture)
      }
    }
  }

  private func parts(_ script: String) -> (parts: Parts, written: String) {
    let parts = Parts()
    var written = ""
    var session = Session { written += $0 }
    session.showPart = parts.add
    _ = session.execute(SourceText(name: "script", text: script))
    return (parts, written)
  }

  @Test func statementsLinesAndPicturesAreApart() throws {
    let (parts, written) = parts("node add a b\nfor name in p q {\n  spawn $name\n}\nmap\nfail c\nrun 1s")
    #expect(
      parts.shown == [
        "> node add a b", "added a, b: 1 core of speed 1, 4 GiB each\n", "> for name in p q {\n  spawn $name\n}",
        "created p on a: program counter, 64 pages\n", "created q on a: program counter, 64 pages\n", "> map",
        "picture: map at 0 ns: 2 nodes", "> fail c",
      ])
    // Errors stay where they were.
    #expect(written.hasPrefix("script:6:6: error: "))
    let picture = try #require(parts.pictures.first)
    #expect(picture.text.contains("load 2") && picture.sentences.count >= 2)
  }

  /// What the command prints without that is all there.
  @Test(arguments: [
    "timeline p", "memory p", "rounds", "messages", "load --over 10ms", "migration list", "compare transfer p a",
  ])
  func nothingIsLeftOut(_ command: String) {
    let script = "node add a b\nspawn p\nrun 20ms\nmigrate p b --pretransfer\n"
    let parts = parts(script + command).parts
    var pictures = parts.pictures[...]
    var text = ""
    for shown in parts.shown.drop(while: { $0 != "> " + command }).dropFirst() {
      text += shown.hasPrefix("picture: ") ? pictures.popFirst()?.text ?? "" : shown
    }
    var written = ""
    var session = Session { written += $0 }
    _ = session.execute(SourceText(name: "script", text: script))
    written = ""
    _ = session.execute(SourceText(name: "script", text: command))
    #expect(text == written && !text.isEmpty)
  }

  @Test func aFileIsWrittenAsAlways() {
    let directory = TemporaryDirectory()
    let parts = parts("node add a\nmap --to \(directory.path)/map.txt").parts
    #expect(parts.pictures.isEmpty)
    #expect(String(decoding: contents(of: directory.path + "/map.txt"), as: UTF8.self).contains("map at 0 ns"))
  }

  /// A picture on a page has no style of its own; the page says how every ink looks.
  @Test func thePageHasTheStyle() throws {
    let picture = try #require(parts("node add a b\nspawn p\nrun 10ms\ntimeline").parts.pictures.first)
    let svg = picture.svg(name: "one")
    #expect(!svg.contains("<style>") && svg.contains("id=\"one-title\""))
    for ink in Ink.allCases { #expect(DrawnPicture.style.contains(".ink-\(ink){fill:\(ink.look.light)}")) }
  }
}
