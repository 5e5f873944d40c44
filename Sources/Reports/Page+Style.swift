extension Page {
  /// Quiet in light, in dark and on paper; colour never carries meaning alone.
  static let style = """
    :root { color-scheme: light dark; --paper: #fbfaf8; --card: #ffffff; --ink: #1d2329; --quiet: #59636e; --rule: #dcd9d3;
      --total: #3f4f63; --more: #2c7a6b; --less: #b27a1e; --bar: #3d6c9e; --late: #b3402f; --note: #fdf3e3; }
    @media (prefers-color-scheme: dark) {
      :root { --paper: #14171a; --card: #1b1f24; --ink: #e6e4df; --quiet: #9aa4ae; --rule: #333a42;
        --total: #93a4b8; --more: #5bb5a2; --less: #d6a253; --bar: #6d9fd3; --late: #e37d6b; --note: #2c2418; } }
    * { box-sizing: border-box; }
    body { margin: 0 auto; padding: 2.5rem 1.25rem 3rem; max-width: 62rem; background: var(--paper); color: var(--ink);
      font: 16px/1.5 system-ui, -apple-system, "Segoe UI", "Liberation Sans", "DejaVu Sans", sans-serif; }
    h1 { margin: 0; font-size: 2rem; font-weight: 650; letter-spacing: -.01em; line-height: 1.2; }
    h2 { margin: 0 0 .5rem; font-size: 1.2rem; font-weight: 650; }
    header p, .quiet, footer { color: var(--quiet); }
    header p { margin: .35rem 0 0; }
    section { margin: 2.5rem 0 0; }
    a { color: var(--bar); }
    .quiet, .ties { margin: .25rem 0 .75rem; }
    .ties::before { content: "✓ "; color: var(--more); font-weight: 700; }
    .notice { margin: 1.25rem 0 0; padding: .75rem 1rem; background: var(--note); border-left: 4px solid var(--late); }
    .tiles { display: grid; grid-template-columns: repeat(4, 1fr); gap: .75rem; margin: .75rem 0; }
    .tiles div { padding: .8rem 1rem; background: var(--card); border: 1px solid var(--rule); border-radius: 6px; }
    .tiles .result { border-color: var(--total); border-width: 2px; }
    dt, .tiles dd { margin: 0; color: var(--quiet); font-size: .875rem; }
    .tiles .amount { color: var(--ink); font-size: 1.4rem; font-weight: 600; overflow-wrap: anywhere; font-variant-numeric: tabular-nums; }
    .scroll { overflow-x: auto; margin: .5rem 0; }
    table { width: 100%; border-collapse: collapse; font-size: .9rem; }
    th, td { padding: .4rem .7rem .4rem 0; text-align: left; vertical-align: top; border-bottom: 1px solid var(--rule); unicode-bidi: isolate; }
    td { min-width: 4rem; } .free { overflow-wrap: anywhere; min-width: 5.5rem; }
    .wide { overflow-wrap: anywhere; min-width: 16rem; }
    .sign { min-width: 1.2rem; width: 1.6rem; color: var(--quiet); }
    th { font-weight: 500; }
    thead th { color: var(--quiet); font-size: .8125rem; border-bottom: 2px solid var(--rule); white-space: nowrap; }
    .number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
    .number:last-child { padding-right: 0; }
    .totals .number { width: 22%; } .day { white-space: nowrap; }
    .total th, .total td { font-weight: 650; }
    svg { display: block; width: 100%; min-width: 44rem; height: auto; font: 13px system-ui, -apple-system, "Segoe UI", "Liberation Sans",
      "DejaVu Sans", sans-serif; font-variant-numeric: tabular-nums; }
    svg text { fill: var(--ink); }
    svg .label, svg .note { fill: var(--quiet); }
    .waterfall text { text-anchor: middle; }
    .bars .name { text-anchor: end; }
    .bars .value { font-weight: 600; }
    rect.total { fill: var(--total); } rect.more { fill: var(--more); } rect.less { fill: var(--less); }
    rect.bar { fill: var(--bar); } rect.late { fill: var(--late); }
    .axis { stroke: var(--rule); stroke-width: 1.5; } .link { stroke: var(--quiet); stroke-dasharray: 2 3; }
    footer { margin-top: 3rem; padding-top: .75rem; border-top: 1px solid var(--rule); font-size: .875rem; }
    code { font-size: .9em; }
    @media (max-width: 40rem) { .tiles { grid-template-columns: repeat(2, 1fr); } body { padding: 1.25rem 1rem 2rem; } }
    @media print {
      :root { --paper: #fff; --card: #fff; --ink: #000; --quiet: #444; --rule: #bbb; --total: #3f4f63; --more: #2c7a6b; --less: #b27a1e;
        --bar: #3d6c9e; --late: #b3402f; --note: #fff; color-scheme: light; }
      @page { margin: 16mm; }
      body { max-width: none; padding: 0; font-size: 10pt; }
      svg { min-width: 0; } .waterfall { max-height: 50mm; }
      .tiles { gap: .4rem; } .tiles div { padding: .35rem .5rem; } .tiles .amount { font-size: 11pt; } .scroll { overflow: visible; } .wide, .free, td { min-width: 0; }
      table { font-size: 8.5pt; } th, td { padding: .18rem .5rem .18rem 0; }
      section { margin-top: 1.4rem; } h2, h2 + .quiet { break-after: avoid; } tr, svg, .tiles, .notice, .keep { break-inside: avoid; }
      rect, .notice { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
      a { color: inherit; }
    }
    """
}
