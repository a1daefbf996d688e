/// Where text output goes, and what can be shown there.
public struct Screen: Sendable, Equatable {
  /// How wide it is; nil when there is none, as in a file.
  public var columns: Int?
  /// How many rows it has; nil when there is none.
  public var rows: Int?
  /// How wide pictures are drawn; nil for as wide as the screen.
  var chosenWidth: Int?
  /// Whether characters other than ASCII can be shown.
  public var showsUnicode = true
  /// Whether escape sequences for colours are obeyed.
  public var showsColors = false
  /// Whether pictures are told in sentences, for somebody who cannot see them.
  public var tellsPictures = false

  /// A file: as wide as need be, without colours.
  public init(columns: Int? = nil) { self.columns = columns }

  /// The same for what goes into a file, or to another program.
  var asFile: Screen {
    var screen = self
    (screen.columns, screen.showsColors) = (nil, false)
    return screen
  }

  /// A text as it is shown here: lines are broken between words where the screen is narrower. Rows in columns stay whole, unless
  /// the screen is heard: a screen reader would read the halves of a word as two. There signs become words, too.
  func told(_ text: String) -> String {
    guard tellsPictures else { return columns.map { text.wrappedInItsMargin(at: $0, keepsColumns: true) } ?? text }
    let words = text.replacing(" → ", with: ", now ").replacing("±", with: "plus or minus ")
      .replacing(/(\S)–(\S)/) { "\($0.1) to \($0.2)" }
    return columns.map { words.wrappedInItsMargin(at: $0, keepsColumns: false) } ?? words
  }

  /// How wide a picture is drawn.
  var pictureWidth: Int { min(Self.widestPicture, max(Self.narrowestPicture, tableWidth ?? Self.usualWidth)) }

  /// How wide tables in pictures may be; nil for as wide as need be.
  var tableWidth: Int? { chosenWidth ?? columns }

  /// A file has no width: pictures in it fit into a terminal of the usual one.
  private static let usualWidth = 80
  static let narrowestPicture = 40
  static let widestPicture = 1000
}
