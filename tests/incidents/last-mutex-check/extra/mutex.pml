byte turn;
bool flag[2];
active [2] proctype P() {
  flag[_pid] = true;
  turn = 1 - _pid;
  (flag[1-_pid] == false || trun == _pid);
  assert(flag[_pid]);
  flag[_pid] = false
}
