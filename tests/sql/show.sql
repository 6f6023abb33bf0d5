-- digit_show: a character for two pixels, in both forms of images, sizes odd and even.
.load ./digitnet
SELECT digit_show(NULL) IS NULL;

-- uint8; ink is what reaches 3/8 of 255, that is 96.
SELECT digit_show(x'FF00FF5FFF600000FF');
SELECT '[' || digit_show(zeroblob(25)) || ']';

-- float32: 1, 0.375 and 0.374, which are 96 and 95 of 255; 0, 1, -0; 1, 1, 1.
SELECT digit_show(x'0000803F0000C03EEE7CBF3E000000000000803F000000800000803F0000803F0000803F');

-- One pixel.
SELECT digit_show(x'FF'), quote(digit_show(x'00')), digit_show(x'0000803F');

-- All lines are of one length, without a line feed at the end.
SELECT length(digit_show(zeroblob(784))), length(digit_show(zeroblob(3136)));

-- What is no image. The NaN is pixel 8 of 3×3.
SELECT digit_show(x'');
SELECT digit_show(zeroblob(700));
SELECT digit_show('text');
SELECT digit_show(7);
SELECT digit_show(0.5);
SELECT digit_show(x'0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000C07F');
SELECT digit_show(x'89504E470D0A1A0A');

-- A width scales: up by repeating, down by the mean, and at its own width nothing
-- changes.
SELECT digit_show(x'FF0000FF', 4);
SELECT digit_show(x'FF0000FF', 5);
SELECT digit_show(x'FFFF0000FFFF000000000000000000FF', 2);
SELECT '[' || digit_show(x'600000FF', 1) || ']', '[' || digit_show(x'800000FF', 1) || ']';
SELECT count(*), sum(digit_show(pixels, 28) IS digit_show(pixels)), sum(digit_show(pixels, NULL) IS digit_show(pixels)),
       sum(digit_show(pixels, 56.0) IS digit_show(pixels, 56)), min(length(digit_show(pixels, 61))), max(length(digit_show(pixels, 61)))
    FROM synthetic_digits(100);
SELECT digit_show(pixels, 12) FROM synthetic_digits(1);

-- Colours: foreground, background, block; reset at the end of each line.
SELECT replace(digit_show(x'FF800080FF0080FF00', 3, 1), char(27), '<');
SELECT replace(digit_show(x'FF0000FF', 1, 1), char(27), '<');
SELECT digit_show(x'FF', NULL, 0), digit_show(x'FF', NULL, NULL), digit_show(NULL, 'x', 'y') IS NULL;

-- What is no width or colour.
SELECT digit_show(x'FF', 0);
SELECT digit_show(x'FF', 513);
SELECT digit_show(x'FF', 'wide');
SELECT digit_show(x'FF', 2.5);
SELECT digit_show(x'FF', 2, 2);
CREATE TABLE t(pixels);
CREATE INDEX i ON t(digit_show(pixels, 10, 1));
