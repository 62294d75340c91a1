from huggingface_hub import snapshot_download
print("fetching encoder")
p=snapshot_download("lab/encoder-s",local_dir="w")
print("in",p)
