import Foundation

/// A Chromium without a window, which a test drives over a pipe in the DevTools protocol
/// (https://chromedevtools.github.io/devtools-protocol/).
package final class Browser {
  private static let names = ["chromium", "chromium-browser", "google-chrome"]
  private static var path: String? {
    names.lazy.map { "/usr/bin/\($0)" }.first { FileManager.default.isExecutableFile(atPath: $0) }
  }
  package static var isInstalled: Bool { path != nil }

  private let process = Process()
  private let toBrowser = Pipe()
  private let fromBrowser = Pipe()
  private let profile = FileManager.default.temporaryDirectory.appending(path: "migsh-browser-\(UUID().uuidString)")
  private var unread = Data()
  private var lastNumber = 0
  /// What the browser has said without being asked.
  package private(set) var events: [[String: Any]] = []

  package struct Failure: Error { package let text: String }

  package init() throws {
    guard let path = Self.path else { throw Failure(text: "no browser") }
    // The protocol wants its pipes at the numbers 3 and 4.
    process.executableURL = URL(filePath: "/bin/bash")
    process.arguments = [
      "-c",
      """
      exec \(path) --headless --no-sandbox --disable-gpu --disable-dev-shm-usage --no-first-run \
      --disable-background-networking --remote-debugging-pipe --user-data-dir="\(profile.path())" about:blank \
      3<&0 4>&1 </dev/null >/dev/null 2>&1
      """,
    ]
    process.standardInput = toBrowser
    process.standardOutput = fromBrowser
    try process.run()
  }

  deinit {
    process.terminate()
    process.waitUntilExit()
    try? FileManager.default.removeItem(at: profile)
  }

  private func nextMessage() throws -> [String: Any] {
    // A message may be long, and come in many parts: each is looked at once.
    var lookedAt = unread.startIndex
    while true {
      let end = unread[lookedAt...].withUnsafeBytes { bytes in bytes.firstIndex(of: 0) }.map { lookedAt + $0 }
      lookedAt = unread.endIndex
      if let end {
        let message = unread[unread.startIndex..<end]
        unread = Data(unread[unread.index(after: end)...])
        lookedAt = unread.startIndex
        guard let object = try JSONSerialization.jsonObject(with: Data(message)) as? [String: Any] else { continue }
        return object
      }
      let more = fromBrowser.fileHandleForReading.availableData
      guard !more.isEmpty else { throw Failure(text: "the browser has gone") }
      unread += more
    }
  }

  /// Asks the browser for something, and waits for its answer.
  @discardableResult
  package func ask(_ method: String, _ parameters: [String: Any] = [:], of page: String? = nil) throws -> [String: Any]
  {
    lastNumber += 1
    var message: [String: Any] = ["id": lastNumber, "method": method, "params": parameters]
    if let page { message["sessionId"] = page }
    toBrowser.fileHandleForWriting.write(try JSONSerialization.data(withJSONObject: message) + [0])
    while true {
      let answer = try nextMessage()
      guard (answer["id"] as? NSNumber)?.intValue == lastNumber else {
        events.append(answer)
        continue
      }
      if let error = answer["error"] { throw Failure(text: "\(method): \(error)") }
      return answer["result"] as? [String: Any] ?? [:]
    }
  }
}

/// A page that is open in a browser.
package final class BrowserPage {
  private let browser: Browser
  private let identifier: String

  /// Opens a file.
  ///
  /// - Parameters:
  ///   - isDark: whether the reader likes a dark ground.
  ///   - runsScripts: whether JavaScript is on.
  ///   - isStill: whether the reader wants no motion.
  package init(
    _ browser: Browser, file: String, width: Int = 1280, isDark: Bool = false, runsScripts: Bool = true,
    isStill: Bool = false
  ) throws {
    self.browser = browser
    let target = try browser.ask("Target.createTarget", ["url": "about:blank"])
    let session = try browser.ask(
      "Target.attachToTarget", ["targetId": target["targetId"] ?? "", "flatten": true])
    identifier = session["sessionId"] as? String ?? ""
    for domain in ["Page", "Runtime", "Network", "Log"] { try ask("\(domain).enable") }
    try ask(
      "Emulation.setDeviceMetricsOverride",
      ["width": width, "height": 900, "deviceScaleFactor": 1, "mobile": false])
    try ask(
      "Emulation.setEmulatedMedia",
      [
        "features": [
          ["name": "prefers-color-scheme", "value": isDark ? "dark" : "light"],
          ["name": "prefers-reduced-motion", "value": isStill ? "reduce" : "no-preference"],
        ]
      ])
    if !runsScripts { try ask("Emulation.setScriptExecutionDisabled", ["value": true]) }
    try ask("Page.navigate", ["url": "file://\(file)"])
    for _ in 0..<200 where try value("document.readyState + location.protocol") as? String != "completefile:" {
      Thread.sleep(forTimeInterval: 0.02)
    }
  }

  @discardableResult
  package func ask(_ method: String, _ parameters: [String: Any] = [:]) throws -> [String: Any] {
    try browser.ask(method, parameters, of: identifier)
  }

  /// What an expression of JavaScript is; of a promise, what it promises.
  @discardableResult
  package func value(_ expression: String) throws -> Any? {
    let answer = try ask(
      "Runtime.evaluate", ["expression": expression, "returnByValue": true, "awaitPromise": true])
    if let details = answer["exceptionDetails"] { throw Browser.Failure(text: "\(expression.prefix(80)): \(details)") }
    return (answer["result"] as? [String: Any])?["value"]
  }

  package func text(_ expression: String) throws -> String { try value(expression) as? String ?? "" }
  package func number(_ expression: String) throws -> Double {
    (try value(expression) as? NSNumber)?.doubleValue ?? .nan
  }

  /// Presses a key, and lets it go.
  package func press(_ key: String, code: Int) throws {
    for kind in ["keyDown", "keyUp"] {
      try ask("Input.dispatchKeyEvent", ["type": kind, "key": key, "code": key, "windowsVirtualKeyCode": code])
    }
  }

  /// Errors, and what was written on the console.
  package var complaints: [String] {
    events(["Runtime.exceptionThrown", "Runtime.consoleAPICalled", "Log.entryAdded"]).map { "\($0)" }
  }

  /// The addresses that were asked for.
  package var requests: [String] {
    events(["Network.requestWillBeSent"]).compactMap { ($0["request"] as? [String: Any])?["url"] as? String }
  }

  private func events(_ methods: Set<String>) -> [[String: Any]] {
    browser.events.filter { event in
      event["sessionId"] as? String == identifier && methods.contains(event["method"] as? String ?? "")
    }
    .compactMap { $0["params"] as? [String: Any] }
  }
}
