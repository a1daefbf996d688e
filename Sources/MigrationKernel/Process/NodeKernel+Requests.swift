/// What the operator asks of a node, and the life and death of its processes.
extension NodeKernel {
  mutating func issueID(_ forwarding: ForwardingMechanism) -> ProcessID {
    defer { nextSerial += 1 }
    return ProcessID(origin: id, incarnation: incarnation, serial: nextSerial, forwarding: forwarding)
  }

  /// The identifier that the next process created here will have, but for how messages find it.
  public var nextProcessID: ProcessID { ProcessID(origin: id, incarnation: incarnation, serial: nextSerial) }

  mutating func handleRequest(_ request: Request, _ out: inout EffectBuffer) {
    switch request {
    case .spawn(let spawn):
      let id = issueID(spawn.forwarding)
      guard (0...AddressSpace.pageLimit).contains(spawn.pages), spawn.threads <= Self.threadLimit else {
        return refuse(id, "more than \(AddressSpace.pageLimit) pages or \(Self.threadLimit) threads", &out)
      }
      let isPlaced = isPlaced(spawn)
      guard isPlaced || freeFrames >= spawn.pages else {
        return refuse(id, "no room for its \(spawn.pages) pages", &out)
      }
      var process = Process(
        spawn, id: id, pageSize: settings.pageSize, seed: spawn.seed ?? generator.next(), now: out.now)
      out.report(.created(process.id, name: spawn.name, parent: spawn.parent))
      guard !isPlaced else { return place(&process, asked: spawn, &out) }
      freeFrames -= spawn.pages
      let slot = processes.insert(process)
      if !spawn.held { begin(slot, &out) }
    case .start(let process):
      guard let slot = processes.slot(of: process), processes[slot].phase == .new, departures[process] == nil else {
        return refuse(process, "it has been started, or is being migrated", &out)
      }
      processes[slot].phase = .active
      begin(slot, &out)
    case .kill(let process):
      guard let slot = processes.slot(of: process) else { return refuse(process, "it is not here", &out) }
      endProcess(slot, reason: .killed, &out)
    case .freeze(let process):
      guard let slot = processes.slot(of: process), processes[slot].phase == .active else {
        return refuse(process, "it is not active here", &out)
      }
      processes[slot].phase = .held
      out.report(.frozen(process))
      stopThreads(of: slot, &out)
    case .resume(let process):
      guard let slot = processes.slot(of: process), processes[slot].phase == .held else {
        return refuse(process, "it is not frozen here", &out)
      }
      processes[slot].phase = .active
      out.report(.resumed(process))
      resumeThreads(of: slot, &out)
    case .poke(let process, let page, let bytes):
      guard let slot = processes.slot(of: process), departures[process] == nil, processes[slot].phase != .placing,
        (0..<processes[slot].space.pageCount).contains(page), bytes.count <= settings.pageSize
      else { return refuse(process, "it is not here, is being migrated, or has no such page here", &out) }
      do throws(MemoryFault) {
        try processes[slot].space.write(bytes, at: UInt64(page) * UInt64(settings.pageSize))
      } catch { refuse(process, "it is not here, is being migrated, or has no such page here", &out) }
    case .send(let from, let to, let text, let size):
      guard let slot = processes.slot(of: from), !isFrozenForMigration(from) else {
        return refuse(from, "it is not here, or is being migrated", &out)
      }
      acceptMessage(slot, to: to, text: text, size: size, &out)
    case .migrate(let process, let destination, let options):
      guard processes[process]?.phase != .placing else { return refuse(process, "it is being placed", &out) }
      migrate(process, to: destination, options, &out)
    case .cancelMigration(let process): cancelDeparture(process, &out)
    case .forgetWritten(let process):
      if let slot = processes.slot(of: process) { processes[slot].space.forgetWritten() }
    case .throttle(let process, let throttle):
      if let slot = processes.slot(of: process) { self.throttle(slot, to: throttle, &out) }
    case .setSpeed(let speed): setSpeed(speed, &out)
    case .setMemory(let memory): setMemory(memory)
    case .tellLoad(let interval): tellLoad(every: interval, &out)
    case .setPolicies(let policies): setPolicies(policies, &out)
    case .beginBalancing: beginBalancing(&out)
    case .balance: balance(&out)
    case .moveByPolicy(let process, let options): moveByPolicy(process, options, &out)
    }
  }

  /// Adds or takes away free frames; without effect when more are in use than there would be.
  private mutating func setMemory(_ memory: UInt64) {
    let inUse = framesInUse
    var changed = settings
    changed.memory = memory
    guard changed.frames >= inUse else { return }
    settings = changed
    freeFrames = changed.frames - inUse
  }

  /// Says why it does not do what was asked.
  mutating func refuse(_ process: ProcessID, _ why: String, _ out: inout EffectBuffer) {
    out.report(.refused(process, why: why))
  }

  /// Lets a process execute its first instruction.
  mutating func begin(_ slot: Int, _ out: inout EffectBuffer) {
    out.report(.started(processes[slot].id))
    resumeThreads(of: slot, &out)
    loadGrew(&out)
  }

  /// Ends a process, and with it any migration of it, and frees its frames.
  mutating func endProcess(_ slot: Int, reason: EndReason, _ out: inout EffectBuffer) {
    keepOutbox(of: processes[slot])
    remove(slot, &out) { .ended($0.id, $0.summary, reason: reason) }
  }

  /// Gives up a process that cannot go on, since `node` failed and had something that it needs.
  mutating func loseProcess(_ slot: Int, becauseOf node: NodeID, _ out: inout EffectBuffer) {
    remove(slot, &out) { .lost($0.id, becauseOf: node) }
  }

  private mutating func remove(_ slot: Int, _ out: inout EffectBuffer, reporting fact: (Process) -> Fact) {
    let id = processes[slot].id
    let departure = departures.removeValue(forKey: id)
    defer { if let departure { memberEnded(departure, &out) } }
    dropThreads(of: slot, &out)
    nodeSearches[id] = nil
    guard let process = processes.remove(id) else { return }
    freeFrames += process.frames
    if let departure {
      out.report(.migration(departure.attempt, .aborted(.processEnded)))
      callOff(departure, &out)
    }
    out.report(fact(process))
    releaseHolders(of: process, &out)
    forgetGivenUpPages(of: id)
    processEnded(id, trail: process.trail, &out)
    for routed in departure?.waiting.queue.packets ?? [] { route(routed, &out) }
    loadFell(&out)
  }
}

extension Process {
  /// What there is to say of it now.
  public var summary: ProcessSummary {
    ProcessSummary(
      memoryDigest: space.digest, receivedDigest: receivedDigest, receivedCount: receivedCount, cpuTime: cpuTime,
      pages: space.pageCount, migrations: migrations)
  }
}
