import paramiko,sys
print("delivering 2 files")
c=paramiko.SSHClient(); c.set_missing_host_key_policy(paramiko.AutoAddPolicy())
k=paramiko.Ed25519Key.from_private_key_file("key")
c.connect("hpc-login.lab.example",port=18322,username="lkoch",pkey=k,look_for_keys=False,allow_agent=False,timeout=10)
s=c.open_sftp(); s.put("a.csv","in/a.csv"); print("done")
