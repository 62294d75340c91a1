program relax
  implicit none
  real(8), allocatable :: a(:,:), b(:,:)
  integer :: lev, n
  do lev = 8, 15
     n = 2**lev
     print '(a,i3,a,i7)', ' level ', lev, ' grid ', n
     flush(6)
     if (allocated(a)) deallocate(a)
     allocate(a(n,n))
     a = 1.0d0
  end do
end program
