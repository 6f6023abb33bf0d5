<?php
// Run by `php -d sqlite3.extension_dir="$PWD"`, or with that in php.ini: PHP loads from
// that folder alone, no links.
$db = new SQLite3(':memory:');
$db->enableExceptions(true);
$db->loadExtension('digitnet.so');
$png = file_get_contents('tests/drawn/7/109-nib-kraft-rgb8.png');
$query = $db->prepare('SELECT digit_predict(?)');
$query->bindValue(1, $png, SQLITE3_BLOB);
echo $query->execute()->fetchArray()[0], "\n";

$row = $db->querySingle('SELECT label, digit_predict(pixels) AS digit
                         FROM synthetic_digits(4) WHERE id = 3', true);
echo "{$row['label']} read as {$row['digit']}\n";
$db->exec('CREATE TABLE images AS SELECT * FROM synthetic_digits(100)');
$options = $db->escapeString(json_encode(['layers' => 'mlp', 'epochs' => 2]));
$trained = $db->querySingle("SELECT train_model('images', 'small', '$options')");
echo json_decode($trained)->epochs, " epochs\n";
try {
    $db->querySingle("SELECT digit_predict(x'010203')");
} catch (Exception $error) {
    echo $error->getMessage(), "\n";
}
