"""The README's examples run as written."""

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

README = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")
PYTHON = re.findall(r"```python\n(.*?)```", README, re.DOTALL)


def test_the_first_example_runs_and_closes_a_gap():
    from fairkit.quiet import keras

    names = {}
    keras.utils.set_random_seed(0)
    exec(PYTHON[0], names)
    comparison = names["fairkit"].compare(names["before"], names["after"], reference={"color": "blue"})
    row = comparison.rows("unchanged", 0.1, slice="color:orange").iloc[0]
    assert row["gap_after"] < row["gap_before"]


def test_the_examples_on_ones_own_data_run(tmp_path, monkeypatch):
    import fairkit

    monkeypatch.chdir(tmp_path)
    n, labels = 40, np.arange(40) % 10
    names = {"fairkit": fairkit, "images": np.zeros((n, 28, 28, 3), np.uint8), "labels": labels,
             "skin": ["dark", "light"] * (n // 2), "age": [20, 20, 60, 60] * (n // 4),
             "scores": np.linspace(0, 1, n)}
    fairkit.models.save(fairkit.models.digit_classifier(seed=0), "my_model.keras")
    Path("scored.csv").write_text("toxic,religion\n" + "\n".join(f"{i % 2},{'ab'[i % 2]}" for i in range(n)))
    Path("scored").mkdir()
    scored = {"toxic": labels % 2, "score": names["scores"], "weight": np.ones(n), "religion": ["a", "b"] * (n // 2)}
    pd.DataFrame(scored).to_parquet("scored/part-0.parquet")
    for example in PYTHON[1:]:
        exec(example, names)


@pytest.mark.parametrize("path", re.findall(r"\]\((docs/[^)]+)\)", README))
def test_what_the_readme_links_to_is_there(path):
    assert (Path(__file__).parents[1] / path).is_file()


def test_the_api_example_is_the_one_of_the_type_check():
    """pyright reads the same lines from docs/example.py."""
    checked = (Path(__file__).parents[1] / "docs" / "example.py").read_text(encoding="utf-8")
    assert PYTHON[0].strip() in checked
