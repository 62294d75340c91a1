import hydra,sys
@hydra.main(version_base=None,config_path="conf",config_name="train")
def main(cfg):
    print("lr",cfg.optim.lr)
if __name__=="__main__": main()
