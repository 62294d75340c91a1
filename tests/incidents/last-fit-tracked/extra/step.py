import os
os.environ["WANDB_SILENT"]="false"
print("epochs: 3")
import wandb
run=wandb.init(project="seg",dir="/data/proj")
for e in range(3): run.log({"loss":1/(e+1)})
run.finish()
