package require sqlite3

sqlite3 db :memory:
db enable_load_extension 1
db eval {SELECT load_extension('./digitnet')}
set png [read [open tests/drawn/7/109-nib-kraft-rgb8.png rb]]
puts [db onecolumn {SELECT digit_predict(@png)}]

db eval {SELECT label, digit_predict(pixels) AS digit FROM synthetic_digits(4) WHERE id = 3} {
    puts "$label read as $digit"
}
db eval {CREATE TABLE images AS SELECT * FROM synthetic_digits(100)}
set options {{"layers": "mlp", "epochs": 2}}
set trained [db onecolumn {SELECT train_model('images', 'small', $options)}]
puts "[db onecolumn {SELECT json_extract($trained, '$.epochs')}] epochs"
try {
    db onecolumn {SELECT digit_predict(x'010203')}
} on error message {
    puts $message
}
