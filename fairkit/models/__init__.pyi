from fairkit.models.builders import digit_classifier as digit_classifier
from fairkit.models.builders import toxicity_classifier as toxicity_classifier
from fairkit.models.files import SavedModel as SavedModel
from fairkit.models.files import export as export
from fairkit.models.files import load as load
from fairkit.models.files import save as save
from fairkit.models.rebuilding import rebuild as rebuild
from fairkit.models.tabular import tabular_classifier as tabular_classifier
