// swift-tools-version: 6.2
import PackageDescription

let package = Package(
  name: "migsh",
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
    .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.0"),
  ],
  targets: [
    .target(
      name: "MigrationKernel",
      dependencies: [
        .product(name: "DequeModule", package: "swift-collections"),
        .product(name: "OrderedCollections", package: "swift-collections"),
      ]),
    .target(
      name: "Simulator",
      dependencies: [
        "MigrationKernel",
        .product(name: "HeapModule", package: "swift-collections"),
        .product(name: "OrderedCollections", package: "swift-collections"),
      ]),
    .executableTarget(
      name: "migsh-benchmarks", dependencies: ["Simulator", "MigrationKernel"], path: "Sources/Benchmarks"),
    .testTarget(name: "MigrationKernelTests", dependencies: ["MigrationKernel"]),
    .testTarget(name: "SimulatorTests", dependencies: ["Simulator"]),
  ],
  swiftLanguageModes: [.v6]
)
