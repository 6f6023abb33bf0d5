use strict;
use warnings;
use DBI qw(:sql_types);
use JSON::PP;

my $db = DBI->connect('dbi:SQLite::memory:', '', '', { RaiseError => 1, PrintError => 0 });
$db->sqlite_enable_load_extension(1);
$db->sqlite_load_extension('./digitnet');
open my $file, '<:raw', 'tests/drawn/7/109-nib-kraft-rgb8.png' or die $!;
my $query = $db->prepare('SELECT digit_predict(?)');
$query->bind_param(1, do { local $/; <$file> }, SQL_BLOB);
$query->execute;
print $query->fetchrow_array, "\n";

printf "%d read as %d\n", $db->selectrow_array('SELECT label, digit_predict(pixels)
                                                FROM synthetic_digits(4) WHERE id = 3');
$db->do('CREATE TABLE images AS SELECT * FROM synthetic_digits(100)');
my $options = encode_json({ layers => 'mlp', epochs => 2 });
my ($trained) = $db->selectrow_array("SELECT train_model('images', 'small', ?)", undef, $options);
print decode_json($trained)->{epochs}, " epochs\n";
eval { $db->selectrow_array("SELECT digit_predict(x'010203')") };
print $@ =~ /failed: (.*) at / ? "$1\n" : "not expected: $@\n";
