/// Why bytes cannot be read or written.
public enum MemoryFault: Error, Sendable, Equatable {
  /// The page is still on another node: of those that the access needs, the first.
  case remote(page: Int)
  /// Not all bytes from this address on are in the address space.
  case outside(UInt64)
}

/// Access by bytes, at any address: page `p` has the addresses from `p * pageSize` on. Numbers are little-endian.
///
/// An access may cross from one page to others. It is made whole or not at all: when it throws, nothing has changed. An
/// access that is partly outside is so whatever else it needs, since no page that might come would help.
extension AddressSpace {
  /// How many bytes there are.
  public var byteCount: UInt64 { UInt64(pageCount) * UInt64(pageSize) }

  /// The bytes from `address` on.
  ///
  /// - Precondition: `count` is not negative.
  public func read(at address: UInt64, count: Int) throws(MemoryFault) -> [UInt8] {
    precondition(count >= 0, "there are no \(count) bytes")
    try check(address, count)
    guard count > 0 else { return [] }
    return [UInt8](unsafeUninitializedCapacity: count) { buffer, initializedCount in
      var done = 0
      while done < count {
        let (page, offset) = place(of: address + UInt64(done))
        let part = min(count - done, pageSize - offset)
        self[page].copyBytes(from: offset, to: UnsafeMutableBufferPointer(rebasing: buffer[done..<done + part]))
        done += part
      }
      initializedCount = count
    }
  }

  /// Writes bytes from `address` on. Pages in which it writes are dirty, even if it writes what was there.
  public mutating func write(_ bytes: some Collection<UInt8>, at address: UInt64) throws(MemoryFault) {
    let count = bytes.count
    try check(address, count)
    var rest = bytes[...]
    var position = address
    while !rest.isEmpty {
      let (page, offset) = place(of: position)
      let part = rest.prefix(pageSize - offset)
      rest = rest.dropFirst(part.count)
      position += UInt64(part.count)
      modify(page) { [pageSize] in $0.write(part, at: offset, pageSize: pageSize) }
      if case .bytes(let bytes) = self[page] { share(bytes, of: page) }
    }
  }

  /// The number at `address`, which need not be aligned. Allocates nothing.
  ///
  /// - Precondition: a `Number` has at most 64 bits.
  public func readNumber<Number: FixedWidthInteger & UnsignedInteger>(
    at address: UInt64, as _: Number.Type = Number.self
  ) throws(MemoryFault) -> Number {
    precondition(Number.bitWidth <= 64, "a number of \(Number.bitWidth) bits is too large")
    let size = Number.bitWidth / 8
    try check(address, size)
    let (page, offset) = place(of: address)
    if offset + size <= pageSize { return Number(truncatingIfNeeded: self[page].number(at: offset, size: size)) }
    var number: UInt64 = 0
    for byte in 0..<size {
      let (page, offset) = place(of: address + UInt64(byte))
      number |= self[page].number(at: offset, size: 1) << UInt64(byte * 8)
    }
    return Number(truncatingIfNeeded: number)
  }

  /// Writes a number at `address`, which need not be aligned. Allocates nothing, unless the page has to be kept in bytes
  /// from here on or a copy of it is kept elsewhere.
  ///
  /// - Precondition: a `Number` has at most 64 bits.
  public mutating func writeNumber<Number: FixedWidthInteger & UnsignedInteger>(
    _ number: Number, at address: UInt64
  ) throws(MemoryFault) {
    precondition(Number.bitWidth <= 64, "a number of \(Number.bitWidth) bits is too large")
    let size = Number.bitWidth / 8
    try check(address, size)
    let (page, offset) = place(of: address)
    if offset + size <= pageSize {
      modify(page) { [pageSize] in $0.write(UInt64(number), at: offset, size: size, pageSize: pageSize) }
      return
    }
    for byte in 0..<size {
      let (page, offset) = place(of: address + UInt64(byte))
      let value = UInt64(number) >> UInt64(byte * 8) & 0xFF
      modify(page) { [pageSize] in $0.write(value, at: offset, size: 1, pageSize: pageSize) }
    }
  }

  private func place(of address: UInt64) -> (page: Int, offset: Int) {
    let (page, offset) = address.quotientAndRemainder(dividingBy: UInt64(pageSize))
    return (Int(page), Int(offset))
  }

  /// - Throws: a fault when any of `count` bytes from `address` on cannot be read or written.
  private func check(_ address: UInt64, _ count: Int) throws(MemoryFault) {
    let (end, overflow) = address.addingReportingOverflow(UInt64(count))
    guard !overflow, end <= byteCount else { throw .outside(address) }
    guard count > 0, !remote.isEmpty else { return }
    let page = place(of: address).page
    if let first = remote.first(from: page), first <= place(of: end - 1).page { throw .remote(page: first) }
  }
}
