// Scans in a thread of its own, which the main thread stops when its time is up.
const { importModule, load } = require('./load.js');

load().answerScanRequests(importModule);
