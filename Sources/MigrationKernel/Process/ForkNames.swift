/// How the children of a process are called. A kernel knows nobody else's names, so each is made of a stem, which is
/// reserved for a fork of this one process when that is spawned and goes with its program, and of numbers, which are
/// counted here and move with the process.
///
/// The first child of a stem is called as the stem, the next gets `-2`. Numbers of forks in forks follow each other:
/// with `fork a { fork b { } }`, `b-2-1` is the first `b` of the second `a`. Leading ones are left out.
struct ForkNames: Sendable, Equatable {
  /// Which child of its stem this process is, after the same of its parent, and so on from the process that was spawned.
  private(set) var path: [UInt32]
  /// How many children this process has had, by stem.
  private(set) var counts: [Count]

  struct Count: Sendable, Equatable {
    let stem: String
    var children: UInt32
  }

  init(path: [UInt32] = [], counts: [Count] = []) {
    self.path = path
    self.counts = counts
  }

  /// The name of the next child of a stem, and what the names of its own children follow from.
  mutating func next(_ stem: String) -> (name: String, names: ForkNames) {
    let place = counts.firstIndex { $0.stem == stem } ?? counts.count
    if place == counts.count { counts.append(Count(stem: stem, children: 0)) }
    counts[place].children &+= 1
    let child = ForkNames(path: path + [counts[place].children])
    let numbers = child.path.drop { $0 == 1 }
    return (([stem] + numbers.map { "\($0)" }).joined(separator: "-"), child)
  }
}
