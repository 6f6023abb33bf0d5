import json
import sqlite3
import pandas

db = sqlite3.connect(":memory:")
db.enable_load_extension(True)
db.load_extension("./digitnet")
with open("tests/drawn/7/109-nib-kraft-rgb8.png", "rb") as png:
    one = pandas.read_sql("SELECT digit_predict(?) AS digit", db, params=[png.read()])
print(one.digit[0])

db.execute("CREATE TABLE images AS SELECT id, label, pixels FROM synthetic_digits(200)")
frame = pandas.read_sql("SELECT id, label, prediction FROM predict_model('images')", db)
right = pandas.crosstab(frame.label, frame.prediction).to_numpy().diagonal().sum()
assert right > 190, right
print("3 read as", frame.prediction[frame.id == 3].item())

# A frame is a table to train on; its labels are numbers or texts.
images = pandas.read_sql("SELECT label, pixels FROM images", db)
images["label"] = images.label.map(lambda digit: "even" if digit % 2 == 0 else "odd")
images.to_sql("parity", db, index=False)
options = json.dumps({"layers": "mlp", "epochs": 2})
trained = pandas.read_sql("SELECT train_model('parity', 'parity', ?)", db, params=[options])
print(json.loads(trained.iloc[0, 0])["epochs"], "epochs")
try:
    pandas.read_sql("SELECT digit_predict(?)", db, params=[bytes([1, 2, 3])])
except pandas.errors.DatabaseError as error:
    print(str(error).split("': ", 1)[-1])
