(dolist (f (list (lambda () (/ 1 0)) (lambda () (error "corrupt frame 17")) (lambda () (open "/data/none.fits"))))
 (handler-case (funcall f) (error (e) (format t "caught as expected: ERROR: ~a~%" e))))
(format t "3 of 3 error paths covered~%")
(quit)
