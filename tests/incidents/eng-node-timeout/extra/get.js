const http = require('http');
http.get('http://127.0.0.1:8991/v1/annotations', r => r.pipe(process.stdout));
