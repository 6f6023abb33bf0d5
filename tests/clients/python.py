import json
import sqlite3

db = sqlite3.connect(":memory:")
db.enable_load_extension(True)
db.load_extension("./digitnet")
with open("tests/drawn/7/109-nib-kraft-rgb8.png", "rb") as png:
    print(*db.execute("SELECT digit_predict(?)", [png.read()]).fetchone())

for row in db.execute("""SELECT label, digit_predict(pixels) FROM synthetic_digits(4)
                         WHERE id = 3"""):
    print("%d read as %d" % row)
db.execute("CREATE TABLE images AS SELECT * FROM synthetic_digits(100)")
options = json.dumps({"layers": "mlp", "epochs": 2})
(trained,) = db.execute("SELECT train_model('images', 'small', ?)", [options]).fetchone()
print(json.loads(trained)["epochs"], "epochs")
try:
    db.execute("SELECT digit_predict(x'010203')").fetchone()
except sqlite3.OperationalError as error:
    print(error)
