import CNettle
import MigrationKernel

/// The seed of a student's exercise. It is always the same, and nobody can guess it without the course's secret.
public enum StudentSeed {
  /// The highest seed. It has 53 bits, which every program that reads JSON keeps exactly.
  public static let highest: UInt64 = 1 << 53 - 1

  /// The first 53 bits of HMAC-SHA256(secret, exercise ‖ NUL ‖ student).
  public static func seed(secret: String, exercise: String, student: String) -> UInt64 {
    let code = authenticationCode(of: Array(exercise.utf8) + [0] + Array(student.utf8), key: Array(secret.utf8))
    return code.prefix(8).reduce(0) { $0 << 8 | UInt64($1) } >> 11
  }

  /// What tells a secret from others without giving it away: the first 8 hexadecimal digits of HMAC-SHA256 of a fixed text.
  /// Nil without a secret. No student's seed is made from that text, since it has no NUL.
  public static func fingerprint(ofSecret secret: String) -> String? {
    guard !secret.isEmpty else { return nil }
    let code = authenticationCode(of: Array("migsh: fingerprint of a course's secret".utf8), key: Array(secret.utf8))
    return Digest.digits(of: code.prefix(4))
  }

  /// Whether a text has the form of one.
  static func isFingerprint(_ text: String) -> Bool { Digest.has(8, digitsIn: text) }

  /// HMAC-SHA256 (RFC 2104).
  static func authenticationCode(of message: [UInt8], key: [UInt8]) -> [UInt8] {
    var context = hmac_sha256_ctx()
    var code = [UInt8](repeating: 0, count: Int(SHA256_DIGEST_SIZE))
    nettle_hmac_sha256_set_key(&context, key.count, key)
    nettle_hmac_sha256_update(&context, message.count, message)
    nettle_hmac_sha256_digest(&context, code.count, &code)
    return code
  }

  /// The further seed number `index`, counted from 1.
  static func further(_ index: Int, of seed: UInt64) -> UInt64 {
    var generator = Generator(seed: Generator.fold(seed, UInt64(index)))
    return generator.next() >> 11
  }
}
