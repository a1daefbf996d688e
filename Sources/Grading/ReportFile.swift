import Course
import Shell

/// Reads reports in JSON: one, an array of them, or one a line, with or without the first line of a file of results.
enum ReportFile {
  /// Hands out all reports of a file in their order. Of what `migsh grade` wrote, no more than one is in memory as a value.
  static func forEachReport(in path: String, _ body: (GradeReport) throws -> Void) throws {
    try forEachPlacedReport(in: path) { report, _ in try body(report) }
  }

  /// The same, and the bytes of each report in the file; nil when another program has laid it out anew.
  static func forEachPlacedReport(in path: String, _ body: (GradeReport, Range<Int>?) throws -> Void) throws {
    let bytes = try readFile(path, limit: .max)
    let lines = bytes.split(separator: UInt8(ascii: "\n")).map(member).filter { !$0.isEmpty }
    // What another program has laid out anew is not a report a line.
    guard lines.count != 1,
      lines.allSatisfy({ $0.first == UInt8(ascii: "{") && $0.last == UInt8(ascii: "}") && $0.count > 2 })
    else {
      let whole = try parse(bytes, path)
      for json in whole.elements ?? [whole] where GradeFileHeader(json: json) == nil {
        try body(try report(json, path), nil)
      }
      return
    }
    for line in lines {
      let json = try parse(Array(line), path)
      if GradeFileHeader(json: json) == nil { try body(try report(json, path), line.startIndex..<line.endIndex) }
    }
  }

  /// A line without what joins it to an array.
  private static func member(_ line: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    var part = line
    while let first = part.first, " \t\r[],".utf8.contains(first) { part.removeFirst() }
    while let last = part.last, " \t\r[],".utf8.contains(last) { part.removeLast() }
    return part
  }

  private static func parse(_ bytes: [UInt8], _ path: String) throws(ClassFileMistake) -> JSON {
    do throws(JSONMistake) { return try JSON(parsing: bytes) } catch {
      throw ClassFileMistake(
        "\(path) has no reports in JSON: \(error.message); `migsh grade --format json` writes them")
    }
  }

  private static func report(_ json: JSON, _ path: String) throws(ClassFileMistake) -> GradeReport {
    do throws(MalformedReport) { return try GradeReport(json: json) } catch {
      throw ClassFileMistake("\(path): \(error)")
    }
  }
}
