extension StepProgram: WireValue {
  func encode<Sink: ByteSink>(into sink: inout Sink) {
    sink.put(name)
    // Few programs have locks, barriers or files: for others they take no room.
    let hasNames = !locks.isEmpty || !barriers.isEmpty || !files.isEmpty
    sink.put32(UInt32(clamping: counterCount) | (hasNames ? 1 << 31 : 0))
    if hasNames {
      for names in [locks, barriers, files] {
        sink.putCount(names.count)
        for name in names { sink.put(name) }
      }
    }
    sink.putCount(registers.count)
    for register in registers { sink.put(register) }
    sink.putList(templates)
    sink.putList(instructions)
    sink.putList(children)
  }

  /// A program in which every number that names a place names one that is there.
  convenience init(from reader: inout ByteReader) throws(WireError) {
    let start = reader.offset
    let name = try reader.takeText()
    // Instructions count with 16 bits.
    let marked = try reader.take32(most: 1 << 31 | 1 << 16, "number of counters")
    let counterCount = marked & ~(1 << 31)
    guard counterCount <= 1 << 16 else { throw .badValue("number of counters", offset: start) }
    let hasNames = marked != counterCount
    func takeNames(_ reader: inout ByteReader) throws(WireError) -> [String] {
      guard hasNames else { return [] }
      return try reader.takeList(ofAtLeast: 4) { (reader) throws(WireError) in try reader.takeText() }
    }
    let (locks, barriers, files) = (try takeNames(&reader), try takeNames(&reader), try takeNames(&reader))
    let registers = try reader.takeList(ofAtLeast: 4) { (reader) throws(WireError) in try reader.takeText() }
    let templates = try reader.takeList(TextTemplate.self, ofAtLeast: 4)
    let instructions = try reader.takeList(Instruction.self, ofAtLeast: 1)
    let children = try reader.takeList(ofAtLeast: 20) { (reader) throws(WireError) in
      try reader.nested { (reader) throws(WireError) in try StepProgram(from: &reader) }
    }
    self.init(
      unchecked: name, source: "", instructions: ContiguousArray(instructions), templates: templates,
      registers: registers, counterCount: counterCount, children: children, locks: locks, barriers: barriers,
      files: files)
    guard namesOnlyWhatItHas else { throw .badValue("program that is whole", offset: start) }
  }

  /// Whether every number that names a place names one that is there.
  var namesOnlyWhatItHas: Bool {
    templates.allSatisfy { $0.segments.allSatisfy(isWhole) } && instructions.allSatisfy(isWhole)
  }

  private func isWhole(_ segment: TextTemplate.Segment) -> Bool {
    switch segment {
    case .text: true
    case .register(let register): register < registers.count
    }
  }

  private func isWhole(_ operand: InstructionOperand?) -> Bool {
    if case .register(let register) = operand { register < registers.count } else { true }
  }

  private func isWhole(_ pages: PageOperand) -> Bool {
    switch pages {
    case .one(let page): isWhole(page)
    case .range(let first, let last), .random(let first, let last): isWhole(first) && isWhole(last)
    case .next(let first, let last, let counter): isWhole(first) && isWhole(last) && counter < counterCount
    }
  }

  private func isWhole(_ instruction: Instruction) -> Bool {
    switch instruction {
    case .compute(let time), .sleep(let time): isWhole(time)
    case .read(let pages), .write(let pages): isWhole(pages)
    case .send(let to, let template, let otherwise):
      isWhole(to) && template < templates.count && otherwise.map { $0 <= instructions.count } ?? true
    case .receive(let register, let timeout): register.map { $0 < registers.count } ?? true && isWhole(timeout)
    case .reply(let template), .print(let template): template < templates.count
    case .loop(let times, let counter, let end):
      isWhole(times) && (times == nil || counter < counterCount) && end <= instructions.count
    case .next(let counter, let start): isLoop(at: start, with: counter)
    case .jump(let target), .thread(let target): target <= instructions.count
    case .fork(let program, let register): program < children.count && register < registers.count
    case .lock(let lock), .unlock(let lock): lock < locks.count
    case .barrier(let barrier, let count): barrier < barriers.count && isWhole(count)
    case .readFile(let file, let register): file < files.count && register.map { $0 < registers.count } ?? true
    case .writeFile(let file, let template): file < files.count && template < templates.count
    case .pause, .join, .exit: true
    }
  }

  private func isLoop(at place: UInt32, with counter: UInt16) -> Bool {
    guard place < instructions.count, case .loop(let times, let own, _) = instructions[Int(place)] else { return false }
    return times == nil || own == counter && counter < counterCount
  }
}

extension TextTemplate: WireValue {
  func encode<Sink: ByteSink>(into sink: inout Sink) { sink.putList(segments) }
  init(from reader: inout ByteReader) throws(WireError) {
    self.init(try reader.takeList(Segment.self, ofAtLeast: 3))
  }
}

extension TextTemplate.Segment: WireValue {
  func encode<Sink: ByteSink>(into sink: inout Sink) {
    switch self {
    case .text(let text):
      sink.put8(0)
      sink.put(text)
    case .register(let register):
      sink.put8(1)
      sink.put16(register)
    }
  }

  init(from reader: inout ByteReader) throws(WireError) {
    switch try reader.takeCode("segment of a text", { $0 < 2 ? $0 : nil }) {
    case 0: self = .text(try reader.takeText())
    default: self = .register(try reader.take16())
    }
  }
}

extension Instruction: WireValue {
  func encode<Sink: ByteSink>(into sink: inout Sink) {
    switch self {
    case .compute(let time):
      sink.put8(0)
      sink.put(time)
    case .read(let pages):
      sink.put8(1)
      sink.put(pages)
    case .write(let pages):
      sink.put8(2)
      sink.put(pages)
    case .send(let to, let template, let otherwise):
      sink.put8(3)
      sink.put(to)
      sink.put32(template)
      sink.put32(otherwise ?? .max)
    case .receive(let register, let timeout):
      sink.put8(4)
      sink.put16(register ?? .max)
      sink.put(optional: timeout)
    case .reply(let template):
      sink.put8(5)
      sink.put32(template)
    case .print(let template):
      sink.put8(6)
      sink.put32(template)
    case .sleep(let time):
      sink.put8(7)
      sink.put(time)
    case .loop(let times, let counter, let end):
      sink.put8(8)
      sink.put(optional: times)
      sink.put16(counter)
      sink.put32(end)
    case .next(let counter, let start):
      sink.put8(9)
      sink.put16(counter)
      sink.put32(start)
    case .jump(let target):
      sink.put8(10)
      sink.put32(target)
    case .fork(let program, let register):
      sink.put8(11)
      sink.put16(program)
      sink.put16(register)
    case .thread(let after):
      sink.put8(12)
      sink.put32(after)
    case .pause: sink.put8(13)
    case .exit: sink.put8(14)
    case .lock, .unlock, .barrier, .join, .readFile, .writeFile: encodeCall(into: &sink)
    }
  }

  private func encodeCall<Sink: ByteSink>(into sink: inout Sink) {
    switch self {
    case .lock(let lock):
      sink.put8(15)
      sink.put16(lock)
    case .unlock(let lock):
      sink.put8(16)
      sink.put16(lock)
    case .barrier(let barrier, let count):
      sink.put8(17)
      sink.put16(barrier)
      sink.put(count)
    case .join: sink.put8(18)
    case .readFile(let file, let register):
      sink.put8(19)
      sink.put16(file)
      sink.put16(register ?? .max)
    case .writeFile(let file, let template):
      sink.put8(20)
      sink.put16(file)
      sink.put32(template)
    default: break
    }
  }

  init(from reader: inout ByteReader) throws(WireError) {
    switch try reader.takeCode("instruction", { $0 < 21 ? $0 : nil }) {
    case 0: self = .compute(try reader.take())
    case 1: self = .read(try reader.take())
    case 2: self = .write(try reader.take())
    case 3:
      let (to, template, otherwise): (InstructionOperand, UInt32, UInt32) =
        (try reader.take(), try reader.take32(), try reader.take32())
      self = .send(to: to, template: template, otherwise: otherwise == .max ? nil : otherwise)
    case 4:
      let register = try reader.take16()
      self = .receive(into: register == .max ? nil : register, timeout: try reader.takeOptionalOperand())
    case 5: self = .reply(template: try reader.take32())
    case 6: self = .print(template: try reader.take32())
    case 7: self = .sleep(try reader.take())
    case 8:
      self = .loop(
        times: try reader.takeOptionalOperand(), counter: try reader.take16(), end: try reader.take32())
    case 9: self = .next(counter: try reader.take16(), start: try reader.take32())
    case 10: self = .jump(try reader.take32())
    case 11: self = .fork(program: try reader.take16(), into: try reader.take16())
    case 12: self = .thread(after: try reader.take32())
    case 13: self = .pause
    case 14: self = .exit
    case 15: self = .lock(try reader.take16())
    case 16: self = .unlock(try reader.take16())
    case 17: self = .barrier(try reader.take16(), of: try reader.take())
    case 18: self = .join
    case 19:
      let (file, register) = (try reader.take16(), try reader.take16())
      self = .readFile(file, into: register == .max ? nil : register)
    default: self = .writeFile(try reader.take16(), template: try reader.take32())
    }
  }
}

extension InstructionOperand: WireValue {
  func encode<Sink: ByteSink>(into sink: inout Sink) {
    switch self {
    case .literal(let value):
      sink.put8(0)
      sink.put64(value)
    case .register(let register):
      sink.put8(1)
      sink.put16(register)
    }
  }

  init(from reader: inout ByteReader) throws(WireError) {
    switch try reader.takeCode("operand", { $0 < 2 ? $0 : nil }) {
    case 0: self = .literal(try reader.take64())
    default: self = .register(try reader.take16())
    }
  }
}

extension ByteSink {
  fileprivate mutating func put(optional operand: InstructionOperand?) {
    put(operand != nil)
    if let operand { put(operand) }
  }
}

extension ByteReader {
  fileprivate mutating func takeOptionalOperand() throws(WireError) -> InstructionOperand? {
    guard try takeFlag() else { return nil }
    return try take()
  }
}

extension PageOperand: WireValue {
  func encode<Sink: ByteSink>(into sink: inout Sink) {
    switch self {
    case .one(let page):
      sink.put8(0)
      sink.put(page)
    case .range(let first, let last):
      sink.put8(1)
      sink.put(first)
      sink.put(last)
    case .random(let first, let last):
      sink.put8(2)
      sink.put(first)
      sink.put(last)
    case .next(let first, let last, let counter):
      sink.put8(3)
      sink.put(first)
      sink.put(last)
      sink.put16(counter)
    }
  }

  init(from reader: inout ByteReader) throws(WireError) {
    switch try reader.takeCode("choice of pages", { $0 < 4 ? $0 : nil }) {
    case 0: self = .one(try reader.take())
    case 1: self = .range(try reader.take(), try reader.take())
    case 2: self = .random(try reader.take(), try reader.take())
    default: self = .next(try reader.take(), try reader.take(), counter: try reader.take16())
    }
  }
}
