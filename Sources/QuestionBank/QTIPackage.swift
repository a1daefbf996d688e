import Shell

/// A question bank as a content package of QTI 2.1 (IMS Question and Test Interoperability, 2012): a manifest, and a file for
/// each item. Canvas, Blackboard, Brightspace, OpenOlat, ONYX and TAO import it.
///
/// The items keep to the order of elements that the schema of IMS asks for: declarations, body, response processing, feedback.
struct QTIPackage {
  private let questions: [BankQuestion]
  private let title: String

  private static let heading = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
  private static let namespace = "http://www.imsglobal.org/xsd/imsqti_v2p1"
  private static let schema = "http://www.imsglobal.org/xsd/qti/qtiv2p1/imsqti_v2p1.xsd"
  private static let packaging = "http://www.imsglobal.org/xsd/imscp_v1p1"
  private static let packagingSchema = "http://www.imsglobal.org/xsd/qti/qtiv2p1/qtiv2p1_imscpv1p2_v1p0.xsd"
  private static let instance = "xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\""

  init(_ questions: [BankQuestion], title: String) {
    self.questions = questions
    self.title = title
  }

  var archive: [UInt8] {
    var archive = ZipArchive()
    archive.add("imsmanifest.xml", Array(manifest.utf8))
    for (index, question) in questions.enumerated() { archive.add(file(index), Array(item(index, question).utf8)) }
    return archive.bytes
  }

  /// A title as an identifier: letters, digits and hyphens, a letter first.
  private static func name(_ title: String) -> String {
    "bank-" + String(title.lowercased().map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "-" })
  }

  private func file(_ index: Int) -> String { "items/\(identifier(index)).xml" }

  /// An identifier as XML has it: it begins with a letter.
  private func identifier(_ index: Int) -> String { "item-\(index + 1)" }

  private var manifest: String {
    let resources = questions.indices.map { index in
      "<resource identifier=\"\(identifier(index))\" type=\"imsqti_item_xmlv2p1\" href=\"\(file(index))\">"
        + "<file href=\"\(file(index))\"/></resource>\n"
    }
    return Self.heading
      + "<manifest xmlns=\"\(Self.packaging)\" \(Self.instance) "
      + "xsi:schemaLocation=\"\(Self.packaging) \(Self.packagingSchema)\" identifier=\"\(escapedForXML(Self.name(title)))\">\n"
      + "<metadata><schema>QTIv2.1 Package</schema><schemaversion>1.0.0</schemaversion></metadata>\n"
      + "<organizations/>\n<resources>\n" + resources.joined() + "</resources>\n</manifest>\n"
  }

  // MARK: - Items

  private func item(_ index: Int, _ question: BankQuestion) -> String {
    let parts: (declaration: String, interaction: String, processing: String, feedback: String) =
      switch question.answer {
      case .choices(let choices, let isShuffled): self.parts(choices, isShuffled)
      case .number(let number): self.parts(number)
      }
    return Self.heading
      + "<assessmentItem xmlns=\"\(Self.namespace)\" \(Self.instance) xsi:schemaLocation=\"\(Self.namespace) \(Self.schema)\" "
      + "identifier=\"\(identifier(index))\" title=\"\(escapedForXML(question.title))\" label=\"\(escapedForXML(question.identifier))\" "
      + "adaptive=\"false\" timeDependent=\"false\">\n" + parts.declaration
      + "<outcomeDeclaration identifier=\"SCORE\" cardinality=\"single\" baseType=\"float\">"
      + "<defaultValue><value>0</value></defaultValue></outcomeDeclaration>\n"
      + "<outcomeDeclaration identifier=\"FEEDBACK\" cardinality=\"single\" baseType=\"identifier\"/>\n"
      + "<outcomeDeclaration identifier=\"EXPLANATION\" cardinality=\"single\" baseType=\"identifier\"/>\n"
      + "<itemBody>\n\(question.text.html)\n\(parts.interaction)</itemBody>\n"
      + "<responseProcessing>\n\(parts.processing)"
      + set("EXPLANATION", to: "<baseValue baseType=\"identifier\">shown</baseValue>") + "</responseProcessing>\n"
      + parts.feedback + feedback("EXPLANATION", "shown", question.explanation) + "</assessmentItem>\n"
  }

  private func parts(
    _ choices: [BankQuestion.Choice], _ isShuffled: Bool
  ) -> (declaration: String, interaction: String, processing: String, feedback: String) {
    let names = choices.indices.map { "choice-\($0 + 1)" }
    let right = zip(names, choices).filter(\.1.isRight).map { "<value>\($0.0)</value>" }.joined()
    let shown = zip(names, choices).map { "<simpleChoice identifier=\"\($0)\">\($1.text.html)</simpleChoice>\n" }
    return (
      "<responseDeclaration identifier=\"RESPONSE\" cardinality=\"single\" baseType=\"identifier\">"
        + "<correctResponse>\(right)</correctResponse></responseDeclaration>\n",
      "<choiceInteraction responseIdentifier=\"RESPONSE\" shuffle=\"\(isShuffled)\" maxChoices=\"1\">\n"
        + shown.joined() + "</choiceInteraction>\n",
      score(when: "<match><variable identifier=\"RESPONSE\"/><correct identifier=\"RESPONSE\"/></match>")
        + set("FEEDBACK", to: "<variable identifier=\"RESPONSE\"/>"),
      zip(names, choices).map { feedback("FEEDBACK", $0, $1.feedback) }.joined()
    )
  }

  private func parts(
    _ number: BankQuestion.Number
  ) -> (declaration: String, interaction: String, processing: String, feedback: String) {
    let tolerance = "toleranceMode=\"absolute\" tolerance=\"\(number.tolerance) \(number.tolerance)\""
    return (
      "<responseDeclaration identifier=\"RESPONSE\" cardinality=\"single\" baseType=\"float\">"
        + "<correctResponse><value>\(number.value)</value></correctResponse></responseDeclaration>\n",
      "<p><textEntryInteraction responseIdentifier=\"RESPONSE\" expectedLength=\"12\"/> \(escapedForXML(number.unit))</p>\n",
      score(when: "<equal \(tolerance)><variable identifier=\"RESPONSE\"/><correct identifier=\"RESPONSE\"/></equal>"),
      ""
    )
  }

  private func score(when condition: String) -> String {
    "<responseCondition><responseIf>\(condition)"
      + set("SCORE", to: "<baseValue baseType=\"float\">1</baseValue>") + "</responseIf></responseCondition>\n"
  }

  private func set(_ outcome: String, to value: String) -> String {
    "<setOutcomeValue identifier=\"\(outcome)\">\(value)</setOutcomeValue>\n"
  }

  private func feedback(_ outcome: String, _ value: String, _ text: RichText) -> String {
    guard !text.blocks.isEmpty else { return "" }
    return "<modalFeedback outcomeIdentifier=\"\(outcome)\" identifier=\"\(value)\" showHide=\"show\">"
      + "\(text.html)</modalFeedback>\n"
  }
}
