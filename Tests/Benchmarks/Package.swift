// swift-tools-version: 6.2
import PackageDescription

// A package of its own, so that whoever builds migsh need not build what measures it.
let package = Package(
  name: "benchmarks",
  platforms: [.macOS(.v15)],
  dependencies: [.package(name: "migsh", path: "../..")],
  targets: [
    .target(name: "Scenarios"),
    .target(name: "Measuring", dependencies: ["Scenarios"]),
    .executableTarget(name: "measured-run", path: "Sources/MeasuredRun"),
    .executableTarget(name: "paired-runs", dependencies: ["Scenarios", "Measuring"], path: "Sources/PairedRuns"),
    .executableTarget(name: "suite", dependencies: ["Scenarios", "Measuring"], path: "Sources/Suite"),
    .executableTarget(
      name: "kernel-step", dependencies: [.product(name: "MigrationKernel", package: "migsh")],
      path: "Sources/KernelStep", linkerSettings: [.linkedLibrary("m")]),
  ],
  swiftLanguageModes: [.v6]
)

// The harness that measures inside one process is fetched only for whoever runs it.
if Context.environment["MIGSH_HARNESS"] == "1" {
  package.dependencies.append(.package(url: "https://github.com/ordo-one/benchmark", from: "1.38.0", traits: []))
  package.targets.append(
    .executableTarget(
      name: "Engine",
      dependencies: [
        "Scenarios",
        .product(name: "Shell", package: "migsh"), .product(name: "CommandLanguage", package: "migsh"),
        .product(name: "Benchmark", package: "benchmark"),
      ],
      path: "Benchmarks/Engine",
      plugins: [.plugin(name: "BenchmarkPlugin", package: "benchmark")]))
}
