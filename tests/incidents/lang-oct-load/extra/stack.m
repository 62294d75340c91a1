acc = zeros(8);
for k = 1:6
  f = sprintf("frames/frame_%02d.mat", k);
  s = load(f);
  acc += s.img;
  printf("added %s\n", f);
end
save("-text", "stack.txt", "acc");
