# SPDX-License-Identifier: GPL-2.0-only
"""Two kinds of pictures as SVG: distributions and lines, both with logarithmic axes."""

from html import escape
from math import ceil, floor, log10

WIDTH, HEIGHT = 720, 400
LEFT, RIGHT, TOP, BOTTOM = 70, 190, 40, 50
COLOURS = ("#1b6ca8", "#c0392b", "#27864b", "#8e44ad", "#b7791f", "#444444")


class Axis:
    """Values to pixels, logarithmic or not."""

    def __init__(self, values, start, end, logarithmic=True):
        self.start, self.end, self.log = start, end, logarithmic
        self.low, self.high = min(values), max(values)
        if logarithmic:
            self.low, self.high = floor(log10(self.low)), ceil(log10(self.high))
            self.high = max(self.high, self.low + 1)

    def at(self, value):
        value = log10(value) if self.log else value
        return self.start + (value - self.low) / (self.high - self.low) * (self.end - self.start)

    def ticks(self):
        if self.log:
            return [10.0 ** e for e in range(self.low, self.high + 1)]
        return [self.low + (self.high - self.low) * i / 4 for i in range(5)]


def text(x, y, what, anchor="start", extra=""):
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}"{extra}>{escape(what)}</text>'


def frame(title, x_label, y_label, x, y, x_ticks, curves):
    yield (f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{HEIGHT}" '
           f'viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif" font-size="12">')
    yield "<!-- SPDX-License-Identifier: GPL-2.0-only -->"
    yield f'<rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>'
    yield text(LEFT, TOP - 15, title, extra=' font-size="15"')
    for tick in x_ticks:
        yield f'<path d="M{x.at(tick):.1f} {TOP}V{HEIGHT - BOTTOM}" stroke="#ddd"/>'
        yield text(x.at(tick), HEIGHT - BOTTOM + 16, f"{tick:g}", "middle")
    for tick in y.ticks():
        yield f'<path d="M{LEFT} {y.at(tick):.1f}H{WIDTH - RIGHT}" stroke="#ddd"/>'
        yield text(LEFT - 6, y.at(tick) + 4, f"{tick:g}", "end")
    yield text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 12, x_label, "middle")
    yield text(0, 0, y_label, "middle",
               f' transform="translate(16 {(TOP + HEIGHT - BOTTOM) / 2}) rotate(-90)"')
    for i, (label, points) in enumerate(curves):
        colour = COLOURS[i % len(COLOURS)]
        path = "L".join(f"{x.at(a):.1f} {y.at(b):.1f}" for a, b in points)
        yield f'<path d="M{path}" fill="none" stroke="{colour}" stroke-width="2"/>'
        yield text(WIDTH - RIGHT + 12, TOP + 14 + 18 * i, label, extra=f' fill="{colour}"')
    yield "</svg>\n"


def distribution(title, unit, series):
    """series: [(label, sorted values)]; how many per cent are at most so large"""
    x = Axis([v for _, values in series for v in values], LEFT, WIDTH - RIGHT)
    y = Axis([0, 100], HEIGHT - BOTTOM, TOP, logarithmic=False)
    curves = [(label, [(v, 100 * (i + 1) / len(values)) for i, v in enumerate(values)])
              for label, values in series]
    return "\n".join(frame(title, unit, "per cent of the rings", x, y, x.ticks(), curves))


def lines(title, x_label, y_label, series):
    """series: [(label, [(x, y)])]"""
    x_values = sorted({a for _, points in series for a, _ in points})
    x = Axis(x_values, LEFT, WIDTH - RIGHT)
    x.low, x.high = log10(x_values[0]), log10(x_values[-1])
    y = Axis([b for _, points in series for _, b in points], HEIGHT - BOTTOM, TOP)
    return "\n".join(frame(title, x_label, y_label, x, y, x_values, series))
