const fs = require('fs');
for (let i = 0; i < 50; i++) fs.writeFileSync(`${process.argv[2]}/tile_${i}.bin`, Buffer.alloc(20000));
console.log('tiles written');
