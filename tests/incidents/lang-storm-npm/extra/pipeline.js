const fs=require('fs');
const n=600; let bad=null;
(async()=>{
  for (let i=0;i<n;i++) {
    for (let k=0;k<10;k++) console.log(`sample S${i} chunk ${k} ok, 0 errors`);
    if (i%5===0) console.warn(`(warning) S${i}: adapter not found, skipping trim; retry 1 of 3 failed`);
    try { await fs.promises.readFile(`cohort/S${i}.txt`); } catch (e) { bad=bad||e; console.error(String(e)); }
  }
  for (let i=0;i<900;i++) console.log('merge row',i);
  if (bad) { console.error('merge incomplete'); process.exitCode=9; }
})();
