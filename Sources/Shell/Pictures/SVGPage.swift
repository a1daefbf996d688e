/// The text of an SVG document as it grows. Numbers called hundredths are hundredths of a pixel.
struct SVGPage {
  private let name: String
  var width = SVGRenderer.width
  var height = 0
  /// Where its axis of time is, for programs: the left and upper edge, width and lower edge in pixels, first and last instant.
  var timeAxis: [UInt64] = []
  private var body = ""
  private var inks: Set<Ink> = []

  init(name: String) { self.name = name }

  // MARK: - Marks

  mutating func text(_ text: String, x: Int, y: Int, classes: String = "text", anchor: String? = nil) {
    let anchored = anchor.map { " text-anchor=\"\($0)\"" } ?? ""
    body += "<text class=\"\(classes)\" x=\"\(x)\" y=\"\(y)\"\(anchored)>\(Self.escaped(text))</text>\n"
  }

  /// - Parameters:
  ///   - x1: in hundredths.
  ///   - x2: in hundredths.
  mutating func line(x1: Int, y1: Int, x2: Int, y2: Int, classes: String, arrow: Bool = false) {
    let marker = arrow ? " marker-end=\"url(#\(name)-arrow)\"" : ""
    body += """
      <line class="\(classes)" x1="\(Self.decimal(x1))" y1="\(y1)" x2="\(Self.decimal(x2))" y2="\(y2)"\(marker)/>

      """
  }

  /// A filled rectangle.
  ///
  /// - Parameters:
  ///   - x: in hundredths.
  ///   - width: in hundredths.
  mutating func box(x: Int, y: Int, width: Int, height: Int, ink: Ink, title: String? = nil) {
    inks.insert(ink)
    let shape = "x=\"\(Self.decimal(x))\" y=\"\(y)\" width=\"\(Self.decimal(width))\" height=\"\(height)\""
    let rectangle = "<rect class=\"ink-\(ink)\" \(shape)"
    body += title.map { "\(rectangle)><title>\(Self.escaped($0))</title></rect>\n" } ?? "\(rectangle)/>\n"
    guard ink.look.texture != .plain else { return }
    body += "<rect class=\"over\" fill=\"url(#\(name)-\(ink.look.texture.rawValue))\" \(shape)/>\n"
  }

  /// A row of equal squares. They are drawn as one; `gaps` parts them.
  mutating func cells(x: Int, y: Int, count: Int, ink: Ink, title: String) {
    box(x: x * 100, y: y, width: (count * 13 - 2) * 100, height: 11, ink: ink, title: title)
  }

  /// What parts squares that stand side by side, from top to bottom.
  mutating func gaps(x: Int, count: Int, top: Int, bottom: Int) {
    guard count > 1, bottom > top else { return }
    let path = (1..<count).map { "M\(x + $0 * 13 - 1) \(top)V\(bottom)" }.joined()
    body += "<path class=\"halo\" stroke-width=\"2\" d=\"\(path)\"/>\n"
  }

  /// A frame, with the ground in it.
  mutating func frame(x: Int, y: Int, width: Int, height: Int, classes: String) {
    body += "<rect class=\"\(classes)\" x=\"\(x)\" y=\"\(y)\" width=\"\(width)\" height=\"\(height)\" rx=\"6\"/>\n"
  }

  mutating func dot(x: Int, y: Int, classes: String) {
    body += "<circle class=\"\(classes)\" cx=\"\(x)\" cy=\"\(y)\" r=\"4\"/>\n"
  }

  // MARK: - The document

  /// - Parameter hasStyle: whether it says how it looks. On a page with many pictures the page says that once, for all.
  func document(title: String, description: [String], hasStyle: Bool = true) -> String {
    """
    <svg xmlns="http://www.w3.org/2000/svg" width="\(width)" height="\(height)" viewBox="0 0 \(width) \(height)" \
    role="img" aria-labelledby="\(name)-title" aria-describedby="\(name)-desc"\(plot)>
    <title id="\(name)-title">\(Self.escaped(title))</title>
    <desc id="\(name)-desc">\(Self.escaped(description.joined(separator: "\n")))</desc>
    \(hasStyle ? "<style>\n\(Self.style(used))</style>\n" : "")<defs>
    \(definitions)</defs>
    <rect class="ground" width="\(width)" height="\(height)"/>
    \(body)</svg>

    """
  }

  private var plot: String {
    timeAxis.isEmpty ? "" : " data-plot=\"\(timeAxis.map { "\($0)" }.joined(separator: " "))\""
  }

  private var used: [Ink] { Ink.allCases.filter(inks.contains) }

  /// How all pictures look.
  static var sharedStyle: String { style(Ink.allCases) }

  private static func style(_ inks: [Ink]) -> String {
    func colors(_ dark: Bool) -> String {
      let (ground, text, quiet, rule, red) =
        dark
        ? ("#16191d", "#e6e9ee", "#a4acb8", "#343941", "#ff7b6b")
        : ("#ffffff", "#1f2328", "#57606a", "#d5d8dd", "#c0392b")
      return """
        .ground,.node{fill:\(ground)}
        .text,.title,.strong,.point{fill:\(text)}
        .quiet{fill:\(quiet)}
        .rule,.lane{stroke:\(rule)}
        .packet,.node,.mark-ended{stroke:\(text)}
        .cut,.packet-lost,.mark-lost,.node-down{stroke:\(red)}
        .node-down{fill:\(ground)}
        .halo{stroke:\(ground)}
        .stroke{stroke:\(ground)}
        .tip{fill:\(text)}

        """ + inks.map { ".ink-\($0){fill:\(dark ? $0.look.dark : $0.look.light)}\n" }.joined()
    }
    return """
      text{font:13px system-ui,"Segoe UI","Helvetica Neue",Arial,sans-serif}
      .title{font-size:16px;font-weight:600}
      .strong{font-weight:600}
      .quiet{font-size:12px}
      .rule,.lane,.packet{stroke-width:1}
      .cut,.packet-lost{stroke-width:1.5;stroke-dasharray:5 4}
      .mark-lost,.mark-ended{stroke-width:2.5}
      .stroke{stroke-opacity:.55}

      """ + colors(false) + "@media (prefers-color-scheme:dark){\n" + colors(true) + "}\n"
  }

  private var definitions: String {
    let textures = Set(used.map(\.look.texture)).subtracting([.plain])
    let patterns = Ink.Texture.allCases.filter(textures.contains).map { texture in
      """
      <pattern id="\(name)-\(texture.rawValue)" width="6" height="6" patternUnits="userSpaceOnUse">\
      <path class="stroke" fill="none" d="\(texture.path)"/></pattern>

      """
    }
    return patterns.joined() + """
      <marker id="\(name)-arrow" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="8" markerHeight="8" orient="auto">\
      <path class="tip" d="M0 0L8 4L0 8z"/></marker>

      """
  }

  /// A number of hundredths as SVG has it.
  private static func decimal(_ hundredths: Int) -> String {
    let (whole, rest) = abs(hundredths).quotientAndRemainder(dividingBy: 100)
    let sign = hundredths < 0 ? "-" : ""
    return rest == 0 ? "\(sign)\(whole)" : "\(sign)\(whole).\(rest < 10 ? "0" : "")\(rest)"
  }

  /// A text as XML has it. Characters that XML does not allow are replaced.
  static func escaped(_ text: String) -> String {
    var escaped = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": escaped += "&amp;"
      case "<": escaped += "&lt;"
      case ">": escaped += "&gt;"
      case "\"": escaped += "&quot;"
      case "\n", "\t": escaped.unicodeScalars.append(scalar)
      case "\u{0}"..."\u{1F}", "\u{7F}"..."\u{9F}", "\u{FFFE}", "\u{FFFF}": escaped += "\u{FFFD}"
      default: escaped.unicodeScalars.append(scalar)
      }
    }
    return escaped
  }
}

extension Ink.Texture {
  /// The strokes in a square of six by six pixels.
  fileprivate var path: String {
    switch self {
    case .plain: ""
    case .rising: "M-1 1L1 -1M0 6L6 0M5 7L7 5"
    case .falling: "M-1 5L1 7M0 0L6 6M5 -1L7 1"
    case .upright: "M3 0V6"
    case .level: "M0 3H6"
    case .dotted: "M2 3H4"
    case .crossed: "M0 6L6 0M0 0L6 6"
    }
  }
}
