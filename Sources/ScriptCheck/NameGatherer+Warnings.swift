import CommandLanguage
import Shell

/// What is hardly meant about names.
extension NameGatherer {
  func warnings(isLesson: Bool) -> [Finding] {
    unusedVariables(isLesson: isLesson) + unusedDefinitions + unusedPrograms + unsetVariables(isLesson: isLesson)
      + repeatedDefinitions
  }

  /// Whether the text only defines, for other scripts that source it.
  private var isLibrary: Bool { !executes }

  // MARK: - Set, and not used

  private func unusedVariables(isLesson: Bool) -> [Finding] {
    let used = Set(uses.map(\.name))
    func isUsed(_ name: String) -> Bool { used.contains(name) }
    let parametersUsed = parametersUsed
    return settings.filter { setting in
      guard !setting.place.isSourced, !setting.place.isForLearner, !isOpen || setting.kind == .parameter else {
        return false
      }
      switch setting.kind {
      case .variable:
        // `migsh experiment` writes what a script finds out and keeps in a variable.
        let isResult = !isLesson && !setting.isConstant && setting.place.definition == nil
        return !isLibrary && !isResult && !isUsed(setting.name)
      case .loopVariable, .lessonParameter: return !isUsed(setting.name)
      case .parameter: return !parametersUsed.mayMean(setting)
      // Most predictions are only compared with the answer.
      case .prediction: return false
      }
    }.map { setting in
      let remedy: String? =
        switch setting.kind {
        case .loopVariable: "`repeat N { }` needs no variable"
        case .variable, .parameter, .lessonParameter, .prediction: nil
        }
      return .warning(
        .unused,
        setting.source.diagnostic(at: setting.span, "`$\(setting.name)` is never used", remedy: remedy))
    }
  }

  /// Where names are used that parameters may have.
  private struct ParameterUses {
    /// Used where any definition may lead: in a program, or in a definition that has no such parameter itself.
    var anywhere: Set<String> = []
    /// Used in the definitions of these numbers.
    var inDefinition: [Int: Set<String>] = [:]

    func mayMean(_ parameter: Setting) -> Bool {
      anywhere.contains(parameter.name)
        || parameter.place.definition.map { inDefinition[$0]?.contains(parameter.name) ?? false } ?? false
    }
  }

  private var parametersUsed: ParameterUses {
    var found = ParameterUses()
    for use in uses {
      guard let definition = use.place.definition else {
        if use.place.isInProgram { found.anywhere.insert(use.name) }
        continue
      }
      found.inDefinition[definition, default: []].insert(use.name)
      if use.place.isInProgram || !definitions[definition].parameters.contains(use.name) {
        found.anywhere.insert(use.name)
      }
    }
    return found
  }

  private var unusedDefinitions: [Finding] {
    guard !isLibrary, !isOpen else { return [] }
    let called = Set(calls.filter { !isInside($0.place, $0.name) }.map(\.name))
    return definitions.filter { definition in
      !definition.place.isSourced && !definition.place.isForLearner && !called.contains(definition.name)
    }.map { definition in
      .warning(
        .unused,
        definition.source.diagnostic(at: definition.span, "the command `\(definition.name)` is never used"))
    }
  }

  private func isInside(_ place: Place, _ name: String) -> Bool {
    place.definition.map { definitions[$0].name == name } ?? false
  }

  private var unusedPrograms: [Finding] {
    guard !isLibrary, !isOpen, !composesProgramNames else { return [] }
    // What a text says alone may be the name of a program, too.
    return programs.filter { program in
      !program.place.isForLearner && !names.contains(program.name)
    }.map { program in
      .warning(
        .unused, program.source.diagnostic(at: program.span, "no process executes the program `\(program.name)`"))
    }
  }

  // MARK: - Used, and not set

  private func unsetVariables(isLesson: Bool) -> [Finding] {
    guard !isOpen else { return [] }
    let known = Dictionary(grouping: settings, by: \.name)
    var told: Set<String> = []
    var findings: [Finding] = []
    for use in uses where !use.place.isInProgram && !use.place.isSourced && !told.contains(use.name) {
      guard let setting = known[use.name] else {
        // A library may leave it to the script that sources it.
        if isLibrary, use.place.definition != nil { continue }
        told.insert(use.name)
        findings.append(.warning(.unset, neverSet(use, isLesson: isLesson)))
        continue
      }
      guard isTooEarly(use, setting) else { continue }
      told.insert(use.name)
      findings.append(
        .warning(
          .unset,
          use.source.diagnostic(
            at: use.span, "`$\(use.name)` is not set yet",
            remedy: "it is set on line \(setting.map { $0.source.location($0.span.start).line }.min() ?? 0)")))
    }
    return findings
  }

  private func neverSet(_ use: Use, isLesson: Bool) -> Diagnostic {
    use.source.diagnostic(
      at: use.span, "nothing sets `$\(use.name)`",
      suggestion: closest(to: use.name, among: settings.map(\.name)).map { "$" + $0 },
      remedy: isLesson
        ? "`let \(use.name) = …` sets it, or `@param \(use.name) LOW..HIGH`"
        : "`let \(use.name) = …` sets it, or `--vary \(use.name)=…` of `migsh experiment`")
  }

  /// Whether all that sets a variable comes later. What stands in a definition has no fixed turn.
  private func isTooEarly(_ use: Use, _ settings: [Setting]) -> Bool {
    use.place.definition == nil
      && settings.allSatisfy { $0.place.definition == nil && $0.place.turn > use.place.turn }
  }

  // MARK: - Defined twice

  /// A second definition hides the first. That is meant where a condition or an error decides between them.
  private var repeatedDefinitions: [Finding] {
    let turnsOfCalls = Dictionary(grouping: calls, by: \.name).mapValues { $0.map(\.place.turn) }
    var latest: [String: Definition] = [:]
    var findings: [Finding] = []
    for definition in definitions where !definition.place.isInBlock {
      defer { latest[definition.name] = definition }
      guard !definition.place.isSourced, let earlier = latest[definition.name] else { continue }
      let between = earlier.place.turn...max(earlier.place.turn, definition.place.turn)
      guard turnsOfCalls[definition.name]?.contains(where: between.contains) != true else { continue }
      findings.append(
        .warning(
          .redefined,
          definition.source.diagnostic(
            at: definition.span,
            "this hides the command `\(definition.name)` of \(earlier.source.place(of: earlier.span)), which was never used"
          )))
    }
    return findings + hiddenPrograms
  }

  private var hiddenPrograms: [Finding] {
    programs.compactMap { program in
      guard BuiltInPrograms.names.contains(program.name) else { return nil }
      return .warning(
        .redefined,
        program.source.diagnostic(
          at: program.span, "`\(program.name)` is a built-in program, so this will be refused",
          remedy: "choose another name"))
    }
  }
}
