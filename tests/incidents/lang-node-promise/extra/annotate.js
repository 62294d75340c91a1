const fs=require('fs/promises');
async function worst(v){ return v.consequences[0].impact.toLowerCase(); }
async function main(){
  const vs=JSON.parse(await fs.readFile(process.argv[2]));
  console.error(`annotating ${vs.length} variants`);
  const out=await Promise.all(vs.map(async v=>({id:v.id,impact:await worst(v)})));
  console.log(JSON.stringify(out));
}
main();
