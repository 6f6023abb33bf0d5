const db = require('better-sqlite3')(':memory:');
db.loadExtension('./digitnet');
const png = require('fs').readFileSync('tests/drawn/7/109-nib-kraft-rgb8.png');
console.log(db.prepare('SELECT digit_predict(?)').pluck().get(png));

const row = db.prepare(`SELECT label, digit_predict(pixels) AS digit
                        FROM synthetic_digits(4) WHERE id = 3`).get();
console.log(`${row.label} read as ${row.digit}`);
db.exec('CREATE TABLE images AS SELECT * FROM synthetic_digits(100)');
const epochs = db.prepare(`SELECT epoch FROM train_model('images', 'small')
                           WHERE layers = 'mlp' AND epochs = 2`).all();
console.log(`${epochs.length} epochs`);
try {
    db.prepare("SELECT digit_predict(x'010203')").get();
} catch (error) {
    if (error.constructor.name !== 'SqliteError' || error.code !== 'SQLITE_ERROR') throw error;
    console.log(error.message);
}
