/// Files in a zip archive (PKWARE's APPNOTE.TXT, version 6.3), stored as they are. All of them have the earliest date that
/// the format knows, so that the same files make the same bytes.
struct ZipArchive {
  private var files: [UInt8] = []
  private var directory: [UInt8] = []
  private var count: UInt16 = 0

  /// Adds a file.
  ///
  /// - Parameter name: with `/` between folders.
  mutating func add(_ name: String, _ content: [UInt8]) {
    let path = Array(name.utf8)
    let offset = UInt32(clamping: files.count)
    var facts: [UInt8] = []
    // Version 2.0; names in UTF-8; stored; midnight of the first of January 1980.
    facts.append(little: [20, 1 << 11, 0, 0, 1 << 5 | 1] as [UInt16])
    facts.append(little: [Self.checksum(of: content), UInt32(clamping: content.count), UInt32(clamping: content.count)])
    facts.append(little: [UInt16(clamping: path.count), 0] as [UInt16])
    files.append(little: [0x0403_4B50] as [UInt32])
    files += facts + path + content
    directory.append(little: [0x0201_4B50] as [UInt32])
    directory.append(little: [20] as [UInt16])
    directory += facts
    directory.append(little: [0, 0, 0] as [UInt16])
    directory.append(little: [0, offset] as [UInt32])
    directory += path
    count += 1
  }

  /// The archive with its directory.
  var bytes: [UInt8] {
    var end: [UInt8] = []
    end.append(little: [0x0605_4B50] as [UInt32])
    end.append(little: [0, 0, count, count] as [UInt16])
    end.append(little: [UInt32(clamping: directory.count), UInt32(clamping: files.count)])
    end.append(little: [0] as [UInt16])
    return files + directory + end
  }

  /// CRC-32 as ISO 3309 has it.
  static func checksum(of bytes: [UInt8]) -> UInt32 {
    ~bytes.reduce(UInt32.max) { rest, byte in table[Int((rest ^ UInt32(byte)) & 0xFF)] ^ (rest >> 8) }
  }

  private static let table: [UInt32] = (0..<256).map { index in
    (0..<8).reduce(UInt32(index)) { rest, _ in rest & 1 == 1 ? 0xEDB8_8320 ^ (rest >> 1) : rest >> 1 }
  }
}

extension [UInt8] {
  /// Appends numbers, the lowest byte of each first.
  fileprivate mutating func append<Number: FixedWidthInteger>(little numbers: [Number]) {
    for number in numbers { Swift.withUnsafeBytes(of: number.littleEndian) { append(contentsOf: $0) } }
  }
}
