"""Images by group: what a model got wrong, or right, or what there is before there is a model."""

import numpy as np
import pandas as pd

from fairkit.arguments import is_whole
from fairkit.errors import FairkitError, quote
from fairkit.examples import chosen_input
from fairkit.view.plots.colors import GRAY, INK
from fairkit.view.plots.display import Display, drawing
from fairkit.view.plots.example_choice import KINDS, choose_examples
from fairkit.view.plots.labels import capital, slice_text

__all__ = ["as_pixels", "example_images"]

_MOST_GROUPS, _MOST_COLUMNS = 20, 20


def example_images(result, examples, by=None, show: str | None = None, most: int = 8, class_id: int | None = None,
                   threshold: float | None = None, order: str = "random", seed: int = 0, input: str | None = None,
                   ax=None) -> Display:
    """A grid of images, a row a group, with what each is and what the model took it for, if there is one.

    Images are of people's data: they are drawn only where this is called, and in no report by default.

    Args:
        result: an `Evaluation` that holds its predictions, or `Predictions`; None to show the data alone, drawn at
            random.
        examples: the `Examples`, those that were judged, with images as inputs: (n, height, width), or with 1, 3 or 4
            channels; integers up to 255, or numbers in [0, 1] or [0, 255].
        by: a group column, or a tuple of several for their cross; all examples together if not given.
        show: "errors" (if not given), "correct", "all", "false_positives" or "false_negatives" (of a binary score, or
            of `class_id`). Without a result it is "all", and no other.
        most: images a group, at most 20.
        class_id: judges that class against the rest; without it several classes are judged by the top-1 prediction.
        threshold: of the score; the evaluation's only one, or .5.
        order: "random", or "score": the most surely predicted first.
        seed: of the random choice: the same seed, the same images.
        input: which of several named inputs.
        ax: `matplotlib.axes.Axes`, groups x `most` of them.

    Returns:
        `Display`; its frame has a row for each image: slice, id, label, predicted, score; the last two only of a
        result.

    Raises:
        FairkitError: for inputs that are no images, examples that were not judged, more than 20 groups, and options
            that ask what a model predicted where there is none.

    Example:
        >>> import fairkit, numpy as np
        >>> examples = fairkit.Examples(labels=[0, 1], groups={}, inputs=np.zeros((2, 4, 4)))
        >>> fairkit.view.example_images(fairkit.evaluate([.9, .8], examples), examples).frame["id"].tolist()
        [0]
        >>> fairkit.view.example_images(None, examples, most=2).alt
        'Examples with their labels: 2 images of Overall.'
    """
    if is_whole(most) and most > _MOST_COLUMNS:
        raise FairkitError("so many images do not fit in a row", f"most= up to {_MOST_COLUMNS}", quote(most))
    show = ("all" if result is None else "errors") if show is None else show
    chosen = choose_examples(result, examples, by, show, most, class_id, threshold, order, seed)
    if len(chosen) > _MOST_GROUPS:
        raise FairkitError("so many groups do not fit in a picture", f"at most {_MOST_GROUPS} groups", len(chosen))
    _, inputs = chosen_input(examples.inputs, input, "to show")
    columns = max(1, min(most, max((len(group.rows) for group in chosen), default=1)))
    shape = (len(chosen), columns if ax is None else most)
    heights = [(1.05 if result is None else 1.2) if len(group.rows) else 0.7 for group in chosen]
    axes = drawing(ax, 1.9 + 0.85 * shape[1], 0.75 + sum(heights), *shape, heights)
    blocks = []
    for panels, group in zip(axes, chosen):
        images = as_pixels(_taken(inputs, group.rows))
        for i, panel in enumerate(panels):
            _draw(panel, images[i] if i < len(images) else None, _caption(group, i, class_id, examples))
        _name(panels[0], group)
        blocks.append(group.table(examples.ids))
    what = _title(show, result is None)
    of_class = "" if class_id is None else f", class {class_id} against the rest"
    if ax is None:
        how = "" if result is None or _scored(examples, class_id) else \
            "\n(label as prediction, and the score of the prediction)"
        axes[0, 0].figure.suptitle(what + of_class + how, fontsize=11, color=INK)
    alt = f"{what}{of_class}: " + ", ".join(f"{len(g.rows)} images of {slice_text(g.key)}" for g in chosen) + "."
    return Display("images", pd.concat(blocks, ignore_index=True), axes, capital(alt), ax is not None)


def _title(show, unjudged):
    if unjudged:
        return "Examples with their labels"
    return {"all": "Examples", "correct": "Examples that are predicted rightly",
            "errors": "Examples that are predicted wrongly"}.get(show, f"Examples that are {KINDS[show]}")


def as_pixels(images):
    """Images as matplotlib draws them: (k, height, width) or (k, height, width, 3 or 4), numbers in [0, 1].

    Raises:
        FairkitError: for arrays that are no images.

    Example:
        >>> import numpy as np
        >>> as_pixels(np.full((1, 2, 2, 1), 255, np.uint8)).shape
        (1, 2, 2)
    """
    images = np.asarray(images)
    if images.dtype.kind not in "biuf" or images.ndim not in (3, 4) or \
            (images.ndim == 4 and images.shape[3] not in (1, 3, 4)):
        raise FairkitError("the inputs are no images", "arrays of height x width, or with 1, 3 or 4 channels",
                           f"{images.dtype} {images.shape[1:]}")
    if images.ndim == 4 and images.shape[3] == 1:
        images = images[..., 0]
    whole = images.dtype.kind in "iu"
    pixels = np.nan_to_num(images.astype(float))
    return (pixels / 255 if whole or pixels.max(initial=0) > 1 else pixels).clip(0, 1)


def _taken(inputs, rows):
    """The inputs at some positions, in that order; a lazy reader is asked for these alone."""
    if len(rows) == 0:
        return np.zeros((0, 1, 1))
    order = np.argsort(rows)
    taken = np.asarray(inputs[rows[order]] if hasattr(inputs, "shape") else [inputs[i] for i in rows[order].tolist()])
    return taken[np.argsort(order)]


def _caption(group, i, class_id, examples):
    if i >= len(group.rows):
        return ""
    if group.scores is None:
        return f"{group.labels[i]}"
    label, predicted, score = group.labels[i], group.predicted[i], group.scores[i]
    if _scored(examples, class_id):
        return f"label {label}\nscore {score:.2f}"
    return f"{label} as {predicted}\n{100 * score:.0f} %" if label != predicted else f"{label}\n{100 * score:.0f} %"


def _scored(examples, class_id):
    """Whether captions have the score of the positive class, not what was predicted."""
    return class_id is not None or bool(np.isin(examples.labels, (0, 1)).all())


def _draw(ax, image, caption):
    ax.set_xticks([])
    ax.set_yticks([])
    for side in ax.spines.values():
        side.set_visible(False)
    if image is None:
        ax.set_facecolor("none")
        return
    ax.imshow(image, cmap="gray", vmin=0, vmax=1, interpolation="nearest")
    ax.set_title(caption, fontsize="x-small", color=INK, pad=3)


def _name(ax, group):
    none = "\nnone to show" if not len(group.rows) else ""
    name, counted = slice_text(group.key, 18) if group.key else "all", group.counted
    if " of " in counted:
        counted = "\n".join(counted.rsplit(" ", 1))
    ax.annotate(f"{name}\n{counted}{none}", (-0.15, 0.5), xycoords="axes fraction", ha="right", va="center",
                fontsize="small", color=INK if len(group.rows) else GRAY)
