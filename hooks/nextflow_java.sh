#!/bin/sh
# Nextflow's launcher takes this for its Java (JAVA_CMD): becomes the Java it would have taken, with heal's plugin on its
# class path; so does launch.py where the command is a Java that is Nextflow (HEAL_JAVA_CMD). What the shim changed to get here is put back first, so a pipeline and its tasks find what they would.
# Beside this file: agent.jar and plugin.jar.
own=$(dirname "$0")
real=${HEAL_JAVA_CMD-}
if [ -n "${HEAL_NXF_JAVA_HOME-}" ]; then
    export NXF_JAVA_HOME="$HEAL_NXF_JAVA_HOME"
    # the launcher gives this Java's home to a JAVA_HOME that was there, and exports none of its own
    [ -n "${HEAL_JAVA_HOME-}" ] || unset JAVA_HOME
fi
# as the launcher chooses
if [ ! -x "$real" ]; then
    home=${NXF_JAVA_HOME:-${JAVA_HOME-}}
    if [ -d "$home" ] && [ -x "$home/jre/sh/java" ]; then
        real=$home/jre/sh/java
    elif [ -d "$home" ]; then
        real=$home/bin/java
    else
        real=$(command -v java) || real=java
    fi
fi
[ "${JAVA_CMD-}" != "$0" ] || export JAVA_CMD="$real"
unset HEAL_JAVA_CMD HEAL_NXF_JAVA_HOME HEAL_JAVA_HOME
# without these the agent could not be loaded, and a Java that cannot load its agent does not start
lib=$(dirname "$(readlink -f "$real" 2>/dev/null)")/../lib
for needed in "$own/agent.jar" "$own/plugin.jar" "$lib/libinstrument.so"; do
    [ -r "$needed" ] || exec "$real" "$@"
done
# Without the packages that Nextflow's serializer looks into, which the stock launcher opens, -resume finds nothing of
# what was computed, and nobody is told. A Java before 9 has no packages to open.
opens=
case " $* " in
*" --add-opens"*) ;;
*)
    for package in java.lang java.io java.nio java.net java.util java.util.concurrent.locks \
        java.util.concurrent.atomic java.util.regex sun.nio.ch sun.nio.fs sun.net.www.protocol.http \
        sun.net.www.protocol.https sun.net.www.protocol.ftp sun.net.www.protocol.file jdk.internal.misc \
        jdk.internal.vm; do
        [ ! -r "$lib/modules" ] || opens="$opens --add-opens=java.base/$package=ALL-UNNAMED"
    done
    ;;
esac
# shellcheck disable=SC2086 # a list of options; the plugin takes what stands before its own for heal's
exec "$real" $opens "-javaagent:$own/agent.jar=$own/plugin.jar" "$@"
