process.emitWarning('Buffer() is deprecated: security problem', 'DeprecationWarning');
const e = new (require('events'))();
for (let i = 0; i < 12; i++) e.on('x', () => {});
try { JSON.parse('{bad') } catch (err) { console.error(err); console.error('line 3 skipped'); }
console.log('112 records');
