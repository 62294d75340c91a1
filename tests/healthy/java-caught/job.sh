java C.java
