(defvar *k* nil)
(loop for i from 1 do (push (make-array 200000 :initial-element i) *k*) (when (zerop (mod i 10)) (format t "batch ~a~%" i) (finish-output)))
