import OrderedCollections

/// The programs that there are: those built in, and after them those that were declared.
struct ProgramBook: Sendable {
  /// Those that were declared, by name.
  private(set) var declared: OrderedDictionary<String, CompiledProgram> = [:]

  var names: [String] { BuiltInPrograms.names + declared.keys }

  var all: [CompiledProgram] { BuiltInPrograms.all + declared.values }

  subscript(name: String) -> CompiledProgram? { declared[name] ?? BuiltInPrograms.byName[name] }

  mutating func declare(_ program: CompiledProgram) { declared[program.name] = program }

  /// Adds what was declared elsewhere. Where both have a name, the other's program counts.
  mutating func merge(_ other: ProgramBook) { declared.merge(other.declared) { $1 } }
}
