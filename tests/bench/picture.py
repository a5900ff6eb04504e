# SPDX-License-Identifier: MIT
"""picture.py - the ratios that bench.py found, as an SVG

    picture.py JSON >SVG

To the right of the line what takes longer than venvctl, to the left what takes less, on a
logarithmic scale, since some take twice as long and others a thousand times.  It has the
scenarios that tell most; all of them are in the JSON file.  Its ground is its own, light or
dark as the reader likes it, so that it can be read on any page.
"""

import json
import math
import sys
from xml.sax.saxutils import escape

WIDTH, ROW, MARGIN, LETTER = 830, 21, 20, 6.9
LEFT, RIGHT = 70, WIDTH - 90    # of names and edge; between are the bars, whose numbers stand outside
SHOWN = [
    ("one, bare", "Without pip"),
    ("one, linked", "With pip, as hard links"),
    ("one, copied", "With pip, copied"),
    ("cold, newest pip, compiled", "Empty cache to pip --version, compiled"),
    ("cold, newest pip, not compiled", "Empty cache to pip --version, not compiled"),
    ("in one call, linked", "%d in one call, with pip, as hard links"),
]
# What is worth a note below the picture when it was missing.
NOTED = ("uv", "virtualenv", "python -m venv", "an ordinary user", "root", "floors", "one, bare:", "one, linked:", "cold")
STYLE = """text { font-family: sans-serif; font-size: 13px; fill: #1f2328 }
.title { font-size: 15px; font-weight: bold } .part { font-weight: bold } .note { font-size: 11px; fill: #59636e }
.ground { fill: #ffffff; stroke: #d1d9e0 } .grid { stroke: #e4e8ec } .one { stroke: #59636e }
.floor { fill: #9aa4ae } .venvctl { fill: #2f6f9f } .peer { fill: #c98a3b }
@media (prefers-color-scheme: dark) { text { fill: #e6edf3 } .note { fill: #9198a1 }
.ground { fill: #0d1117; stroke: #3d444d } .grid { stroke: #21262d } .one { stroke: #9198a1 }
.floor { fill: #6e7681 } .venvctl { fill: #58a6e0 } .peer { fill: #d29922 } }"""


def text(x, y, words, kind="", anchor="start"):
    return '<text x="%d" y="%d"%s text-anchor="%s">%s</text>' % (
        x, y, ' class="%s"' % kind if kind else "", anchor, escape(words))


def number(ratio):
    """With two digits."""
    return "%.0f \u00d7" % ratio if ratio >= 9.95 else "%.1f \u00d7" % ratio if ratio >= 0.995 else "%.2f \u00d7" % ratio


def chosen(run):
    """Titles and tools of the scenarios that are shown; of how many in one call only the most."""
    for key, title in SHOWN:
        found = [s for s in run["scenarios"] if s["title"] == key or s["title"].endswith(" " + key)]
        if found and len(found[-1]["tools"]) > 1:
            yield title % found[-1]["environments"] if "%d" in title else title, found[-1]["tools"]


def scale(parts):
    """Where names end, a function from a ratio to its place, and the powers of ten that have one."""
    names = MARGIN + int(LETTER * max([20] + [len(t["name"]) for _, tools in parts for t in tools]))
    ratios = [t["ratio"] for _, tools in parts for t in tools] + [0.5, 10]
    least, most = math.log10(min(ratios)), math.log10(max(ratios))

    def place(ratio):
        return names + LEFT + (RIGHT - names - LEFT) * (math.log10(ratio) - least) / (most - least)
    return names, place, [10 ** n for n in range(math.ceil(least), math.floor(most) + 1)]


def bar(names, place, tool, y):
    kind = tool["name"].split()[0].rstrip(",")
    kind = kind if kind in ("venvctl", "floor") else "peer"
    one, end = place(1), place(tool["ratio"])
    left, right = min(one, end), max(one, end)
    out = [text(names, y, tool["name"], anchor="end"),
           '<rect x="%.1f" y="%d" width="%.1f" height="12" class="%s"/>' % (left - 2, y - 11, right - left + 4, kind)]
    if end < one - 1:
        return out + [text(left - 7, y, number(tool["ratio"]), anchor="end")]
    return out + [text(right + 7, y, number(tool["ratio"]))]


def notes(found, run):
    machine = found["machine"]
    names = ["%s %s" % peer for peer in sorted(found["peers"].items())]
    names += ["%s pip %s" % pip for pip in sorted(found["pips"].items())]
    yield "Medians of one run on %s, as %s, on %s" % (
        found["date"], {"user": "an ordinary user"}.get(run["as"], run["as"]), machine["file_system"])
    yield "%s, %d processors, %s" % (machine["cpu"], machine["processors"], machine["kernel"])
    yield ", ".join(["Python " + found["python"], *names])
    missing = list(dict.fromkeys(m.split(" (")[0] for m in run["missing"] if m.startswith(NOTED)))
    if missing:
        yield "Missing: " + "; ".join(missing[:4]) + ("; and more" if len(missing) > 4 else "")


def draw(found):
    run = found["runs"][-1]
    parts = list(chosen(run))
    names, place, powers = scale(parts)
    y = MARGIN + 14
    out = [text(MARGIN, y, "How many times as long as venvctl", "title")]
    y += 20
    out.append(text(MARGIN, y, "Grey, the floor: a program that makes the same tree and does nothing else. "
                    "The scale is logarithmic; less is faster.", "note"))
    top = y + 10
    for title, tools in parts:
        y += ROW + 12
        out.append(text(MARGIN, y, title, "part"))
        for tool in tools:
            y += ROW
            out += bar(names, place, tool, y)
    y += 14
    lines = ['<path d="M%.1f %dV%d" class="%s"/>' % (place(p), top, y, "one" if p == 1 else "grid") for p in powers]
    y += 14
    out += [text(int(place(p)), y, "%g" % p, "note", "middle") for p in powers]
    y += 8
    for note in notes(found, run):
        y += 16
        out.append(text(MARGIN, y, note, "note"))
    y += MARGIN
    return ('<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" viewBox="0 0 %d %d">\n'
            '<!-- SPDX-License-Identifier: MIT; made by tests/bench/picture.py -->\n'
            '<title>How many times as long as venvctl</title>\n<style>%s</style>\n'
            '<rect x="0.5" y="0.5" width="%d" height="%d" rx="6" class="ground"/>\n%s\n</svg>\n'
            % (WIDTH, y, WIDTH, y, STYLE, WIDTH - 1, y - 1, "\n".join(lines + out)))


if __name__ == "__main__":
    with open(sys.argv[1], encoding="utf-8") as f:
        sys.stdout.write(draw(json.load(f)))
