import Foundation

/// The files that the tests look at, as they are on disk.
enum Repository {
  static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()

  /// Every Swift file under Sources.
  static let sources = files(under: ["Sources"]) { $0.hasSuffix(".swift") }.map { path in
    SourceFile(path: path, text: text(of: path))
  }

  /// Paths from the top of the repository, in order.
  static func files(under folders: [String], where isWanted: (String) -> Bool = { _ in true }) -> [String] {
    folders.flatMap { folder in
      let all =
        FileManager.default.enumerator(atPath: root.appending(path: folder).path)?.compactMap { $0 as? String } ?? []
      return all.filter(isWanted).map { "\(folder)/\($0)" }
    }.filter { path in
      // Folders are listed too, and what is built in a package below this one.
      var isFolder: ObjCBool = false
      let exists = FileManager.default.fileExists(atPath: root.appending(path: path).path, isDirectory: &isFolder)
      return exists && !isFolder.boolValue && !path.split(separator: "/").contains { $0.hasPrefix(".build") }
    }.sorted()
  }

  static func text(of path: String) -> String {
    (try? String(contentsOf: root.appending(path: path), encoding: .utf8)) ?? ""
  }
}
