"""How the pages of the program look: its colours, light and dark, and on paper."""

from mww_studio.evaluation.html_report_parts import Html, element

_LIGHT = """--ground:#f3f5f7;--surface:#fff;--inset:#edf1f4;--line:#d3dae1;--text:#17212b;--text2:#485562;
--accent:#00648c;--ok:#0a6b4f;--ok-soft:#ddf1ea;--warn:#8a5200;--warn-soft:#fbebd2;--bad:#a3153a;--bad-soft:#fae1e6;--info-soft:#d5ebf5;
--s1:#0069a8;--s2:#c04a00;--s3:#3b4753;--s4:#7a3d77;"""
_DARK = """--ground:#13171b;--surface:#1b2126;--inset:#252d34;--line:#343e47;--text:#e7ecf0;--text2:#aab6c1;
--accent:#62c2ea;--ok:#55cba4;--ok-soft:#13362c;--warn:#efb04e;--warn-soft:#3b2b0f;--bad:#ff8f78;--bad-soft:#45201a;--info-soft:#173c4f;
--s1:#5db3f0;--s2:#ff9a52;--s3:#c9d3db;--s4:#d49ad0;"""

STYLE = f"""
:root{{color-scheme:light dark;{_LIGHT}}}
@media (prefers-color-scheme:dark){{:root{{{_DARK}}}}}
*{{box-sizing:border-box}}
body{{margin:0;background:var(--ground);color:var(--text);font:16px/1.5 system-ui,sans-serif}}
main,footer{{max-width:68rem;margin:0 auto;padding:1.5rem}}
h1{{font-size:2rem;margin:0;overflow-wrap:anywhere}} h2{{font-size:1.3rem;margin:0 0 .75rem}}
h3{{font-size:1.05rem;margin:1.5rem 0 .5rem}} h4{{font-size:1rem;margin:1rem 0 .25rem}}
p{{max-width:46rem;margin:.5rem 0}} a{{color:var(--accent)}}
.about,.note,small,footer,caption{{color:var(--text2)}} .note,caption,small{{font-size:.9rem}}
.verdict{{border-left:.4rem solid var(--accent);background:var(--info-soft);border-radius:.5rem;padding:.75rem 1.25rem;
margin:1rem 0}}
.verdict .title{{font-size:1.35rem;font-weight:600;margin:.25rem 0;max-width:none}}
.ok{{border-color:var(--ok);background:var(--ok-soft)}} .warn{{border-color:var(--warn);background:var(--warn-soft)}}
.bad{{border-color:var(--bad);background:var(--bad-soft)}}
nav ul{{display:flex;flex-wrap:wrap;gap:.25rem 1.25rem;list-style:none;padding:0}}
section{{background:var(--surface);border-radius:.5rem;padding:1.25rem 1.5rem;margin:1rem 0}}
.wide{{overflow-x:auto}} table{{border-collapse:collapse;margin:.5rem 0;font-variant-numeric:tabular-nums}}
caption{{text-align:left;padding:.25rem 0}}
th,td{{text-align:left;padding:.35rem .9rem .35rem 0;border-bottom:1px solid var(--line);vertical-align:top}}
thead th{{color:var(--text2);font-weight:600;font-size:.9rem}} tbody th{{font-weight:400;min-width:8rem}}
bdi{{overflow-wrap:anywhere}} td svg{{vertical-align:middle}}
figure{{margin:1rem 0;max-width:46rem}} figcaption{{font-weight:600}} figure>svg{{width:100%;height:auto}}
.charts{{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(26rem,100%),1fr));gap:0 2rem}}
svg text{{font-size:13px;fill:var(--text2)}} svg .label{{fill:var(--text)}}
svg line,svg polyline{{fill:none;stroke:var(--text2);stroke-width:2}}
svg .grid{{stroke:var(--line);stroke-width:1}} svg .limit{{stroke:var(--s3);stroke-width:1.5;stroke-dasharray:2 4}}
svg .count{{fill:var(--line)}} svg .bar{{fill:var(--s1)}} svg .dot{{fill:var(--s1)}}
svg .span{{stroke:var(--s1);stroke-width:3;opacity:.55}}
svg line.s1,svg polyline.s1{{stroke:var(--s1)}} svg circle.s1{{fill:var(--s1)}}
svg line.s2,svg polyline.s2{{stroke:var(--s2)}} svg circle.s2{{fill:var(--s2)}}
svg line.s3,svg polyline.s3{{stroke:var(--s3)}} svg circle.s3{{fill:var(--s3)}}
svg line.s4,svg polyline.s4{{stroke:var(--s4)}} svg circle.s4{{fill:var(--s4)}}
svg .line.s2{{stroke-dasharray:7 4}} svg .line.s3{{stroke-dasharray:2 3}} svg .line.s4{{stroke-dasharray:9 3 2 3}}
.legend{{list-style:none;display:flex;flex-wrap:wrap;gap:.25rem 1.5rem;padding:0;margin:.25rem 0;color:var(--text2)}}
.legend svg{{margin-right:.5rem}}
.sounds{{list-style:none;padding:0;display:grid;grid-template-columns:repeat(auto-fill,minmax(min(26rem,100%),1fr));
gap:.5rem 2rem}}
audio{{display:block;height:2rem;width:100%;max-width:22rem;margin:.25rem 0}}
summary{{cursor:pointer;color:var(--accent);padding:.25rem 0}}
@media print{{
:root{{color-scheme:light;{_LIGHT}--ground:#fff}}
body{{font-size:10pt;print-color-adjust:exact;-webkit-print-color-adjust:exact}}
main,footer{{max-width:none;padding:0}} section{{padding:0;margin:1.5rem 0}}
nav,audio{{display:none}} a{{color:inherit;text-decoration:none}}
h2,h3,h4{{break-after:avoid}} figure,tr,li,.verdict{{break-inside:avoid}}
details{{display:none}} figure{{max-width:12cm}} .charts{{grid-template-columns:1fr 1fr}}
@page{{margin:1.5cm}}
}}
"""


def document(title: str, policy: str, *body: Html) -> str:
    """A whole page. ``policy``: its Content-Security-Policy, which forbids scripts and whatever lies elsewhere."""
    head = element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", http_equiv="Content-Security-Policy", content=policy),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("meta", name="color-scheme", content="light dark"),
        element("title", title),
        element("style", Html(STYLE)),
    )
    return f"<!DOCTYPE html>\n{element('html', head, element('body', *body), lang='en')}\n"
