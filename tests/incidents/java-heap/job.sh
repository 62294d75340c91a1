java -Xmx16m Dup.java
