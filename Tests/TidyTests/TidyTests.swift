import Foundation
import Testing

/// The rules of this project that the compiler does not check.
@Suite struct TidyTests {
  /// The kernel may import nothing but containers, not even Foundation.
  @Test func theKernelImportsOnlyCollections() {
    let containers: Set = [
      "BasicContainers", "BitCollections", "DequeModule", "HashTreeCollections", "HeapModule", "OrderedCollections",
    ]
    let imports = Repository.sources.filter { $0.path.hasPrefix("Sources/MigrationKernel/") }.flatMap { file in
      file.code.filter { $0.contains("import ") }.compactMap {
        $0.firstMatch(of: /\bimport\s+(?:(?:struct|class|enum|protocol|func|var|typealias)\s+)?(\w+)/)
      }
      .map { (module: String($0.1), path: file.path) }
    }
    #expect(!imports.isEmpty)
    for (module, path) in imports { #expect(containers.contains(module), "\(path) imports \(module)") }
  }

  @Test func filesAreShort() {
    let long = Repository.sources.filter { $0.lineCount > 500 }.map {
      (what: $0.path, why: "has \($0.lineCount) lines")
    }
    expectNone(of: long, but: Exceptions.longFiles)
  }

  @Test func functionsAreShort() {
    let functions = Repository.sources.flatMap { file in file.functions.map { (path: file.path, function: $0) } }
    // If fewer are found, they are not looked for in the right way.
    #expect(functions.count > 1000)
    let long = functions.filter { $0.function.lineCount > 70 }.map { path, function in
      (what: "\(path): \(function.name)", why: "has \(function.lineCount) lines, from line \(function.first + 1) on")
    }
    expectNone(of: long, but: Exceptions.longFunctions)
  }

  /// Who adds a kind must think of it in every switch over kinds. The compiler can ask for that only without a
  /// `default`.
  ///
  /// A switch counts as one over these enumerations when its labels name only their cases, and either its subject is
  /// named after one of them or no other enumeration has all these cases.
  @Test func switchesOverWhatKernelsSayHaveNoDefault() {
    let watched: Set = [
      "Packet", "RoutedBody", "Fact", "MigrationFact", "MessageFact", "Effect", "Event", "Input", "Request",
      "ScheduledEvent", "Timer",
    ]
    let calledAfterThem: Set = ["packet", "body", "fact", "effect", "event", "input", "request", "timer"]
    var cases: Set<String> = []
    var others: [Set<String>] = []
    for (name, names) in Repository.sources.flatMap(\.enumerations) {
      if watched.contains(name) { cases.formUnion(names) } else { others.append(names) }
    }
    #expect(cases.isSuperset(of: ["routed", "offer", "created", "migration", "message", "send", "setTimer", "core"]))
    let found = Repository.sources.flatMap { file in
      file.switches.compactMap { line, subject, names, hasDefault -> (what: String, why: String)? in
        let isOver = calledAfterThem.contains(subject) || !others.contains(where: names.isSubset)
        guard hasDefault, !names.isEmpty, names.isSubset(of: cases), isOver else { return nil }
        return (file.path, "line \(line + 1): a default among \(names.sorted().joined(separator: ", "))")
      }
    }
    expectNone(of: found, but: Exceptions.switchesWithDefault)
  }

  /// The standard library documents what its protocols ask for.
  @Test func publicDeclarationsAreDocumented() {
    let inherited =
      /\b(?:func (?:==|<|hash|encode|makeIterator|next|index)|var (?:description|debugDescription|hashValue|rawValue|startIndex|endIndex)\b)/
    let protocols = Set(Repository.sources.flatMap(\.publicProtocols))
    let bare = Repository.sources.flatMap { file in
      file.publicDeclarations(butOf: protocols).filter {
        !file.isDocumented(at: $0.line) && !file.isMemberwise(at: $0.line) && !$0.text.contains(inherited)
      }
      .map { "\(file.path):\($0.line + 1): \($0.text)" }
    }
    #expect(bare.isEmpty, "public declarations without a comment:\n\(bare.joined(separator: "\n"))")
  }

  /// Modules above the simulator read only views and the chronicle.
  @Test func whatShowsTheClusterNamesNoKernel() {
    let found = Repository.sources.filter { $0.path.contains(/^Sources\/(?:Shell|Course)\//) }.flatMap { file in
      file.code.enumerated().filter { $0.element.contains(/\bNodeKernel\b|\.kernel\b/) }.map {
        (what: file.path, why: "line \($0.offset + 1) names a kernel")
      }
    }
    expectNone(of: found, but: Exceptions.namesOfTheKernel)
  }

  @Test func theTopLevelHoldsWhatTheDesignLists() throws {
    let listed: Set = [
      "Package.swift", "Sources", "Tests", "Lessons", "Scripts", "README.md", "CONTRIBUTING.md", "CHANGELOG.md",
      "LICENSE", "Editors",
    ]
    let ignored = Set(
      Repository.text(of: ".gitignore").split(separator: "\n").map { $0.drop { $0 == "/" } }.map(String.init))
    let names = try FileManager.default.contentsOfDirectory(atPath: Repository.root.path)
    for name in names.sorted() where !name.hasPrefix(".") {
      #expect(listed.contains(name) || ignored.contains(name), "\(name) does not belong at the top level")
    }
  }

  /// No file may depend on the folder of somebody's copy, or name it.
  @Test func noPathsOfMachines() {
    let folders = ["Sources", "Tests", "Scripts", "Lessons", "Editors"]
    let files =
      Repository.files(under: folders) + ["Package.swift", "README.md", "CONTRIBUTING.md", "CHANGELOG.md", ".ci/run"]
    let path = /(?:^|[\s"'`(=:])\/(?:work|root|opt|Users|home\/(?!a\b))\b/
    for file in files {
      for (line, text) in Repository.text(of: file).split(separator: "\n", omittingEmptySubsequences: false)
        .enumerated()
      where text.contains("/") && text.contains(path) {
        Issue.record("\(file):\(line + 1) has a path of a machine: \(text)")
      }
    }
  }

  private func expectNone(of found: [(what: String, why: String)], but exceptions: Set<String>) {
    for (what, why) in found where !exceptions.contains(what) { Issue.record("\(what) \(why)") }
    for exception in exceptions.sorted() where !found.contains(where: { $0.what == exception }) {
      Issue.record("\(exception) needs no exception any more")
    }
  }
}

/// The parser of these tests reads Swift correctly.
@Suite struct SourceFileTests {
  @Test func commentsAndTextsAreNoCode() {
    let file = SourceFile(
      path: "",
      text: #"""
        let a = "{ \(b("}")) {" // {
        /* { /* { */ { */ let c = #"{ "quoted" \n"#
        let d = """
          { \(e)
          """
        """#)
    #expect(file.code.count == file.lines.count)
    #expect(!file.code.joined().contains("{"))
    #expect(file.code[1].contains("let c ="))
  }

  @Test func bodiesAreMeasured() {
    let file = SourceFile(
      path: "",
      text: """
        protocol P {
          func required(_ a: Int) -> Int
          var asked: Int { get }
        }
        struct S {
          let closure: () -> Void = { }
          func one(
            _ a: Int
          ) -> Int {
            if a > 0 { return a }
            return 0
          }
          var two: Int { 2 }
          init() {
          }
        }
        """)
    #expect(file.functions.map(\.name) == ["asked", "one", "two", "init"])
    #expect(file.functions.map(\.lineCount) == [1, 6, 1, 2])
  }

  @Test func labelsOfSwitchesAreRead() {
    let file = SourceFile(
      path: "",
      text: """
        switch packet {
        case .offer(let attempt, let offer): consider(.other)
        case .pages,
          .handover(_, more: .some):
          switch inner { case .inner: break }
        default: break
        }
        """)
    #expect(file.switches.first?.cases == ["offer", "pages", "handover", "some"])
    #expect(file.switches.first?.hasDefault == true)
    #expect(file.switches.last?.hasDefault == false)
  }

  @Test func undocumentedDeclarationsAreFound() {
    let file = SourceFile(
      path: "",
      text: """
        /// It is documented.
        @frozen
        public struct A {
          public let bare: Int
          public internal(set) var bareToo = 1
          let hidden = 2
          public init(
            bare: Int, bareToo: Int
          ) {
            self.bare = bare
            self.bareToo = bareToo
          }
          public init() {}
          public init(_ sum: Int) { bare = sum - 1 }
        }
        /// A protocol.
        public protocol P {
          /// Documented.
          func a()
          mutating func b()
        }
        public extension A {}
        """)
    let bare = file.publicDeclarations().filter { !file.isDocumented(at: $0.line) && !file.isMemberwise(at: $0.line) }
    #expect(
      bare.map(\.text) == [
        "public let bare: Int", "public internal(set) var bareToo = 1", "public init(_ sum: Int) { bare = sum - 1 }",
        "mutating func b()",
      ])
  }
}
