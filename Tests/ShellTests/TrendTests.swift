import Testing

@testable import Shell

/// Numbers over time in tables: as bars, as words, and as numbers in data.
@Suite struct TrendTests {
  @Test func saysHowANumberChanged() {
    #expect(Trend([1, 2, 4, 0]).words == "rises from 1 to 4, then falls to 0")
    #expect(Trend([3, 3, 3]).words == "stays at 3")
    #expect(Trend([5, 5, 2, 2]).words == "falls from 5 to 2")
    #expect(Trend([0, 4, 1, 4, 2]).words == "goes up and down between 0 and 4, at last 2")
    #expect(Trend([0, 2048, 1024], isSize: true).words == "rises from 0 B to 2 KiB, then falls to 1 KiB")
    #expect(Trend([]).words.isEmpty)
  }

  @Test func drawsBars() {
    var screen = Screen()
    #expect(Trend([0, 1, 4, 8]).text(on: screen) == "▁▂▅█")
    // Rows of one column have one scale, and something is never drawn as nothing.
    #expect(Trend([1, 0], most: 1000).text(on: screen) == "▂▁")
    screen.showsUnicode = false
    #expect(Trend([0, 1, 4, 8]).text(on: screen) == ".:+@")
    screen.tellsPictures = true
    #expect(Trend([0, 8]).text(on: screen) == "rises from 0 to 8")
  }

  private static let scene = """
    node add a b c
    spawn p1 --on a --pages 120 --program hot
    spawn q --on b --program echo
    spawn r --on c --program pinger --set peer=q
    run 20ms
    migrate p1 b --pretransfer
    run 30ms
    """

  @Test(arguments: ["load", "migration list", "network show"]) func fitsTheScreen(_ command: String) {
    let recorder = Recorder()
    #expect(recorder.execute(Self.scene) == .success)
    for width in [60, 80, 200] {
      for isPlain in [false, true] {
        recorder.session.options.columns = width
        recorder.session.options.screen.tellsPictures = isPlain
        let text = recorder.output(of: command)
        #expect(text.split(separator: "\n").allSatisfy { $0.count <= width }, "\(width):\n\(text)")
        guard width == 200 else { continue }
        let hasBars = text.contains { "▁▂▃▄▅▆▇█".contains($0) }
        #expect(hasBars != isPlain)
        #expect(isPlain == (text.contains("falls") || text.contains("rises")))
      }
    }
    recorder.session.options.format = .json
    let data = recorder.output(of: command)
    #expect(!data.contains { "▁▂▃▄▅▆▇█".contains($0) })
    recorder.session.options.format = .csv
    #expect(!recorder.output(of: command).contains { "▁▂▃▄▅▆▇█".contains($0) })
  }

  /// What a column was left out for is said, and the data has it all the same.
  @Test func saysWhatHadNoRoom() {
    let recorder = Recorder()
    recorder.execute(Self.scene)
    recorder.session.options.columns = 60
    #expect(recorder.output(of: "network show").hasSuffix("(no room for JITTER, LOSS, BANDWIDTH)\n"))
    recorder.session.options.format = .json
    let data = recorder.output(of: "network show")
    #expect(data.contains("\"latency\":1000000") && data.contains("\"bytesLately\":["))
    #expect(recorder.output(of: "load").contains("\"lately\":[1,1,"))
  }

  /// The most in each twelfth of the time, of which the last may be short.
  @Test func partsHaveTheMost() {
    let recorder = Recorder()
    recorder.execute("node add a\nspawn p\nrun 30ms\nspawn q\nrun 30ms\nkill q\nrun 60ms")
    recorder.session.options.format = .json
    let data = recorder.output(of: "load")
    #expect(data.contains("\"lately\":[1,1,1,2,2,2,1,1,1,1,1,1]"), "\(data)")
  }

  /// Who hears the screen read is told every column, however narrow the screen is: then row by row.
  @Test func nothingIsLeftOutWhereTheScreenIsHeard() {
    let recorder = Recorder()
    #expect(recorder.execute(Self.scene) == .success)
    recorder.session.options.screen.tellsPictures = true
    recorder.session.options.columns = 40
    let narrow = recorder.output(of: "load")
    #expect(narrow.hasPrefix("node a, runnable 0, cores 1, load 0,"), "\(narrow)")
    #expect(recorder.output(of: "help all").contains("  node set: make machines or their\n  interfaces slower"))
    #expect(narrow.contains("lately") && !narrow.contains("no room") && !narrow.contains("RUNNABLE"))
    recorder.session.options.columns = 200
    #expect(recorder.output(of: "load").hasPrefix("NODE  RUNNABLE  CORES"))
  }
}
