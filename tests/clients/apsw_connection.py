import json
import apsw

db = apsw.Connection(":memory:")
db.enableloadextension(True)
db.loadextension("./digitnet")
with open("tests/drawn/7/109-nib-kraft-rgb8.png", "rb") as png:
    print(*db.cursor().execute("SELECT digit_predict(?)", [png.read()]).fetchone())

for row in db.cursor().execute("""SELECT label, digit_predict(pixels)
                                  FROM synthetic_digits(4) WHERE id = 3"""):
    print("%d read as %d" % row)
db.cursor().execute("CREATE TABLE images AS SELECT * FROM synthetic_digits(100)")
options = json.dumps({"layers": "mlp", "epochs": 2})
(trained,) = next(db.cursor().execute("SELECT train_model('images', 'small', ?)", [options]))
print(json.loads(trained)["epochs"], "epochs")
try:
    db.cursor().execute("SELECT digit_predict(x'010203')").fetchone()
except apsw.SQLError as error:
    print(str(error).replace("SQLError: ", ""))
