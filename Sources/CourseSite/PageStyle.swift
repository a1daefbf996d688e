/// How pages look, on a light and on a dark ground, and on paper.
enum PageStyle {
  static var text: String { layout + "@media (prefers-color-scheme:dark){\n\(dark)}\n" + print }

  private static let layout = """
    *{box-sizing:border-box}
    body{margin:0;font:17px/1.55 system-ui,"Segoe UI","Helvetica Neue",Arial,sans-serif;background:#fff;color:#1f2328}
    header,main,footer{max-width:1024px;margin:0 auto;padding:12px 16px}
    main:focus{outline:none}
    header{border-bottom:1px solid #d5d8dd}
    footer{border-top:1px solid #d5d8dd;margin-top:32px}
    .bar{display:flex;flex-wrap:wrap;gap:4px 20px;list-style:none;margin:0;padding:0}
    .bar .last{margin-left:auto}
    a{color:#1a5fb4}
    .skip{position:absolute;left:-9999px;top:0;padding:8px;background:#fff}
    .skip:focus{left:8px;z-index:1}
    :focus-visible{outline:3px solid #2f6fb5;outline-offset:2px}
    h1{font-size:30px;line-height:1.2;margin:16px 0 8px}
    h2{font-size:23px;line-height:1.25;margin:40px 0 8px}
    h3{font-size:18px;margin:20px 0 6px}
    p,ul,ol,dl{margin:0 0 12px}
    main p,main li,main dd{max-width:44em}
    .small{color:#57606a;font-size:15px}
    .goal{font-size:19px}
    code,pre{font:15px/1.45 ui-monospace,"Cascadia Mono","DejaVu Sans Mono",Menlo,Consolas,monospace}
    code{overflow-wrap:anywhere}
    p code,li code,summary code{background:#f0f1f3;border-radius:4px;padding:1px 4px}
    pre{margin:0 0 8px;padding:8px 10px;background:#f6f7f8;border-radius:6px;white-space:pre-wrap;overflow-wrap:anywhere}
    pre.output{font-size:13px;margin-bottom:14px}
    pre.command{margin-bottom:4px;background:none;border-left:4px solid #2f6fb5;border-radius:0;padding:2px 10px;font-weight:600}
    figure{margin:0 0 8px;overflow-x:auto}
    svg{display:block}
    details{margin:0 0 10px}
    details>details{margin-left:16px}
    summary{cursor:pointer;padding:3px 0;font-weight:600}
    .box{border:1px solid #d5d8dd;border-radius:8px;padding:10px 14px;margin:0 0 14px}
    .box>:last-child{margin-bottom:0}
    .task{border-left:6px solid #2f6fb5}
    .task h3{margin-top:0}
    .checks{list-style:none;padding:0}
    .passed{color:#1a7f37;font-weight:600}
    .lessons>li{margin-bottom:14px}
    .statements a{white-space:nowrap}
    [hidden]{display:none!important}
    input{font:inherit;color:inherit;background:#fff;border:1px solid #8a8f98;border-radius:6px;padding:6px 10px;width:100%;\
    max-width:30em}

    """

  private static let dark = """
    body,.skip,input{background:#16191d;color:#e6e9ee}
    header,footer,.box{border-color:#343941}
    a{color:#8ab8f0}
    .small{color:#a4acb8}
    p code,li code,summary code,pre{background:#22262c}
    pre.command{background:none;border-color:#6fa8dc}
    .task{border-left-color:#6fa8dc}
    .passed{color:#56d364}
    :focus-visible{outline-color:#6fa8dc}

    """

  /// On paper there is no dark ground, nothing to click, and what is folded away is shown where the browser can do that.
  private static let print = """
    @media print{
    @page{size:A4;margin:16mm}
    body{font-size:11pt;background:#fff;color:#000}
    header,footer,.skip,#search{display:none}
    main{max-width:none;padding:0}
    svg{max-width:100%;height:auto}
    h2,h3,summary{break-after:avoid}
    figure,.box,pre{break-inside:avoid}
    details::details-content{content-visibility:visible;display:block;block-size:auto}
    a{color:inherit;text-decoration:none}
    }

    """
}
