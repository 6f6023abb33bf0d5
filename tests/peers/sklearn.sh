#!/bin/sh
# sklearn.sh - the page's numbers against those of scikit-learn, from the same labels and
# probabilities: precision, recall, F1, areas under ROC and precision-recall curves,
# calibration error, accuracy by coverage, suspected labels, and the curves' points.
set -eu
python=
for candidate in python3 /usr/bin/python3; do
    if $candidate -c 'import sklearn' 2> /dev/null; then python=$candidate && break; fi
done
[ -n "$python" ] || { echo "python3-sklearn is not installed"; exit 77; }
db=build/tmp/sklearn.db
$SQLITE3 -batch -bail -init /dev/null $db << 'END_OF_SQL'
.load ./digitnet
CREATE TABLE images AS SELECT CASE WHEN id < 2000 THEN 'train' ELSE 'test' END AS split,
    CASE WHEN label = 9 AND id >= 2000 THEN 'never seen' WHEN id % 97 = 0 THEN 'class 1' ELSE 'class ' || label END AS label,
    pixels FROM synthetic_digits(3500) WHERE id >= 2000 OR label <> 9;
SELECT 'trained', count(*) FROM train_model('images') WHERE layers = 'softmax' AND epochs = 2;
.output build/tmp/page.html
.read sql/report/page.sql
.output stdout
CREATE TABLE rows AS SELECT label, prediction, confidence, probabilities FROM report_rows;
CREATE TABLE classes AS SELECT text, roc, ap FROM report_classes JOIN report_areas USING (k);
CREATE TABLE figures AS SELECT ece, accuracy, f1 FROM report_error, report_summary;
CREATE TABLE most_confident AS SELECT place, accuracy FROM report_most_confident;
CREATE TABLE cuts AS SELECT text, c.* FROM report_cuts AS c JOIN report_classes USING (k);
END_OF_SQL
$python - $db << 'END_OF_PYTHON'
import json, re, sqlite3, sys, warnings
import numpy as np
from sklearn import metrics
warnings.simplefilter('ignore')
db = sqlite3.connect(sys.argv[1])
rows = db.execute('SELECT * FROM rows').fetchall()
page = open('build/tmp/page.html').read()
truth = np.array([r[0] for r in rows])
guess = np.array([r[1] for r in rows])
sure = np.array([r[2] for r in rows])
p = [json.loads(r[3]) for r in rows]
checks = 0

def same(what, ours, theirs, within=1e-9):
    global checks
    checks += 1
    assert abs(ours - theirs) <= within, f'{what}: {ours}, scikit-learn {theirs}'

accuracy, ece, f1 = metrics.accuracy_score(truth, guess), 0, None
for lo in range(15):
    inside = np.minimum((sure * 15).astype(int), 14) == lo
    if inside.any():
        ece += inside.mean() * abs(sure[inside].mean() - (truth == guess)[inside].mean())
figures = db.execute('SELECT * FROM figures').fetchone()
same('calibration error', figures[0], ece)
same('accuracy', figures[1], accuracy)
same('mean F1', figures[2], metrics.f1_score(truth, guess, average='macro'))

# The table of classes as it is printed.
names = sorted(set(truth) | set(guess))
printed = {m[0]: [x for x in re.findall(r'<td[^>]*>([^<]*)</td>', m[1])] for m in
           re.findall(r'<tr data-class="([^"]*)">(.*?)</tr>', page)}
assert set(names) <= set(printed), (names, list(printed))
for name, a, b, c, n in zip(names, *metrics.precision_recall_fscore_support(truth, guess, labels=names)):
    for what, ours, theirs in zip(('precision', 'recall', 'F1'), printed[name], (a, b, c)):
        same(f'{what} of {name}', float(ours), theirs, 5.1e-5)
    same(f'support of {name}', int(printed[name][-1].replace(',', '')), n)

# One class against the rest; a class that the model does not know has no probabilities.
for name, roc, ap in db.execute('SELECT * FROM classes'):
    y, s = truth == name, np.array([x[name] for x in p])
    if y.any():
        same(f'ROC area of {name}', roc, metrics.roc_auc_score(y, s))
        same(f'average precision of {name}', ap, metrics.average_precision_score(y, s))
        fpr, tpr, t = metrics.roc_curve(y, s, drop_intermediate=False)
        cuts = db.execute('SELECT score, right, above FROM cuts WHERE text = ? ORDER BY score DESC', [name]).fetchall()
        assert len(cuts) == len(t) - 1
        for i, (score, right, above) in enumerate(cuts, 1):
            same('cut', score, t[i])
            same('found', right / y.sum(), tpr[i])
            same('false positive rate', (above - right) / (~y).sum(), fpr[i])

order = np.argsort(-sure, kind='stable')
right = np.cumsum((truth == guess)[order])
for place, a in db.execute('SELECT * FROM most_confident'):
    if place == len(sure) or sure[order[place - 1]] != sure[order[place]]:
        same(f'accuracy of the {place} most confident', a, right[place - 1] / place)

# Confident learning.
known = sorted(p[0])
mean = {k: np.mean([x[k] for x, t in zip(p, truth) if t == k]) for k in known if (truth == k).any()}
suspects = 0
for x, t in zip(p, truth):
    above = [k for k in mean if x[k] >= mean[k]]
    suspects += t in x and bool(above) and max(above, key=lambda k: x[k]) != t
said = re.search(r'<p>([\d,]+) of [\d,]+ images look more like', page)
same('suspected labels', int(said[1].replace(',', '')) if said else 0, suspects)
assert suspects > 3
print(f'{checks} numbers are scikit-learn\'s, of {len(rows)} images; accuracy {accuracy:.4f}, {suspects} labels suspected')
END_OF_PYTHON
