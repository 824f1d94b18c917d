"""One column of a table counted chunk by chunk, in bounded memory."""

from collections import Counter

__all__ = ["ColumnCounts"]

_CHARACTERS = 1_000_000  # of the distinct values that are kept
_LONG_LIST = 20  # values of a list on average, from which on the lists are data and no groups


class ColumnCounts:
    """What is known of a column so far.

    Args:
        cap: distinct values that are counted at most.

    Attributes:
        missing, there: cells with nothing (null, NaN, an empty text or list), and all others.
        values: dict of value -> cells (lists as tuples); None where there are too many to be counted.
        low, high: of numbers and times.
        length: sum of the lengths of texts (characters), lists (values) and bytes.
    """

    def __init__(self, cap):
        self.cap, self.missing, self.there, self.length = cap, 0, 0, 0
        self.low = self.high = None
        self.values = Counter()
        self._family = None
        self._whole = self._numbers = True  # whether all texts, or numbers, so far are such

    @property
    def kind(self):
        """The kind of the column in words."""
        if self._family is None:
            return "nothing"
        if self._family in ("texts", "numbers") and self._numbers:
            return "whole numbers" if self._whole else "numbers"
        return self._family

    def add(self, column):
        """Counts an Arrow array."""
        column = _readable(column)
        family = _family(column.type)
        there = column.filter(_has_value(column)) if family in _FAMILIES else column.drop_null()
        self.missing += len(column) - len(there)
        self.there += len(there)
        if not len(there):
            return
        if self._family not in (None, family):
            family = "of several kinds"
        self._family = family
        add = {"texts": self._add_texts, "numbers": self._add_numbers, "times": self._add_times,
               "true or false": self._count, "lists": self._add_lists, "bytes": self._add_bytes}
        add.get(family, self._give_up)(there)

    def _add_texts(self, there):
        import pyarrow.compute as pc

        self.length += _sum(pc.utf8_length(there))
        if self._numbers:
            self._add_written(there)
        self._count(there)

    def _add_written(self, texts):
        """Texts that may all be numbers."""
        import pyarrow as pa

        for kind in (pa.int64(), pa.float64()) if self._whole else (pa.float64(),):
            try:
                numbers = texts.cast(kind)
            except pa.ArrowInvalid:
                continue
            self._whole = self._whole and pa.types.is_integer(kind)
            self._add_range(numbers)
            return
        self._numbers, self.low, self.high = False, None, None

    def _add_numbers(self, there):
        import pyarrow as pa

        self._whole = self._whole and pa.types.is_integer(there.type)
        self._add_range(there)
        self._count(there)

    def _add_times(self, there):
        self._add_range(there)
        self._count(there)

    def _add_bytes(self, there):
        import pyarrow.compute as pc

        self.length += _sum(pc.binary_length(there))
        self.values = None

    def _add_lists(self, there):
        import pyarrow.compute as pc

        lengths = _sum(pc.list_value_length(there))
        self.length += lengths
        if lengths > _LONG_LIST * len(there) or not _is_plain(there.type.value_type):
            self.values = None
        if self.values is not None:
            self._keep(Counter(map(tuple, there.to_pylist())))

    def _give_up(self, there):
        self.values, self.low, self.high = None, None, None

    def _add_range(self, numbers):
        import pyarrow.compute as pc

        ends = pc.min_max(numbers).as_py()
        self.low = ends["min"] if self.low is None else min(self.low, ends["min"])
        self.high = ends["max"] if self.high is None else max(self.high, ends["max"])

    def _count(self, there):
        import pyarrow.compute as pc

        if self.values is None:
            return
        found = pc.value_counts(there)
        if len(found) > self.cap:
            self.values = None
        else:
            self._keep(dict(zip(found.field("values").to_pylist(), found.field("counts").to_pylist())))

    def _keep(self, counts):
        self.values.update(counts)
        if len(self.values) > self.cap or sum(map(_size, self.values)) > _CHARACTERS:
            self.values = None


def _readable(column):
    """A column without dictionary, and bytes as the texts that they are, if they are."""
    import pyarrow as pa

    if pa.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    if pa.types.is_fixed_size_list(column.type):
        column = column.cast(pa.list_(column.type.value_type))
    if pa.types.is_string_view(column.type):
        column = column.cast(pa.large_string())
    for kind, text in ((pa.binary(), pa.string()), (pa.large_binary(), pa.large_string())):
        for had, wanted in ((kind, text), (pa.list_(kind), pa.list_(text))):
            if column.type == had:
                try:
                    return column.cast(wanted)
                except pa.ArrowInvalid:
                    return column
    return column


def _family(kind):
    import pyarrow as pa

    for name, tests in () if pa.types.is_duration(kind) else _FAMILIES.items():
        if any(getattr(pa.types, f"is_{test}")(kind) for test in tests):
            return name
    return str(kind)


_FAMILIES = {"texts": ("string", "large_string"), "true or false": ("boolean",),
             "numbers": ("integer", "floating", "decimal"), "lists": ("list", "large_list"), "times": ("temporal",),
             "bytes": ("binary", "large_binary", "fixed_size_binary")}


def _is_plain(kind):
    return _family(kind) in ("texts", "true or false", "numbers", "times")


def _has_value(column):
    import pyarrow as pa
    import pyarrow.compute as pc

    there, family = pc.is_valid(column), _family(column.type)
    if pa.types.is_floating(column.type):
        there = pc.and_(there, pc.fill_null(pc.invert(pc.is_nan(column)), False))
    elif family in ("texts", "lists"):
        length = pc.binary_length(column) if family == "texts" else pc.list_value_length(column)
        there = pc.and_(there, pc.fill_null(pc.greater(length, 0), False))
    return there


def _sum(array):
    import pyarrow.compute as pc

    return pc.sum(array).as_py() or 0


def _size(value):
    return len(value) if isinstance(value, str) else 1 + sum(map(_size, value)) if isinstance(value, tuple) else 1
