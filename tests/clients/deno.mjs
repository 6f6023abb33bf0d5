import { DatabaseSync } from 'node:sqlite';
const db = new DatabaseSync(':memory:', { allowExtension: true });
db.loadExtension('./digitnet');
const png = Deno.readFileSync('tests/drawn/7/109-nib-kraft-rgb8.png');
console.log(db.prepare('SELECT digit_predict(?) AS digit').get(png).digit);

const row = db.prepare(`SELECT label, digit_predict(pixels) AS digit
                        FROM synthetic_digits(4) WHERE id = 3`).get();
console.log(`${row.label} read as ${row.digit}`);
db.exec('CREATE TABLE images AS SELECT * FROM synthetic_digits(100)');
const train = db.prepare("SELECT train_model('images', 'small', ?) AS trained");
const { trained } = train.get(JSON.stringify({ layers: 'mlp', epochs: 2 }));
console.log(`${JSON.parse(trained).epochs} epochs`);
try {
    db.prepare("SELECT digit_predict(x'010203')").get();
} catch (error) {
    console.log(error.message);
}
