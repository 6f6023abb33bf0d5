import json
import sqlite3
import numpy

db = sqlite3.connect(":memory:")
db.enable_load_extension(True)
db.load_extension("./digitnet")
(blob,) = db.execute("SELECT pixels FROM synthetic_digits(4) WHERE id = 3").fetchone()
image = numpy.frombuffer(blob, "<f4").reshape(28, 28)  # a view: nothing is copied
(label,) = db.execute("SELECT digit_predict(?)", [image.astype("<f4").tobytes()]).fetchone()

with open("tests/drawn/7/109-nib-kraft-rgb8.png", "rb") as png:
    (seven,) = db.execute("SELECT digit_image(?)", [png.read()]).fetchone()
print(*db.execute("SELECT digit_predict(?)", [numpy.frombuffer(seven, "<f4")]).fetchone())
print("3 read as", label)
# An array is a buffer: it can be bound as it is, as bytes of 0..255 too.
(bytes_label,) = db.execute("SELECT digit_predict(?)",
                            [(image * 255).round().astype("u1")]).fetchone()
assert bytes_label == label and image.min() == 0 and image.max() <= 1
(blob,) = db.execute("SELECT digit_embedding(?)", [image]).fetchone()
assert numpy.isfinite(numpy.frombuffer(blob, "<f4")).all()

# Any array is a table to train on. The labels are numbers: a scalar of numpy's would
# arrive as its bytes.
db.execute("CREATE TABLE images(pixels, label)")
rng = numpy.random.default_rng(1)
for label in numpy.array([0, 1]):
    for noise in rng.random((50, 8, 8), "f4"):
        db.execute("INSERT INTO images VALUES (?, ?)", [noise * (1 + label) / 2, int(label)])
options = json.dumps({"layers": "softmax", "epochs": 2})
(trained,) = db.execute("SELECT train_model('images', 'small', ?)", [options]).fetchone()
print(json.loads(trained)["epochs"], "epochs")
db.execute("CREATE TABLE wrong AS SELECT pixels, ? AS label FROM images", [numpy.int64(7)])
for sql, values in (("SELECT digit_png(pixels, ?) FROM images", [numpy.int64(2)]),
                    ("SELECT * FROM train_model('images') WHERE rate = ?", [numpy.float32(1)]),
                    ("SELECT train_model('wrong')", [])):
    try:
        db.execute(sql, values).fetchone()
        print("not expected: no error by", sql)
    except sqlite3.OperationalError as error:
        assert "BLOBs: use int(x)" in str(error), error
try:
    db.execute("SELECT digit_predict(?)", [numpy.array([1, 2, 3], "u1")]).fetchone()
except sqlite3.OperationalError as error:
    print(error)
