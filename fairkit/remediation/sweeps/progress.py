"""How far a sweep has come, and how long it will still take; on a terminal only."""

__all__ = ["Progress"]


class Progress:
    """A bar over the epochs of all trainings.

    Args:
        epochs: in all.
        trainings: in all.
        finished: trainings that were there before.
    """

    def __init__(self, epochs, trainings, finished):
        from tqdm.auto import tqdm

        self.trainings, self.done, self.seen = trainings, 0, {}
        self.bar = tqdm(total=epochs, desc="sweep", unit=" epochs", disable=None, dynamic_ncols=True)
        if finished and not self.bar.disable:
            self.bar.write(f"{finished} trainings are there already, {trainings} are left")
        self._show("")

    def count(self, name, seed):
        """One more epoch of a training."""
        self.seen[name, seed] = self.seen.get((name, seed), 0) + 1
        self.bar.update()
        self._show(f"{name}, seed {seed}")

    def end(self, name, seed, epochs):
        """The end of a training, also of one that failed."""
        self.done += 1
        self.bar.update(max(epochs - self.seen.pop((name, seed), 0), 0))
        self._show(f"{name}, seed {seed}")

    def close(self):
        self.bar.close()

    def _show(self, last):
        self.bar.set_postfix_str(f"{self.done}/{self.trainings} trainings" + (f", {last}" if last else ""),
                                 refresh=False)
