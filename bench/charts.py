"""The charts of compare.py, as SVG text."""
import math
from html import escape

STYLE = ("<style>text{font:12px sans-serif;fill:#333}.small{font-size:11px}.head{font-weight:bold;font-size:13px}"
         ".grid{stroke:#ddd}.one{stroke:#c33}.goal{stroke:#393;stroke-dasharray:4 3}.roof{stroke:#888;fill:none}</style>")
COLORS = {1: "#2b6cb0", 2: "#90cdf4"}


def svg(width, height, parts):
    return (f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}">'
            f'{STYLE}<rect width="100%" height="100%" fill="white"/>\n' + "\n".join(parts) + "\n</svg>\n")


def text(x, y, words, kind="small", anchor="start"):
    return f'<text x="{x:.1f}" y="{y:.1f}" class="{kind}" text-anchor="{anchor}">{escape(words)}</text>'


def line(x1, y1, x2, y2, kind):
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" class="{kind}"/>'


# ---- bars: how many times faster than LiteRT ----

def bars(rows, schemes, goals):
    """A panel for each scheme, a bar for each model and number of threads: LiteRT's time over ours."""
    parts, y = [], 24
    for scheme in schemes:
        chosen = [r for r in rows if r["scheme"] == scheme and "litert" in r["peers"]]
        if chosen:
            panel, y = bar_panel(chosen, scheme, goals[scheme], y)
            parts += panel
    return svg(760, y, parts)


def bar_panel(rows, scheme, goal, y):
    left, width = 190, 500
    most = max([goal, *(r["peers"]["litert"]["ratio"] for r in rows)]) * 1.05
    parts = [text(10, y, f"{scheme}: LiteRT's time / tmo's time (red: 1, green: goal of the geometric mean, {goal})", "head")]
    top = y + 10
    for row in rows:
        ratio = row["peers"]["litert"]["ratio"]
        parts.append(text(left - 6, y + 22, f'{row["model"]}, {row["threads"]}', "small", "end"))
        parts.append(f'<rect x="{left}" y="{y + 12}" width="{ratio / most * width:.1f}" height="12" fill="{COLORS.get(row["threads"], "#aaa")}"/>')
        parts.append(text(left + ratio / most * width + 4, y + 22, f"{ratio:.2f}"))
        y += 16
    for at, kind in ((1, "one"), (goal, "goal")):
        parts.append(line(left + at / most * width, top, left + at / most * width, y + 12, kind))
    return parts, y + 44


# ---- roofline of the kernels ----

class LogPlot:
    """Logarithmic axes in the box (left, top, width, height)."""

    def __init__(self, x_range, y_range, box):
        self.x_range, self.y_range, self.box = x_range, y_range, box

    def x(self, value):
        low, high = map(math.log10, self.x_range)
        return self.box[0] + (math.log10(value) - low) / (high - low) * self.box[2]

    def y(self, value):
        low, high = map(math.log10, self.y_range)
        return self.box[1] + self.box[3] - (math.log10(value) - low) / (high - low) * self.box[3]

    def grid(self):
        parts = []
        for power in range(-2, 5):
            value = 10.0 ** power
            if self.x_range[0] <= value <= self.x_range[1]:
                parts += [line(self.x(value), self.box[1], self.x(value), self.box[1] + self.box[3], "grid"),
                          text(self.x(value), self.box[1] + self.box[3] + 16, f"{value:g}", "small", "middle")]
            if self.y_range[0] <= value <= self.y_range[1]:
                parts += [line(self.box[0], self.y(value), self.box[0] + self.box[2], self.y(value), "grid"),
                          text(self.box[0] - 6, self.y(value) + 4, f"{value:g}", "small", "end")]
        return parts


def roofline(machine):
    """Multiply-accumulates a second over multiply-accumulates a byte: roofs of the machine, points of the kernels."""
    peaks = machine["peaks"]
    points = [t for t in machine["times"] if t["gmacs"] > 0 and t["isa"] != "c"]
    plot = LogPlot((0.1, 1000), (1, 1000), (60, 30, 640, 420))
    parts = [text(60, 18, f"Kernels on one thread, {peaks['isa']}, {peaks['clock_ghz']:.2f} GHz", "head"), *plot.grid(),
             text(380, 484, "multiply-accumulates a byte read or written", "small", "middle"), text(6, 22, "GMAC/s")]
    for name, level in (("L1", "l1_gb_s"), ("L2", "l2_gb_s"), ("L3", "l3_gb_s"), ("memory", "memory_gb_s")):
        parts += bandwidth_roof(plot, name, peaks[level], max(peaks["s8_gmacs"], peaks["f32_gmacs"]))
    for name, peak in (("float32", peaks["f32_gmacs"]), ("int8", peaks["s8_gmacs"])):
        parts += [line(plot.x(0.1), plot.y(peak), plot.x(1000), plot.y(peak), "roof"),
                  text(plot.x(900), plot.y(peak) - 4, f"{name} {peak:.0f} GMAC/s", "small", "end")]
    for point in points:
        x, y = plot.x(min(point["gmacs"] / point["gb_s"], 1000)), plot.y(max(point["gmacs"], 1))
        color = "#2b6cb0" if "f32" in point["family"] else "#dd6b20"
        label = escape(f'{point["family"]} {point["shape"]}: {point["gmacs"]:.1f} GMAC/s, {100 * point["share"]:.0f} %')
        parts.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4" fill="{color}"><title>{label}</title></circle>')
    parts += [text(70, 46, "● float32", "small"), text(140, 46, "● integers", "small")]
    parts[-2] = parts[-2].replace("<text", '<text style="fill:#2b6cb0"')
    parts[-1] = parts[-1].replace("<text", '<text style="fill:#dd6b20"')
    return svg(760, 500, parts)


def bandwidth_roof(plot, name, gb_s, highest):
    """From the left or lower edge up to the highest roof of the arithmetic."""
    start = max(plot.x_range[0], plot.y_range[0] / gb_s)
    end = min(plot.x_range[1], highest / gb_s)
    if end <= start:
        return []
    return [line(plot.x(start), plot.y(start * gb_s), plot.x(end), plot.y(end * gb_s), "roof"),
            text(plot.x(start) + 8, plot.y(start * gb_s) - 4, f"{name} {gb_s:.0f} GB/s")]
