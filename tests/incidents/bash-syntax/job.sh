for f in a b
  echo $f
done
