program interp
  implicit none
  integer :: n, i
  real, allocatable :: z(:)
  character(len=64) :: fn
  call get_command_argument(1, fn)
  open(unit=11, file=fn, status='old')
  read(11, *) n
  allocate(z(n))
  do i = 1, n
     read(11, *) z(i)
     if (mod(i, 50) == 0) print *, 'row', i
  end do
  print *, 'mean', sum(z)/n
end program
