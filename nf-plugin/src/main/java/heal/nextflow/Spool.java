package heal.nextflow;

import groovy.json.JsonOutput;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;

/** A folder of events, one file each, under a temporary name first and renamed when it is whole (docs/wire.md). */
final class Spool {

    private static final AtomicLong SERIAL = new AtomicLong();

    private final Path folder;
    private final Path home;

    /** {@code home} is heal's own folder; null where only the spool is known. */
    Spool(Path folder, Path home) {
        this.folder = folder.toAbsolutePath();
        this.home = home == null ? this.folder.getParent() : home.toAbsolutePath();
    }

    /** Where events go: {@code HEAL_SPOOL}, else the setting, else below heal's folder by the environment. */
    static Spool of(Map<String, String> env, String setting) {
        Path home = set(env, "HEAL_HOME") ? Path.of(env.get("HEAL_HOME")) : null;
        if (set(env, "HEAL_SPOOL")) {
            return new Spool(Path.of(env.get("HEAL_SPOOL")), home);
        }
        if (setting != null) {
            return new Spool(Path.of(setting), home);
        }
        if (home != null) {
            return new Spool(home.resolve("spool"), home);
        }
        Path state = set(env, "XDG_STATE_HOME")
            ? Path.of(env.get("XDG_STATE_HOME"))
            : Path.of(set(env, "HOME") ? env.get("HOME") : System.getProperty("user.home"), ".local", "state");
        return new Spool(state.resolve("heal").resolve("spool"), null);
    }

    private static boolean set(Map<String, String> env, String name) {
        return env.get(name) != null && !env.get(name).isEmpty();
    }

    Path folder() {
        return folder;
    }

    /** Writes one event; names of later events sort after those of earlier ones. */
    void event(Map<String, ?> event) throws IOException {
        Instant now = Instant.now();
        long nanoseconds = now.getEpochSecond() * 1_000_000_000L + now.getNano();
        String name = String.format("%020d-%d-%d.json", nanoseconds, ProcessHandle.current().pid(), SERIAL.getAndIncrement());
        put(folder, name, event);
    }

    /** Keeps the environment of a run, for its owner only, and says where. */
    Path environment(String run, Map<String, String> env) throws IOException {
        Path kept = home.resolve("env").normalize();
        put(kept, run + ".json", env);
        return kept.resolve(run + ".json");
    }

    private static void put(Path folder, String name, Map<String, ?> content) throws IOException {
        byte[] line = (JsonOutput.toJson(content) + "\n").getBytes(StandardCharsets.US_ASCII);
        Path hidden = folder.resolve("." + name + ".tmp");
        try {
            write(hidden, line);
        } catch (NoSuchFileException missing) {
            Files.createDirectories(folder, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
            write(hidden, line);
        }
        try {
            Files.move(hidden, folder.resolve(name), StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException error) {
            Files.deleteIfExists(hidden);
            throw error;
        }
    }

    private static void write(Path hidden, byte[] line) throws IOException {
        var owner = PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));
        try (var file = Files.newByteChannel(hidden, Set.of(StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW), owner)) {
            ByteBuffer rest = ByteBuffer.wrap(line);
            while (rest.hasRemaining()) {
                file.write(rest);
            }
        } catch (NoSuchFileException | FileAlreadyExistsException nothingOfOurs) {
            throw nothingOfOurs;
        } catch (IOException error) {
            Files.deleteIfExists(hidden);
            throw error;
        }
    }
}
