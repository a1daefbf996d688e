import Glibc
import Testing

// Without Foundation: whoever imports this file's module would get its members too, some of which differ from the standard
// library's (`contains` of an empty text).
extension Trait where Self == ConditionTrait {
  /// For what takes long, and is judged over whole runs: `Scripts/test --all` makes it, and `Scripts/test` does not.
  public static var whenThorough: Self {
    .enabled(if: getenv("MIGSH_THOROUGH") != nil, "only with MIGSH_THOROUGH=1")
  }
}
