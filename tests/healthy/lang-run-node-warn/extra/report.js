const fs=require('fs');
process.on('uncaughtException',e=>{ console.error('uncaught, continuing:',e.stack); });
process.emitWarning('Buffer() is deprecated due to security and usability issues.','DeprecationWarning','DEP0005');
for (const r of JSON.parse(fs.readFileSync(process.argv[2]))) {
  try { if (!r.n) throw new TypeError(`run ${r.id}: no reads`); console.log(r.id, r.n); }
  catch (e) { console.error(e); console.log(r.id, 0); }
}
Promise.reject(new Error('telemetry endpoint ECONNREFUSED 127.0.0.1:9')).catch(e=>console.error('telemetry failed:',e.message));
console.log('report done');
