/// How the page about a run looks, on a light and on a dark ground.
enum RunPageStyle {
  static var text: String {
    layout + colors { $0.light } + "@media (prefers-color-scheme:dark){\n" + dark + colors { $0.dark } + "}\n"
  }

  private static func colors(_ color: (Ink.Look) -> String) -> String {
    (RunMoments.states + [.empty, .touched, .dirty, .remote]).map { ink in
      ".k-\(ink){background:\(color(ink.look));fill:\(color(ink.look))}\n"
    }
    .joined()
  }

  private static let layout = """
    *{box-sizing:border-box}
    body{margin:0;font:15px/1.5 system-ui,"Segoe UI","Helvetica Neue",Arial,sans-serif;background:#fff;color:#1f2328}
    main{max-width:1024px;margin:0 auto;padding:16px}
    h1{font-size:26px;line-height:1.25}
    h2{margin:32px 0 8px;font-size:20px}
    h3{margin:0 0 8px;font-size:16px}
    figure{margin:0}
    .wide,pre{overflow:auto;max-height:600px}
    figure.wide{max-height:none}
    svg{display:block}
    table{border-collapse:collapse}
    th,thead td,tbody td{padding:2px 12px 2px 0;text-align:left;vertical-align:top;border-bottom:1px solid #d5d8dd}
    thead th,thead td{position:sticky;top:0;background:#fff}
    tbody td,tbody th{white-space:nowrap}
    tbody th{font-weight:normal}
    tbody td:last-child{white-space:normal}
    tbody td:last-child:not(.r){min-width:16em}
    .r{text-align:right;font-variant-numeric:tabular-nums}
    .quiet,.later{color:#57606a}
    [hidden]{display:none!important}
    :focus-visible{outline:3px solid #2f6fb5;outline-offset:2px}
    button,select{font:inherit;color:inherit;background:#f3f4f6;border:1px solid #8a8f98;border-radius:6px;padding:4px 10px}
    button:disabled{color:#6b727b;border-color:#d5d8dd}
    #controls{display:flex;flex-wrap:wrap;gap:8px;align-items:center;position:sticky;top:0;z-index:1;background:#fff;padding:8px 0}
    #slider{flex:1 1 200px;min-width:120px;accent-color:#2f6fb5}
    #clock{min-width:6em;font-variant-numeric:tabular-nums;text-align:right}
    #moment{display:grid;grid-template-columns:minmax(0,1fr);gap:16px;margin-top:16px}
    @media (min-width:720px){#moment{grid-template-columns:minmax(0,1fr) minmax(0,1fr)}}
    .panel{min-width:0;border:1px solid #d5d8dd;border-radius:8px;padding:12px}
    #events-panel{grid-column:1/-1}
    .island{border:1px dashed #8a8f98;border-radius:8px;padding:8px;margin-bottom:8px}
    .island>p{margin:0 0 4px}
    .nodes{list-style:none;margin:0;padding:0;display:grid;grid-template-columns:repeat(auto-fill,minmax(130px,1fr));gap:8px}
    .node{border:1px solid #8a8f98;border-radius:6px;padding:6px 8px;overflow-wrap:anywhere}
    .down{border-style:dotted;border-color:#c0392b}
    .process{display:flex;gap:6px;align-items:baseline}
    .key{flex:none;display:inline-block;width:11px;height:11px;border:1px solid #57606a;border-radius:2px}
    .legend{list-style:none;margin:8px 0 0;padding:0;display:flex;flex-wrap:wrap;gap:2px 14px;font-size:13px}
    .legend .key{margin-right:5px}
    .legend svg{display:inline-block;width:11px;height:11px;margin-right:5px}
    #pages svg{width:100%;max-width:414px;height:auto}
    path.k-empty{fill:#a8adb5}
    #cuts,#pages-text{margin:4px 0 8px}
    #pages-text{min-height:4.5em}
    #events{list-style:none;margin:0;padding:0;min-height:16em}
    #events li{border-left:4px solid transparent}
    #events li[aria-current]{border-color:#2f6fb5;font-weight:600}
    .event{display:block;width:100%;text-align:left;background:none;border:0;border-radius:0;padding:2px 8px;\
    overflow:hidden;text-overflow:ellipsis;white-space:pre}
    @media (max-width:719px){.event{white-space:pre-wrap;overflow-wrap:anywhere}}
    .here{stroke:#d1242f;stroke-width:2}
    pre{margin:0;padding:8px;background:#f3f4f6;border-radius:6px}

    """

  private static let dark = """
    body,thead th,thead td,#controls{background:#16191d;color:#e6e9ee}
    th,thead td,tbody td,.panel{border-color:#343941}
    button,select,pre{background:#22262c}
    .event{background:none}
    button:disabled{color:#8b939e;border-color:#343941}
    .quiet,.later{color:#a4acb8}
    .key{border-color:#a4acb8}
    .down{border-color:#ff7b6b}
    path.k-empty{fill:#6b737e}
    .here{stroke:#ff7b6b}
    :focus-visible{outline-color:#6fa8dc}
    #slider{accent-color:#6fa8dc}
    #events li[aria-current]{border-color:#6fa8dc}

    """
}
