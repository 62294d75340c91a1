#!/bin/sh
# Nextflow's launcher takes this for its Java (JAVA_CMD): becomes the Java it would have taken, with heal's check of a
# pipeline's files in the place of Nextflow, on Nextflow's own class path. What else a launcher asks its Java (its
# version, where its jars are) is answered as ever.
# HEAL_CHECK_JAVA: that Java; HEAL_CHECK_JAR: the jar with heal.nextflow.Check; HEAL_CHECK_FOLDER: the pipeline.
check=heal.nextflow.Check
left=$#
while [ "$left" -gt 0 ]; do
    word=$1
    shift
    left=$((left - 1))
    case $word in
    -cp | -classpath | --class-path)
        set -- "$@" "$word" "$1:$HEAL_CHECK_JAR"
        shift
        left=$((left - 1))
        ;;
    nextflow.cli.Launcher)
        shift "$left"
        set -- "$@" "$check" "$HEAL_CHECK_FOLDER"
        left=0
        ;;
    -jar)
        # alone it prints the command that starts Nextflow (the launchers before 24.10)
        if [ "$left" -gt 1 ]; then
            jar=$1
            shift "$left"
            set -- "$@" -cp "$jar:$HEAL_CHECK_JAR" "$check" "$HEAL_CHECK_FOLDER"
            left=0
        else
            set -- "$@" "$word"
        fi
        ;;
    *) set -- "$@" "$word" ;;
    esac
done
exec "$HEAL_CHECK_JAVA" "$@"
