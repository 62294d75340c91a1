java -jar tools/caller.jar
