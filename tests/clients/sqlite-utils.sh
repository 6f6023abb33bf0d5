#!/bin/sh
sqlite-utils insert-files digits.db png tests/drawn/7/*.png > /dev/null
sqlite-utils digits.db "SELECT path, digit_predict(content) FROM png" \
    --load-extension=./digitnet > all.json

query() { sqlite-utils digits.db "$@" --load-extension=./digitnet --raw && echo; }
query "SELECT digit_predict(content) FROM png WHERE path LIKE '%/109%'"
query "SELECT label || ' read as ' || digit_predict(pixels) FROM synthetic_digits(4)
       WHERE id = 3"
sqlite-utils digits.db "CREATE TABLE images AS SELECT * FROM synthetic_digits(100)" \
    --load-extension=./digitnet > /dev/null
query "SELECT json_extract(train_model('images', 'small', :options), '$.epochs') || ' epochs'" \
    -p options '{"layers": "mlp", "epochs": 2}'
sqlite-utils digits.db "SELECT digit_predict(x'010203')" --load-extension=./digitnet 2>&1 |
    sed -n 's/^Error: //p'
