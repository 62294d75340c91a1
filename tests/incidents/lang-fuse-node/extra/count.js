const fs=require('fs');
for (const f of fs.readdirSync(process.argv[2]).sort()) {
  const b=fs.readFileSync(process.argv[2]+'/'+f);
  console.log(f, b.length);
}
