// swift-tools-version: 6.2
import PackageDescription

let package = Package(
  name: "migsh",
  products: [
    .executable(name: "migsh", targets: ["migsh"]),
    // For packages that drive sessions, worlds or kernels themselves, as Tests/Benchmarks does.
    .library(name: "Shell", targets: ["Shell"]),
    .library(name: "CommandLanguage", targets: ["CommandLanguage"]),
    .library(name: "Simulator", targets: ["Simulator"]),
    .library(name: "Chronicle", targets: ["Chronicle"]),
    .library(name: "MigrationKernel", targets: ["MigrationKernel"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
    .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
  ],
  targets: [
    .executableTarget(
      name: "migsh",
      dependencies: [
        "CourseSite", "QuestionBank", "GradeReports", "Grading", "Course", "Torture", "LanguageServer", "ScriptCheck",
        "Shell", "LineEditor", "CommandLanguage",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      // A program that may lie anywhere in memory has 49,000 addresses put right whenever it starts. No other program uses
      // what this one has, so none of it needs a name there.
      linkerSettings: [
        .unsafeFlags(
          ["-Xclang-linker", "-no-pie", "-Xlinker", "--no-export-dynamic"], .when(configuration: .release))
      ]),
    .target(
      name: "Course",
      dependencies: [
        "Shell", "CommandLanguage", "Simulator", "Chronicle", "MigrationKernel", "CNettle", "CLibYAML",
      ]),
    .target(name: "Grading", dependencies: ["Course", "Shell", "CommandLanguage", "CIsolation"]),
    // Forks, and shuts a process in: what Swift does not offer.
    .target(name: "CIsolation"),
    .target(name: "GradeReports", dependencies: ["Course", "Shell", "CommandLanguage"]),
    .target(name: "QuestionBank", dependencies: ["Course", "Shell", "CommandLanguage"]),
    .target(name: "CourseSite", dependencies: ["Course", "Shell", "CommandLanguage"]),
    .target(name: "LanguageServer", dependencies: ["ScriptCheck", "Course", "Shell", "CommandLanguage"]),
    .target(name: "ScriptCheck", dependencies: ["Course", "Shell", "CommandLanguage"]),
    .target(
      name: "Shell",
      dependencies: [
        "CommandLanguage", "Simulator", "Chronicle", "MigrationKernel",
        .product(name: "OrderedCollections", package: "swift-collections"),
      ]),
    .target(name: "Torture", dependencies: ["Shell", "CommandLanguage", "Simulator", "Chronicle", "MigrationKernel"]),
    .target(name: "LineEditor", dependencies: ["CLibedit"]),
    .systemLibrary(name: "CNettle", pkgConfig: "nettle", providers: [.apt(["nettle-dev"])]),
    .systemLibrary(name: "CLibYAML", pkgConfig: "yaml-0.1", providers: [.apt(["libyaml-dev"])]),
    .systemLibrary(name: "CLibedit", pkgConfig: "libedit", providers: [.apt(["libedit-dev"])]),
    .target(name: "CommandLanguage"),
    .target(
      name: "Simulator",
      dependencies: [
        "Chronicle", "MigrationKernel",
        .product(name: "DequeModule", package: "swift-collections"),
        .product(name: "HeapModule", package: "swift-collections"),
        .product(name: "OrderedCollections", package: "swift-collections"),
      ]),
    .target(
      name: "Chronicle",
      dependencies: [
        "MigrationKernel",
        .product(name: "HashTreeCollections", package: "swift-collections"),
        .product(name: "OrderedCollections", package: "swift-collections"),
      ]),
    .target(
      name: "MigrationKernel",
      dependencies: [
        .product(name: "DequeModule", package: "swift-collections"),
        .product(name: "OrderedCollections", package: "swift-collections"),
      ]),
    .executableTarget(
      name: "migsh-fuzz",
      dependencies: [
        "Course", "GradeReports", "LanguageServer", "ScriptCheck", "Shell", "CommandLanguage", "Simulator", "Chronicle",
        "MigrationKernel",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ], path: "Sources/Fuzz"),
    .testTarget(name: "MigrationKernelTests", dependencies: ["MigrationKernel"], exclude: ["Scripts"]),
    .testTarget(name: "SimulatorTests", dependencies: ["Simulator", "Chronicle", "TestSupport"]),
    .testTarget(name: "CommandLanguageTests", dependencies: ["CommandLanguage"]),
    .testTarget(name: "CourseTests", dependencies: ["Course", "Shell", "CommandLanguage", "migsh", "TestSupport"]),
    .testTarget(
      name: "GradeReportsTests", dependencies: ["GradeReports", "Course", "Shell", "CommandLanguage", "TestSupport"],
      exclude: ["Schemas", "validate_reports.py"]),
    .testTarget(
      name: "GradingTests",
      dependencies: ["Grading", "Course", "Shell", "CommandLanguage", "isolation-probe", "migsh", "TestSupport"],
      exclude: ["Hostile", "validate_json.py"]),
    .executableTarget(name: "isolation-probe", dependencies: ["Grading"], path: "Tests/IsolationProbe"),
    .testTarget(
      name: "QuestionBankTests",
      dependencies: ["QuestionBank", "Course", "Shell", "CommandLanguage", "migsh", "TestSupport"],
      exclude: ["read_bank.py"]),
    .testTarget(
      name: "CourseSiteTests", dependencies: ["CourseSite", "Course", "Shell", "CommandLanguage", "TestSupport"],
      exclude: ["check_pages.py"]),
    .testTarget(name: "ScriptCheckTests", dependencies: ["ScriptCheck", "Course", "Shell", "CommandLanguage"]),
    .testTarget(name: "LanguageServerTests", dependencies: ["LanguageServer", "Course", "Shell", "CommandLanguage"]),
    .testTarget(name: "TortureTests", dependencies: ["Torture", "Simulator", "Chronicle"], exclude: ["Mended"]),
    .testTarget(name: "FuzzTests", dependencies: ["migsh-fuzz"], exclude: ["Corpus"]),
    .testTarget(name: "TidyTests"),
    .testTarget(name: "ShellTests", dependencies: ["Shell", "Chronicle", "TestSupport"]),
    .testTarget(name: "ProgramTests", dependencies: ["migsh", "TestSupport"]),
    .testTarget(name: "LineEditorTests", dependencies: ["LineEditor", "line-editor-probe", "TestSupport"]),
    .executableTarget(name: "line-editor-probe", dependencies: ["LineEditor"], path: "Tests/LineEditorProbe"),
    .target(
      name: "TestSupport", dependencies: ["Simulator", "Chronicle", "MigrationKernel"], path: "Tests/TestSupport"),
    .testTarget(
      name: "ScriptTests", dependencies: ["Shell", "Course"], exclude: ["Scripts", "validate_records.py"]),
  ],
  swiftLanguageModes: [.v6]
)

// Only whoever makes the documentation needs the plugin for that: see Scripts/documentation.
if Context.environment["MIGSH_DOCUMENTATION"] == "1" {
  package.dependencies.append(.package(url: "https://github.com/swiftlang/swift-docc-plugin", from: "1.4.0"))
}

// A warning stops the builds in which changes are tested; it stops no user's.
for target in package.targets where target.type != .system {
  target.swiftSettings = [.treatAllWarnings(as: .error, .when(configuration: .debug))]
}

// Tests have processes execute millions of steps: optimised, the engine does so in a third of the time. Without the
// variable a debugger can step through it, and assertions on hot paths are checked.
if Context.environment["MIGSH_OPTIMIZE"] == "1" {
  for target in package.targets where ["MigrationKernel", "Simulator", "Chronicle"].contains(target.name) {
    target.swiftSettings?.append(.unsafeFlags(["-O"], .when(configuration: .debug)))
  }
}
