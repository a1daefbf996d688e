/// An array kept in chunks, so that the first change after a copy of the whole copies one chunk and not everything.
///
/// The world is a value and every command may keep a copy of it; tables and logs that grow with the run live in this
/// type. Reading and changing an element are O(1); `removeFirstChunk` bounds a log.
///
/// Everything is inlinable, since the hot paths of other modules go through it; the accessors always are, since each call
/// of one that is not allocates a frame.
@frozen
public struct ChunkedArray<Element: Sendable>: Sendable {
  @inlinable static var chunkBits: Int { 7 }
  @inlinable static var chunkSize: Int { 1 << chunkBits }

  @usableFromInline var chunks: ContiguousArray<ContiguousArray<Element>> = []
  @usableFromInline var elementCount = 0

  /// Without elements.
  @inlinable public init() {}

  /// The number of elements, without those dropped at the front.
  @inlinable public var count: Int { elementCount }
  /// Whether there is no element.
  @inlinable public var isEmpty: Bool { elementCount == 0 }
  /// The places of all elements, from 0.
  @inlinable public var indices: Range<Int> { 0..<elementCount }

  /// The element at a place, in constant time.
  ///
  /// - Precondition: there is one.
  @inlinable
  public subscript(index: Int) -> Element {
    @inline(__always) _read {
      assert(indices.contains(index), "there is no element \(index) of \(elementCount)")
      yield chunks[index >> Self.chunkBits][index & (Self.chunkSize - 1)]
    }
    @inline(__always) _modify {
      assert(indices.contains(index), "there is no element \(index) of \(elementCount)")
      yield &chunks[index >> Self.chunkBits][index & (Self.chunkSize - 1)]
    }
  }

  /// Adds an element at the end, in constant time but for a chunk that is shared.
  @inlinable
  public mutating func append(_ element: consuming Element) {
    if elementCount & (Self.chunkSize - 1) == 0 {
      var chunk = ContiguousArray<Element>()
      chunk.reserveCapacity(Self.chunkSize)
      chunks.append(chunk)
    }
    chunks[chunks.count - 1].append(element)
    elementCount += 1
  }

  /// Drops the last element, in constant time but for a chunk that is shared.
  ///
  /// - Precondition: there is one.
  @inlinable
  public mutating func removeLast() {
    assert(!isEmpty, "there is no element to drop")
    chunks[chunks.count - 1].removeLast()
    if chunks[chunks.count - 1].isEmpty { chunks.removeLast() }
    elementCount -= 1
  }

  /// Drops the oldest elements, one whole chunk of them.
  ///
  /// - Returns: how many were dropped.
  @inlinable
  public mutating func removeFirstChunk() -> Int {
    guard !chunks.isEmpty else { return 0 }
    let dropped = chunks.removeFirst().count
    elementCount -= dropped
    return dropped
  }
}

extension ChunkedArray: RandomAccessCollection {
  @inlinable public var startIndex: Int { 0 }
  @inlinable public var endIndex: Int { elementCount }
}

extension ChunkedArray {
  /// Bytes of the chunks that it does not share with another array, without what their elements refer to.
  public func ownBytes(beside other: Self) -> Int {
    let shared = Set(other.chunks.map { chunk in chunk.withUnsafeBufferPointer { $0.baseAddress } })
    return chunks.reduce(0) { sum, chunk in
      chunk.withUnsafeBufferPointer {
        shared.contains($0.baseAddress) ? sum : sum + $0.count * MemoryLayout<Element>.stride
      }
    }
  }
}
