"""Colours that colour-blind readers tell apart, each with a marker and a line style of its own.

Source of the colours: Okabe and Ito, Color Universal Design (2008); yellow is left out, being faint on white.
"""

from dataclasses import dataclass

__all__ = ["GRAY", "INK", "Style", "styles_for"]

INK, GRAY = "#222222", "#767676"
_PALETTE = {"blue": "#0072B2", "red": "#D55E00", "green": "#009E73", "purple": "#CC79A7", "orange": "#E69F00",
            "skyblue": "#56B4E9", "black": "#000000"}
_MARKERS = "osD^vP*X"
_LINES = ("-", "--", "-.", ":")


@dataclass(frozen=True)
class Style:
    color: str
    marker: str
    line: object


def styles_for(names):
    """A `Style` for each of some names; one that is called like a colour of the palette gets that colour.

    Example:
        >>> from fairkit.view.plots.colors import styles_for
        >>> [style.marker for style in styles_for(["women", "men"])]
        ['o', 's']
        >>> styles_for(["green"])[0].color
        '#009E73'
    """
    names = [str(name).lower() for name in names]
    own = {name: _PALETTE[name] for name in names if name in _PALETTE}
    free = [color for color in _PALETTE.values() if color not in own.values()] or list(_PALETTE.values())
    colors, taken = [], 0
    for name in names:
        colors.append(own.get(name) or free[taken % len(free)])
        taken += name not in own
    return [Style(color, _MARKERS[i % len(_MARKERS)], _LINES[(i // len(_PALETTE)) % len(_LINES)] if len(names) > 7
                  else _LINES[i % len(_LINES)]) for i, color in enumerate(colors)]
