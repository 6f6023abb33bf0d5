// offline.js - a service worker: once seen, the page works without a network. What the
// network has is taken first, so a newer page is not hidden by an older one.
'use strict';
const CACHE = 'digitnet';
const FILES = ['./', 'page.css', 'page.js', 'worker.js', 'digitnet-wasm.js', 'LICENSES'];

self.addEventListener('install', event => event.waitUntil(
    caches.open(CACHE).then(cache => cache.addAll(FILES)).then(() => self.skipWaiting())));
self.addEventListener('activate', event => event.waitUntil(self.clients.claim()));
self.addEventListener('fetch', event => {
    if (event.request.method !== 'GET') return;
    event.respondWith((async () => {
        const cache = await caches.open(CACHE);
        try {
            const answer = await fetch(event.request);
            if (answer.ok) await cache.put(event.request, answer.clone());
            return answer;
        } catch (error) {
            const kept = await cache.match(event.request);
            if (kept) return kept;
            throw error;
        }
    })());
});
