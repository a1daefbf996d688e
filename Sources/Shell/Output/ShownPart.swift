import Simulator

/// A part of what a session shows, for those who make something else of it than lines on a screen.
public enum ShownPart: Sendable {
  /// A statement that is about to be executed, as it was written.
  case statement(String)
  /// Lines that a command prints.
  case text(String)
  /// A picture that a command draws.
  case picture(DrawnPicture)
}

/// A picture that a command has drawn. It can be had as SVG, and in characters.
public struct DrawnPicture: Sendable {
  private let picture: Picture
  /// The picture in characters.
  public let text: String

  init(_ picture: Picture, on screen: Screen) {
    self.picture = picture
    text = CharacterRenderer(screen: screen).text(picture)
  }

  /// What it shows, in one line.
  public var title: String { picture.title }

  /// What can be seen in it.
  public var sentences: [String] { picture.sentences }

  /// The picture as SVG, with its title and its sentences for screen readers. The page around it has to hold `style`.
  ///
  /// - Parameter name: what identifiers in it begin with.
  public func svg(name: String) -> String { SVGRenderer().document(picture, name: name, hasStyle: false) }

  /// The same as a document that needs nothing around it.
  public func document(name: String) -> String { SVGRenderer().document(picture, name: name) }

  /// How all pictures look, light or dark as the reader likes.
  public static var style: String { SVGPage.sharedStyle }
}

extension Report {
  /// What people are shown, with the pictures apart from the lines around them.
  func parts(in world: World, on screen: Screen, isInterrupted: () -> Bool) -> [ShownPart] {
    var parts: [ShownPart] = []
    for block in blocks {
      switch block {
      case .drawing(let picture): parts.append(.picture(DrawnPicture(picture, on: screen)))
      case .reports(let reports):
        for report in reports { parts += report.parts(in: world, on: screen, isInterrupted: isInterrupted) }
      case .sentence, .prose, .facts, .table:
        let text = Report([block]).text(in: world, on: screen, isInterrupted: isInterrupted)
        if !text.isEmpty { parts.append(.text(text)) }
      }
    }
    return parts
  }
}

/// A text as XML has it. Characters that XML does not allow are replaced.
package func escapedForXML(_ text: String) -> String { SVGPage.escaped(text) }
