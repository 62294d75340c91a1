#!/bin/bash
# A Nextflow that runs, made from Maven Central's jars: get.sh prints the folder that holds the program `nextflow`.
# Made once, in the user's cache; two that run at once make one. Java and Maven are installed where they are missing,
# this is Debian, we are root and CI=true.
set -u
export LC_ALL=C
readonly VERSION=25.04.4
readonly CACHE="${XDG_CACHE_HOME:-$HOME/.cache}/heal-tests"
readonly PLACE="$CACHE/nextflow-$VERSION"
readonly COPY=org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy-dependencies

fail() {
    echo "get.sh: $1" >&2
    [ -z "${2-}" ] || tail -n 20 "$2" >&2
    exit 1
}

modern_java() {
    local found
    found=$("${JAVA_CMD:-java}" -version 2>&1 | sed -n 's/.*version "\([0-9]*\).*/\1/p' | head -n 1)
    [ "${found:-0}" -ge 17 ]
}

tools() {
    modern_java && command -v mvn >/dev/null && return 0
    if [ "${CI-}" != true ] || [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
        fail "Nextflow needs java 17 or later, and making it needs mvn"
    fi
    local packages="openjdk-17-jre-headless maven"
    # Maven alone would bring a Java without a compiler, and the plugin is compiled
    packages="$packages openjdk-17-jdk-headless"
    export DEBIAN_FRONTEND=noninteractive
    # shellcheck disable=SC2086 # a list of names
    apt-get install -y --no-install-recommends $packages >"$CACHE/apt.log" 2>&1 ||
        { apt-get update && apt-get install -y --no-install-recommends $packages; } >>"$CACHE/apt.log" 2>&1 ||
        fail "packages could not be installed: $packages" "$CACHE/apt.log"
}

project() {
    cat <<POM
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>heal</groupId><artifactId>nextflow-for-tests</artifactId><version>1</version>
  <dependencyManagement><dependencies>
    <!-- 25.04.4 asks for nf-lang 25.04.4, which is not on Central -->
    <dependency><groupId>io.nextflow</groupId><artifactId>nf-lang</artifactId><version>25.04.0</version></dependency>
  </dependencies></dependencyManagement>
  <dependencies><dependency>
    <groupId>io.nextflow</groupId><artifactId>nextflow</artifactId><version>$VERSION</version>
    <!-- not on Central, and not missed -->
    <exclusions><exclusion><groupId>io.seqera</groupId><artifactId>lib-trace</artifactId></exclusion></exclusions>
  </dependency></dependencies>
</project>
POM
}

# Without the packages that kryo looks into, -resume caches nothing and collectFile ends the run.
program() {
    cat <<'PROGRAM'
#!/bin/sh
here=$(cd "$(dirname "$(readlink -f "$0")")" && pwd)
export NXF_HOME="${NXF_HOME:-$HOME/.nextflow}" NXF_CLI="$0 $*"
opens=
for package in java.lang java.io java.nio java.net java.util java.util.concurrent.locks java.util.concurrent.atomic \
    java.util.regex sun.nio.ch sun.nio.fs sun.net.www.protocol.http sun.net.www.protocol.https \
    sun.net.www.protocol.ftp sun.net.www.protocol.file jdk.internal.misc jdk.internal.vm; do
    opens="$opens --add-opens=java.base/$package=ALL-UNNAMED"
done
shared=
[ ! -r "$here/classes.jsa" ] || shared="-XX:SharedArchiveFile=$here/classes.jsa -Xlog:disable -Xlog:all=error:stderr"
# shellcheck disable=SC2086 # lists of options
exec "${JAVA_CMD:-java}" -XX:+TieredCompilation -XX:TieredStopAtLevel=1 $shared $opens ${NXF_OPTS:-} \
    -cp "$here/lib/*" nextflow.cli.Launcher "$@"
PROGRAM
}

# Nextflow's classes as Java keeps them for itself: each start takes a quarter less of the processor. Another Java, or
# the same in another place, passes over them without a word.
share() {
    local work
    work=$(mktemp -d) || return 0
    printf 'process A {\n output: path "o"\n script: "touch o"\n}\nworkflow { A() }\n' >"$work/main.nf"
    (cd "$work" && NXF_HOME="$work/home" NXF_OPTS="-XX:ArchiveClassesAtExit=$work/classes.jsa" \
        "$PLACE/nextflow" run main.nf) >"$CACHE/share.log" 2>&1
    [ ! -s "$work/classes.jsa" ] || { cp "$work/classes.jsa" "$PLACE/.new" && mv "$PLACE/.new" "$PLACE/classes.jsa"; }
    rm -rf "${work:?}"
}

make_it() {
    local made
    made=$(mktemp -d "$CACHE/.nextflow.XXXXXX") || fail "nothing can be made in $CACHE"
    project >"$made/pom.xml"
    (cd "$made" && mvn -q -B "$COPY" -DoutputDirectory="$made/lib" -DincludeScope=runtime) >"$CACHE/maven.log" 2>&1 ||
        { rm -rf "$made"; fail "Maven could not fetch Nextflow's jars" "$CACHE/maven.log"; }
    program >"$made/nextflow"
    chmod 755 "$made" "$made/nextflow"
    NXF_HOME="$made/home" "$made/nextflow" -version >"$CACHE/version.log" 2>&1 ||
        { rm -rf "$made"; fail "what was fetched does not run" "$CACHE/version.log"; }
    rm -rf "${made:?}/home"
    mv -T "$made" "$PLACE" || fail "$PLACE cannot be put in place"
    share
}

mkdir -p "$CACHE" || fail "no folder $CACHE"
exec 9>"$CACHE/nextflow.lock"
flock 9 || fail "no lock on $CACHE/nextflow.lock"
tools
# it is put in place whole: what is there runs
[ -x "$PLACE/nextflow" ] || make_it
echo "$PLACE"
