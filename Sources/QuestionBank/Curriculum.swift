import CommandLanguage
import Course
import Shell

/// The knowledge units of a curriculum that a course touches, from a file in its folder:
///
///     report: Computer Science Curricula 2023 …
///     doi: 10.1145/3664191
///     units:
///       - area: Operating Systems
///         code: OS-Process
///         unit: Process Model
///         touches: what of it, in words of our own
///         lessons: [why-move, anatomy]
public struct Curriculum: Sendable {
  /// A knowledge unit, and the lessons that touch it.
  public struct Unit: Sendable {
    /// The knowledge area to which it belongs.
    public let area: String
    /// Its short name in the report.
    public let code: String
    /// Its name in the report.
    public let name: String
    /// What of it the lessons are about.
    public let touches: String
    /// The names of the lessons.
    public let lessons: [String]
  }

  /// The name of the report.
  public let report: String
  /// Where one finds the report.
  public let doi: String
  /// In the order of the file.
  public let units: [Unit]

  /// The file in the folder of a course.
  public static func path(inCourse folder: String) -> String { folder + "/cs2023.yaml" }

  /// - Parameter source: the text of the file.
  public init(parsing source: SourceText) throws(CourseOutline.Mistake) {
    func refusal(_ text: String) -> CourseOutline.Mistake { CourseOutline.Mistake("\(source.name): \(text)") }
    func text(_ name: String, in parts: [YAML.Member]) throws(CourseOutline.Mistake) -> String {
      guard case .text(let text)? = parts.first(where: { $0.name == name })?.value, !text.isEmpty else {
        throw refusal("`\(name)` is no text")
      }
      return text
    }
    let members = try CourseOutline.members(of: source)
    report = try text("report", in: members)
    doi = try text("doi", in: members)
    guard case .list(let entries)? = members.first(where: { $0.name == "units" })?.value else {
      throw refusal("`units` is no list")
    }
    var units: [Unit] = []
    for entry in entries {
      guard case .members(let parts) = entry else { throw refusal("a unit has no named parts") }
      let code = try text("code", in: parts)
      guard case .list(let names)? = parts.first(where: { $0.name == "lessons" })?.value, !names.isEmpty else {
        throw refusal("`lessons` of \(code) is no list of names")
      }
      guard !units.contains(where: { $0.code == code }) else { throw refusal("there are two units \(code)") }
      var lessons: [String] = []
      for name in names {
        guard case .text(let lesson) = name else { throw refusal("`lessons` of \(code) is no list of names") }
        lessons.append(lesson)
      }
      units.append(
        Unit(
          area: try text("area", in: parts), code: code, name: try text("unit", in: parts),
          touches: try text("touches", in: parts), lessons: lessons))
    }
    self.units = units
  }

  /// What does not fit a course: a lesson that there is not, or one that touches no unit.
  ///
  /// - Parameter lessons: the names of all lessons that teach something.
  public func mistakes(lessons: [String]) -> [String] {
    let unknown = units.flatMap { unit in
      unit.lessons.filter { !lessons.contains($0) }.map { "\(unit.code) names the lesson `\($0)`, which there is not" }
    }
    let touching = Set(units.flatMap(\.lessons))
    return unknown + lessons.filter { !touching.contains($0) }.map { "the lesson `\($0)` touches no knowledge unit" }
  }
}
