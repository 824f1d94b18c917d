import io
import os
import struct
import zlib

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from PIL import Image

import fairkit
from fairkit import Examples, FairkitError
from fairkit.data.image_files import ImageFiles
from fairkit.data.images import image_inputs
from fairkit.data.reading.bad_rows import BadRows
from fairkit.formats.places import Places
from fairkit.quiet import keras, tf


def pixels(shape=(5, 6, 4, 3), seed=0):
    return np.random.default_rng(seed).integers(0, 256, shape, dtype=np.uint8)


def saved(folder, images, ending="png", **options):
    """The names of image files in a folder."""
    names = [f"{i}.{ending}" for i in range(len(images))]
    for name, image in zip(names, images):
        Image.fromarray(image).save(folder / name, **options)
    return names


def test_images_are_what_is_in_the_files(tmp_path):
    images = pixels()
    files = ImageFiles(saved(tmp_path, images), tmp_path)
    assert len(files) == 5 and files.shape == images.shape and files.dtype == np.uint8
    assert np.array_equal(files, images) and np.asarray(files).dtype == np.uint8
    assert np.array_equal(files[3], images[3]) and np.array_equal(files[-1], images[-1])
    assert np.array_equal(files[np.int64(2)], images[2]) and np.array_equal(list(files), images)
    mask = np.array([True, False, False, True, True])
    for index in (slice(1, 4), slice(None, None, -2), [4, 0, 0], np.array([-1, 2]), mask, np.array([3])):
        part = files[index]
        assert isinstance(part, ImageFiles) and np.array_equal(part, images[index]), index
        assert np.array_equal(part[::-1], images[index][::-1])
    assert files[[]].shape == (0, 6, 4, 3) and len(np.asarray(files[np.zeros(5, bool)])) == 0
    assert "5 images, 6x4x3" in repr(files)
    with pytest.raises(IndexError):
        files[5]


@pytest.mark.parametrize("ending, decode", [
    ("png", tf.io.decode_png), ("bmp", tf.io.decode_bmp),
    ("jpg", lambda data: tf.io.decode_jpeg(data, dct_method="INTEGER_ACCURATE"))])
def test_formats_as_tensorflow_decodes_them(tmp_path, ending, decode):
    smooth = np.indices((32, 32, 3)).sum(0).astype(np.uint8)
    name = saved(tmp_path, [smooth], ending)[0]
    expected = decode((tmp_path / name).read_bytes()).numpy().astype(int)
    assert np.abs(ImageFiles([name], tmp_path)[0] - expected).max() <= (1 if ending == "jpg" else 0)


def test_lossless_formats_of_every_kind_of_pixels(tmp_path):
    grey, rgb, rgba = pixels((1, 8, 8)), pixels((1, 8, 8, 3)), pixels((1, 8, 8, 4))
    assert np.array_equal(ImageFiles(saved(tmp_path, grey, "gif"), tmp_path), np.stack([grey] * 3, axis=-1))
    assert np.array_equal(ImageFiles(saved(tmp_path, grey, "png"), tmp_path), grey[..., None])
    assert np.array_equal(ImageFiles(saved(tmp_path, rgb, "webp", lossless=True), tmp_path), rgb)
    assert np.array_equal(ImageFiles(saved(tmp_path, rgba, "png"), tmp_path), rgba)
    one_bit = np.eye(8, dtype=bool)
    Image.fromarray(one_bit).save(tmp_path / "bits.png")
    assert np.array_equal(ImageFiles(["bits.png"], tmp_path)[0][..., 0], one_bit * 255)
    palette = Image.fromarray(rgb[0]).quantize(16)
    palette.save(tmp_path / "palette.png")
    assert np.array_equal(ImageFiles(["palette.png"], tmp_path)[0], np.asarray(palette.convert("RGB")))


def test_channels(tmp_path):
    Image.fromarray(pixels((6, 4))).save(tmp_path / "grey.png")
    Image.fromarray(pixels((6, 4, 3))).save(tmp_path / "rgb.png")
    Image.fromarray(pixels((6, 4, 4))).save(tmp_path / "rgba.png")
    both = np.asarray(ImageFiles(["rgb.png", "grey.png"], tmp_path))
    assert np.array_equal(both[1], np.repeat(pixels((6, 4))[..., None], 3, axis=-1))
    with pytest.raises(FairkitError, match=r"'rgb.png' in row 1 .*has more channels.*channels=3, or channels=1"):
        np.asarray(ImageFiles(["grey.png", "rgb.png"], tmp_path))
    with pytest.raises(FairkitError, match=r"has more channels.*channels=4, or channels=3.*mode RGBA"):
        np.asarray(ImageFiles(["rgb.png", "rgba.png"], tmp_path))
    assert ImageFiles(["grey.png", "rgb.png", "rgba.png"], tmp_path, channels=4).shape == (3, 6, 4, 4)
    grey = np.asarray(ImageFiles(["rgb.png"], tmp_path, channels=1))[0, ..., 0]
    luma = pixels((6, 4, 3)) @ [0.299, 0.587, 0.114]     # ITU-R 601-2
    assert np.abs(grey - luma).max() <= 1
    with pytest.raises(FairkitError, match="no such number of channels"):
        ImageFiles(["rgb.png"], tmp_path, channels=2)


def test_sizes(tmp_path):
    names = [*saved(tmp_path, pixels((2, 6, 4, 3))), "other.png"]
    flat = np.full((12, 8, 3), 77, np.uint8)
    Image.fromarray(flat).save(tmp_path / "other.png")
    with pytest.raises(FairkitError, match=r"'other.png' in row 2 .*has another size.*6 x 4 .*size=\(6, 4\).*12 x 8"):
        np.asarray(ImageFiles(names, tmp_path))
    files = ImageFiles(names, tmp_path, size=(6, 4))
    assert files.shape == (3, 6, 4, 3) and np.array_equal(files[:2], pixels((2, 6, 4, 3)))
    assert np.all(files[2] == 77)
    for size in ((6,), (0, 4), (6.5, 4), "6x4", (True, 4), (100_000, 100_000)):
        with pytest.raises(FairkitError, match="no such size"):
            ImageFiles(names, tmp_path, size=size)


def test_every_part_has_the_size_of_the_first_image_of_all(tmp_path):
    names = saved(tmp_path, [pixels((6, 4, 3)), pixels((8, 8, 3)), pixels((8, 8, 3))])
    with pytest.raises(FairkitError, match="'1.png' in row 1 of the images has another size"):
        np.asarray(ImageFiles(names, tmp_path)[1:])


def test_images_given_as_bytes(tmp_path):
    names = saved(tmp_path, pixels())
    encoded = [(tmp_path / name).read_bytes() for name in names]
    for column in (encoded, pa.array(encoded, pa.binary()), pa.chunked_array([encoded[:2], encoded[2:]], pa.binary())):
        assert np.array_equal(ImageFiles(column), pixels())
    structs = pa.array([{"bytes": data, "path": name} for data, name in zip(encoded, names)],
                       pa.struct({"bytes": pa.binary(), "path": pa.string()}))
    assert np.array_equal(image_inputs(structs), pixels())
    only_paths = pa.array([{"bytes": None, "path": name} for name in names],
                          pa.struct({"bytes": pa.binary(), "path": pa.string()}))
    assert np.array_equal(image_inputs(pa.chunked_array([only_paths]), tmp_path), pixels())
    assert np.array_equal(image_inputs(pa.array(names).dictionary_encode(), tmp_path), pixels())
    as_bytes = [name.encode() for name in names]
    for values, kind in ((names, pa.string()), (as_bytes, pa.binary()), (encoded, pa.binary())):
        for column in (pa.array(values, kind), pa.array([[value] for value in values], pa.list_(kind))):
            assert np.array_equal(image_inputs(pa.chunked_array([column[:2], column[2:]]), tmp_path), pixels())
    with pytest.raises(FairkitError, match="several images in a row.*5 in row 1"):
        image_inputs(pa.chunked_array([[names[:1], names]]), tmp_path)
    with pytest.raises(FairkitError, match="nothing in row 1"):
        image_inputs(pa.chunked_array([[names[:1], []]]), tmp_path)


def test_read_takes_images_from_any_file(tmp_path):
    names = saved(tmp_path, pixels())
    rows = [{"image": {"bytes": (tmp_path / name).read_bytes(), "path": None}, "path": name, "label": i % 2}
            for i, name in enumerate(names)]
    pq.write_table(pa.Table.from_pylist(rows), tmp_path / "hugging_face.parquet")
    frame = pa.Table.from_pylist(rows).to_pandas()
    frame[["path", "label"]].to_csv(tmp_path / "paths.csv", index=False)
    frame[["path", "label"]].to_json(tmp_path / "paths.jsonl", orient="records", lines=True)
    for file, column in (("hugging_face.parquet", "image"), ("hugging_face.parquet", "path"), ("paths.csv", "path"),
                         ("paths.jsonl", "path")):
        read = fairkit.data.read(tmp_path / file, column, label="label", images=True)
        assert isinstance(read.inputs, ImageFiles) and np.array_equal(read.inputs, pixels())
    smaller = fairkit.data.read(tmp_path / "paths.csv", "path", label="label", images=(3, 2)).inputs
    expected = Image.fromarray(pixels()[2]).resize((2, 3), Image.Resampling.BILINEAR)
    assert smaller.shape == (5, 3, 2, 3) and np.array_equal(smaller[2], np.asarray(expected))
    (tmp_path / "3.png").unlink()
    with pytest.raises(FairkitError, match="no file.*'3.png', and nothing at.*in row 5 of .*paths.csv"):
        fairkit.data.read(tmp_path / "paths.csv", "path", label="label", images=True)


def test_examples_stay_lazy_and_feed_models(tmp_path):
    images = pixels((7, 6, 4, 3))
    files = ImageFiles(saved(tmp_path, images), tmp_path)
    labels = np.arange(7) % 2
    lazy, eager = (Examples(inputs=inputs, labels=labels, groups={}) for inputs in (files, images))
    part = lazy.take([5, 1, 1])
    assert isinstance(part.inputs, ImageFiles) and np.array_equal(part.inputs, images[[5, 1, 1]])
    for (x, y), (x_eager, y_eager) in zip(lazy.batches(3, seed=1), eager.batches(3, seed=1)):
        assert x.shape[1:] == (6, 4, 3) and y.dtype == y_eager.dtype and x.dtype == tf.uint8 == x_eager.dtype
    assert lazy.batches(3).element_spec[0].shape.as_list() == [None, 6, 4, 3]
    keras.utils.set_random_seed(0)
    model = keras.Sequential([keras.Input((6, 4, 3)), keras.layers.Rescaling(1 / 255), keras.layers.Flatten(),
                              keras.layers.Dense(1, "sigmoid")])
    model.compile("adam", "binary_crossentropy")
    model.fit(lazy.batches(3), verbose=0)
    assert np.array_equal(fairkit.predict(model, lazy).scores, fairkit.predict(model, eager).scores)
    callable_model = lambda x: np.asarray(x).mean(axis=(1, 2, 3)) / 255    # noqa: E731
    assert np.array_equal(fairkit.predict(callable_model, part).scores, images[[5, 1, 1]].mean(axis=(1, 2, 3)) / 255)


def test_missing_files_are_told_before_a_training_begins(tmp_path):
    names = saved(tmp_path, pixels())
    with pytest.raises(FairkitError, match=r"no file.*'gone.png', and nothing at.*row 2 of the images \(2 such rows"):
        ImageFiles([*names[:2], "gone.png", "gone too.png"], tmp_path)
    (tmp_path / "folder.png").mkdir()
    os.mkfifo(tmp_path / "pipe.png")     # opening it would wait for ever
    places = Places()
    places.add(0, "posts.csv", 2)
    for odd in ("folder.png", "pipe.png", "", "nul\x00.png"):
        with pytest.raises(FairkitError, match="no file.*in row 3 of 'posts.csv'"):
            ImageFiles([names[0], odd], tmp_path, places=places)
    for missing in (pa.array([names[0], None]), pa.array([b"", None])):
        with pytest.raises(FairkitError, match="no file.*nothing in row 1"):
            ImageFiles(missing, tmp_path)
    with pytest.raises(FairkitError, match="texts, or bytes, all of one kind.*3"):
        ImageFiles([names[0], 3], tmp_path)
    with pytest.raises(FairkitError, match="a column of texts or of bytes.*int64"):
        image_inputs(pa.array([1, 2]))
    assert len(ImageFiles([tmp_path / name for name in names])) == 5    # absolute paths


def test_missing_files_are_set_aside_on_request(tmp_path):
    names = saved(tmp_path, pixels())
    bad = BadRows("set aside")
    files = ImageFiles(["gone.png", *names], tmp_path, bad_rows=bad, name="image")
    assert bad.marked.tolist() == [True] + [False] * 5 and bad.set_aside.rows[0].column == "image"
    assert np.array_equal(files[~bad.marked], pixels())


def png(width, height):
    """A PNG file that claims a size and holds no pixels."""
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)) + \
        chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")


def postscript():
    return b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 10 10\n%%EndComments\nshowpage\n"


def sixteen_bits():
    file = io.BytesIO()
    Image.fromarray(np.zeros((4, 4), np.uint16)).save(file, "PNG")
    return file.getvalue()


@pytest.mark.parametrize("data, wrong", [
    (b"", "cannot be read"), (b"no image", "cannot be read.*a PNG, JPEG, BMP, GIF or WebP"),
    (png(100_000, 100_000), r"has too many pixels.*67,108,864.*10000000000 pixels"),
    (png(10_000, 10_000), "has too many pixels.*67,108,864.*10000 x 10000"), (png(4, 6), "cannot be decoded.*whole"),
    (postscript(), "cannot be read"), (sixteen_bits(), "has more than 8 bits a channel.*mode I"),
])
def test_what_is_no_image_is_told_with_its_row(tmp_path, data, wrong):
    saved(tmp_path, pixels((1, 6, 4, 3)))
    (tmp_path / "odd.png").write_bytes(data)
    with pytest.raises(FairkitError, match=f"the image 'odd.png' in row 1 of the images {wrong}"):
        np.asarray(ImageFiles(["0.png", "odd.png"], tmp_path))
    with pytest.raises(FairkitError, match=f"the image in row 0 of the images {wrong}"):
        np.asarray(ImageFiles([data]))


def test_a_file_cut_short(tmp_path):
    for ending in ("png", "jpg", "bmp", "webp"):
        name = saved(tmp_path, pixels((1, 40, 40, 3)), ending)[0]
        (tmp_path / name).write_bytes((tmp_path / name).read_bytes()[:-300])
        with pytest.raises(FairkitError, match=f"the image '{name}' in row 0 of the images cannot be"):
            np.asarray(ImageFiles([name], tmp_path))


def sixteen_bit_rgb():
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = b"".join(b"\0" + bytes(4 * 6) for _ in range(6))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", 4, 6, 16, 2, 0, 0, 0)) + \
        chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def test_more_than_8_bits_a_channel_are_refused(tmp_path):
    with pytest.raises(FairkitError, match="more than 8 bits a channel.*mode RGB of 16 bits"):
        np.asarray(ImageFiles([sixteen_bit_rgb()]))


def test_images_that_cannot_be_used_are_bad_rows(tmp_path):
    images = pixels((6, 6, 4, 3))
    names = saved(tmp_path, images)
    (tmp_path / "0.png").write_bytes((tmp_path / "0.png").read_bytes()[:-30])
    (tmp_path / "2.png").write_bytes(b"no image")
    Image.fromarray(pixels((8, 8, 3))).save(tmp_path / "3.png")
    (tmp_path / "4.png").write_bytes((tmp_path / "4.png").read_bytes() + b"a note behind the end")
    (tmp_path / "i.csv").write_text("file,y\n" + "".join(f"{name},{i % 2}\n" for i, name in enumerate(names)))
    with pytest.raises(FairkitError, match="the image '0.png' in row 2 of .*i.csv' cannot be decoded"):
        fairkit.data.read(tmp_path / "i.csv", "file", label="y", images=True)
    examples = fairkit.data.read(tmp_path / "i.csv", "file", label="y", images=True, bad_rows="set aside")
    assert np.array_equal(examples.inputs, images[[1, 4, 5]]) and examples.labels.tolist() == [1, 0, 1]
    assert len(examples.set_aside) == 3 and "has another size" in examples.set_aside.rows[2].wrong
    examples = fairkit.data.read(tmp_path / "i.csv", "file", label="y", images=(6, 4, 1), bad_rows="set aside")
    assert examples.inputs.shape == (4, 6, 4, 1)    # the one of another size is resized
