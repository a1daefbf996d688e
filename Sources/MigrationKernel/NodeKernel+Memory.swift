extension NodeKernel {
  /// About how many bytes its processes hold that an earlier copy does not share.
  public func ownBytes(beside other: NodeKernel) -> Int {
    var sum = processes.slots.ownBytes(beside: other.processes.slots)
    for slot in processes.occupiedSlots {
      let earlier = other.processes.slots.indices.contains(slot) ? other.processes.slots[slot] : nil
      sum += processes[slot].space.ownBytes(beside: earlier?.space)
    }
    return sum
  }
}

extension AddressSpace {
  /// Bytes of its tables that another address space does not share.
  fileprivate func ownBytes(beside other: AddressSpace?) -> Int {
    chunks.indices.reduce(0) { sum, index in
      let isShared = chunks[index].withUnsafeBufferPointer { own in
        guard let other, other.chunks.indices.contains(index) else { return false }
        return other.chunks[index].withUnsafeBufferPointer { $0.baseAddress == own.baseAddress }
      }
      return isShared ? sum : sum + chunks[index].count * MemoryLayout<Page>.stride
    }
  }
}
