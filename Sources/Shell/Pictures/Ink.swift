import MigrationKernel

/// What a mark in a picture stands for. Characters, colours and textures follow from it, and so does the legend.
enum Ink: Int, Sendable, CaseIterable {
  // Of a process, in a timeline; what is more notable comes later, and wins where both fall on one character.
  case active, pagesElsewhere, moving, awaitsCore, stalled, held, stopped, frozen, inDoubt
  // Where a process ends, or cannot go on.
  case ended, lost, deadlocked
  // Of a node.
  case down
  // Of a page.
  case empty, touched, dirty, remote
  // Of the pages of a round.
  case sent, rewritten, sentFrozen
  // How many there are of something.
  case amount
  // Of a line between two nodes.
  case line, cut

  /// How it looks.
  struct Look {
    /// One character, and one of ASCII.
    let character: Character
    let ascii: Character
    /// The number of a colour in escape sequences; nil for that of the text.
    let terminalColor: Int?
    /// Colours on a light and on a dark ground.
    let light: String
    let dark: String
    /// What tells it from others without colours.
    var texture = Texture.plain
    /// What it stands for, as the legend says it.
    let meaning: String
  }

  /// A pattern over a colour.
  enum Texture: String, CaseIterable { case plain, rising, falling, upright, level, dotted, crossed }

  var look: Look {
    switch self {
    case .active, .pagesElsewhere, .moving, .awaitsCore, .stalled, .held, .stopped, .frozen, .inDoubt: stateLook
    case .ended, .lost, .deadlocked, .down: endLook
    case .empty, .touched, .dirty, .remote, .sent, .rewritten, .sentFrozen: pageLook
    case .amount:
      Look(
        character: "█", ascii: "@", terminalColor: 34, light: "#2f6fb5", dark: "#6fa8dc", meaning: "the most there were"
      )
    case .line:
      Look(character: "─", ascii: "-", terminalColor: nil, light: "#8a8f98", dark: "#7d848f", meaning: "a line")
    case .cut:
      Look(
        character: "╳", ascii: "x", terminalColor: 31, light: "#c0392b", dark: "#ff7b6b", meaning: "a line that is cut")
    }
  }

  private var stateLook: Look {
    switch self {
    case .pagesElsewhere:
      Look(
        character: "┅", ascii: "~", terminalColor: 36, light: "#5fb3b3", dark: "#3f8f8f", texture: .level,
        meaning: "active, with pages still elsewhere")
    case .moving:
      Look(
        character: "═", ascii: "+", terminalColor: 34, light: "#8db4e2", dark: "#41689c", texture: .dotted,
        meaning: "active, being moved meanwhile")
    case .awaitsCore:
      Look(
        character: "_", ascii: "_", terminalColor: 33, light: "#e8c15a", dark: "#a8862a", texture: .upright,
        meaning: "has moved, and waits for a core")
    case .stalled:
      Look(
        character: "┆", ascii: ":", terminalColor: 33, light: "#f0a04b", dark: "#b56e1f", texture: .falling,
        meaning: "waits for a page from elsewhere")
    case .held:
      Look(
        character: "·", ascii: ".", terminalColor: nil, light: "#d5d8dd", dark: "#4a4f57",
        meaning: "created, not started yet")
    case .stopped:
      Look(
        character: "□", ascii: "o", terminalColor: 35, light: "#c9a9d6", dark: "#7a5a8a", texture: .crossed,
        meaning: "stopped by the operator")
    case .frozen:
      Look(
        character: "▒", ascii: "#", terminalColor: 31, light: "#e07a70", dark: "#a8463c", texture: .rising,
        meaning: "frozen by a migration")
    case .inDoubt:
      Look(
        character: "?", ascii: "?", terminalColor: 35, light: "#b04ac0", dark: "#d58ae2", texture: .crossed,
        meaning: "in doubt")
    default:
      Look(
        character: "━", ascii: "=", terminalColor: 32, light: "#6bb57a", dark: "#3f8550",
        meaning: "active: runs or waits")
    }
  }

  private var endLook: Look {
    switch self {
    case .lost:
      Look(character: "†", ascii: "X", terminalColor: 31, light: "#c0392b", dark: "#ff7b6b", meaning: "lost")
    case .deadlocked:
      Look(
        character: "‼", ascii: "!", terminalColor: 31, light: "#c0392b", dark: "#ff7b6b",
        meaning: "threads wait for each other for ever")
    case .down:
      Look(
        character: "╳", ascii: "x", terminalColor: 31, light: "#b9bdc4", dark: "#5a6069", texture: .crossed,
        meaning: "the node is down")
    default:
      Look(character: "┫", ascii: "|", terminalColor: nil, light: "#1f2328", dark: "#e6e9ee", meaning: "ended")
    }
  }

  private var pageLook: Look {
    switch self {
    case .touched:
      Look(character: "+", ascii: "+", terminalColor: 32, light: "#6bb57a", dark: "#3f8550", meaning: "not empty")
    case .dirty:
      Look(
        character: "#", ascii: "#", terminalColor: 31, light: "#e07a70", dark: "#a8463c", texture: .rising,
        meaning: "written here")
    case .remote:
      Look(
        character: "o", ascii: "o", terminalColor: 33, light: "#f0a04b", dark: "#b56e1f", texture: .dotted,
        meaning: "on another node")
    case .sent:
      Look(character: "█", ascii: "=", terminalColor: 34, light: "#2f6fb5", dark: "#6fa8dc", meaning: "pages sent")
    case .rewritten:
      Look(
        character: "▒", ascii: "#", terminalColor: 33, light: "#f0a04b", dark: "#b56e1f", texture: .falling,
        meaning: "of these, written meanwhile")
    case .sentFrozen:
      Look(
        character: "░", ascii: ":", terminalColor: 31, light: "#e07a70", dark: "#a8463c", texture: .rising,
        meaning: "pages sent while it stood still")
    default:
      Look(character: ".", ascii: ".", terminalColor: nil, light: "#e3e6ea", dark: "#343941", meaning: "empty")
    }
  }

  /// The character for it on a screen.
  func character(on screen: Screen) -> Character { screen.showsUnicode ? look.character : look.ascii }
}

/// Characters for how much there is of something, from nothing to the most.
enum Spark {
  private static let unicode: [Character] = [" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"]
  private static let ascii: [Character] = [" ", ".", ":", "-", "=", "+", "*", "#", "@"]

  /// - Parameters:
  ///   - amount: how much there is.
  ///   - most: the most there is anywhere. Something never looks like nothing.
  static func character(_ amount: UInt64, of most: UInt64, on screen: Screen) -> Character {
    let characters = screen.showsUnicode ? unicode : ascii
    guard most > 0, amount > 0 else { return characters[0] }
    let step = min(amount, most).scaled(by: 8, over: most)
    return characters[Int(max(1, step))]
  }

  /// The same in a row of bars in a table, where nothing must be seen too: a low bar.
  static func bar(_ amount: UInt64, of most: UInt64, on screen: Screen) -> Character {
    let characters = screen.showsUnicode ? unicode : ascii
    guard most > 0, amount > 0 else { return characters[1] }
    return characters[Int(2 + min(amount, most).scaled(by: 6, over: most))]
  }
}
