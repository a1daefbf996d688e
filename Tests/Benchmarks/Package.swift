// swift-tools-version: 6.2
import PackageDescription

// A package of its own, so that whoever builds migsh need not build the harness.
let package = Package(
  name: "benchmarks",
  platforms: [.macOS(.v15)],
  dependencies: [
    .package(name: "migsh", path: "../.."),
    .package(url: "https://github.com/ordo-one/benchmark", from: "1.38.0", traits: []),
  ],
  targets: [
    .target(name: "Scenarios"),
    .executableTarget(name: "paired-runs", dependencies: ["Scenarios"], path: "Sources/PairedRuns"),
    .executableTarget(
      name: "Engine",
      dependencies: [
        "Scenarios",
        .product(name: "Shell", package: "migsh"), .product(name: "CommandLanguage", package: "migsh"),
        .product(name: "Benchmark", package: "benchmark"),
      ],
      path: "Benchmarks/Engine",
      plugins: [.plugin(name: "BenchmarkPlugin", package: "benchmark")]),
  ],
  swiftLanguageModes: [.v6]
)
