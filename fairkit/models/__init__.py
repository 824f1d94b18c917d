"""Keras models: three builders, a layer around a SavedModel, fresh copies of a model, and models on disk."""

from fairkit.lazy import lazy_names

__getattr__, __dir__, __all__ = lazy_names(__name__, {
    "SavedModel": "fairkit.models.files",
    "SavedModelLayer": "fairkit.models.saved_model_layer",
    "digit_classifier": "fairkit.models.builders",
    "export": "fairkit.models.files",
    "load": "fairkit.models.files",
    "rebuild": "fairkit.models.rebuilding",
    "save": "fairkit.models.files",
    "tabular_classifier": "fairkit.models.tabular",
    "toxicity_classifier": "fairkit.models.builders",
    "trust_saved_model": "fairkit.models.saved_model_layer",
})
