.load ./digitnet
SELECT digit_predict(readfile('tests/drawn/7/109-nib-kraft-rgb8.png'));

SELECT label || ' read as ' || digit_predict(pixels) FROM synthetic_digits(4) WHERE id = 3;
CREATE TABLE images AS SELECT * FROM synthetic_digits(100);
SELECT count(*) || ' epochs' FROM train_model('images', 'small')
WHERE layers = 'mlp' AND epochs = 2;
SELECT digit_predict(x'010203');
