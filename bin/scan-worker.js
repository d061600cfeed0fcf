// Scans in a thread of its own, which the main thread stops when its time is up.
require('./load.js').load().answerScanRequests();
