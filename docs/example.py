"""The example of the README, as pyright reads it; tests hold the two together."""
# fmt: off
# ruff: noqa: E501

import fairkit

train, test = fairkit.data.handwritten_numbers(orange={8: 0.95})            # Examples, Examples
model = fairkit.models.digit_classifier()
model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
model.fit(train.batches(64), epochs=5)

before = fairkit.evaluate(model, test, slices=["color", ("digit", "color")], thresholds=[0.1, 0.5], classes=[8])
before.gaps("false_positive_rate", threshold=0.1, reference={"color": "blue"})   # a DataFrame with intervals
before.show()                                                                # the Fairness Indicators board

fixed = fairkit.remediate(model, train, sensitive={"color": "orange"}, nonsensitive={"color": "blue"},
                          error_rate="false_positive_rate", classes=[8], loss="mmd", loss_weight=2.0, epochs=5)
after = fairkit.evaluate(fixed.model, test, slices=before.slices, thresholds=before.thresholds, classes=[8])
fairkit.compare(before, after, metric="false_positive_rate", reference={"color": "blue"})   # what changed, paired, with intervals
