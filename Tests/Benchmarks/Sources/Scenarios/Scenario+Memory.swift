extension Scenario {
  /// What an interpreted program can write.
  static let pageWrites = Scenario(
    name: "page-writes", summary: "a program that writes 4,096 pages again and again", unit: "page",
    timed: Sizes(409_600, 41_369_600), counted: Sizes(40_960, 860_160),
    subject: .script(
      setup: { _ in "node add a" },
      work: { units in
        """
        program writer { repeat \(units / 4096) { write 0..4095 } }
        spawn p --on a --pages 4096 --program writer
        run
        """
      }))

  /// The same during a round of a pre-transfer, which has to know what was written since it began. The line is so slow that
  /// hardly a page is sent meanwhile.
  static let dirtyTracking = Scenario(
    name: "dirty-tracking",
    summary: "a program that writes 4,096 pages again and again during a round of a pre-transfer",
    unit: "page", timed: Sizes(409_600, 41_369_600), counted: Sizes(40_960, 860_160),
    subject: .script(
      setup: { _ in
        """
        network set --latency 1ms --bandwidth 100kbps
        node add a b
        """
      },
      work: { units in
        """
        program writer { sleep 10ms  repeat \(units / 4096) { write 0..4095 }  sleep 1h }
        spawn p --on a --pages 4096 --program writer
        migrate p b --pretransfer --async
        run \(units / 10 + 20_000)us
        expect p.node == a and p.migration.status == transferring
        """
      }))

  /// Pre-transfer over 1 Gbps, while 16,000 distinct pages a second are written, to a downtime of 30 ms.
  static let preTransfer = Scenario(
    name: "pretransfer-1GiB", summary: "pre-transfer of 1 GiB of words, while 16,000 pages a second are written",
    unit: "page", timed: Sizes(0, gibibyte), counted: Sizes(0, 8192),
    subject: .script(
      setup: { most in
        """
        \(programs)
        network set --latency 1ms --bandwidth 1Gbps
        node add a b
        spawn p --on a --pages \(most) --program filler
        run 1s
        """
      },
      work: { $0 == 0 ? "" : "migrate p b --pretransfer --downtime 30ms\nexpect p.node == b" }))

  /// The same of pages that have to be kept in bytes; nothing writes to them. They go to and fro, since it takes longer to fill
  /// them than to move them.
  static let preTransferOfFullPages = Scenario(
    name: "pretransfer-full", summary: "pre-transfer of 1 GiB of pages that are full of bytes, each of other contents",
    unit: "page", timed: Sizes(gibibyte, 5 * gibibyte), counted: Sizes(0, 1024),
    subject: .script(
      setup: { most in
        """
        network set --latency 1ms --bandwidth 1Gbps
        node add a b
        spawn p --on a --pages \(min(most, gibibyte)) --program idle
        \(pokes(min(most, gibibyte), pages: min(most, gibibyte), text: fullText))
        """
      },
      work: { units in
        (0..<(units + gibibyte - 1) / gibibyte).map { move in
          let node = move.isMultiple(of: 2) ? "b" : "a"
          return "migrate p \(node) --pretransfer\nexpect p.node == \(node)"
        }.joined(separator: "\n")
      }))

  /// So many pages.
  private static let gibibyte = 262_144

  /// So many commands, each of which writes a text to the start of one of so many pages of process `p`; `$i` in it is the
  /// number of the command.
  public static func pokes(_ count: Int, pages: Int, text: String) -> String {
    "let i = 0\nwhile $i < \(count) {\n  poke p $($i % \(pages)) \"\(text)\"\n  let i = $i + 1\n}"
  }

  /// A text that fills a page of 4 KiB, and is another one for each `$i`.
  public static let fullText = "page $(1000000 + $i)" + String(repeating: "x", count: 4096 - 12)

  /// Pages that stay behind, and come sixteen at a time when they are touched.
  static let onReference = Scenario(
    name: "on-reference", summary: "transfer on reference of pages that are all touched, 16 of them for each fault",
    unit: "page", timed: Sizes(0, 131_072), counted: Sizes(0, 8192),
    subject: .script(
      setup: { most in
        """
        program toucher { write 0..$last  sleep 1s  write 0..$last  sleep 1h }
        network set --latency 100us --bandwidth 10Gbps
        node add a b
        spawn p --on a --pages \(most) --program toucher
        run 500ms
        """
      },
      work: {
        $0 == 0 ? "" : "migrate p b --on-reference --prefetch 16 --async\nrun \($0 + 1000)ms\nexpect p.remote == 0"
      }))
}
