import Testing

@testable import QuestionBank

/// What the formats look like.
@Suite struct FormatTests {
  static let questions = [
    BankQuestion(
      identifier: "a.b.seed-1", category: ["T", "L"], title: "Which <one>?",
      text: RichText(markdown: "Read `a = b`.\n    let x = {1}\n**Which?**"),
      answer: .choices(
        [
          BankQuestion.Choice(text: RichText(markdown: "50% ~ half"), isRight: true, feedback: RichText([])),
          BankQuestion.Choice(
            text: RichText(markdown: "none"), isRight: false, feedback: RichText(markdown: "Not so: see #1.")),
        ], isShuffled: false),
      explanation: RichText(markdown: "That is so.")),
    BankQuestion(
      identifier: "a.c.seed-1", category: ["T", "L"], title: "How long?", text: RichText(markdown: "How long?"),
      answer: .number(BankQuestion.Number(value: "24.04", tolerance: "4.808", unit: "ms")), explanation: RichText([])),
  ]

  @Test func gift() {
    #expect(
      GIFT.text(Self.questions) == """
        $CATEGORY: $course$/top/T/L

        ::Which <one>?::[html]<p>Read <code>a \\= b</code>.</p><pre>let x \\= &\\#123;1&\\#125;</pre><p><strong>Which?</strong></p>{
        =50% \\~ half
        ~none#<p>Not so\\: see \\#1.</p>
        ####<p>That is so.</p>}

        ::How long?::[html]<p>How long?</p>{#24.04:4.808}


        """)
  }

  @Test func moodle() {
    let text = MoodleXML.text(Self.questions)
    for part in [
      "<category><text>$course$/top/T/L</text></category>", "<name><text>Which &lt;one&gt;?</text></name>",
      "<text><![CDATA[<p>Read <code>a = b</code>.</p><pre>let x = {1}</pre><p><strong>Which?</strong></p>]]></text>",
      "<answer fraction=\"100\" format=\"html\">\n<text><![CDATA[50% ~ half]]></text>",
      "<answer fraction=\"0\" format=\"html\">\n<text><![CDATA[none]]></text>", "<single>true</single>",
      "<shuffleanswers>false</shuffleanswers>", "<question type=\"numerical\">",
      "<text>24.04</text>\n<tolerance>4.808</tolerance>",
    ] { #expect(text.contains(part), "\(part)") }
    #expect(text.matches(of: /<question type="category">/).count == 1)
    #expect(MoodleXML.html("a]]>b") == "<text><![CDATA[a]]]]><![CDATA[>b]]></text>\n")
  }

  @Test func qti() {
    let archive = BankFormat.qti.file(of: Self.questions, title: "T")
    let text = String(decoding: archive, as: UTF8.self)
    for part in [
      "<resource identifier=\"item-2\" type=\"imsqti_item_xmlv2p1\" href=\"items/item-2.xml\">",
      "title=\"Which &lt;one&gt;?\" label=\"a.b.seed-1\"", "<correctResponse><value>choice-1</value></correctResponse>",
      "<simpleChoice identifier=\"choice-2\"><p>none</p></simpleChoice>",
      "<modalFeedback outcomeIdentifier=\"FEEDBACK\" identifier=\"choice-2\" showHide=\"show\"><p>Not so: see #1.</p>",
      "<equal toleranceMode=\"absolute\" tolerance=\"4.808 4.808\">", "expectedLength=\"12\"/> ms</p>",
    ] { #expect(text.contains(part), "\(part)") }
    // Nothing to say is no feedback.
    #expect(!text.contains("identifier=\"choice-1\" showHide"))
    #expect(archive == BankFormat.qti.file(of: Self.questions, title: "T"))
  }
}
