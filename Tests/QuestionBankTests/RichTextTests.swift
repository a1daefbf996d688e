import Testing

@testable import QuestionBank

@Suite struct RichTextTests {
  @Test(arguments: [
    (
      "A **bold** word, `a < b` and *one* more.",
      "<p>A <strong>bold</strong> word, <code>a &lt; b</code> and <em>one</em> more.</p>"
    ),
    ("2 * 3 * 4 and a lone ` or ** stay", "<p>2 * 3 * 4 and a lone ` or ** stay</p>"),
    ("**all of `p1` goes**", "<p><strong>all of <code>p1</code> goes</strong></p>"),
    ("- one\n- two\n\n1. three", "<ul><li>one</li><li>two</li></ul><ol><li>three</li></ol>"),
    ("Do:\n    node add a\n    say \"<b>\"", "<p>Do:</p><pre>node add a\nsay &quot;&lt;b&gt;&quot;</pre>"),
    ("]]> & é 漢 \u{1F600}", "<p>]]&gt; &amp; é 漢 \u{1F600}</p>"), ("", ""), ("a\u{7}b", "<p>a\u{FFFD}b</p>"),
    ("** a ** and * b *", "<p>** a ** and * b *</p>"), ("``", "<p>``</p>"),
  ]) func markdownBecomesHTML(_ markdown: String, _ html: String) {
    #expect(RichText(markdown: markdown).html == html)
  }
}
