import CommandLanguage
import Course
import Shell

/// The grades of a class in one exercise or several: what grading gave, what coming late costs, and what a teacher has
/// changed, each by itself. All points are hundredths.
public struct Gradebook: Sendable {
  /// An exercise.
  public struct Exercise: Sendable, Equatable {
    /// As reports name it.
    public let name: String
    /// Points, not hundredths.
    public let highest: Int
    /// SHA-256 of its text.
    let digest: String
  }

  /// What a teacher has changed.
  public struct Adjustment: Sendable, Equatable {
    /// Hundredths of points; may be negative.
    public let points: Int
    /// Why.
    public let reason: String
    /// The hundredths of points that grading had given when it was made; nil when the teacher has not said so.
    public let gradedThen: Int?
    /// Whether grading gives something else now, so that it is left out.
    public var isOutdated = false
  }

  /// A student's grade in one exercise.
  public struct Entry: Sendable {
    /// Whether the submission was graded, and if not, why.
    public var status = GradeReport.Status.missing
    /// Whether grading has failed and not the student: there are no points then, not even 0.
    public var isFault = false
    /// What grading gave.
    public var graded = 0
    /// Seconds after the time when it was due; 0 when it was in time.
    public var late: Int64 = 0
    /// What the rule says of being so late, in words; nil when it was in time.
    public var lateReason: String?
    /// What coming late costs.
    public var penalty = 0
    /// What a teacher has changed, in the order of the file.
    public var adjustments: [Adjustment] = []
    fileprivate var file = ""

    /// The sum of what was changed, without what is left out.
    public var adjustment: Int { adjustments.reduce(0) { $0 + ($1.isOutdated ? 0 : $1.points) } }
    /// What counts in the end, and is never below 0; nil when grading has failed.
    public var final: Int? { isFault ? nil : max(0, graded - penalty + adjustment) }
  }

  /// A student.
  public struct Student: Sendable {
    /// In normalisation form C.
    public let id: String
    /// The section, if a roster or a report says so.
    public var section: String?
    /// In the order of the exercises.
    public fileprivate(set) var entries: [Entry]

    /// The sum of what counts.
    public var total: Int { entries.reduce(0) { $0 + ($1.final ?? 0) } }
    /// How many exercises have no points since grading has failed.
    public var faultCount: Int { entries.count(where: \.isFault) }
  }

  /// In the order in which the reports came.
  public private(set) var exercises: [Exercise] = []
  /// In the order of their names.
  public private(set) var students: [Student] = []
  /// What should be known of it, in words.
  public private(set) var notes: [String] = []
  /// How many changes are left out, since grading gives something else than when they were made.
  public private(set) var outdatedCount = 0

  /// Reads results of grading.
  ///
  /// - Parameter paths: files with reports in JSON.
  /// - Throws: a `ClassFileMistake` for what are no reports, for two versions of one exercise, and for a student with two
  ///   results on one exercise.
  public init(_ paths: [String]) throws {
    var (places, students): ([String: Int], [Student]) = ([:], [])
    var secrets = SecretCounts()
    for path in paths {
      try ReportFile.forEachReport(in: path) { report in
        secrets.add(report)
        let exercise = try place(of: report, path)
        let id = normalised(report.student)
        let place = places[id] ?? students.count
        if place == students.count {
          places[id] = place
          students.append(Student(id: id, section: nil, entries: []))
        }
        students[place].section = students[place].section ?? report.section
        try students[place].take(report, exercise, path)
      }
    }
    notes = secrets.note.map { [$0] } ?? []
    self.students = students.sorted { $0.id.utf8.lexicographicallyPrecedes($1.id.utf8) }
    fillUp()
  }

  private mutating func place(of report: GradeReport, _ path: String) throws(ClassFileMistake) -> Int {
    let exercise = Exercise(name: report.exercise, highest: report.highest, digest: report.digests.exercise)
    guard let place = exercises.firstIndex(where: { $0.name == exercise.name }) else {
      exercises.append(exercise)
      return exercises.count - 1
    }
    guard exercises[place] == exercise else {
      throw ClassFileMistake(
        "\(path): \(report.student) was graded with another version of \(exercise.name) than those before; grade all with one"
      )
    }
    return place
  }

  private mutating func fillUp() {
    for place in students.indices { students[place].fill(upTo: exercises.count) }
  }

  /// Adds those who are in no report, and says in which section each student is.
  public mutating func apply(_ roster: Roster) {
    let known = Dictionary(uniqueKeysWithValues: students.indices.map { (students[$0].id, $0) })
    for entry in roster.students {
      if let place = known[entry.id] {
        students[place].section = entry.section ?? students[place].section
      } else {
        students.append(Student(id: entry.id, section: entry.section, entries: []))
      }
    }
    let listed = Set(roster.students.map(\.id))
    notes += students.filter { !listed.contains($0.id) }.map { "\($0.id) is not in the roster" }
    students.sort { $0.id.utf8.lexicographicallyPrecedes($1.id.utf8) }
    fillUp()
  }

  // MARK: - Coming late

  /// Takes off what coming late costs.
  ///
  /// - Parameters:
  ///   - rule: says how much.
  ///   - due: when each exercise was due, by its name; under the empty name, when the others were.
  ///   - source: a CSV file with columns `student` or `file`, and `time`, and `exercise` where there are several.
  public mutating func apply(_ rule: LateRule, due: [String: ClassTime], _ source: SourceText) throws(ClassFileMistake)
  {
    for name in due.keys.sorted() where !name.isEmpty && !exercises.contains(where: { $0.name == name }) {
      throw ClassFileMistake("you say when the exercise \(name) was due, and no result is on it")
    }
    let times = try HandInTimes(source, exercises: exercises.map(\.name))
    var unknown: [String] = []
    for student in students.indices {
      for (place, exercise) in exercises.enumerated() {
        let entry = students[student].entries[place]
        guard entry.status != .missing, let end = due[exercise.name] ?? due[""] else { continue }
        guard let time = times.time(of: students[student].id, file: entry.file, exercise.name) else {
          unknown.append("\(students[student].id) handed in \(exercise.name)")
          continue
        }
        let late = max(0, time.seconds - end.seconds)
        students[student].entries[place].late = late
        students[student].entries[place].lateReason = late > 0 ? rule.reason(late: late) : nil
        students[student].entries[place].penalty = rule.penalty(late: late, points: entry.graded)
      }
    }
    guard unknown.isEmpty else {
      throw ClassFileMistake("\(source.name) does not say when \(unknown.joined(separator: ", nor when "))")
    }
  }

  // MARK: - Adjustments

  /// Takes over what a teacher has changed: it stays when the submissions are graded again, since it has a file of its own.
  ///
  /// - Parameter source: a CSV file with columns `student`, `exercise`, `points` and `reason`, in which every field says
  ///   something; and perhaps a column `graded`, with the points for which a change was made: when grading gives others now,
  ///   it is left out, and a note says so.
  public mutating func adjust(_ source: SourceText) throws(ClassFileMistake) {
    let known = Dictionary(uniqueKeysWithValues: students.indices.map { (students[$0].id, $0) })
    for row in try CSVTable(source, needing: ["student", "exercise", "points", "reason"]).rows {
      guard let name = row["student"].map(normalised) else { throw row.mistake("there is no student") }
      guard let student = known[name] else { throw row.mistake("nobody here is called \(name)") }
      guard let exercise = row["exercise"], let place = exercises.firstIndex(where: { $0.name == exercise }) else {
        throw row.mistake("no result is on the exercise \(row["exercise"] ?? "without a name")")
      }
      guard let points = row["points"].flatMap(hundredths) else {
        throw row.mistake("`\(row["points"] ?? "")` is no number of points such as 2, -1 or 0.25")
      }
      guard let reason = row["reason"] else { throw row.mistake("there is no reason, and each change needs one") }
      let then = row["graded"].flatMap(hundredths)
      guard row["graded"] == nil || then != nil else {
        throw row.mistake("`\(row["graded"] ?? "")` is no number of points such as 2 or 0.25")
      }
      var change = Adjustment(points: points, reason: reason, gradedThen: then)
      let entry = students[student].entries[place]
      if let then, entry.isFault || entry.graded != then {
        change.isOutdated = true
        outdatedCount += 1
        let now = entry.isFault ? "none" : formatPoints(entry.graded)
        notes.append(
          "\(row.place): \(name)'s change on \(exercise) is left out: it was made for \(formatPoints(then)) points, and "
            + "grading gives \(now) now; look at it again")
      }
      students[student].entries[place].adjustments.append(change)
    }
    noteExcess()
  }

  private mutating func noteExcess() {
    for student in students {
      for (exercise, entry) in zip(exercises, student.entries) where !entry.adjustments.isEmpty {
        guard let final = entry.final, final > exercise.highest * 100 else { continue }
        notes.append("\(student.id) has \(formatPoints(final)) of \(exercise.highest) points on \(exercise.name)")
      }
    }
  }
}

extension Gradebook.Student {
  fileprivate mutating func fill(upTo count: Int) {
    while entries.count < count { entries.append(Gradebook.Entry()) }
  }

  fileprivate mutating func take(_ report: GradeReport, _ exercise: Int, _ path: String) throws(ClassFileMistake) {
    fill(upTo: exercise + 1)
    let former = entries[exercise]
    // Of those who have handed in twice, each file has a report, and neither counts.
    guard former.file.isEmpty && former.status == .missing || former.status == .double && report.status == .double
    else {
      throw ClassFileMistake(
        "\(path): there is more than one result of \(report.student) on \(report.exercise); give one of the files alone"
      )
    }
    var entry = Gradebook.Entry()
    entry.status = report.status
    entry.isFault = report.fault != nil
    entry.graded = report.total
    entry.file = report.file
    entries[exercise] = entry
  }
}

/// With which secrets of the course results were graded.
private struct SecretCounts {
  private var counts: [(exercise: String, secret: String?, count: Int)] = []

  mutating func add(_ report: GradeReport) {
    if let place = counts.firstIndex(where: { $0.exercise == report.exercise && $0.secret == report.courseSecret }) {
      counts[place].count += 1
    } else {
      counts.append((report.exercise, report.courseSecret, 1))
    }
  }

  /// What to say when there are several; nil when there is one.
  var note: String? {
    guard Set(counts.map(\.secret)).count > 1 else { return nil }
    let parts = counts.map { one in
      "\(counted(one.count, "result")) on \(one.exercise) with \(one.secret.map { "the secret \($0)" } ?? "none")"
    }
    return
      "not all was graded with the same course's secret: \(parts.joined(separator: ", ")); who was graded with another one "
      + "has other numbers than were given out"
  }
}

/// When each submission was handed in.
private struct HandInTimes {
  private var times: [String: ClassTime] = [:]

  init(_ source: SourceText, exercises: [String]) throws(ClassFileMistake) {
    let table = try CSVTable(source, needing: ["time"])
    guard table.columns.contains("student") || table.columns.contains("file") else {
      throw ClassFileMistake("\(source.name): the first line names neither a column `student` nor a column `file`")
    }
    for row in table.rows {
      let names = [row["student"].map { "student " + normalised($0) }, row["file"].map { "file " + $0 }].compactMap(
        \.self)
      guard !names.isEmpty else { throw row.mistake("there is no student and no file") }
      guard let time = row["time"].flatMap({ ClassTime($0) }) else {
        throw row.mistake(
          "`\(row["time"] ?? "")` is no time such as 2026-06-01T14:32Z or 2026-06-01T16:32:05+02:00, with a zone at its end"
        )
      }
      if let exercise = row["exercise"], !exercises.contains(exercise) {
        throw row.mistake("no result is on the exercise \(exercise)")
      }
      for name in names {
        guard times.updateValue(time, forKey: Self.key(row["exercise"] ?? "", name)) == nil else {
          throw row.mistake("\(name) is there twice")
        }
      }
    }
  }

  private static func key(_ exercise: String, _ name: String) -> String { exercise + "\0" + name }

  func time(of student: String, file: String, _ exercise: String) -> ClassTime? {
    let names = ["file " + file, "student " + student]
    return [exercise, ""].lazy.flatMap { exercise in names.map { Self.key(exercise, $0) } }
      .compactMap { times[$0] }.first
  }
}
