"""All trainings of a sweep that are not there yet: in processes, or in this one where that cannot be."""

import os
import warnings
from contextlib import closing

from fairkit.errors import FairkitError
from fairkit.models.saved_model_layer import trusted_digests
from fairkit.remediation.sweeps.options import NotPlain, modules_of_options, to_plain
from fairkit.remediation.sweeps.plan import CONTROL
from fairkit.remediation.sweeps.pool import Refused, cores, run_tasks
from fairkit.remediation.sweeps.request import recorded_request, refuse_changed
from fairkit.remediation.sweeps.stored_examples import digest_of_file, digest_without_inputs, write_examples
from fairkit.remediation.sweeps.stored_model import NotPortable, digests_of, modules_of, store_models
from fairkit.remediation.sweeps.training import error_text, train_run

__all__ = ["train_all"]


def train_all(place, source, train, validation, candidates, seeds, gap, jobs, threads):
    """Trains whatever is missing in a folder; returns a dict of (training, seed) -> why it failed.

    Args:
        place: `SweepFolder`.
        source: a model or builder.
        train, validation: `Examples`.
        candidates: `Candidate`s.
        seeds: whole numbers.
        gap: `Gap`, for the record.
        jobs: processes at a time, or None for what the cores allow.
        threads: a training.

    Raises:
        FairkitError: for a folder with another sweep, and if the control fails with every seed.
    """
    with place.taken():
        weighty = any(candidate.options.get("warm_start") for candidate in candidates)
        models, common, reason = _for_processes(place, source, seeds, weighty)
        examples, files = _stored(place, train, validation)
        before = place.asked() if place.any_finished() else None   # of a sweep that trained nothing, nothing is kept
        asked = recorded_request(candidates, seeds, gap, models, examples, threads, before)
        if before is not None:
            refuse_changed(before, asked, {c.training for c in candidates for seed in before["seeds"]
                                           if place.finished(c.training, seed)})
        for name in models:
            if common is not None and (before is None or not (place.path / name).exists()):
                os.replace(place.work / name, place.path / name)
        place.write(asked)
        if files is None and reason is None:
            reason = "no file can hold the examples"
        work = _Work(place, candidates, seeds)
        try:
            if common is not None and files is not None:
                common |= {"folder": str(place.path), "seed": seeds[0], "threads": threads, "examples": files}
                reason = work.in_processes(common, jobs or max(1, cores() // threads))
            if reason is not None and len(work.todo) > 1 and jobs != 1:
                warnings.warn(f"{len(work.todo)} trainings run in this process, one after another, since other "
                              f"processes cannot take part: {reason}", stacklevel=3)
            work.in_this_one(source, train, validation)
        finally:
            work.bar.close()
            if work.errors:  # on record, to be tried again by the next sweep in this folder
                place.write(asked | {"failed": [[*run, error] for run, error in work.errors.items()]})
    return work.errors


def _for_processes(place, source, seeds, weighty):
    """(digests of the models, what processes need to know of them or None where they cannot make them, why not)."""
    try:
        modules = modules_of(source, seeds)
        common = {"modules": modules, "trusted": trusted_digests()}
        return store_models(source, seeds, place.work, weighty), common, None
    except NotPortable as error:
        return digests_of(source, seeds, weighty), None, str(error)


def _stored(place, train, validation):
    """(record of the examples, what processes need to read them or None where no file can hold them)."""
    record, files = {}, []
    for name, part in (("train", train), ("validation", validation)):
        path = place.work / f"{name}.arrow"
        try:
            files.append({"path": str(path), "about": write_examples(part, path)})
            digest = digest_of_file(path)
        except FairkitError:
            files.append(None)
            digest = digest_without_inputs(part)
        record[name] = {"digest": digest, "number": len(part)}
    return record, None if None in files else files


class _Work:
    """What is to be trained, how far it is, and what failed."""

    def __init__(self, place, candidates, seeds):
        self.place, self.seeds, self.errors = place, seeds, {}
        self.options = {c.training: c.options for c in candidates if c.name == c.training}
        self.control = next(c.training for c in candidates if c.name == CONTROL)
        names = sorted(self.options, key=lambda name: name != self.control)  # nothing can be measured without it
        self.todo = [(name, seed) for name in names for seed in seeds if not place.finished(name, seed)]
        self.bar = _bar([self._epochs(name) for name, _ in self.todo], len(names) * len(seeds) - len(self.todo))

    def in_processes(self, common, jobs):
        """Trains what can go to other processes; returns why nothing can, if that is so."""
        tasks = []
        for name, seed in self.todo:
            try:
                options = to_plain(self.options[name])
            except NotPlain:
                continue
            tasks.append({"training": name, "seed": seed, "options": options,
                          "modules": sorted(modules_of_options(self.options[name])),
                          "place": str(self.place.place(name, seed))})
        if not tasks:
            return None
        try:
            with closing(run_tasks(common, tasks, jobs, self.place.work)) as events:
                for event in events:
                    if event.kind == "epoch":
                        self.bar.count(event.task["training"], event.task["seed"])
                    else:
                        self._end(event.task["training"], event.task["seed"], event.error)
        except Refused as error:  # some part of the model or of its compile settings is known in this process only
            return str(error)
        return None

    def in_this_one(self, source, train, validation):
        """Trains what is left, one after another."""
        for name, seed in list(self.todo):
            error = None
            try:
                train_run(self.place.place(name, seed), source, train, validation, self.options[name], seed,
                          on_epoch=lambda name=name, seed=seed: self.bar.count(name, seed))
            except Exception as failed:
                error = error_text(failed)
            self._end(name, seed, error)

    def _epochs(self, name):
        epochs = self.options[name].get("epochs", 5)
        return epochs if isinstance(epochs, int) else 1

    def _end(self, name, seed, error):
        self.todo.remove((name, seed))
        self.bar.end(name, seed, self._epochs(name))
        if error is not None:
            self.errors[name, seed] = error
        failed = [self.errors.get((self.control, seed)) for seed in self.seeds]
        if all(failed):
            raise FairkitError("the plain training fails with every seed, so there is nothing to measure against",
                               "a model, examples and options that can be trained", failed[0])


def _bar(epochs, finished):
    """Epochs done and the time left, on a terminal only."""
    from fairkit.remediation.sweeps.progress import Progress

    return Progress(sum(epochs), len(epochs), finished)
