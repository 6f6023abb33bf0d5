-- digitnet_version and digitnet_debug: their form, for what they say is the machine's.
.load ./digitnet
SELECT digitnet_version() GLOB '[0-9]*.[0-9]*.[0-9]*';
SELECT digitnet_debug() LIKE 'digitnet ' || digitnet_version() || char(10) || 'compiler: %';
SELECT digitnet_debug() LIKE '%
instruction set: %
threads: %
SQLite: ' || sqlite_version() || ', compiled with the header of 3.%
zlib: 1.%, compiled with the header of 1.%
libpng: 1.%, compiled with the header of 1.%';

-- The version is a constant: an index may be built on it; the rest depends on the
-- machine.
CREATE TABLE t(a);
CREATE INDEX i ON t(digitnet_version());
CREATE TEMP TABLE own(a);
CREATE INDEX temp.j ON own(digitnet_debug());

-- The version can do no harm, nor can digit_show: a schema that is not trusted may use
-- them.
-- What the machine is, is none of its business.
CREATE VIEW v AS SELECT digitnet_version() > '', digit_show(x'FF');
CREATE VIEW w AS SELECT digitnet_debug();
PRAGMA trusted_schema = OFF;
SELECT * FROM v;
SELECT * FROM w;
