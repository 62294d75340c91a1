perl -MBio::SeqIOx -e 1
