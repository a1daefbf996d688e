import Testing

@testable import MigrationKernel

/// Containers keep their own invariants under random operations, and hold the same as a plain model.
@Suite struct InvariantTests {
  @Test(arguments: 0..<20) func pageSets(seed: UInt64) {
    var generator = Generator(seed: seed)
    let pageCount = [1, 63, 64, 65, 300][Int(generator.next(below: 5))]
    let draw = { (generator: inout Generator) in Int(generator.next(below: UInt64(pageCount))) }
    var (set, model) = (PageSet(), Set<Int>())
    for _ in 0..<500 {
      var (other, otherModel) = (PageSet(), Set<Int>())
      switch generator.next(below: 12) {
      case 0..<4:
        let page = draw(&generator)
        set.insert(page, of: pageCount)
        model.insert(page)
      case 4..<7:
        let page = draw(&generator)
        set.remove(page)
        model.remove(page)
      case 7: (set, model) = (PageSet(all: pageCount), Set(0..<pageCount))
      case 8: set = PageSet(set.stretches, of: pageCount)
      case let choice:
        for _ in 0..<draw(&generator) {
          let page = draw(&generator)
          other.insert(page, of: pageCount)
          otherModel.insert(page)
        }
        if choice == 9 { (set, model) = (set.intersection(other), model.intersection(otherModel)) }
        if choice == 10 { set.subtract(other) }
        if choice == 10 { model.subtract(otherModel) }
        if choice == 11 { set.formUnion(other) }
        if choice == 11 { model.formUnion(otherModel) }
      }
      #expect(set.brokenInvariant(of: pageCount) == nil)
      #expect(Array(set) == model.sorted() && set.count == model.count)
    }
  }

  @Test func aPageSetThatHoldsTooMuchIsFound() {
    let set = PageSet(all: 65)
    #expect(set.brokenInvariant(of: 65) == nil)
    #expect(set.brokenInvariant(of: 64) == "holds page 64 of 64")
  }

  @Test(arguments: 0..<20) func addressSpaces(seed: UInt64) {
    var generator = Generator(seed: seed)
    let pageCount = [1, 255, 256, 257, 600][Int(generator.next(below: 5))]
    var space = AddressSpace(pageCount: pageCount, pageSize: 16)
    // What is elsewhere holds these.
    var away: [Int: Page] = [:]
    for _ in 0..<300 {
      let page = Int(generator.next(below: UInt64(pageCount)))
      switch generator.next(below: 10) {
      case 0..<5: if !space.remote.contains(page) { space.increment(page) }
      case 5: _ = space.takeDirty()
      case 6: space.forgetWritten()
      case 7:
        let before = space.digest
        let leaving = PageSet([page..<min(page + 20, pageCount)], of: pageCount)
        var remote = space.remote
        remote.formUnion(leaving)
        let digest = space.remoteDigest(with: leaving.intersection(space.resident))
        for page in leaving where away[page] == nil { away[page] = space[page] }
        space.adopt(remote: remote, digest: digest)
        #expect(space.digest == before)
      default:
        guard let page = space.remote.first(from: page), let contents = away.removeValue(forKey: page) else { continue }
        let before = space.digest
        space.supply(page, contents, asDirty: generator.next(below: 2) == 0, isNew: generator.next(below: 2) == 0)
        #expect(space.digest == before)
      }
      #expect(space.brokenInvariant() == nil)
    }
  }

  @Test func anAddressSpaceThatIsSuppliedTheWrongPageIsFound() {
    var space = AddressSpace(pageCount: 2, pageSize: 16)
    space.increment(1)
    let leaving = PageSet([1..<2], of: 2)
    space.adopt(remote: leaving, digest: space.remoteDigest(with: leaving))
    space.supply(1, .word(7), asDirty: false)
    #expect(space.brokenInvariant() == "has no remote pages, and they add to its digest")
  }

  @Test(arguments: 0..<10) func chunkedArrays(seed: UInt64) {
    var generator = Generator(seed: seed)
    var (array, model) = (ChunkedArray<Int>(), [Int]())
    for number in 0..<2000 {
      if generator.next(below: 200) == 0 {
        model.removeFirst(array.removeFirstChunk())
      } else {
        array.append(number)
        model.append(number)
      }
      #expect(array.brokenInvariant() == nil)
    }
    #expect(Array(array) == model)
  }

  @Test(arguments: 0..<10) func processTables(seed: UInt64) {
    var generator = Generator(seed: seed)
    var (table, model) = (ProcessTable(), [ProcessID: Int]())
    for serial in 1...300 as ClosedRange<UInt32> {
      let id = ProcessID(origin: NodeID(0), incarnation: 1, serial: serial)
      if generator.next(below: 3) == 0, let gone = model.keys.min() {
        #expect(table.remove(gone)?.id == gone)
        model[gone] = nil
      } else {
        let request = SpawnRequest(name: "p", program: waiter, pages: 1, seed: 1)
        model[id] = table.insert(Process(request, id: id, pageSize: 16, seed: 1, now: 0))
      }
      #expect(table.brokenInvariant() == nil)
      #expect(model.allSatisfy { table.slot(of: $0.key) == $0.value && table[$0.value].id == $0.key })
    }
  }

  /// A sender and a receiver with a network between them that loses, repeats and reorders.
  @Test(arguments: 0..<20) func streams(seed: UInt64) {
    var generator = Generator(seed: seed)
    let sender = ProcessID(origin: NodeID(0), incarnation: 1, serial: 1)
    let receiver = ProcessID(origin: NodeID(1), incarnation: 1, serial: 1)
    var outbox = Outbox()
    var incoming = IncomingStream()
    var underway: [Message] = []
    var delivered: [UInt32] = []
    for now in 0..<400 as Range<UInt64> {
      switch generator.next(below: 6) {
      case 0, 1:
        let message = outbox.streams[receiver, default: OutgoingStream()].append(
          from: sender, to: receiver, text: "", size: 0, sentAt: now, at: NodeID(0))
        underway.append(message)
      case 2:
        _ = outbox.change(receiver) { stream in
          for kept in stream.unacknowledged {
            _ = stream.handOn(kept.message, to: NodeID(1), at: now)
            underway.append(kept.message)
          }
        }
      case 3: outbox.hasMoved(at: now)
      case 4: _ = outbox.change(receiver) { $0.acknowledge(below: incoming.expected, at: NodeID(1), now: now) }
      default:
        guard !underway.isEmpty else { continue }
        let place = Int(generator.next(below: UInt64(underway.count)))
        let message = generator.next(below: 2) == 0 ? underway[place] : underway.remove(at: place)
        delivered += incoming.putInOrder(message).map(\.id.sequence)
      }
      #expect(outbox.brokenInvariant(of: sender) == nil)
      #expect(incoming.brokenInvariant() == nil)
    }
    #expect(delivered == Array(0..<incoming.expected))
  }
}
