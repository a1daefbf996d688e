import CommandLanguage
import Course
import Foundation
import Shell
import Testing

@testable import Grading

/// Which of the things in a folder are submissions, and whose.
@Suite struct ClassFolderTests {
  /// A folder that is removed with the value.
  final class Folder {
    let url = FileManager.default.temporaryDirectory.appending(path: "migsh-class-\(UUID().uuidString)")

    init(_ files: [String: String]) throws {
      try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
      for (name, text) in files {
        let file = url.appending(path: name)
        try FileManager.default.createDirectory(
          at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(text.utf8).write(to: file)
      }
    }

    deinit { try? FileManager.default.removeItem(at: url) }

    func items(_ roster: String? = nil, _ names: [String] = [], student: String? = nil) throws -> SubmissionFolder {
      let paths = names.isEmpty ? [url.path] : names.map { url.path + "/" + $0 }
      var folder = try SubmissionFolder(paths, exercise: "moving", student: student)
      if let roster { folder.apply(try Roster(SourceText(name: "roster.csv", text: roster))) }
      return folder
    }
  }

  private func kinds(_ folder: SubmissionFolder) -> [String: String] {
    Dictionary(uniqueKeysWithValues: folder.items.map { ($0.name, $0.obstacle?.kind.rawValue ?? "submission") })
  }

  @Test func everythingIsReportedAsWhatItIs() throws {
    let folder = try Folder([
      "ada.migsh": "", ".hidden.migsh": "", "notes.txt": "", "dir.migsh/x": "", "emil/notes.txt": "",
      "grace/main.migsh": "", "grace/help.migsh": "", "hans/only.migsh": "", "ida/a.migsh": "", "ida/b.migsh": "",
    ])
    let path = folder.url.path
    symlink("ada.migsh", path + "/link.migsh")
    mkfifo(path + "/pipe.migsh", 0o600)
    let items = try folder.items()
    #expect(
      kinds(items) == [
        "ada.migsh": "submission", "dir.migsh": "missing", "emil": "missing", "grace/main.migsh": "submission",
        "hans/only.migsh": "submission", "ida": "ambiguous", "link.migsh": "not-a-file", "pipe.migsh": "not-a-file",
      ])
    #expect(items.notes == ["notes.txt is no submission: its name does not end in .migsh"])
    #expect(items.items.map(\.name) == items.items.map(\.name).sorted())
    let students = Dictionary(uniqueKeysWithValues: items.items.map { ($0.name, $0.student) })
    #expect(students["grace/main.migsh"] == "grace" && students["hans/only.migsh"] == "hans")
  }

  @Test func aFolderOfAStudentMayHoldItsFilesAndNoOthers() throws {
    let folder = try Folder(["grace/main.migsh": "a", "grace/parts/b.migsh": "b", "ada.migsh": "c"])
    symlink("../ada.migsh", folder.url.path + "/grace/link.migsh")
    let items = try folder.items().items
    let grace = try #require(items.first { $0.student == "grace" })
    let handedIn = try HandedIn(grace)
    #expect(
      handedIn.files.mapValues { String(decoding: $0, as: UTF8.self) } == ["main.migsh": "a", "parts/b.migsh": "b"])
    let ada = try #require(items.first { $0.student == "ada" })
    #expect(try HandedIn(ada).files.isEmpty)
    #expect(try HandedIn(ada).digest == Digest.hexadecimal(of: Array("c".utf8)))
    #expect(try HandedIn(grace).digest != Digest.hexadecimal(of: Array("a".utf8)))
  }

  @Test func twoSubmissionsOfOneStudentAreRefused() throws {
    let folder = try Folder(["ada.migsh": "", "ada/main.migsh": "", "bob.migsh": ""])
    #expect(
      kinds(try folder.items()) == ["ada.migsh": "double", "ada/main.migsh": "double", "bob.migsh": "submission"])
  }

  @Test func namesAreTheSameHoweverAccentsAreWritten() throws {
    let folder = try Folder(["Jose\u{301}.migsh": ""])
    let items = try folder.items("id,section\nJos\u{E9},B\n").items
    #expect(items.map { Array($0.student.unicodeScalars) } == [Array("Jos\u{E9}".unicodeScalars)])
    #expect(items.first?.section == "B" && items.first?.obstacle == nil)
  }

  @Test func aRosterSaysWhoIsMissingAndWhoIsNobody() throws {
    let folder = try Folder(["x1.migsh": "", "bob.migsh": "", "stranger.migsh": ""])
    let items = try folder.items("id, file ,section\n\"ada, the first\",x1.migsh,A\nbob,,B\ncid,,B\n")
    #expect(
      kinds(items) == [
        "x1.migsh": "submission", "bob.migsh": "submission", "stranger.migsh": "submission", "cid": "missing",
      ])
    #expect(Set(items.items.map(\.student)) == ["ada, the first", "bob", "cid", "stranger"])
    #expect(items.notes == ["stranger.migsh is of nobody in the roster"])
  }

  /// What a roster says of a file it says wherever the file is named from, and of one file nobody else is missing.
  @Test func aRosterSaysWhoseOneFileIs() throws {
    let folder = try Folder([
      "s1.migsh": "", "ada.migsh": "", "ada/s1.migsh": "", "eve.migsh": "", "cid/a.migsh": "", "cid/moving.migsh": "",
    ])
    let roster = "id,section,file\nben,A,s1.migsh\nada,B,ada.migsh\ndan,B,ada/s1.migsh\neve,C,\nfay,C,\n"
    for (name, student, section) in [
      ("s1.migsh", "ben", "A"), ("ada.migsh", "ada", "B"), ("ada/s1.migsh", "dan", "B"), ("eve.migsh", "eve", "C"),
    ] {
      let items = try folder.items(roster, [name])
      #expect(items.items.map(\.student) == [student] && items.items.map(\.section) == [section], "\(name)")
      #expect(items.items.allSatisfy { $0.obstacle == nil } && items.notes.isEmpty, "\(name)")
    }
    let given = try folder.items(roster, ["s1.migsh"], student: "fay").items
    #expect(given.map(\.student) == ["fay"] && given.map(\.section) == ["C"])
    let nobody = try folder.items("id\nada\n", ["s1.migsh"])
    #expect(nobody.items.count == 1)
    #expect(nobody.notes.first?.hasSuffix("is of nobody in the roster; `--student ID` says whose it is") == true)
    // Of several files others may be missing.
    #expect(
      try Set(folder.items(roster, ["s1.migsh", "ada.migsh"]).items.map(\.student)) == [
        "ben", "ada", "dan", "eve", "fay",
      ])
  }

  @Test func aFolderCanBeOneStudents() throws {
    let folder = try Folder(["cid/a.migsh": "", "cid/moving.migsh": "x", "dan/a.migsh": "", "dan/b.migsh": ""])
    let cid = try folder.items(nil, ["cid/"], student: "cid")
    #expect(cid.items.map(\.student) == ["cid"] && cid.items.first?.name.hasSuffix("/cid/moving.migsh") == true)
    #expect(try HandedIn(try #require(cid.items.first)).files.count == 2)
    #expect(try folder.items(nil, ["dan"], student: "dan").items.map(\.obstacle?.kind) == [.ambiguous])
    #expect(try folder.items(nil, ["dan"]).items.map(\.student) == ["a", "b"])
  }

  @Test func whatARosterNamesIsHandedInWhateverItsEnding() throws {
    let folder = try Folder(["oto.txt": "", "notes.txt": "", "PIA.MIGSH": ""])
    let items = try folder.items("id,file\noto,oto.txt\nPIA,\nrex,rex.txt\n")
    #expect(kinds(items) == ["oto.txt": "submission", "PIA.MIGSH": "submission", "rex.txt": "missing"])
    #expect(items.items.first { $0.student == "rex" }?.obstacle?.text == "nothing was handed in: there is no `rex.txt`")
    #expect(items.notes == ["notes.txt is no submission: its name does not end in .migsh"])
  }

  @Test(arguments: [
    ("", "roster.csv is empty"),
    ("name\nada\n", "roster.csv: the first line names no column `id`; it is `name`, and columns are parted by commas"),
    ("id,section\nada\n", "roster.csv:2: 1 field in place of 2"),
    ("id\nada\nada\n", "roster.csv:3: ada is there twice"),
    ("id\n\"ada\n", "roster.csv:2: a quotation mark is not closed"), ("id,file\n,x\n", "roster.csv:2: there is no id"),
  ]) func aRosterThatIsNoneIsTold(_ text: String, _ message: String) throws {
    let error = #expect(throws: Roster.Mistake.self) { try Roster(SourceText(name: "roster.csv", text: text)) }
    #expect(error?.description == message)
  }

  @Test func filesThatCannotBeUsedAreToldApart() throws {
    let folder = try Folder(["big.migsh": String(repeating: "#", count: HandedIn.mostBytes + 1), "secret.migsh": "x"])
    chmod(folder.url.path + "/secret.migsh", 0)
    for item in try folder.items().items {
      // Root may read everything.
      guard item.student == "big" || getuid() != 0 else { continue }
      let error = #expect(throws: Obstacle.self) { try HandedIn(item) }
      #expect(error?.kind == (item.student == "big" ? .tooLarge : .unreadable))
    }
  }

  @Test func shardsDivideAClassAndStayAsTheyAre() {
    let names = (0..<500).map { "student\($0).migsh" }
    let shards = (1...7).compactMap { Shard("\($0)/7") }
    for name in names { #expect(shards.count { $0.contains(name) } == 1) }
    for shard in shards { #expect((30...120).contains(names.count { shard.contains($0) })) }
    for text in ["0/3", "4/3", "1", "1/0", "a/b", "1/2/3", ""] { #expect(Shard(text) == nil) }
  }
}
