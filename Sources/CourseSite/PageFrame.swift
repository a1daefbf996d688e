import Shell

/// What all pages have in common. A page needs no other file to look right, asks for nothing over the network, and works without
/// scripts.
struct PageFrame {
  let title: String
  var style = PageStyle.text
  /// What stands above the main part, and below it.
  var header = ""
  var footer = ""
  /// A script, with its digest and the data that it reads.
  var script: (text: String, digest: String, data: String)?

  /// What the pages of this program have in them, and nobody else's.
  static let mark = "<meta name=\"generator\" content=\"migsh"

  func page(_ body: String) -> String {
    let allowed = script.map { " script-src 'sha256-\($0.digest)';" } ?? ""
    return """
      <!DOCTYPE html>
      <html lang="en" xmlns="http://www.w3.org/1999/xhtml">
      <head>
      <meta charset="utf-8"/>
      \(Self.mark) \(migshVersion)"/>
      <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline';\(allowed) \
      base-uri 'none'; form-action 'none'"/>
      <meta name="viewport" content="width=device-width"/>
      <meta name="color-scheme" content="light dark"/>
      <title>\(HTML.text(title))</title>
      <style>
      \(style)\(body.contains("<svg") ? DrawnPicture.style : "")</style>
      </head>
      <body>
      <a class="skip" href="#main">Skip to the text</a>
      \(header)<main id="main" tabindex="-1">
      \(body)</main>
      \(footer)\(scripts)</body>
      </html>

      """
  }

  private var scripts: String {
    guard let script else { return "" }
    return """
      <script type="application/json" id="data">\(script.data)</script>
      <script>\(script.text)</script>

      """
  }
}
