echo b | sort --bykey 2
