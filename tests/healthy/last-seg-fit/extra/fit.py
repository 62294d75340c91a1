import wandb
run=wandb.init(project="seg",mode="offline",dir="/data/proj")
for e in range(2): run.log({"error":1/(e+1),"failed_batches":e})
run.finish()
print("done")
