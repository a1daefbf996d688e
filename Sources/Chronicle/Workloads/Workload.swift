import MigrationKernel

/// Jobs that come again and again: when, for how long, and where they are asked for.
///
/// A job is a process like any other. It computes for its service time, and ends.
public struct Workload: Sendable {
  /// What people call it; its jobs are called that, and a number.
  public let name: String
  /// The nodes at which jobs are asked for, each as often as the others; empty for all members of the cluster.
  public let nodes: [NodeID]
  /// When jobs come, and how long they take.
  public let jobs: Jobs
  /// How many jobs come at most; nil for no end.
  public let limit: Int?
  /// What every job is like, but for its name, its service time and what a trace says of it.
  public let template: SpawnRequest

  /// When jobs come, and how long they take.
  public enum Jobs: Sendable {
    /// By chance, and so many a second on average: the time between two has an exponential distribution.
    case poisson(rate: Double, service: ServiceDistribution)
    /// As they are listed.
    case trace(JobTrace)
  }

  /// The variable in which the program of a job finds its service time.
  public static let serviceVariable = "service"
  /// Jobs a second that a workload may have at most.
  public static let highestRate = 1_000_000.0
  /// Jobs a second that it has at least: one in 30 years.
  public static let lowestRate = 1e-9

  /// - Parameters:
  ///   - name: what people call it.
  ///   - nodes: the nodes at which jobs are asked for; empty for all members of the cluster.
  ///   - jobs: when they come, and how long they take.
  ///   - limit: how many there are at most.
  ///   - template: what every job is like.
  public init(name: String, nodes: [NodeID] = [], jobs: Jobs, limit: Int? = nil, template: SpawnRequest) {
    self.name = name
    self.nodes = nodes
    self.jobs = jobs
    self.limit = limit
    self.template = template
  }

  /// How many jobs there will be; nil when they have no end.
  public var total: Int? {
    switch jobs {
    case .poisson: limit
    case .trace(let trace): min(limit ?? .max, trace.jobs.count)
    }
  }
}

/// A list of jobs, in the order in which they come.
public struct JobTrace: Sendable, Equatable {
  /// One job.
  public struct Job: Sendable, Equatable {
    /// When it comes, from the beginning of the trace.
    public var arrival: Nanoseconds
    /// The core time that each of its threads needs on a core of speed 1.
    public var service: Nanoseconds
    /// Pages of its address space; 0 for as many as others have.
    public var pages: Int32
    /// How many threads it has.
    public var threads: Int16
    /// The node where it is asked for, by its place among `nodes`; -1 when one is drawn.
    public var node: Int32

    /// A job; by default like all others.
    public init(arrival: Nanoseconds, service: Nanoseconds, pages: Int32 = 0, threads: Int16 = 1, node: Int32 = -1) {
      self.arrival = arrival
      self.service = service
      self.pages = pages
      self.threads = threads
      self.node = node
    }
  }

  /// The jobs, each no sooner than the one before it.
  public let jobs: ContiguousArray<Job>
  /// The nodes that jobs name.
  public let nodes: [NodeID]

  /// - Precondition: no job comes sooner than the one before it.
  public init(_ jobs: ContiguousArray<Job>, nodes: [NodeID] = []) {
    precondition(zip(jobs, jobs.dropFirst()).allSatisfy { $0.arrival <= $1.arrival }, "a trace is not in order")
    self.jobs = jobs
    self.nodes = nodes
  }
}
