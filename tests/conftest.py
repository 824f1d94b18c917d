import os

import hypothesis

# Seeded, so that a failure in CI is the same failure at home; no deadlines, since two cores are shared.
hypothesis.settings.register_profile("fairkit", deadline=None, derandomize=True)
hypothesis.settings.load_profile("fairkit")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
os.environ.setdefault("BROWSER", "true")   # a board that is shown opens no window while tests run
