"""The Adult census data, as the wheel of the xai library holds them."""

import importlib.util
from pathlib import Path

from fairkit.errors import FairkitError
from fairkit.examples import Examples

__all__ = ["census"]


def census(path: str | Path | None = None) -> Examples:
    """Adult census data: who in the United States earned more than 50,000 dollars in 1994, 32,561 people.

    Label: 1 for more than 50,000. Inputs: age, workclass, education, education-num, marital-status, occupation,
    relationship, ethnicity, gender, capital-gain, capital-loss, hours-per-week; a missing text is empty. Groups:
    gender, ethnicity, age (which `fairkit.bins` cuts).

    Source: Becker and Kohavi 1996, UCI Machine Learning Repository (CC BY 4.0), the training part, without fnlwgt and
    native-country.

    Args:
        path: of census.csv; that of the installed xai package if not given, which is not imported.

    Raises:
        FairkitError: where there is no such file.
    """
    import pandas as pd

    if path is None:
        found = importlib.util.find_spec("xai")
        folder = next(iter(found.submodule_search_locations or []), None) if found else None
        path = Path(folder) / "data" / "census.csv" if folder else Path("census.csv")
    if not Path(path).is_file():
        raise FairkitError("there are no census data", "pip install --no-deps xai==0.3.0, whose file they are, or "
                           "path= its data/census.csv", str(path))
    frame = pd.read_csv(path, index_col=0, skipinitialspace=True, na_values="?")
    loan = frame.pop("loan")
    return Examples(labels=(loan == ">50K").astype("int64").to_numpy(), inputs=frame,
                    groups=frame[["gender", "ethnicity", "age"]], missing_inputs="keep")
