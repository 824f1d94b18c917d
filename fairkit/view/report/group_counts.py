"""How many examples of each label a split holds, in all and by group: plain values that a run keeps."""

import numpy as np

from fairkit.analysis.label_counts import Labels, counts_by_slice

__all__ = ["counts_of_cells", "group_counts"]

_MOST_VALUES, _MOST_LABELS = 100, 50


def group_counts(examples):
    """The counts of `Examples` or `Predictions`.

    Returns:
        dict of plain values: examples, labels (label text -> examples) and groups: a list of dict(feature, without
        (examples with no value), values (how many distinct ones), rows: a list of dict(value, examples, labels), the
        largest first, at most 100).

    Example:
        >>> import fairkit
        >>> from fairkit.view.report.group_counts import group_counts
        >>> examples = fairkit.Examples(labels=[0, 1, 1], groups={"color": ["blue", "blue", None]})
        >>> counts = group_counts(examples)
        >>> counts["labels"], counts["groups"][0]["without"], counts["groups"][0]["rows"]
        ({'0': 1, '1': 2}, 1, [{'value': 'blue', 'examples': 2, 'labels': {'0': 1, '1': 1}}])
    """
    labels = Labels.encode(np.asarray(examples.labels))
    features = list(examples.groups)
    keys, moments = counts_by_slice(labels, None, examples.groups, [(name,) for name in features])
    table = moments[..., 0].astype(int)
    without = {name: _without(column) for name, column in examples.groups.items()}
    return _as_dict(table, keys, features, [str(value) for value in labels.values], without)


def counts_of_cells(evaluation):
    """The same of an `Evaluation` without predictions: of the features that it was sliced by."""
    atoms, classes = evaluation.cells.atoms, evaluation.cells.classes
    sides = [evaluation.cells.labels_by_atom(class_id)[..., 0] for class_id in classes]
    names = ["0", "1"] if classes == (None,) else [str(class_id) for class_id in classes]
    by_atom = sides[0] if classes == (None,) else np.stack([side[:, 1] for side in sides], axis=1)
    total = sides[0].sum(axis=1)
    if classes != (None,) and (total != by_atom.sum(axis=1)).any():
        names, by_atom = [*names, "others"], np.column_stack([by_atom, total - by_atom.sum(axis=1)])
    keys, rows = [()], [by_atom.sum(axis=0)]
    for place, feature in enumerate(atoms.features):
        for value in dict.fromkeys(text for cells in (each[place] for each in atoms.cells) for text in cells):
            keys.append(((feature, value),))
            rows.append(by_atom[[value in each[place] for each in atoms.cells]].sum(axis=0))
    return _as_dict(np.array(rows).astype(int), keys, list(atoms.features), names, evaluation.without_group)


def _without(column):
    empty = np.array([not cell for cell in column.cells], bool)
    return int(np.bincount(column.codes, minlength=len(empty))[empty].sum()) if len(column) else 0


def _as_dict(table, keys, features, labels, without):
    shown = np.sort(np.argsort(-table[0], kind="stable")[:_MOST_LABELS])
    groups = []
    for feature in features:
        places = [k for k, key in enumerate(keys) if key and key[0][0] == feature]
        places.sort(key=lambda k: -table[k].sum())
        groups.append({"feature": feature, "without": without[feature], "values": len(places),
                       "rows": [{"value": keys[k][0][1], "examples": int(table[k].sum()),
                                 "labels": {labels[i]: int(table[k, i]) for i in shown}}
                                for k in places[:_MOST_VALUES]]})
    return {"examples": int(table[0].sum()), "labels": {labels[i]: int(table[0, i]) for i in shown}, "groups": groups}
