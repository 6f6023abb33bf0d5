// page.js - what page.sh finds in a page: lines of "key value" for the frame's parent. Of
// each kind of fault it counts how many there are, and names the first.
const all = s => [...document.querySelectorAll(s)], out = [];
const say = (key, faults) => out.push(key + ' ' + faults.length + (faults.length ? ' (' + faults[0] + ')' : ''));
const named = e => e.closest('section, header').id + ' ' + e.outerHTML.slice(0, 90).replace(/\n/g, ' ');

// Colours: [r, g, b, a], one over another, and how far two are apart by WCAG 2: 1 to 21.
const colour = s => (c => [c[0], c[1], c[2], c[3] ?? 1])(s.match(/[\d.]+/g).map(Number));
const over = (a, b) => [0, 1, 2].map(i => a[i] * a[3] + b[i] * (1 - a[3])).concat(1);
const light = c => [0.2126, 0.7152, 0.0722].reduce((sum, w, i) =>
    sum + w * (c[i] <= 10.31475 ? c[i] / 3294.6 : ((c[i] / 255 + 0.055) / 1.055) ** 2.4), 0);
const apart = (a, b) => (([x, y]) => (Math.max(x, y) + 0.05) / (Math.min(x, y) + 0.05))([light(a), light(b)]);
const behind = e => !e ? [255, 255, 255, 1] : (c => c[3] === 1 ? c : over(c, behind(e.parentElement)))(colour(getComputedStyle(e).backgroundColor));
const on = (paint, e, ground) => (s => apart(over((c => [c[0], c[1], c[2], c[3] * s.opacity])(colour(s[paint])), ground), ground))(getComputedStyle(e));

// Text wants 4.5, or 3 where it is large; lines, dots and bars want 3.
const written = all('body *').filter(e => !e.closest('style, script, title, desc') && [...e.childNodes].some(n => n.nodeType === 3 && n.data.trim()) && e.getClientRects().length);
const faint = written.filter(e => (s => {
    const size = parseFloat(s.fontSize), large = size >= 24 || (size >= 18.66 && s.fontWeight >= 700);
    return on(e.closest('svg') ? 'fill' : 'color', e, behind(e)) < (large ? 3 : 4.5);
})(getComputedStyle(e)));
const pale = [['polyline', 'stroke'], ['circle, rect', 'fill'], ['.key i', 'backgroundColor']].flatMap(([s, paint]) =>
    all(s).filter(e => !e.closest('clipPath') && on(paint, e, behind(e.parentElement)) < 3));

all('.heat tbody tr').forEach((row, t) => [...row.cells].slice(1).forEach((cell, g) =>
    cell.textContent && out.push('cell ' + t + ' ' + g + ' ' + cell.textContent)));
out.push('sections ' + all('section').length);
say('unloaded', all('img').filter(i => !i.naturalWidth).map(named));
say('textless', all('img').filter(i => !i.alt && !i.closest('[role=img][aria-label]')).map(named));
say('plots', all('svg:not(.bar)').filter(s => s.getBoundingClientRect().height < 50 || !s.getAttribute('aria-label')).map(named));
say('astray', all('a').filter(a => !document.querySelector(a.getAttribute('href'))).map(named));
say('overhang', all('body *').filter(e => !e.closest('.wide, [clip-path]') && e.getBoundingClientRect().right > innerWidth + 1).map(named));
// A word of up to 20 Latin letters stays whole, and a number with its unit.
const cut = written.filter(e => !e.closest('svg')).flatMap(e => [...e.childNodes].filter(n => n.nodeType === 3).flatMap(n =>
    [...n.data.matchAll(/\d (?:%|s|bytes)(?![a-z])|(?<![^ \n-])[!-,.-~\u00a0-\u024f]{2,20}(?![^ \n-])/g)].filter(m => {
        const range = document.createRange();
        range.setStart(n, m.index), range.setEnd(n, m.index + m[0].length);
        return new Set([...range.getClientRects()].map(r => Math.round(r.top))).size > 1;
    }).map(m => m[0] + ' ' + named(e))));
say('cut', cut);
say('faint', faint.map(e => on(e.closest('svg') ? 'fill' : 'color', e, behind(e)).toFixed(2) + ' ' + named(e)));
say('pale', pale.map(named));
const levels = all('h1, h2, h3, h4, h5, h6').map(h => +h.tagName[1]);
say('headings', levels.filter((n, i) => i ? n > levels[i - 1] + 1 || n === 1 : n !== 1));
say('scopeless', all('th').filter(t => !/^(col|row)$/.test(t.scope)).map(named));
say('unreached', all('.wide').filter(e => e.scrollWidth > e.clientWidth && (e.tabIndex !== 0 || !e.getAttribute('aria-label'))).map(named));
say('doubled', all('[id]').filter(e => document.getElementById(e.id) !== e).map(named));
say('odd', [...all('b0, d').map(named), ...(document.querySelector('main').innerText.match(/NaN|undefined|\bnull\b|\bInf\b/g) || [])]);
const way = matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light';
parent.postMessage(out.map(line => innerWidth + ' ' + way + ' ' + line + '\n').join(''), '*');
