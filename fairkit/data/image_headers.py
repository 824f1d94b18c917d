"""What the headers of opened images say beyond what Pillow tells."""

__all__ = ["bits_of", "channels_of", "ends_as_it_should"]


def channels_of(image):
    """How many channels it takes to keep all of an opened image."""
    if image.mode in ("RGBA", "LA", "PA", "La", "RGBa") or "transparency" in image.info:
        return 4
    return 1 if image.mode in ("1", "L") else 3


def bits_of(image):
    """The bits a channel of an opened PNG image, of which Pillow drops those beyond 8; 8 for any other."""
    if image.format != "PNG":
        return 8
    at = image.fp.tell()
    image.fp.seek(24)    # behind the signature, and length, name, width and height of the first chunk
    bits = image.fp.read(1)[0]
    image.fp.seek(at)
    return bits


def ends_as_it_should(image):
    """Whether an opened PNG or JPEG file ends with its end mark; other formats are not looked at."""
    mark = {"PNG": b"IEND", "JPEG": b"\xff\xd9"}.get(image.format)
    if mark is None:
        return True
    image.fp.seek(0, 2)
    image.fp.seek(max(image.fp.tell() - 12, 0))
    return mark in image.fp.read()
