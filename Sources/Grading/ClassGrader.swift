import CommandLanguage
import Course
import Glibc
import Shell

/// Grades the submissions of a class, each in an isolated process of its own.
///
/// The process that uses it must have one thread. It reads the files; what is in them is looked at only in the processes
/// that it forks.
public struct ClassGrader {
  /// The largest submission together with the files that came with it, in bytes.
  public static let mostBytes = SourceText.sizeLimit
  /// How many files may come with a submission.
  static let mostFiles = 64

  /// How many results may wait for an earlier one.
  private static let longestWait = 256

  private let grader: Grader
  /// Where seeds come from; without one everybody has the given seed.
  private let seed: (_ student: String) -> UInt64
  private let isInterrupted: () -> Bool
  private let limits = IsolatedProcess.Limits()
  private var namespaces: Isolation?

  /// - Parameters:
  ///   - exercise: a lesson with points.
  ///   - seed: the seed of a student.
  ///   - isInterrupted: whether grading should end; asked now and then.
  public init(
    _ exercise: Lesson, seed: @escaping (_ student: String) -> UInt64,
    isInterrupted: @escaping () -> Bool = { false }
  ) throws(Diagnostic) {
    grader = try Grader(exercise)
    self.seed = seed
    self.isInterrupted = isInterrupted
  }

  /// The exercise.
  public var exercise: Lesson { grader.exercise }

  /// What is wrong with the exercise itself, tried as the submissions will be; nil when its solutions earn everything.
  ///
  /// After this, processes begin with everything in memory that grading needs.
  public func flaw() -> GradeReport? { try? grader.flaw(seed: seed("")) }

  /// Grades submissions, some at a time.
  ///
  /// - Parameters:
  ///   - items: what was handed in.
  ///   - jobs: how many are graded at once.
  ///   - report: takes the reports, in the order of the items.
  /// - Returns: false when it was interrupted.
  public mutating func grade(
    _ items: [SubmissionItem], jobs: Int, report: (GradeReport) throws -> Void
  ) rethrows -> Bool {
    if namespaces == nil { namespaces = Isolation.enterNamespaces() }
    var running: [(place: Int, process: IsolatedProcess)] = []
    defer { for (_, process) in running { process.kill() } }
    var finished: [Int: GradeReport] = [:]
    var (next, reported) = (0, 0)
    while reported < items.count {
      guard !isInterrupted() else { return false }
      while running.count < max(1, jobs), next < items.count, next - reported < Self.longestWait {
        switch begin(items[next]) {
        case .process(let process): running.append((next, process))
        case .report(let report): finished[next] = report
        }
        next += 1
      }
      if finished[reported] == nil { IsolatedProcess.wait(for: running.map(\.process)) }
      running.removeAll { place, process in
        guard let ending = process.ending() else { return false }
        finished[place] = outcome(of: items[place], ending)
        return true
      }
      while let done = finished.removeValue(forKey: reported) {
        try report(done)
        reported += 1
      }
    }
    return true
  }

  // MARK: - One submission

  private enum Beginning {
    case process(IsolatedProcess)
    /// There is nothing to grade.
    case report(GradeReport)
  }

  private func begin(_ item: SubmissionItem) -> Beginning {
    guard item.obstacle == nil, let path = item.path else { return .report(ungraded(item)) }
    let bytes: [UInt8]
    var files: [String: [UInt8]] = [:]
    do throws(Obstacle) {
      bytes = try readPlainFile(path, atMost: Self.mostBytes)
      if let folder = item.folder { files = try readFolder(folder) }
    } catch {
      var item = item
      item.obstacle = (error.kind, error.text)
      return .report(ungraded(item))
    }
    do throws(SystemError) {
      return .process(
        try IsolatedProcess(limits: limits) { isolation in
          Array(self.grade(bytes, files, of: item, isolation).json.encoded.utf8)
        })
    } catch {
      return .report(ungraded(item, .crashed, "no process could be started to grade this: \(error)"))
    }
  }

  /// What the forked process does.
  private func grade(
    _ bytes: [UInt8], _ files: [String: [UInt8]], of item: SubmissionItem, _ isolation: Isolation
  ) -> GradeReport {
    var circumstances = circumstances(of: item)
    circumstances.submissionDigest = Digest.hexadecimal(of: bytes)
    circumstances.isolation = (namespaces.map { isolation.and($0) } ?? isolation).sentences
    var text: Result<SourceText, Diagnostic>
    do throws(Diagnostic) {
      text = .success(try SourceText(name: item.name, bytes: bytes, folder: ""))
    } catch {
      text = .failure(error)
    }
    let submission = Submission(student: item.student, text: text, files: files, for: exercise)
    let seed = seed(item.student)
    // Nobody interrupts this process but with a signal that ends it.
    guard let report = try? grader.grade(submission, seed: seed, circumstances) else { _exit(1) }
    return report
  }

  private func outcome(of item: SubmissionItem, _ ending: IsolatedProcess.Ending) -> GradeReport {
    switch ending {
    case .results(let bytes):
      do {
        return try GradeReport(json: try JSON(parsing: bytes))
      } catch {
        return ungraded(item, .crashed, "the process that graded this wrote no whole report: \(error)")
      }
    case .tooMuch:
      return ungraded(item, .crashed, "the process that graded this wrote more than \(limits.resultBytes) bytes")
    case .timedOut: return ungraded(item, .timedOut, nil)
    case .outOfMemory: return ungraded(item, .outOfMemory, nil)
    case .died(let status, let errors):
      let words = errors.split(whereSeparator: \.isNewline).first.map { ": \($0)" } ?? ""
      return ungraded(item, .crashed, "the process that graded this ended with \(ended(status))\(words)")
    }
  }

  private func ended(_ status: Int32) -> String {
    status > 128 ? "signal \(status - 128) (\(String(cString: strsignal(status - 128))))" : "status \(status)"
  }

  private func ungraded(
    _ item: SubmissionItem, _ status: GradeReport.Status? = nil, _ reason: String? = nil
  ) -> GradeReport {
    var circumstances = circumstances(of: item)
    circumstances.status =
      status ?? item.obstacle.flatMap { GradeReport.Status(rawValue: $0.kind.rawValue) } ?? .crashed
    circumstances.statusText = reason ?? item.obstacle?.text
    return GradeReport(ungraded: exercise, student: item.student, seed: seed(item.student), circumstances)
  }

  private func circumstances(of item: SubmissionItem) -> GradeReport.Circumstances {
    var circumstances = GradeReport.Circumstances()
    circumstances.file = item.name
    circumstances.section = item.section
    return circumstances
  }
}

// MARK: - Files

/// Why a file of a submission cannot be used.
private struct Obstacle: Error {
  let kind: SubmissionItem.Obstacle
  let text: String
}

/// The bytes of a plain file. Follows no link, and waits for nobody who has the file open as a pipe.
private func readPlainFile(_ path: String, atMost most: Int) throws(Obstacle) -> [UInt8] {
  let descriptor = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
  guard descriptor >= 0 else {
    throw Obstacle(kind: .unreadable, text: "the file cannot be read: \(SystemError(code: errno))")
  }
  defer { close(descriptor) }
  var status = stat()
  guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
    throw Obstacle(kind: .notAFile, text: "this is no plain file")
  }
  guard status.st_size <= most else {
    throw Obstacle(
      kind: .tooLarge, text: "the file has \(status.st_size) bytes, and the most is \(most)")
  }
  var bytes: [UInt8] = []
  var buffer = [UInt8](repeating: 0, count: 65_536)
  while bytes.count <= most {
    let count = read(descriptor, &buffer, buffer.count)
    if count < 0, errno == EINTR { continue }
    guard count >= 0 else {
      throw Obstacle(kind: .unreadable, text: "the file cannot be read: \(SystemError(code: errno))")
    }
    if count == 0 { return bytes }
    bytes += buffer[..<count]
  }
  throw Obstacle(kind: .tooLarge, text: "the file has more than \(most) bytes")
}

/// The plain files of a folder and of those in it, by their paths from there.
private func readFolder(_ folder: String) throws(Obstacle) -> [String: [UInt8]] {
  var files: [String: [UInt8]] = [:]
  var left = ClassGrader.mostBytes
  var waiting = [""]
  while let part = waiting.popLast() {
    let names = ((try? entries(ofFolder: folder + "/" + part)) ?? []).filter { !$0.hasPrefix(".") }.sorted()
    for name in names {
      let path = part + name
      var status = stat()
      guard lstat(folder + "/" + path, &status) == 0 else { continue }
      if status.st_mode & S_IFMT == S_IFDIR, path.utf8.count < 1024 { waiting.append(path + "/") }
      guard status.st_mode & S_IFMT == S_IFREG else { continue }
      guard files.count < ClassGrader.mostFiles else {
        throw Obstacle(kind: .tooLarge, text: "the folder has more than \(ClassGrader.mostFiles) files")
      }
      guard status.st_size <= left else {
        throw Obstacle(
          kind: .tooLarge, text: "the files of the folder have more than \(ClassGrader.mostBytes) bytes together")
      }
      let bytes = try readPlainFile(folder + "/" + path, atMost: left)
      left -= bytes.count
      files[path] = bytes
    }
  }
  return files
}
