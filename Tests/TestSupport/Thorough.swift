import Foundation
import Testing

extension Trait where Self == ConditionTrait {
  /// For what takes long, and is judged over whole runs: `Scripts/test --all` makes it, and `Scripts/test` does not.
  public static var whenThorough: Self {
    .enabled(if: ProcessInfo.processInfo.environment["MIGSH_THOROUGH"] != nil, "only with MIGSH_THOROUGH=1")
  }
}
