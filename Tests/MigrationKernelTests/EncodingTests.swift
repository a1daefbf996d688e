import Testing

@testable import MigrationKernel

@Suite struct EncodingTests {
  @Test func generatorIsSplitMix64() {
    // The first outputs for seed 1234567, as published with the algorithm's reference implementation.
    var generator = Generator(seed: 1_234_567)
    #expect(generator.next() == 6_457_827_717_110_365_317)
    #expect(generator.next() == 3_203_168_211_198_807_973)
  }
}
