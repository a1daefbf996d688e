/// What packets are called, in the log, in drawings, and where a command names one.
///
/// Two packets that people need not tell apart have one name; what is routed to a process is called what it carries.
public enum PacketName: UInt8, CaseIterable, Sendable {
  case offer, accept, refuse, reserve, reserved, pages, pagesEnd, pagesKept, handover, installed, commit, activated
  case abort, query, unknown, pageRequest, withdrawn, client, release, movedOn, stillNeeded
  case locate, located, moving, moved, forget, linkUpdated, load, probe, work, probeAnswer, fileCall, fileAnswer, part
  case message, systemCall, acknowledged, answer, inquiry, waiting, missing, undeliverable, newAddress

  /// A word or two, as people read it.
  public var text: StaticString {
    switch self {
    case .offer: "offer"
    case .accept: "accept"
    case .refuse: "refuse"
    case .reserve: "reserve"
    case .reserved: "reserved"
    case .pages: "pages"
    case .pagesEnd: "end of pages"
    case .pagesKept: "pages kept"
    case .handover: "handover"
    case .installed: "installed"
    case .commit: "commit"
    case .activated: "activated"
    case .abort: "abort"
    case .query: "query"
    case .unknown: "unknown"
    case .pageRequest: "page request"
    case .withdrawn: "withdrawn"
    case .client: "client"
    case .release: "release"
    case .movedOn: "moved on"
    case .stillNeeded: "still needed?"
    case .locate: "locate"
    case .located: "located"
    case .moving: "moving"
    case .moved: "moved"
    case .forget: "forget"
    case .linkUpdated: "link updated"
    case .load: "load"
    case .probe: "probe"
    case .work: "work?"
    case .probeAnswer: "probe answer"
    case .fileCall: "file call"
    case .fileAnswer: "file answer"
    case .part: "part"
    case .message: "message"
    case .systemCall: "system call"
    case .acknowledged: "acknowledged"
    case .answer: "answer"
    case .inquiry: "inquiry"
    case .waiting: "waiting"
    case .missing: "missing"
    case .undeliverable: "undeliverable"
    case .newAddress: "new address"
    }
  }

  /// The same as one word, as people type it: `page-request`.
  public var word: String {
    // Every start of the shell asks for all of them.
    text.withUTF8Buffer { bytes in
      String(unsafeUninitializedCapacity: bytes.count) { word in
        var count = 0
        for byte in bytes where byte != UInt8(ascii: "?") {
          word[count] = byte == UInt8(ascii: " ") ? UInt8(ascii: "-") : byte
          count += 1
        }
        return count
      }
    }
  }
}

extension Packet {
  /// What it is called.
  public var called: PacketName {
    switch self {
    case .offer: .offer
    case .accept: .accept
    case .refuse: .refuse
    case .reserve: .reserve
    case .reserved: .reserved
    case .pages, .pageSupply: .pages
    case .pagesEnd: .pagesEnd
    case .pagesKept: .pagesKept
    case .handover: .handover
    case .installed: .installed
    case .commit: .commit
    case .activated: .activated
    case .abort: .abort
    case .query: .query
    case .unknown: .unknown
    case .pageRequest: .pageRequest
    case .withdrawn: .withdrawn
    case .client: .client
    case .release: .release
    case .movedOn: .movedOn
    case .stillNeeded: .stillNeeded
    case .locate: .locate
    case .located: .located
    case .moving: .moving
    case .moved: .moved
    case .forget: .forget
    case .linkUpdated: .linkUpdated
    case .load: .load
    case .probe(let probe): probe.asksForWork ? .work : .probe
    case .probeAnswer: .probeAnswer
    case .fileCall: .fileCall
    case .fileAnswer: .fileAnswer
    case .part: .part
    case .routed(let routed):
      switch routed.body {
      case .message(let message): message.id.to.isTerminal ? .systemCall : .message
      case .acknowledgement(let from, _, _): from.isTerminal ? .answer : .acknowledged
      case .inquiry: .inquiry
      case .waiting: .waiting
      case .missing: .missing
      case .undeliverable: .undeliverable
      case .newAddress: .newAddress
      }
    }
  }

  /// What it is, in a word or two.
  public var name: StaticString { called.text }
}
