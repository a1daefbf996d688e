import Shell

/// Reads the members of an object, and says which is not as it must be.
struct ReportReader {
  static let remedy = "use the file as migsh has written it, or grade the submissions again"

  let json: JSON

  init(_ json: JSON) { self.json = json }

  func mistake(_ name: String) -> MalformedReport {
    MalformedReport("a report has no such member `\(name)`, or it is not as it must be", remedy: Self.remedy)
  }

  private func value<Value>(_ name: String, _ convert: (JSON) -> Value?) throws(MalformedReport) -> Value {
    guard let member = json[name], let value = convert(member) else { throw mistake(name) }
    return value
  }

  func text(_ name: String) throws(MalformedReport) -> String { try value(name) { $0.text } }
  func isNull(_ name: String) throws(MalformedReport) -> Bool { try value(name) { $0 == .null } }
  func textOrNull(_ name: String) throws(MalformedReport) -> String? { try isNull(name) ? nil : text(name) }
  func object(_ name: String) throws(MalformedReport) -> ReportReader { try value(name) { ReportReader($0) } }
  /// Nil also when there is no such member: reports did not have all of them at first.
  func objectOrNull(_ name: String) -> ReportReader? {
    guard let member = json[name], member != .null else { return nil }
    return ReportReader(member)
  }

  func texts(_ name: String) throws(MalformedReport) -> [String] {
    let elements = try value(name) { $0.elements }
    let texts = elements.compactMap(\.text)
    guard texts.count == elements.count else { throw mistake(name) }
    return texts
  }

  func truth(_ name: String) throws(MalformedReport) -> Bool {
    try value(name) { if case .boolean(let truth) = $0 { truth } else { nil } }
  }

  /// A number that is not negative.
  func number<Number: FixedWidthInteger>(_ name: String, most: Number = .max) throws(MalformedReport) -> Number {
    let number = try value(name) { $0.wholeNumber.flatMap { Number(exactly: $0) } }
    guard (0...most).contains(number) else { throw mistake(name) }
    return number
  }

  func word<Word: RawRepresentable<String>>(_ name: String) throws(MalformedReport) -> Word {
    try value(name) { $0.text.flatMap { Word(rawValue: $0) } }
  }

  func numbers(_ name: String) throws(MalformedReport) -> [(name: String, value: Int64)] {
    guard case .object(let members)? = json[name] else { throw mistake(name) }
    var numbers: [(name: String, value: Int64)] = []
    for (key, member) in members {
      guard let number = member.wholeNumber else { throw mistake(key) }
      numbers.append((key, Int64(number)))
    }
    return numbers
  }

  func list<Element>(
    _ name: String, _ read: (ReportReader) throws(MalformedReport) -> Element
  ) throws(MalformedReport) -> [Element] {
    var list: [Element] = []
    for element in try value(name, { $0.elements }) { list.append(try read(ReportReader(element))) }
    return list
  }
}
