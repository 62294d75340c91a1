"""What is refused whoever proposes it: a patch is looked at as data, nothing is read, run or written."""
