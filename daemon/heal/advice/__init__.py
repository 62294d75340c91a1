"""What heal tells people before and after a failure: what is wrong with a project, what could cost less, a test."""
