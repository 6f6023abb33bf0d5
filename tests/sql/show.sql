-- digit_show: a character for two pixels, in both forms of images, sizes odd and even.
.load ./digitnet
SELECT digit_show(NULL) IS NULL;

-- uint8; ink is what reaches 3/8 of 255, that is 96.
SELECT digit_show(x'FF00FF5FFF600000FF');
SELECT '[' || digit_show(zeroblob(25)) || ']';

-- float32: 1, 0.375, a little less than that; 0, 1, -0; 1, 1, 1.
SELECT digit_show(x'0000803F0000C03EFFFFBF3E000000000000803F000000800000803F0000803F0000803F');

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
