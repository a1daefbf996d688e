import CNettle

/// The SHA-256 of bytes (FIPS 180-4), by which reports say exactly which text was graded.
public enum Digest {
  /// Its 32 bytes.
  public static func sha256(of bytes: [UInt8]) -> [UInt8] {
    var context = sha256_ctx()
    var digest = [UInt8](repeating: 0, count: Int(SHA256_DIGEST_SIZE))
    nettle_sha256_init(&context)
    nettle_sha256_update(&context, bytes.count, bytes)
    nettle_sha256_digest(&context, digest.count, &digest)
    return digest
  }

  /// In 64 hexadecimal digits.
  public static func hexadecimal(of bytes: [UInt8]) -> String {
    digits(of: sha256(of: bytes))
  }

  /// Two hexadecimal digits for each byte.
  static func digits(of bytes: some Sequence<UInt8>) -> String {
    bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }

  /// Whether a text has the form of one.
  static func isDigest(_ text: String) -> Bool { has(64, digitsIn: text) }

  /// Whether a text consists of so many hexadecimal digits, as `digits` writes them.
  static func has(_ count: Int, digitsIn text: String) -> Bool {
    text.utf8.count == count
      && text.utf8.allSatisfy {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains($0)
      }
  }
}
