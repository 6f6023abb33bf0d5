require 'json'
require 'sqlite3'

db = SQLite3::Database.new(':memory:')
db.enable_load_extension(true)
db.load_extension('./digitnet')
png = File.binread('tests/drawn/7/109-nib-kraft-rgb8.png')
puts db.get_first_value('SELECT digit_predict(?)', [png])

row = db.get_first_row('SELECT label, digit_predict(pixels)
                        FROM synthetic_digits(4) WHERE id = 3')
puts '%d read as %d' % row
db.execute('CREATE TABLE images AS SELECT * FROM synthetic_digits(100)')
options = { layers: 'mlp', epochs: 2 }
trained = db.get_first_value("SELECT train_model('images', 'small', ?)", [options.to_json])
puts "#{JSON.parse(trained)['epochs']} epochs"
begin
  db.get_first_value("SELECT digit_predict(x'010203')")
rescue SQLite3::SQLException => e
  puts e.message
end
