"""Runs in the environment of smclarify: answers each line of JSON, a data set, with a line of JSON, its metrics.

A data set holds columns (name -> cells), label, positive (a list), facet, facet_values (a list, or none), predicted,
group; floats make a column continuous there, texts a categorical one. With "functions" the metrics KL, JS, LP, TVD and
KS are called on the labels themselves, which its report makes binary. With "file", an .npz, the columns are read from
there. "seconds" and "cpu" are how long the reports took.
"""

import json
import logging
import sys
import time
import warnings

import numpy as np
import pandas as pd
from smclarify.bias import metrics
from smclarify.bias.report import FacetColumn, LabelColumn, StageType, bias_report

logging.disable(logging.CRITICAL)
warnings.filterwarnings("ignore")


def report(frame, asked, stage):
    label = LabelColumn(asked["label"], frame[asked["label"]], asked["positive"])
    predicted = LabelColumn(asked["predicted"], frame[asked["predicted"]]) if asked.get("predicted") else None
    group = frame[asked["group"]] if asked.get("group") else None
    facet = FacetColumn(asked["facet"], asked.get("facet_values"))
    found = bias_report(frame, facet, label, stage, predicted, asked.get("metrics", ["all"]), group)
    return {one["value_or_threshold"]: {m["name"]: m.get("value") for m in one["metrics"]} for one in found}


def answer(frame, asked):
    if asked.get("functions"):
        side = frame[asked["facet"]] == asked["facet_values"][0]
        found = {}
        for name in ("KL", "JS", "LP", "TVD", "KS"):
            try:
                found[name] = float(getattr(metrics, name)(frame[asked["label"]], side))
            except Exception as error:
                found[name] = f"{type(error).__name__}: {error}"
        return found
    found = {}
    for stage in (StageType.PRE_TRAINING, StageType.POST_TRAINING):
        if asked.get("stage", stage.value) != stage.value or (stage is StageType.POST_TRAINING
                                                              and not asked.get("predicted")):
            continue
        try:
            for value, values in report(frame, asked, stage).items():
                found.setdefault(value, {}).update(values)
        except Exception as error:
            found[stage.value] = f"{type(error).__name__}: {error}"
    return found


if __name__ == "__main__":
    for line in sys.stdin:
        asked = json.loads(line)
        table = pd.DataFrame(dict(np.load(asked["file"])) if "file" in asked else asked["columns"])
        started, busy = time.perf_counter(), time.process_time()
        try:
            reply = answer(table, asked)
        except Exception as error:
            reply = {"failed": f"{type(error).__name__}: {error}"}
        print(json.dumps({"answer": reply, "seconds": time.perf_counter() - started,
                          "cpu": time.process_time() - busy}), flush=True)
