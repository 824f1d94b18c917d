"""All correlations as a heat map, in which columns that go together stand side by side."""

import numpy as np

from fairkit.errors import FairkitError
from fairkit.view.plots.colors import GRAY, INK
from fairkit.view.plots.display import Display, drawing
from fairkit.view.plots.labels import MINUS, drawn_text

__all__ = ["plot_correlations"]

_MOST, _ANNOTATED = 100, 24   # columns that are drawn, and that have room for numbers


def plot_correlations(correlations, ax=None) -> Display:
    """A square of all pairs of columns: blue where both grow together, red where one grows as the other falls.

    Cramer's V and correlation ratios have no sign, and are grey. Columns are in the order of the dendrogram;
    those without any value come last.

    Args:
        correlations: what `fairkit.analysis.correlations` gives.
        ax: `matplotlib.axes.Axes` to draw on.

    Returns:
        `Display`; its frame is that of the correlations.

    Raises:
        FairkitError: for more than 100 columns.

    Example:
        >>> import fairkit, pandas as pd
        >>> people = pd.DataFrame({"age": [20, 30, 40], "pay": [1, 2, 4], "job": list("aab")})
        >>> fairkit.analysis.correlations(people).plot()
        Display(correlations, 3 rows in .frame; .save(path) writes the picture)
    """
    names = _ordered(correlations)
    if len(names) > _MOST:
        raise FairkitError("a heat map of so many columns cannot be read", f"columns=[...], at most {_MOST} of them",
                           f"{len(names)} columns")
    table = correlations.matrix.loc[names, names].to_numpy()
    signed = _signed(correlations, names)
    size = 0.42 * len(names)
    axes = drawing(ax, min(max(2.6 + size, 4.5), 16), min(max(2.2 + size, 4.0), 16))
    area = axes[0, 0]
    area.imshow(_colors(table, signed), aspect="equal")
    if len(names) <= _ANNOTATED:
        for i, j in np.ndindex(table.shape):
            _write(area, i, j, table[i, j], signed[i, j])
    labels = [drawn_text(name, 24) for name in names]
    area.set_xticks(range(len(names)), labels, rotation=60 if max(map(len, labels)) > 4 else 0, ha="right",
                    rotation_mode="anchor")
    area.set_yticks(range(len(names)), labels)
    area.tick_params(length=0, labelsize="small")
    for side in area.spines.values():
        side.set_visible(False)
    area.set_title("How strongly columns go together", loc="left", color=INK, fontsize=11)
    numeric = correlations.frame["measure"].isin(("pearson", "spearman"))
    said = [f"blue +, red {MINUS}: {correlations.frame['measure'][numeric].iloc[0].capitalize()} of two numbers"] \
        if numeric.any() else []
    said += ["grey: Cramer's V of two categories,", "correlation ratio of a number and a category"
             + (", bias corrected" if correlations.bias_corrected else "")] \
        if not numeric.all() else []
    said += ["\N{EN DASH}: not defined"] if np.isnan(table).any() else []
    area.set_xlabel("\n".join(said), loc="left", fontsize="small", color=GRAY)
    top = correlations.strongest.dropna(subset=["value"]).head(5)
    words = ", ".join(f"{row.a} and {row.b} {row.value:.2f}" for row in top.itertuples())
    return Display("correlations", correlations.frame, axes, f"Correlations of {len(names)} columns; the strongest: "
                   f"{words or 'none is defined'}.", ax is not None)


def _ordered(correlations):
    """The names in the order of the dendrogram's leaves."""
    from scipy.cluster.hierarchy import leaves_list

    names, linkage = correlations.clusters()
    leaves = names if linkage is None else [names[k] for k in leaves_list(linkage)]
    return [*leaves, *(name for name in correlations.columns if name not in leaves)]


def _signed(correlations, names):
    """(k, k) booleans: which pairs are two columns of numbers."""
    numeric = np.array([correlations.kinds[name] == "number" for name in names])
    return numeric[:, None] & numeric


def _colors(table, signed):
    """(k, k, 4) colours; all scales end at 1."""
    import matplotlib

    strength = np.nan_to_num(np.abs(table))
    maps = [matplotlib.colormaps[name](0.85 * strength) for name in ("Blues", "Reds", "Greys")]
    colors = np.where(signed[..., None], np.where((table >= 0)[..., None], maps[0], maps[1]), maps[2])
    colors[np.isnan(table)] = matplotlib.colors.to_rgba("#ffffff")
    np.einsum("iic->ic", colors)[:] = matplotlib.colors.to_rgba("#ffffff")   # a column with itself says nothing
    return colors


def _write(area, i, j, value, signed):
    if np.isnan(value):
        text, color = "\N{EN DASH}", GRAY
    elif i == j:
        text, color = "1", GRAY
    else:
        text = f"{abs(value):.2f}".replace("0.", ".", 1)
        text = (MINUS if signed and value < 0 and text != ".00" else "") + text
        color = "white" if abs(value) > 0.62 else INK
    area.text(j, i, text, ha="center", va="center", fontsize=7, color=color)
