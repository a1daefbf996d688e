/// Cuts what comes from a client into messages: each has a header with `Content-Length`, an empty line, and so many bytes.
struct FrameReader {
  /// Something in the stream.
  enum Frame: Equatable {
    case message([UInt8])
    /// What stands there is no message. Reading goes on with the next header.
    case mistake(String)
  }

  /// The most bytes of one message. A text that is longer is no script.
  static let largestMessage = 64 * 1024 * 1024
  /// The most bytes of one header.
  static let largestHeader = 8192

  private var buffer: [UInt8] = []
  /// What stands before this is read.
  private var start = 0
  /// How many bytes of a message that is too large are still to come.
  private var bytesToPass = 0
  /// Whether the beginning of a header is looked for, after a mistake.
  private var isLost = false

  mutating func append(_ bytes: some Sequence<UInt8>) {
    if start > 0 {
      buffer.removeFirst(start)
      start = 0
    }
    buffer += bytes
  }

  /// The next message; nil when more bytes are needed.
  mutating func next() -> Frame? {
    if bytesToPass > 0 {
      let count = min(bytesToPass, buffer.count - start)
      start += count
      bytesToPass -= count
      if bytesToPass > 0 { return nil }
    }
    if isLost, !findHeader() { return nil }
    guard let end = endOfHeader else {
      guard buffer.count - start > Self.largestHeader else { return nil }
      return lose("the header of a message is too long", passing: 1)
    }
    guard let length = Self.length(in: buffer[start..<end]) else {
      return lose("the header of a message has no Content-Length", passing: end + Self.blankLine.count - start)
    }
    let body = end + Self.blankLine.count
    guard length <= Self.largestMessage else {
      start = body
      bytesToPass = length
      return .mistake("a message has \(length) bytes, and the most is \(Self.largestMessage)")
    }
    guard buffer.count - body >= length else { return nil }
    start = body + length
    return .message(Array(buffer[body..<body + length]))
  }

  private static let blankLine = Array("\r\n\r\n".utf8)
  private static let headerStart = Array("content-".utf8)

  private mutating func lose(_ message: String, passing count: Int) -> Frame {
    start += count
    isLost = true
    return .mistake(message)
  }

  /// Goes to what looks like the beginning of a header.
  private mutating func findHeader() -> Bool {
    let length = Self.headerStart.count
    while start + length <= buffer.count {
      if buffer[start..<start + length].elementsEqual(Self.headerStart, by: { $0 | 0x20 == $1 | 0x20 }) {
        isLost = false
        return true
      }
      start += 1
    }
    return false
  }

  private var endOfHeader: Int? {
    var offset = start
    let last = min(buffer.count, start + Self.largestHeader) - Self.blankLine.count
    while offset <= last {
      if buffer[offset] == Self.blankLine[0], buffer[offset..<offset + 4].elementsEqual(Self.blankLine) {
        return offset
      }
      offset += 1
    }
    return nil
  }

  private static func length(in header: ArraySlice<UInt8>) -> Int? {
    for line in String(decoding: header, as: UTF8.self).split(separator: "\r\n") {
      let parts = line.split(separator: ":", maxSplits: 1)
      guard parts.count == 2, parts[0].lowercased() == "content-length" else { continue }
      let digits = parts[1].drop { $0 == " " }
      guard !digits.isEmpty, digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
      return Int(digits)
    }
    return nil
  }

  /// A message as it is sent.
  static func frame(_ content: String) -> [UInt8] {
    Array("Content-Length: \(content.utf8.count)\r\n\r\n\(content)".utf8)
  }
}
