-- page.sql - the web page: its parts, and the query that puts them together. It is
-- compiled in as report_model(source [, model [, key]]), which runs it on a connection of
-- its own. In the shell `.read sql/report/page.sql` runs it by itself, of the table
-- images and the active model, or of what the views report_source, report_key and
-- report_model say.
--
-- The parts are plain SQL for any client: they make temporary tables and views, and write
-- nothing into the database. A database that others write to meanwhile wants a
-- transaction around them.
.bail on
.load ./digitnet
.mode list
.headers off
.read sql/report/source.sql
.read sql/report/answers.sql
.read sql/report/scores.sql
.read sql/report/plots.sql
.read sql/report/style.sql
.read sql/report/head.sql
.read sql/report/data.sql
.read sql/report/log.sql
.read sql/report/training.sql
.read sql/report/classes.sql
.read sql/report/confusion.sql
.read sql/report/mistakes.sql
.read sql/report/labels.sql
.read sql/report/calibration.sql
.read sql/report/curves.sql
.read sql/report/card.sql

SELECT '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8">' ||
       '<meta name="viewport" content="width=device-width, initial-scale=1">' ||
       '<link rel="icon" href="data:,"><title>Report: ' || title || '</title><style>' ||
       (SELECT css FROM page_style) || '</style></head><body>' || (SELECT html FROM page_head) ||
       '<main>' || (SELECT html FROM page_data) || (SELECT html FROM page_training) ||
       CASE WHEN images = 0 THEN '' ELSE
           (SELECT html FROM page_classes) || (SELECT html FROM page_confusion) ||
           (SELECT html FROM page_mistakes) || (SELECT html FROM page_labels) ||
           (SELECT html FROM page_calibration) || (SELECT html FROM page_curves) END ||
       (SELECT html FROM page_card) || '</main></body></html>'
FROM report_summary;
