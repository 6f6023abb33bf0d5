import json
import pyodbc

db = pyodbc.connect("Driver=SQLite3;Database=:memory:;LoadExt=./digitnet", autocommit=True)
with open("tests/drawn/7/109-nib-kraft-rgb8.png", "rb") as png:
    print(*db.execute("SELECT digit_predict(?)", png.read()).fetchone())

for row in db.execute("""SELECT label, digit_predict(pixels) FROM synthetic_digits(4)
                         WHERE id = 3"""):
    print("%d read as %d" % tuple(row))
db.execute("CREATE TABLE images AS SELECT * FROM synthetic_digits(100)")
options = json.dumps({"layers": "mlp", "epochs": 2})
(trained,) = db.execute("SELECT train_model('images', 'small', ?)", options).fetchone()
print(json.loads(trained)["epochs"], "epochs")
try:
    db.execute("SELECT digit_predict(x'010203')").fetchone()
except pyodbc.Error as error:
    print(error.args[1].split("[SQLite]")[1].split(" (1)")[0])
