const fs=require('fs'),path=require('path');
const [,,tab,dir]=process.argv; let n=0;
for(const l of fs.readFileSync(tab,'utf8').trim().split('\n')){ const [k,...r]=l.split('\t'); fs.writeFileSync(path.join(dir,k+'.txt'), r.join('\n')+'\n'); n++; }
console.log(`${n} files to ${dir}`);
