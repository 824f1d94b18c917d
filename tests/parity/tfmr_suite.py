"""TensorFlow Model Remediation's own tests, run against fairkit's classes.

    python tests/parity/tfmr_suite.py [FOLDER]

FOLDER is a checkout of tensorflow/model-remediation, or a folder `tensorflow_model_remediation` such as its wheel
installs (the default: the installed one, whose release 0.1.7.1 holds its tests). Its tests are read, changed by the
rules below, and run; nothing of them is kept. Exit code 0: every test passes but for `DIFFERENCES`, and each of those
still fails.
"""

import argparse
import ast
import contextlib
import importlib
import importlib.util
import re
import sys
import types
import unittest
from collections import namedtuple
from pathlib import Path

import keras
import tensorflow as tf

from fairkit.errors import FairkitError

__all__ = ["DIFFERENCES", "NOT_RUN", "REASONS", "Outcome", "as_markdown", "find_package", "run_suite"]

_HERE = "tfmr_names"   # the package under which fairkit's classes stand in TFMR's modules

_LOSSES = {name: f"fairkit.remediation:{name}" for name in (
    "MinDiffLoss", "MMDLoss", "AdjustedMMDLoss", "AbsoluteCorrelationLoss", "MinDiffKernel", "GaussianKernel",
    "LaplacianKernel")}
_MIN_DIFF_DATA = {name: f"fairkit.remediation:{name}" for name in (
    "MinDiffPackedInputs", "build_min_diff_dataset", "pack_min_diff_data", "unpack_min_diff_data",
    "unpack_original_inputs")}
_PAIR_LOSSES = {name: f"fairkit.remediation:{name}" for name in (
    "CounterfactualLoss", "PairwiseMSELoss", "PairwiseAbsoluteDifferenceLoss", "PairwiseCosineLoss")}
_PAIR_DATA = {name: f"fairkit.remediation:{name}" for name in (
    "CounterfactualPackedInputs", "build_counterfactual_data", "pack_counterfactual_data")}

_MIN_DIFF_MODEL = {"MinDiffModel": "fairkit.remediation:MinDiffModel"}
_PAIR_MODEL = {"CounterfactualModel": "fairkit.remediation:CounterfactualModel"}

# TFMR's modules, and what of fairkit stands for each of their names. What is not named here is not there.
MODULES = {
    "": {}, "min_diff": {}, "counterfactual": {},
    **dict.fromkeys(("min_diff.keras", "min_diff.keras.models", "min_diff.keras.models.min_diff_model"),
                    _MIN_DIFF_MODEL),
    **dict.fromkeys(("min_diff.keras.utils", "min_diff.keras.utils.input_utils"), _MIN_DIFF_DATA),
    **dict.fromkeys(("min_diff.losses", *(f"min_diff.losses.{module}" for module in (
        "absolute_correlation_loss", "adjusted_mmd_loss", "base_loss", "mmd_loss", "kernels", "kernels.base_kernel",
        "kernels.gaussian_kernel", "kernels.laplacian_kernel"))), _LOSSES),
    "min_diff.losses.loss_utils": {"_get_loss": "fairkit.remediation.loss_by_name:get_loss"},
    "min_diff.losses.kernels.kernel_utils": {"_get_kernel": "fairkit.remediation.min_diff_kernels:get_kernel"},
    **dict.fromkeys(("counterfactual.keras", "counterfactual.keras.models",
                     "counterfactual.keras.models.counterfactual_model"), _PAIR_MODEL),
    **dict.fromkeys(("counterfactual.keras.utils", "counterfactual.keras.utils.input_utils"), _PAIR_DATA),
    **dict.fromkeys(("counterfactual.losses", *(f"counterfactual.losses.{module}" for module in (
        "base_loss", "pairwise_absolute_difference_loss", "pairwise_cosine_loss", "pairwise_mse_loss"))),
        _PAIR_LOSSES),
    "counterfactual.losses.loss_utils": {
        "_get_loss": "fairkit.remediation.counterfactual_losses:get_counterfactual_loss"},
}

# Attributes that TFMR's tests read and that have another name here.
_ATTRIBUTES = {
    "_loss": "_penalty_loss", "_loss_weight": "_penalty_weight", "_min_diff_loss_metric": "_penalty_metric",
    "_counterfactual_losses": "_penalty_loss", "_counterfactual_loss_weights": "_penalty_weight",
    "_counterfactual_loss_metrics": "_penalty_metric",
}

# Files whose tests are of nothing that fairkit has under another name.
NOT_RUN = {
    "min_diff/keras/utils/structure_utils_test.py": "private helpers: the checks of nested dicts",
    "counterfactual/keras/utils/structure_utils_test.py": "private helpers: the checks of nested dicts",
    "tools/tutorials_utils/min_diff_keras_utils_test.py": "helpers of the tutorials: one of their models",
    "tools/tutorials_utils/uci/utils_test.py": "helpers of the tutorials: the download of their data",
}

_CF_MODEL = "counterfactual/keras/models/counterfactual_model_test.py::CounterfactualModelTest"
_CF_DATA = "counterfactual/keras/utils/input_utils_test.py"
_MD_MODEL = "min_diff/keras/models/min_diff_model_test.py::MinDiffModelTest"
_MD_LOSSES = "min_diff/losses"
_HELPERS = ["testConformWeightsHelperBadLossRaisesError", "testConformWeightsHelperForDictLoss",
            "testConformWeightsHelperForSingleLoss", "testUniqueMetricNameHelper"]

# Why tests do not pass -> which. A reason begins with "private helper", "Keras 2" or "difference".
REASONS = {
    "private helper: weights and metric names are made by functions with another name and signature": [
        *(f"{model}.{test}" for model in (_CF_MODEL, _MD_MODEL) for test in _HELPERS)],
    "private helper: a name or an object of a loss or kernel is resolved by functions that take no None, take no "
    "argument's name for their message, and copy a loss (so that the user's own is not changed)": [
        "counterfactual/losses/loss_utils_test.py::GetCounterfactualLossTest.testAcceptsNone",
        "counterfactual/losses/loss_utils_test.py::GetCounterfactualLossTest.testGetLossRaisesErrors",
        f"{_MD_LOSSES}/kernels/kernel_utils_test.py::GetMinDiffKernelTest.testAcceptsNone",
        f"{_MD_LOSSES}/loss_utils_test.py::GetMinDiffLossTest.testAcceptsNone",
        f"{_MD_LOSSES}/loss_utils_test.py::GetMinDiffLossTest.testForCustomLoss"],
    "Keras 2: a text stands for a batch of inputs, which Keras 3 does not pass to a model": [
        f"{_MD_MODEL}.testCallInputsPassedThrough", f"{_MD_MODEL}.testOverwritingUnpackingFunctions"],
    "Keras 2: weights are loaded into a model that has no variables yet": [
        f"{_CF_MODEL}.testSaveCFModelAndLoadWeights", f"{_MD_MODEL}.testSaveAndLoadWeights"],
    "Keras 2: a layer that is not registered is saved and loaded": [
        f"{_CF_MODEL}.testSaveOriginalModelThroughCFModelThenRewrap"],
    "Keras 2: a model is called with training=None, which Keras 3 makes False": [
        f"{_CF_MODEL}.testCFModelInferenceCallsOriginalModel"],
    "Keras 2: compute_total_loss is written on compiled_loss; Keras 3 has compute_loss, and so has CounterfactualModel":
        [f"{_CF_MODEL}.testTotalLossForModelSumsoriginalLossAndCompiledLoss"],
    "difference: a config is plain data (a loss as a dict), so that nothing is run when it is read": [
        f"{_CF_MODEL}.testBuildingConfigForMultipleApplications", f"{_CF_MODEL}.testGetConfigForMultipleApplications",
        f"{_CF_MODEL}.testSerializationForMultipleApplications", f"{_MD_MODEL}.testConfigForMultipleApplications",
        f"{_MD_MODEL}.testSerializationForMultipleApplications"],
    "difference: a lambda is not saved, since a file holds no code; a function that is registered with Keras is": [
        f"{_MD_MODEL}.testSerializationWithTransformAndKernel",
        f"{_MD_LOSSES}/base_loss_test.py::MinDiffLossTest.testSerializationWithTransformsAndKernels",
        f"{_MD_LOSSES}/mmd_loss_test.py::MMDLossTest.testSerializationWithTransformAndKernel"],
    "difference: beside total_loss and original_loss, Keras's own loss is reported too": [
        f"{_CF_MODEL}.testMetricsForModelEvaluateWithCounterfactualData",
        f"{_CF_MODEL}.testMetricsForModelEvaluateWithNoCounterfactualData", f"{_CF_MODEL}.testTrainModelMetrics"],
    "difference: no MinDiffModel around a MinDiffModel, whose penalty it would go round; a dict of losses has both": [
        f"{_MD_MODEL}.testUniqueMetricNameInModel"],
    "difference: a loss is given predictions as float32 columns, whatever the model's type and shape": [
        f"{_MD_MODEL}.testComputeMinDiffLossPassesInputsThrough"],
    "difference: MinDiff data that ends before the main data starts again": [
        "min_diff/keras/utils/input_utils_test.py::PackMinDiffDataTest.testPackDictsOfDatasets"],
    "difference: a row holds a term as a whole word or not at all; TFMR keeps the row of 'here' for the term 'he' and "
    "removes nothing from it": [
        f"{_CF_DATA}::BuildCounterfactualDatasetTest.testRegexForSensitiveWordsDoesWordMatch"],
    "difference: pairs without a second side (None) are refused": [
        f"{_CF_DATA}::PackCounterfactualDataTest.testCounterfactualDatasetIsRepeated"],
    "difference: structures are checked where they are used; there is no validate_min_diff_structure or "
    "validate_counterfactual_structure": [
        "counterfactual/api_test.py::KerasAPITest.testStructureUtilsAPI",
        "min_diff/api_test.py::KerasAPITest.testStructureUtilsAPI"],
    "difference in the last digit: 8.627624 for 8.627613, which TFMR's own class gives with this TensorFlow as well": [
        f"{_MD_LOSSES}/adjusted_mmd_loss_test.py::AdjustedMMDLossTest.testGaussianKernelNoWeights"],
}
DIFFERENCES = {test: reason for reason, tests in REASONS.items() for test in tests}

Outcome = namedtuple("Outcome", ["passed", "expected", "failed", "stale", "skipped"])


class _Rules(ast.NodeTransformer):
    """What is changed in TFMR's tests: names of modules, Keras 2 calls, and the wording of errors."""

    def visit_ImportFrom(self, node):
        node.module = node.module and node.module.replace("tensorflow_model_remediation", _HERE)
        return node

    def visit_Import(self, node):
        # The package mock has long been a part of Python.
        if [alias.name for alias in node.names] == ["mock"]:
            return ast.parse("from unittest import mock").body[0]
        return node

    def visit_Attribute(self, node):
        self.generic_visit(node)
        own = isinstance(node.value, ast.Name) and node.value.id.endswith("model")
        if own and node.attr in _ATTRIBUTES:
            node.attr = _ATTRIBUTES[node.attr]
        return node

    def visit_Call(self, node):
        self.generic_visit(node)
        called = ast.unparse(node.func)
        if called == "self.assertRaisesRegex":
            # fairkit refuses in its own words; what is not its own error is compared word for word.
            return ast.copy_location(ast.Call(ast.Name("refused", ast.Load()), node.args, node.keywords), node)
        if called == "tf.keras.Sequential" and not node.args:
            # Keras 3 does not call a model without layers.
            return ast.copy_location(ast.Call(ast.Name("Stub", ast.Load()), [], []), node)
        if called.endswith("._tensor_concat"):
            node.func = ast.Name("joined", ast.Load())
        if called == "self.add_weight" and isinstance(node.args[0], ast.Constant):
            node.keywords += [ast.keyword("name", node.args[0]), ast.keyword("shape", node.args[1])]
            node.args = []
        if called == "model.compile":
            loss, metrics = ({each.arg: each for each in node.keywords}.get(name) for name in ("loss", "metrics"))
            if loss and metrics and isinstance(loss.value, ast.Dict):
                metrics.value = ast.Dict(loss.value.keys, [metrics.value] * len(loss.value.keys))
        if called == "tf.keras.Input" and isinstance(node.args[0], ast.Constant):
            node.args[0] = ast.Tuple([node.args[0]], ast.Load())
        if called.endswith((".save_weights", ".load_weights")):
            node.args[0] = ast.BinOp(node.args[0], ast.Add(), ast.Constant(".weights.h5"))
        if called == "os.path.join" and ast.unparse(node.args[-1]) == "'saved_model'":
            node.args[-1] = ast.Constant("saved_model.keras")
        return node


@contextlib.contextmanager
def refused(kind, message):
    """As `assertRaisesRegex`, but any error of fairkit will do: they say it in other words."""
    try:
        yield
    except FairkitError:
        return
    except kind as error:
        # Python says it otherwise from 3.12 on.
        said = str(error).replace("without an implementation for abstract", "with abstract")
        if re.search(message, said) is None:
            raise AssertionError(f"{error} does not say {message}") from error
    else:
        raise AssertionError(f"nothing was refused, where TFMR says {message}")


class Stub(keras.Model):
    """A model without layers: what the tests put their own `call` into."""

    def __init__(self):
        super().__init__()
        self.built = True

    def call(self, inputs, training=None, mask=None):
        return inputs


def joined(first, second):
    """Two batches one after the other."""
    if isinstance(first, tf.SparseTensor):
        return tf.sparse.concat(0, [first, second], expand_nonconcat_dims=True)
    return tf.concat([first, second], axis=0)


def find_package(folder=None):
    """The folder `tensorflow_model_remediation` of a checkout, or of what is installed; None if it holds no tests."""
    if folder is None:
        spec = importlib.util.find_spec("tensorflow_model_remediation")
        folder = spec and spec.submodule_search_locations[0]
    if folder is None:
        return None
    inner = Path(folder) / "tensorflow_model_remediation"
    package = inner if inner.is_dir() else Path(folder)
    return package if any(package.rglob("*_test.py")) else None


def run_suite(package, only=""):
    """Runs the tests of a folder `tensorflow_model_remediation`; those whose name holds `only`.

    Returns:
        `Outcome`, with lists of names such as "min_diff/losses/mmd_loss_test.py::MMDLossTest.testName"; of those in
        `failed`, tuples (name, the error's text).
    """
    _name_modules()
    outcome = Outcome([], [], [], [], [])
    for path in sorted(package.rglob("*_test.py")):
        file = path.relative_to(package).as_posix()
        if file in NOT_RUN:
            continue
        for case in _cases(path, file):
            name = f"{file}::{type(case).__name__}.{case._testMethodName}"
            if only in name and case._testMethodName != "test_session":
                _run(case, name, outcome)
    return outcome


def as_markdown():
    """The table of differences, as docs/tfmr_tests.md has it."""
    lines = ["| Why a test does not pass | Tests |", "| --- | --- |"]
    for reason, tests in REASONS.items():
        files = {}
        for test in tests:
            file, _, name = test.partition("::")
            files.setdefault(file, []).append(name.partition(".")[2])
        cell = "; ".join(f"`{file}`: {', '.join(names)}" for file, names in files.items())
        lines.append(f"| {reason[0].upper()}{reason[1:]} | {cell} |")
    lines += [f"| {reason[0].upper()}{reason[1:]} | `{file}`: all, which are not run |"
              for file, reason in NOT_RUN.items()]
    return "\n".join(lines)


def _name_modules():
    for path, names in MODULES.items():
        name = f"{_HERE}.{path}" if path else _HERE
        module = types.ModuleType(name)
        module.__path__ = []
        for public, home in names.items():
            where, attribute = home.split(":")
            setattr(module, public, getattr(importlib.import_module(where), attribute))
        sys.modules[name] = module
        parent, _, child = name.rpartition(".")
        if parent:
            setattr(sys.modules[parent], child, module)


def _cases(path, file):
    tree = ast.fix_missing_locations(_Rules().visit(ast.parse(path.read_text(encoding="utf-8"))))
    module = types.ModuleType(f"{_HERE}_tests.{file.removesuffix('.py').replace('/', '.')}")
    vars(module).update(refused=refused, Stub=Stub, joined=joined)
    sys.modules[module.__name__] = module
    try:
        exec(compile(tree, str(path), "exec"), vars(module))
    except ImportError as error:
        raise SystemExit(f"{file}: {error}: neither in the table of modules nor in that of files not run") from error
    suites = [unittest.defaultTestLoader.loadTestsFromModule(module)]
    while suites:
        for each in suites.pop(0):
            if isinstance(each, unittest.TestSuite):
                suites.append(each)
            else:
                yield each


def _run(case, name, outcome):
    result = unittest.TestResult()
    case.run(result)
    errors = [text for _, text in result.errors + result.failures]
    if result.skipped:
        outcome.skipped.append(name)
    elif name in DIFFERENCES:
        (outcome.expected if errors else outcome.stale).append(name)
    elif errors:
        outcome.failed.append((name, errors[0]))
    else:
        outcome.passed.append(name)


def main(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", nargs="?", help="a checkout, or a folder tensorflow_model_remediation")
    parser.add_argument("--only", default="", help="only tests whose name holds this text")
    parser.add_argument("--tracebacks", action="store_true", help="print what the failing tests raised")
    parser.add_argument("--markdown", action="store_true", help="print the table of differences and run nothing")
    options = parser.parse_args(arguments)
    if options.markdown:
        print(as_markdown())
        return 0
    package = find_package(options.folder)
    if package is None:
        parser.error(f"no tests of tensorflow_model_remediation in {options.folder or 'what is installed'}")
    outcome = run_suite(package, options.only)
    for name, text in outcome.failed:
        print("FAILED", name, "" if options.tracebacks else text.strip().splitlines()[-1][:150])
        if options.tracebacks:
            print(text)
    for name in outcome.stale:
        print("PASSES though it is listed as a difference:", name)
    print(f"{len(outcome.passed)} pass, {len(outcome.expected)} differ as listed, {len(outcome.failed)} fail, "
          f"{len(outcome.stale)} are listed and pass")
    return 1 if outcome.failed or outcome.stale else 0


if __name__ == "__main__":
    sys.exit(main())
