# SPDX-License-Identifier: MIT
"""picture.py - the ratios that bench.py found, as an SVG

A bar for each tool: how many times venvctl's time it takes, on a logarithmic scale, since
some take twice as long and others a thousand times.
"""

import math
from xml.sax.saxutils import escape

WIDTH, NAMES, ROW = 860, 250, 18
BAR = WIDTH - NAMES - 190
COLOURS = {"venvctl": "#2f6f9f", "floor": "#9a9a9a"}
SHOWN = ("one, bare", "one, linked", "one, copied", "one, shared", "cold", "in one call, bare", "in one call, linked")


def text(x, y, words, size=12, anchor="start", weight="normal"):
    return ('<text x="%d" y="%d" font-size="%d" text-anchor="%s" font-weight="%s">%s</text>'
            % (x, y, size, anchor, weight, escape(words)))


def time_of(ms):
    return "%.2f s" % (ms / 1000) if ms >= 1000 else "%.1f ms" % ms if ms >= 10 else "%.2f ms" % ms


def draw(found):
    run = found["runs"][-1]
    scenarios = [s for s in run["scenarios"] if any(w in s["title"] for w in SHOWN) and len(s["tools"]) > 1]
    ratios = [t["ratio"] for s in scenarios for t in s["tools"]] or [1]
    least, most = min(ratios + [0.5]), max(ratios + [2])

    def place(ratio):
        return BAR * math.log(ratio / least) / math.log(most / least)
    out, y = [], 24
    out.append(text(10, y, "Time for one environment; venvctl is 1, the scale is logarithmic", 14, weight="bold"))
    for s in scenarios:
        y += ROW + 12
        out.append(text(10, y, s["title"], 13, weight="bold"))
        for t in s["tools"]:
            y += ROW
            colour = COLOURS.get(t["name"].split()[0].rstrip(","), "#c98a3b")
            out.append(text(NAMES - 8, y, t["name"], anchor="end"))
            out.append('<rect x="%d" y="%d" width="%.1f" height="12" fill="%s"/>'
                       % (NAMES, y - 10, max(2, place(t["ratio"])), colour))
            out.append(text(NAMES + int(max(2, place(t["ratio"]))) + 6, y,
                            "%.2f \u00d7 (%s)" % (t["ratio"], time_of(t["median"]))))
    y += ROW + 16
    machine = found["machine"]
    out.append(text(10, y, "%s, as %s: %s, %d processors, %s, %s; Python %s; medians" % (
        found["date"], run["as"], machine["cpu"], machine["processors"], machine["kernel"],
        machine["file_system"], found["python"]), 11))
    y += 16
    if run["missing"]:
        out.append(text(10, y, "missing: " + "; ".join(m.split(" (")[0] for m in run["missing"])[:120], 11))
    return ('<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" font-family="sans-serif">\n'
            '<rect width="100%%" height="100%%" fill="#ffffff"/>\n%s\n</svg>\n' % (WIDTH, y + 14, "\n".join(out)))
