(loop for i from 1 to 200 do (format t "panel ~a~%" i) (finish-output) (sleep 0.5))
