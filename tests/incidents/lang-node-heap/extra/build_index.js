const fs=require('fs');
const lines=fs.readFileSync(process.argv[2],'utf8').split('\n');
console.log('terms', lines.length);
const idx={};
lines.forEach((l,i)=>{ idx[l]={id:i,name:l,parents:[l+'a',l+'b'],tokens:l.split('')}; if(i%100000===0) console.log('indexed',i); });
fs.writeFileSync('index.json', JSON.stringify(idx));
