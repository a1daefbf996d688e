/// A question of a question bank: with choices or with a number, and with what is said afterwards.
public struct BankQuestion: Sendable, Equatable {
  /// What somebody may choose.
  public struct Choice: Sendable, Equatable {
    /// On one line.
    public let text: RichText
    /// Whether it is the answer.
    public let isRight: Bool
    /// What is said to those who choose it; without blocks when there is nothing to say.
    public let feedback: RichText
  }

  /// A number that is the answer.
  public struct Number: Sendable, Equatable {
    /// The number, in plain decimal digits.
    public let value: String
    /// How far from it an answer may be and still count, in plain decimal digits.
    public let tolerance: String
    /// What is counted or measured: `ms`; empty for a bare number.
    public let unit: String
  }

  /// What the answer is.
  public enum Answer: Sendable, Equatable {
    case choices([Choice], isShuffled: Bool)
    case number(Number)
  }

  /// A name without blanks that no other question of the bank has: `pretransfer.move.freeze.seed-3`.
  public let identifier: String
  /// Where it belongs, from the outside in. Questions that differ in their numbers alone are in one category.
  public let category: [String]
  /// A name for people.
  public let title: String
  /// The question, with everything that one needs to answer it.
  public let text: RichText
  /// What the answer is.
  public let answer: Answer
  /// What is said to everybody afterwards.
  public let explanation: RichText
}

/// A form in which learning platforms read question banks.
public enum BankFormat: String, Sendable, CaseIterable {
  /// The XML of Moodle.
  case moodle
  /// A content package of QTI 2.1, a zip file.
  case qti
  /// The GIFT format, which is plain text.
  case gift

  /// A bank in this form.
  public func file(of questions: [BankQuestion], title: String) -> [UInt8] {
    switch self {
    case .moodle: Array(MoodleXML.text(questions).utf8)
    case .qti: QTIPackage(questions, title: title).archive
    case .gift: Array(GIFT.text(questions).utf8)
    }
  }
}
