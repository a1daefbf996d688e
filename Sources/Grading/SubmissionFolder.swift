import Course
import Glibc
import Shell

/// What a path of a class stands for: a submission that can be graded, or the reason why there is none.
public struct SubmissionItem: Sendable {
  /// Why nothing can be graded.
  public enum Obstacle: String, Sendable {
    case notAFile = "not-a-file"
    case unreadable
    case tooLarge = "too-large"
    case double
    case missing
    case ambiguous
  }

  /// The path, from the folder of the class on. It tells two submissions apart, and decides in which shard each is.
  public let name: String
  /// Whose it is, in normalisation form C.
  public var student: String
  /// The student's section, by the roster.
  public var section: String?
  /// How messages call its file: a student has no use for where a platform keeps it.
  var sourceName: String { name.hasPrefix("/") ? lastPart(of: name) : name }

  /// Where its text is; nil when there is none.
  let path: String?
  /// The folder whose files it may read; nil when it may read its own alone.
  let folder: String?
  /// Why it cannot be graded, as its kind and in words.
  var obstacle: (kind: Obstacle, text: String)?
}

/// What was handed in to an exercise.
public struct SubmissionFolder {
  /// In the order of their names.
  public private(set) var items: [SubmissionItem] = []
  /// What was left out, in words: files that can be no submissions, and those that are of nobody.
  public var notes: [String] {
    others.map { "\($0.name) is no submission: its name does not end in \(Self.ending)" } + rosterNotes
  }
  /// Plain files of classes that do not look like submissions. A roster may name them.
  private var others: [(name: String, path: String)] = []
  private var rosterNotes: [String] = []

  private static let ending = ".migsh"
  /// What a student who handed in several files may call the one that begins.
  private let mainNames: [String]
  /// Whether all comes from one student: then nobody else is missing.
  private let isOfOneStudent: Bool
  /// Whose it is, when somebody has said so.
  private let givenStudent: String?
  /// Whether names begin with paths that a roster does not have, since they were given one by one.
  private let haveNamesPaths: Bool

  /// Looks through what was handed in.
  ///
  /// - Parameters:
  ///   - paths: files, and folders of a class.
  ///   - exercise: the name of the exercise, which is also a name for the file that begins.
  ///   - student: whose the one file or folder is, whatever it is called.
  public init(_ paths: [String], exercise: String, student: String? = nil) throws(FileError) {
    mainNames = [exercise, "main", "submission"].map { $0 + Self.ending }
    let isClass = paths.contains { kind(of: $0) == S_IFDIR } && student == nil
    (givenStudent, isOfOneStudent) = (student.map(normalised), paths.count == 1 && !isClass)
    haveNamesPaths = paths.count > 1 || !isClass
    for path in paths {
      switch kind(of: path) {
      case S_IFDIR where student != nil:
        let folder = path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
        addStudent(folder, called: folder, student ?? "")
      case S_IFDIR: try addClass(path, isOnly: paths.count == 1)
      case 0: throw FileError(path: path, code: ENOENT)
      default: add(file: path, student)
      }
    }
    sort()
    refuseDoubles()
  }

  private mutating func sort() { items.sort { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) } }

  // MARK: - Files and folders

  private mutating func add(file path: String, _ student: String?) {
    let name = lastPart(of: path)
    let folder = student == nil ? nil : Self.folder(of: path)
    items.append(item(path, called: path, student: student ?? withoutEnding(name), folder: folder))
  }

  private static func folder(of path: String) -> String {
    path.lastIndex(of: "/").map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
  }

  private mutating func addClass(_ path: String, isOnly: Bool) throws(FileError) {
    let base = path.hasSuffix("/") ? path : path + "/"
    for name in try entries(ofFolder: path).sorted() where !name.hasPrefix(".") {
      let shown = isOnly ? name : base + name
      let place = base + name
      switch kind(of: place) {
      case S_IFDIR: addStudent(place, called: shown, name)
      case _ where Self.isScript(name):
        items.append(item(place, called: shown, student: withoutEnding(name), folder: nil))
      default: others.append((shown, place))
      }
    }
  }

  /// Whether a name ends as that of a script, in letters of any size.
  private static func isScript(_ name: String) -> Bool { name.lowercased().hasSuffix(ending) }

  /// Adds what a student has handed in as a folder.
  private mutating func addStudent(_ path: String, called name: String, _ student: String) {
    func obstacle(_ kind: SubmissionItem.Obstacle, _ text: String) -> SubmissionItem {
      SubmissionItem(
        name: name, student: normalised(student), path: nil, folder: nil, obstacle: (kind, text))
    }
    let names: [String]
    do throws(FileError) { names = try entries(ofFolder: path) } catch {
      return items.append(obstacle(.unreadable, "this folder cannot be read: \(error)"))
    }
    let scripts = names.filter { Self.isScript($0) && !$0.hasPrefix(".") }.sorted()
    guard let first = scripts.first else {
      return items.append(obstacle(.missing, "this folder has no file that ends in \(Self.ending)"))
    }
    guard let main = scripts.count == 1 ? first : mainNames.first(where: scripts.contains) else {
      let wanted = mainNames.map { "`\($0)`" }.joined(separator: " or ")
      return items.append(
        obstacle(.ambiguous, "this folder has several scripts, and none of them is called \(wanted)"))
    }
    items.append(item("\(path)/\(main)", called: "\(name)/\(main)", student: student, folder: path))
  }

  private func item(_ path: String, called name: String, student: String, folder: String?) -> SubmissionItem {
    var item = SubmissionItem(
      name: name, student: normalised(student), path: path, folder: folder)
    switch kind(of: path) {
    case S_IFREG: break
    case S_IFLNK: item.obstacle = (.notAFile, "this is a symbolic link, and none is followed")
    case S_IFIFO: item.obstacle = (.notAFile, "this is a pipe")
    case S_IFSOCK: item.obstacle = (.notAFile, "this is a socket")
    case S_IFCHR, S_IFBLK: item.obstacle = (.notAFile, "this is a device")
    case S_IFDIR: item.obstacle = (.notAFile, "this is a folder")
    default:
      let isName = !name.unicodeScalars.contains("\u{FFFD}")
      item.obstacle = (
        .unreadable, isName ? "there is no such file" : "the file's name is not UTF-8, so nobody can be named after it"
      )
    }
    return item
  }

  /// Two submissions of one student are never merged, and nobody can say which counts.
  private mutating func refuseDoubles() {
    let places = Dictionary(grouping: items.indices) { items[$0].student }
    for (_, same) in places where same.count > 1 {
      for place in same {
        let others = same.filter { $0 != place }.map { items[$0].name }.joined(separator: " and ")
        items[place].obstacle = (.double, "\(items[place].student) has also handed in \(others)")
      }
    }
  }

  // MARK: - The class

  /// Gives students their sections, and lists those who have handed in nothing.
  public mutating func apply(_ roster: Roster) {
    takeFiles(namedIn: roster)
    var missing = roster.students
    for index in items.indices {
      guard let entry = entry(for: items[index], roster) else {
        let remedy = isOfOneStudent && givenStudent == nil ? "; `--student ID` says whose it is" : ""
        rosterNotes.append("\(items[index].name) is of nobody in the roster\(remedy)")
        continue
      }
      items[index].student = entry.id
      items[index].section = entry.section
      missing.removeAll { $0.id == entry.id }
    }
    if !isOfOneStudent { items += missing.map(Self.missing) }
    sort()
    for index in items.indices where items[index].obstacle?.kind == .double { items[index].obstacle = nil }
    refuseDoubles()
  }

  /// The student whose a submission is; nil when the roster does not know.
  private func entry(for item: SubmissionItem, _ roster: Roster) -> Roster.Student? {
    if givenStudent != nil { return roster.students.first { $0.id == item.student } }
    if let entry = roster.students.first(where: { $0.file == item.name }) { return entry }
    if haveNamesPaths {
      let fitting = roster.students.filter { entry in entry.file.map { item.name.hasSuffix("/" + $0) } ?? false }
      if let entry = fitting.max(by: { ($0.file ?? "").utf8.count < ($1.file ?? "").utf8.count }) { return entry }
    }
    return roster.students.first { $0.file == nil && $0.id == item.student }
  }

  /// What a roster names is handed in, whatever its name ends in.
  private mutating func takeFiles(namedIn roster: Roster) {
    let named = Set(roster.students.compactMap(\.file))
    for other in others where named.contains(other.name) {
      items.append(item(other.path, called: other.name, student: withoutEnding(other.name), folder: nil))
    }
    others.removeAll { named.contains($0.name) }
  }

  private static func missing(_ entry: Roster.Student) -> SubmissionItem {
    SubmissionItem(
      name: entry.file ?? entry.id, student: entry.id, section: entry.section, path: nil, folder: nil,
      obstacle: (.missing, entry.file.map { "nothing was handed in: there is no `\($0)`" } ?? "nothing was handed in"))
  }
}

private func withoutEnding(_ name: String) -> String {
  guard let dot = name.dropFirst().lastIndex(of: ".") else { return name }
  return String(name[..<dot])
}

private func lastPart(of path: String) -> String { path.split(separator: "/").last.map(String.init) ?? path }

/// The kind of what is at a path, a link being a link; 0 when there is nothing.
private func kind(of path: String) -> mode_t {
  var status = stat()
  return lstat(path, &status) == 0 ? status.st_mode & S_IFMT : 0
}
