-- demo.sql - explore, show, train, evaluate, predict, report: the rest of `make demo`.
-- For the sqlite3 shell, in a database that has the table images: see demo.sh, which also
-- shows the statements between .echo on and .echo off as if they had been typed.
.print
.print '--- Explore: what is in the table? ---------------------------------------------'
.mode column
.headers on
.read sql/explore.sql
.mode list
.headers off
.print
.print '--- Show: an image by its place ------------------------------------------------'
.echo on
SELECT label, char(10) || digit_show(pixels)
FROM images WHERE rowid = 8;
.echo off
.print
.print '--- Train: a row per epoch, as it goes -----------------------------------------'
.echo on
SELECT printf('%-!20s %d/%d  loss %.4f  holdout %.2f %%  %d images/s',
              replace(printf('%*s', 20 * epoch / epochs, ''), ' ', '▰'),
              epoch, epochs, loss, 100 * holdout_accuracy,
              images_per_second)
FROM train_model('images') WHERE epochs = 12;
.echo off
.print
.print '--- Evaluate: on images it has never seen --------------------------------------'
.echo on
SELECT count(*) AS images,
       avg(digit_predict(pixels) = label) AS accuracy
FROM images WHERE split = 'test';
.echo off
.print
.print '--- Predict: in any query ------------------------------------------------------'
.echo on
SELECT rowid, label, digit_predict(pixels),
       round(digit_confidence(pixels), 4)
FROM images WHERE split = 'test' LIMIT 5;
.echo off
.print
.print '--- Report: where it is right and wrong ----------------------------------------'
.mode column
.headers on
.mode list
.headers off
.read sql/curve.sql
.print
.mode column
.headers on
.read sql/predictions.sql
.read sql/accuracy.sql
.mode list
.headers off
.print
.read sql/confusion.sql
.print
.read sql/mistakes.sql
.print 'demo.db holds all this: sqlite3 demo.db, then .load ./digitnet. As a web page:'
.print "sqlite3 demo.db '.read sql/report.sql' > report.html"
