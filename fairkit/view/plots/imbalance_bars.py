"""The sizes of groups beside the largest."""

from fairkit.errors import FairkitError, nearest, quote
from fairkit.view.plots.colors import GRAY, INK, styles_for
from fairkit.view.plots.display import Display, drawing
from fairkit.view.plots.labels import count_text, family_text, percent, slice_text

__all__ = ["plot_imbalance"]

_MOST = 60


def plot_imbalance(imbalance, by: str | None = None, ax=None) -> Display:
    """The groups of one column or cross as bars; those below the threshold, the dashed line, stand out.

    Args:
        imbalance: what `fairkit.analysis.imbalance` gives.
        by: the column or cross, as the frame names it ("gender, loan"); the last one if not given.
        ax: `matplotlib.axes.Axes` to draw on.

    Returns:
        `Display`; its frame has the rows that are drawn: at most 60, the smallest groups if there are more.

    Raises:
        FairkitError: for a column or cross that was not counted.

    Example:
        >>> import fairkit, pandas as pd
        >>> people = pd.DataFrame({"gender": list("mmmf"), "loan": [1, 1, 0, 0]})
        >>> fairkit.analysis.imbalance(people, "gender").plot()
        Display(imbalance, 2 rows in .frame; .save(path) writes the picture)
    """
    known = list(dict.fromkeys(imbalance.frame["by"]))
    if not known or (by is not None and by not in known):
        raise FairkitError(f"no groups by {quote(by)} were counted" if known else "no groups were counted",
                           nearest(by, known), quote(by))
    by = known[-1] if by is None else by
    frame = imbalance.frame[imbalance.frame["by"] == by]
    every, largest = len(frame), frame["weight"].max()
    frame = frame if every <= _MOST else frame.nsmallest(_MOST, "weight")
    keys = [imbalance.keys[k] for k in frame.index]
    frame = frame.reset_index(drop=True)
    axes = drawing(ax, 7.2, 1.6 + 0.3 * len(frame))
    area = axes[0, 0]
    marked, others = (style.color for style in styles_for(["red", "blue"]))
    area.barh(range(len(frame)), frame["weight"], height=0.62, zorder=2,
              color=[marked if few else others for few in frame["marked"]])
    for place, row in enumerate(frame.itertuples()):
        area.annotate(f"{count_text(row.weight)}  ({percent(row.share)})", (1.01, place),
                      xycoords=("axes fraction", "data"), va="center", fontsize="small", color=INK,
                      annotation_clip=False)
    area.axvline(imbalance.threshold * largest, color=GRAY, linestyle="--", linewidth=1, zorder=3)
    area.set_yticks(range(len(frame)), [slice_text(key, 40) for key in keys])
    area.set_ylim(len(frame) - 0.4, -0.6)
    area.set_xlim(0, 1.02 * max(frame["weight"].max(), imbalance.threshold * largest, 1e-9))
    for side in ("top", "right", "left"):
        area.spines[side].set_visible(False)
    area.tick_params(axis="y", length=0)
    area.xaxis.set_major_locator(_few_ticks())
    area.xaxis.set_major_formatter(lambda x, _: f"{x:,.10g}")
    name = family_text([name for name, _ in imbalance.keys[list(imbalance.frame["by"]).index(by)]], 60)
    what = "Weight" if imbalance.weighted else "Examples"
    area.set_title(f"{what} by {name}", loc="left", color=INK, fontsize=11)
    left = f"; the {every - len(frame)} largest of {every} groups are not drawn" if len(frame) < every else ""
    limit = f"{100 * imbalance.threshold:.4g} %"
    area.set_xlabel(f"dashed: {limit} of the largest group; bars that end before it have another colour{left}",
                    loc="left", fontsize="small", color=INK)
    said = "; ".join(f"{slice_text(key)}: {count_text(weight)}" for key, weight in zip(keys[:8], frame["weight"]))
    said += f"; and {len(frame) - 8} more" if len(frame) > 8 else ""
    few = int(frame["marked"].sum())
    return Display("imbalance", frame, axes, f"{what} by {by}: {said}. {few} of {every} groups lie below "
                   f"{limit} of the largest.", ax is not None)


def _few_ticks():
    from matplotlib.ticker import MaxNLocator

    return MaxNLocator(nbins=5, steps=[1, 2, 2.5, 5, 10])
