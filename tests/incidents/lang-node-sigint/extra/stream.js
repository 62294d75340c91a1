process.on('SIGINT',()=>{ console.error('received SIGINT, flushing 3 buffers'); process.exit(130); });
let i=0; setInterval(()=>console.log('batch',i++,'sent'),250);
