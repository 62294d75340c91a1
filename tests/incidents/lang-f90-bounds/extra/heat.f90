program heat
  implicit none
  integer, parameter :: n = 64
  real :: u(n), v(n)
  integer :: i, t
  u = 0.0; u(n/2) = 100.0
  do t = 1, 3
     print *, 'step', t, 'sum', sum(u)
     do i = 2, n
        v(i) = u(i) + 0.1*(u(i+1) - 2*u(i) + u(i-1))
     end do
     u = v
  end do
end program
