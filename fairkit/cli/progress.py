"""Progress of training, with the time left."""

__all__ = ["training_progress"]


def training_progress(what, epochs):
    """A Keras callback that shows one bar for all epochs on a terminal, and nothing elsewhere."""
    from tqdm import tqdm

    from fairkit.quiet import keras

    class Progress(keras.callbacks.Callback):
        def on_train_begin(self, logs=None):
            self.bar = tqdm(desc=what, unit=" batches", disable=None, leave=True, dynamic_ncols=True)

        def on_train_batch_end(self, batch, logs=None):
            if self.bar.total is None and self.params.get("steps"):
                self.bar.total = self.params["steps"] * epochs
            self.bar.update()

        def on_epoch_end(self, epoch, logs=None):
            if self.bar.total is None:  # the first epoch shows how long one is
                self.bar.total = self.bar.n * epochs // (epoch + 1)
            names = ("loss", "min_diff_loss", "counterfactual_loss", "accuracy")
            shown = {k: v for k, v in (logs or {}).items() if k in names}
            self.bar.set_postfix({"epoch": f"{epoch + 1}/{epochs}", **{k: f"{v:.4f}" for k, v in shown.items()}})

        def on_train_end(self, logs=None):
            self.bar.close()

    return Progress()
