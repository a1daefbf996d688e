import OrderedCollections

/// Files: texts with names that a node keeps in its memory. The steps `read-file` and `write-file` use those of the origin of
/// their process. A process that is elsewhere asks its origin, as in Sprite, where a call that depends on the home node is
/// handed to that (Douglis and Ousterhout, 1991). The thread waits for the answer.
///
///     at       | node of the process  | origin crashes            | connection breaks, both  | late or repeated packet
///              | crashes              |                           | live                     |
///     ---------+----------------------+---------------------------+--------------------------+-------------------------
///     call     | the file is written, | its files are gone. Once  | asked again once the     | not written again: each
///              | or not               | it is back the thread     | origin answers again     | call of a thread has its
///              |                      | asks again                |                          | number; answered again
///     answer   | dropped              | as above                  | lost: as above           | dropped
///
/// A cut that heals before a detection timeout is over makes both late. A process that moves while a thread waits asks again
/// from where it is then; an answer that comes after it has left is dropped. A crash of a third node changes nothing.
public struct FileCall: Sendable {
  /// Which call it is.
  struct ID: Sendable, Equatable {
    let process: ProcessID
    /// The thread that waits, and how often it had waited before.
    let thread: UInt32
    let number: UInt32
  }

  let id: ID
  let name: String
  /// What it writes; nil when it reads.
  let text: String?
}

/// The answer to a call.
public struct FileAnswer: Sendable {
  let id: FileCall.ID
  /// What was read; nil when there is no such file, or when it was written.
  let text: String?
}

/// The files of a node.
struct Files: Sendable {
  /// By name, in the order in which they were first written.
  private(set) var contents: OrderedDictionary<String, String> = [:]
  /// By process and thread, the number of the last call that wrote.
  private var lastWrites: [ProcessID: [UInt32: UInt32]] = [:]

  /// Does what a call asks for, which may have been done already.
  ///
  /// - Returns: what it reads.
  mutating func carryOut(_ call: FileCall) -> String? {
    if call.text != nil {
      // Numbers grow; they may come round.
      let id = call.id
      if let last = lastWrites[id.process]?[id.thread], Int32(bitPattern: id.number &- last) <= 0 { return nil }
      lastWrites[id.process, default: [:]][id.thread] = id.number
    }
    return use(call.name, writing: call.text)
  }

  /// Reads a file, or writes it if there is a text.
  ///
  /// - Returns: what it reads.
  mutating func use(_ name: String, writing text: String?) -> String? {
    guard let text else { return contents[name] }
    contents[name] = text
    return nil
  }

  /// The process is no more.
  mutating func forget(_ process: ProcessID) { lastWrites[process] = nil }
}

extension NodeKernel {
  // MARK: - The kernel of the process

  /// - Parameter text: what is written; nil to read.
  /// - Returns: true when the thread goes on, since its origin is here; false when it waits.
  mutating func callFile(
    _ name: String, writing text: String?, _ slot: Int, _ thread: Int, _ out: inout EffectBuffer
  ) -> Bool {
    let origin = processes[slot].id.origin
    out.textBytes &+= UInt64(text?.utf8.count ?? 0)
    guard origin != id else {
      processes[slot].threads[thread].guest.complete(.fileUsed(files.use(name, writing: text)))
      return true
    }
    processes[slot].threads[thread].state = .calling(since: out.now)
    out.send(.fileCall(fileCall(name, text, slot, thread)), to: origin)
    return false
  }

  private func fileCall(_ name: String, _ text: String?, _ slot: Int, _ thread: Int) -> FileCall {
    let id = FileCall.ID(
      process: processes[slot].id, thread: UInt32(clamping: thread), number: processes[slot].threads[thread].waits)
    return FileCall(id: id, name: name, text: text)
  }

  /// A process goes on here, or its origin answers again: threads that wait for an answer ask again.
  mutating func callFilesAgain(_ slot: Int, _ out: inout EffectBuffer) {
    for thread in processes[slot].threads.indices {
      guard let call = pendingCall(slot, thread) else { continue }
      if call.id.process.origin == id {
        endCall(slot, thread, files.carryOut(call), bytes: 0, &out)
      } else {
        out.send(.fileCall(call), to: call.id.process.origin)
      }
    }
  }

  /// What a thread asks of its origin, if it waits for the answer: it stands at the step that does.
  private func pendingCall(_ slot: Int, _ thread: Int) -> FileCall? {
    guard case .calling = processes[slot].threads[thread].state else { return nil }
    switch processes[slot].threads[thread].guest.stopAhead(over: processes[slot].space) {
    case .systemCall(.readFile(let name)): return fileCall(name, nil, slot, thread)
    case .systemCall(.writeFile(let name, let text)): return fileCall(name, text, slot, thread)
    default: return nil
    }
  }

  /// `origin` answers again.
  mutating func callFilesAgain(at origin: NodeID, _ out: inout EffectBuffer) {
    for slot in processes.occupiedSlots where processes[slot].id.origin == origin { callFilesAgain(slot, &out) }
  }

  mutating func takeFileAnswer(_ answer: FileAnswer, _ out: inout EffectBuffer) {
    let thread = Int(answer.id.thread)
    guard let slot = processes.slot(of: answer.id.process), processes[slot].threads.indices.contains(thread),
      let call = pendingCall(slot, thread), call.id == answer.id
    else { return }
    let bytes = Packet.fileCall(call).encodedSize + Packet.fileAnswer(answer).encodedSize
    endCall(slot, thread, answer.text, bytes: bytes, &out)
  }

  private mutating func endCall(
    _ slot: Int, _ thread: Int, _ text: String?, bytes: Int, _ out: inout EffectBuffer
  ) {
    guard case .calling(let since) = processes[slot].threads[thread].state else { return }
    out.report(.systemCall(processes[slot].id, delay: out.now - min(out.now, since), bytes: bytes))
    finishWait(slot, thread, .fileUsed(text), &out)
  }

  // MARK: - The origin

  mutating func answerFileCall(_ call: FileCall, from node: NodeID, _ out: inout EffectBuffer) {
    out.send(.fileAnswer(FileAnswer(id: call.id, text: files.carryOut(call))), to: node)
  }
}
