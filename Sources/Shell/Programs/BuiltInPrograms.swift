import CommandLanguage

/// The programs that the shell knows from the start, written as `program show` prints them.
public enum BuiltInPrograms {
  /// Compiled, in the order in which `program list` shows them. That takes longer than all else of a start: whoever needs no
  /// program does not ask for them.
  public static let all = sources.compactMap(compiled)

  static let byName = Dictionary(uniqueKeysWithValues: all.map { ($0.program.name, $0) })

  /// Their names, which nobody has to compile them for.
  package static let names = sources.compactMap(name)

  private static func name(_ text: String) -> String? {
    let words = text.split(separator: " ", maxSplits: 2)
    return words.count > 1 ? String(words[1]) : nil
  }

  static let sources = [
    """
    program idle {  # waits for messages, for ever
      repeat {
        receive
      }
    }
    """,
    """
    program counter {  # counts in page 0, once every millisecond
      repeat {
        write 0
        compute 1ms
      }
    }
    """,
    """
    program hot {  # dirties pages 0-15 again and again
      repeat {
        write 0..15
        compute 2ms
      }
    }
    """,
    """
    program scan {  # reads and writes all its pages in turn
      repeat {
        read next 0..$last
        write next 0..$last
        compute 1ms
      }
    }
    """,
    """
    program random {  # writes a page drawn at random, once every millisecond
      repeat {
        write random 0..$last
        compute 1ms
      }
    }
    """,
    """
    program zipf {  # writes low pages often and high pages seldom; needs 16 pages
      repeat {
        write 0
        write random 0..3
        write random 0..15
        write random 0..$last
        compute 4ms
      }
    }
    """,
    """
    program echo {  # answers every message
      repeat {
        receive as m
        reply "got $m"
      }
    }
    """,
    """
    program pinger {  # sends to $peer, waits for the answer, and sleeps 100 ms, for ever
      repeat {
        send $peer "ping"
        receive as answer
        sleep 100ms
      }
    }
    """,
    """
    program producer {  # sends an item to $peer every 10 ms
      repeat {
        send $peer "item"
        sleep 10ms
      }
    }
    """,
    """
    program consumer {  # receives items, and computes 1 ms for each
      repeat {
        receive as item
        compute 1ms
      }
    }
    """,
    """
    program worker {  # a job that ends: 100 ms of computing and writing, with a line for every quarter
      repeat 25 { write next 0..$last  compute 1ms }
      print "$self: a quarter is done"
      repeat 25 { write next 0..$last  compute 1ms }
      print "$self: half is done"
      repeat 25 { write next 0..$last  compute 1ms }
      print "$self: three quarters are done"
      repeat 25 { write next 0..$last  compute 1ms }
      print "$self: done"
    }
    """,
    """
    program job {  # what workloads create: computes for $service, and ends
      compute $service
    }
    """,
  ]

  private static let grammar = CommandTable()

  /// Nil for a text that does not compile; a test checks that all of them do.
  private static func compiled(_ text: String) -> CompiledProgram? {
    let source = SourceText(name: "built-in program \(name(text) ?? "")", text: text)
    var parser = Parser(source: source, table: grammar)
    guard let statements = try? parser.parseScript(), case .program(let declaration)? = statements.first?.kind else {
      return nil
    }
    return try? compile(declaration, source: source)
  }
}
