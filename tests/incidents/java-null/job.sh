java Npe.java
